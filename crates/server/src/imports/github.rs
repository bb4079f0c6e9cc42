//! Deployments with their statuses as GitHub's REST API shows them. Each of them says what a hook would have said at the
//! time, so they are read as those are.

use landfall_domain::{
    deployment::{Source, Status},
    project::Visibility,
    report::{Report, standing},
    time::Timestamp,
};
use serde_json::{Map, Value};

use super::{Broken, EnvironmentRecord, ProjectRecord, Record, record::refuse_nul};
use crate::{
    hooks_in::{About, Observation, github, place::Place},
    ops::job::GivenJob,
};

/// Reads a repository as the project that it becomes.
pub fn project(repository: &Value) -> Result<ProjectRecord, Broken> {
    refuse_nul(repository)?;
    let place = Place::root(repository)?;
    let full_path = place.need_text("full_name")?;
    let told = place.text("visibility")?.and_then(|word| Visibility::parse(&word));
    let visibility = match (told, place.boolean("private")?) {
        (Some(told), _) => told,
        (None, Some(false)) => Visibility::Public,
        (None, _) => Visibility::Private,
    };
    Ok(ProjectRecord {
        id: place.need_integer("id")?,
        name: place.text("name")?.unwrap_or_else(|| full_path.clone()),
        full_path,
        description: place.text("description")?,
        visibility,
        default_branch: place.text("default_branch")?,
        web_url: place.text("html_url")?,
    })
}

/// What is kept of a deployment out of the list of them until its turn comes: everything but the addresses that only
/// programs use.
#[must_use]
pub fn abridged(mut deployment: Value) -> Value {
    fn is_for_programs(key: &str) -> bool {
        key.ends_with("_url") && !matches!(key, "avatar_url" | "html_url") || key == "node_id"
    }
    if let Some(members) = deployment.as_object_mut() {
        members.retain(|key, _| !is_for_programs(key));
        for value in members.values_mut().filter_map(Value::as_object_mut) {
            value.retain(|key, _| !is_for_programs(key) && key != "url");
        }
    }
    deployment
}

/// When a deployment out of the list last changed; a new status changes it.
#[must_use]
pub fn changed_at(deployment: &Value) -> Option<Timestamp> {
    Place::root(deployment).ok()?.time("updated_at").ok().flatten()
}

/// Reads a deployment of a repository with its statuses.
pub fn deployment(deployment: &Value, statuses: &[Value], repository: &Value) -> Result<Record, Broken> {
    refuse_nul(deployment)?;
    for status in statuses {
        refuse_nul(status)?;
    }
    let place = Place::root(deployment)?;
    let mut told = github::told(repository, deployment, statuses)?;
    told.sort_by_key(Observation::order);
    let reports: Vec<Report> = told
        .iter()
        .enumerate()
        .filter_map(|(at, told)| report(at, told))
        .collect();
    let stands = standing(&reports).ok_or_else(|| place.missing("created_at"))?;
    let created_at = place.time("created_at")?.ok_or_else(|| place.missing("created_at"))?;
    let newest = told
        .iter()
        .filter_map(|told| told.occurred_at)
        .max()
        .unwrap_or(created_at);
    let sha = place.need_text("sha")?;
    let last = |told_by: fn(&Observation) -> Option<String>| told.iter().rev().find_map(told_by);
    Ok(Record {
        id: place.need_integer("id")?,
        iid: None,
        url: place.text("url")?,
        git_ref: match last(|told| told.git_ref.clone()) {
            Some(name) => name,
            None => place.need_text("ref")?,
        },
        tag: told.iter().find_map(|told| told.tag).unwrap_or(false),
        commit: Some(sha.clone()),
        sha,
        status: stands.status,
        created_at,
        updated_at: place.time("updated_at")?.unwrap_or(newest).max(newest),
        finished_at: stands.finished_at,
        user: told.iter().rev().find_map(|told| told.user.as_ref()).map(Into::into),
        environment: environment(&told, &place)?,
        job: job(&told, &place)?,
        source: Source::Import,
        keys: keys(&told),
        owned_by_gitlab: false,
    })
}

/// One that says nothing about the status makes no report: `inactive` is a success that another one has displaced.
fn report(at: usize, told: &Observation) -> Option<Report> {
    Some(Report {
        sequence: i64::try_from(at).ok(),
        occurred_at: told.occurred_at?,
        created_at: None,
        finished_at: None,
        status: told.status?,
        git_ref: String::new(),
        tag: false,
        sha: String::new(),
        rest: String::new(),
    })
}

fn environment(told: &[Observation], deployment: &Place<'_>) -> Result<EnvironmentRecord, Broken> {
    let hints = || told.iter().rev().filter_map(|told| told.environment.as_ref());
    let name = hints().next().map(|hint| hint.name.clone());
    Ok(EnvironmentRecord {
        name: name.ok_or_else(|| deployment.missing("environment"))?,
        external_url: hints().find_map(|hint| hint.external_url.clone()),
        tier: hints().find_map(|hint| hint.tier),
        ..EnvironmentRecord::default()
    })
}

fn keys(told: &[Observation]) -> Vec<String> {
    let mut keys = Vec::new();
    for told in told {
        let About::Deployment { key, also, .. } = &told.about else {
            continue;
        };
        for key in std::iter::once(key).chain(also) {
            let text = key.external_id();
            if !keys.contains(&text) {
                keys.push(text);
            }
        }
    }
    keys
}

/// The job, later keys over earlier ones. GitHub's API names the job of Actions only in the addresses of its log, and not
/// its name: there the deployment's task stands for it.
fn job(told: &[Observation], deployment: &Place<'_>) -> Result<Option<GivenJob>, Broken> {
    let mut keys = Map::new();
    for told in told {
        keys.extend(told.deployable.clone().unwrap_or_default());
    }
    if !keys.contains_key("name") {
        let task = deployment.text("task")?.unwrap_or_else(|| "deploy".to_owned());
        keys.insert("name".to_owned(), task.into());
    }
    let finished = told
        .iter()
        .rev()
        .find(|told| told.status.is_some_and(Status::is_finished));
    if let Some(status) = finished.and_then(|told| told.status) {
        keys.entry("status").or_insert_with(|| status.as_str().into());
    }
    let job = GivenJob::read("deployable", &keys, false);
    job.map(Some).map_err(|refusals| Broken::Job(refusals.join(", ")))
}
