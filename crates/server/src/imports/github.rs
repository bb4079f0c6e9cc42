//! Deployments with their statuses as GitHub's REST API shows them. Each of them says what a hook would have said at the
//! time, so they are read as those are.

use landfall_domain::{
    deployment::{Source, Status},
    project::Visibility,
    time::Timestamp,
};
use serde_json::Value;

use super::{Broken, EnvironmentRecord, ProjectRecord, Record, record::refuse_nul};
use crate::{
    hooks_in::{About, Observation, github, place::Place},
    inbox::{
        fold::{fold, job_keys},
        kept::Known,
    },
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
    let created_at = place.time("created_at")?.ok_or_else(|| place.missing("created_at"))?;
    let told = github::told(repository, deployment, statuses)?;
    let mut known = Vec::new();
    for told in &told {
        let read = Known::asked(told, created_at);
        known.push(read.map_err(|refusal| Broken::Unfit(refusal.to_string()))?);
    }
    known.sort_by(|a, b| a.order.cmp(&b.order));
    let folded = fold(&known, &[]);
    let stands = folded.standing.ok_or_else(|| place.missing("created_at"))?;
    let hint = folded.environment.ok_or_else(|| place.missing("environment"))?;
    let newest = known.iter().map(Known::occurred_at).max().unwrap_or(created_at);
    Ok(Record {
        id: place.need_integer("id")?,
        iid: None,
        url: place.text("url")?,
        git_ref: match stands.git_ref {
            name if name.is_empty() => place.need_text("ref")?,
            name => name,
        },
        tag: stands.tag,
        commit: Some(stands.sha.clone()),
        sha: place.need_text("sha")?,
        status: stands.status,
        created_at,
        updated_at: place.time("updated_at")?.unwrap_or(newest).max(newest),
        finished_at: stands.finished_at,
        user: folded.user.as_ref().map(Into::into),
        environment: EnvironmentRecord {
            name: hint.name,
            external_url: hint.external_url,
            tier: hint.tier,
            ..EnvironmentRecord::default()
        },
        job: Some(job(&known, stands.status, &place)?),
        is_job_partial: true,
        facts: Some(folded.facts),
        source: Source::Import,
        keys: keys(&told),
        owned_by_gitlab: false,
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

/// The job. GitHub's API names the job of Actions only in the addresses of its log, and not its name: there the
/// deployment's task stands for it.
fn job(told: &[Known], status: Status, deployment: &Place<'_>) -> Result<GivenJob, Broken> {
    let mut keys = job_keys(told);
    if !keys.contains_key("name") {
        let task = deployment.text("task")?.unwrap_or_else(|| "deploy".to_owned());
        keys.insert("name".to_owned(), task.into());
    }
    if status.is_finished() {
        keys.entry("status").or_insert_with(|| status.as_str().into());
    }
    GivenJob::read("deployable", &keys, false).map_err(|refusals| Broken::Job(refusals.join(", ")))
}
