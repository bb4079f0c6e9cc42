//! Deployments, environments and projects as GitLab's API v4 shows them (reference 7; neighbours 1.1 and 4.1), whoever
//! serves it: today's GitLab, one of 2019, or another Landfall, which tells more.

use landfall_domain::{
    deployment::{Facts, Note, Source, Status},
    environment::{AutoStopSetting, State, Tier},
    git_name,
    origin::finished_at,
    project::Visibility,
    time::Timestamp,
    user::Profile,
};
use serde_json::Value;

use super::{Broken, EnvironmentRecord, ProjectRecord, Record, record::refuse_nul};
use crate::{
    hooks_in::{Key, gitlab, place::Place},
    ops::{external_user::ExternalUser, job::GivenJob},
};

/// The project that records are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Address of the instance, without the scheme: `gitlab.example.com`. Hooks of that instance name the same one.
    pub instance: String,
    /// Where it was asked: `https://gitlab.example.com`.
    pub base_url: String,
    /// The project's id there.
    pub project_id: i64,
    /// The project's page.
    pub project_url: Option<String>,
}

impl Home {
    /// Of a project of the instance at this address.
    #[must_use]
    pub fn of(project: &ProjectRecord, base_url: &str) -> Home {
        let instance = match &project.web_url {
            Some(page) => gitlab::instance_of(page, Some(&project.full_path)),
            None => gitlab::without_scheme(base_url).to_owned(),
        };
        Home {
            instance,
            base_url: base_url.trim_end_matches('/').to_owned(),
            project_id: project.id,
            project_url: project.web_url.clone(),
        }
    }

    fn keys(&self, deployment_id: i64, job_id: Option<i64>) -> Vec<String> {
        let job = job_id.map(|job_id| Key::GitlabJob {
            instance: self.instance.clone(),
            project_id: self.project_id,
            job_id,
        });
        let deployment = Key::GitlabDeployment {
            instance: self.instance.clone(),
            project_id: self.project_id,
            deployment_id,
        };
        job.iter().chain([&deployment]).map(Key::external_id).collect()
    }
}

/// Reads a project.
pub fn project(value: &Value) -> Result<ProjectRecord, Broken> {
    refuse_nul(value)?;
    let project = Place::root(value)?;
    let full_path = project.need_text("path_with_namespace")?;
    let visibility = project.text("visibility")?;
    Ok(ProjectRecord {
        id: project.need_integer("id")?,
        name: project.text("name")?.unwrap_or_else(|| full_path.clone()),
        full_path,
        description: project.text("description")?,
        visibility: visibility
            .and_then(|word| Visibility::parse(&word))
            .unwrap_or(Visibility::Private),
        default_branch: project.text("default_branch")?,
        web_url: project.text("web_url")?,
    })
}

/// Reads an environment out of the list of them.
pub fn environment(value: &Value) -> Result<EnvironmentRecord, Broken> {
    refuse_nul(value)?;
    environment_of(&Place::root(value)?)
}

fn environment_of(place: &Place<'_>) -> Result<EnvironmentRecord, Broken> {
    Ok(EnvironmentRecord {
        name: place.need_text("name")?,
        slug: place.text("slug")?,
        external_url: place.text("external_url")?,
        tier: place.text("tier")?.and_then(|word| Tier::parse(&word)),
        state: place.text("state")?.and_then(|word| State::parse(&word)),
        description: place.text("description")?,
        auto_stop_setting: place
            .text("auto_stop_setting")?
            .and_then(|word| AutoStopSetting::parse(&word)),
        auto_stop_at: place.time("auto_stop_at")?,
        created_at: place.time("created_at")?,
        updated_at: place.time("updated_at")?,
    })
}

/// Reads a deployment, in the basic or the extended form.
pub fn deployment(value: &Value, home: &Home) -> Result<Record, Broken> {
    refuse_nul(value)?;
    let deployment = Place::root(value)?;
    let id = deployment.need_integer("id")?;
    let iid = deployment.integer("iid")?;
    let job = deployment.object("deployable")?;
    let own = deployment.object("landfall")?;
    let status = status(&deployment, job.as_ref())?;
    let sha = perhaps_empty(&deployment, "sha")?;
    let created_at = deployment
        .time("created_at")?
        .ok_or_else(|| deployment.missing("created_at"))?;
    let job_ended = time_of(job.as_ref(), "finished_at")?;
    let updated_at = deployment.time("updated_at")?.or(job_ended).unwrap_or(created_at);
    let told = time_of(own.as_ref(), "finished_at")?;
    let environment = deployment.need_object("environment")?;
    let job_id = job.as_ref().map(|job| job.integer("id")).transpose()?.flatten();
    let record = Record {
        id,
        iid,
        url: match deployment.text("web_url")? {
            Some(url) => Some(url),
            None => page(home, &environment, iid)?,
        },
        git_ref: perhaps_empty(&deployment, "ref")?,
        tag: job
            .as_ref()
            .map(|job| job.boolean("tag"))
            .transpose()?
            .flatten()
            .unwrap_or(false),
        // A GitLab has looked the commit up when the deployment was made.
        commit: git_name::is_object_id(&sha).then(|| sha.to_ascii_lowercase()),
        sha,
        status,
        created_at,
        updated_at,
        finished_at: finished_at(status, told, job_ended, created_at, updated_at),
        user: person(&deployment, job.as_ref())?,
        environment: environment_of(&environment)?,
        job: job.as_ref().map(read_job).transpose()?,
        is_job_partial: false,
        facts: None,
        source: Source::Import,
        keys: home.keys(id, job_id),
        owned_by_gitlab: job.is_some(),
    };
    match own {
        Some(own) => of_landfall(record, &own, home),
        None => Ok(record),
    }
}

/// What another Landfall tells beside GitLab's keys replaces what would be made of a GitLab's.
fn of_landfall(record: Record, own: &Place<'_>, home: &Home) -> Result<Record, Broken> {
    let source = own.text("source")?.and_then(|word| Source::parse(&word));
    Ok(Record {
        // It has no page of a deployment.
        url: Some(format!(
            "{}/api/v4/projects/{}/deployments/{}",
            home.base_url, home.project_id, record.id
        )),
        tag: own.boolean("tag")?.unwrap_or(record.tag),
        commit: own.text("commit")?,
        facts: Some(facts(own)?),
        source: source.unwrap_or(record.source),
        keys: own.text("external_id")?.into_iter().collect(),
        owned_by_gitlab: own.boolean("owned_by_gitlab")?.unwrap_or(false),
        ..record
    })
}

/// What its sender has told the other Landfall. Marks that are not known here are passed over.
fn facts(own: &Place<'_>) -> Result<Facts, Broken> {
    let facts = Facts {
        service: own.text("service")?,
        description: own.text("description")?,
        notes: own
            .texts("notes")?
            .iter()
            .filter_map(|word| Note::parse(word))
            .collect(),
        artifacts: own.texts("artifacts")?,
    };
    Ok(facts.cut())
}

/// A text that must be there, but may be empty: another Landfall has such where no hook told of a commit or branch.
fn perhaps_empty(place: &Place<'_>, key: &str) -> Result<String, Broken> {
    match place.raw(key) {
        Some(Value::String(text)) if text.is_empty() => Ok(String::new()),
        _ => place.need_text(key),
    }
}

/// The status; the earliest documented answers have it only in the job (reference 8.7).
fn status(deployment: &Place<'_>, job: Option<&Place<'_>>) -> Result<Status, Broken> {
    let expected = "created, running, success, failed, canceled, skipped or blocked";
    if let Some(word) = deployment.text("status")? {
        return Status::parse(&word).ok_or_else(|| deployment.wrong("status", expected));
    }
    let word = job.ok_or_else(|| deployment.missing("status"))?.need_text("status")?;
    Ok(gitlab::deployment_status(&word).unwrap_or(Status::Created))
}

fn time_of(place: Option<&Place<'_>>, key: &str) -> Result<Option<Timestamp>, Broken> {
    Ok(place.map(|place| place.time(key)).transpose()?.flatten())
}

/// A GitLab's page of a deployment.
fn page(home: &Home, environment: &Place<'_>, iid: Option<i64>) -> Result<Option<String>, Broken> {
    let parts = home.project_url.as_deref().zip(environment.integer("id")?).zip(iid);
    Ok(parts.map(|((project, environment), iid)| format!("{project}/-/environments/{environment}/deployments/{iid}")))
}

fn read_job(job: &Place<'_>) -> Result<GivenJob, Broken> {
    GivenJob::read("deployable", job.members(), false).map_err(|refusals| Broken::Job(refusals.join(", ")))
}

/// The user, completed from the job's user where that is the same one: there the whole profile is shown.
fn person(deployment: &Place<'_>, job: Option<&Place<'_>>) -> Result<Option<ExternalUser>, Broken> {
    let Some(user) = deployment.object("user")? else {
        return Ok(None);
    };
    let Some(username) = user.text("username")? else {
        return Ok(None);
    };
    let in_job = job.map(|job| job.object("user")).transpose()?.flatten();
    let is_same = |full: &Place<'_>| {
        full.text("username")
            .is_ok_and(|name| name.as_deref() == Some(&username))
    };
    let full = in_job.filter(is_same);
    let mut person = ExternalUser {
        name: user.text("name")?,
        public_email: user.text("public_email")?,
        avatar_url: user.text("avatar_url")?,
        bot: false,
        created_at: None,
        profile: Profile::default(),
        username: Some(username),
    };
    if let Some(full) = full {
        person.bot = full.boolean("bot")?.unwrap_or(false);
        person.created_at = full.time("created_at")?;
        person.profile = profile(&full)?;
    }
    Ok(Some(person))
}

fn profile(user: &Place<'_>) -> Result<Profile, Broken> {
    let text = |key| Ok(user.text(key)?.unwrap_or_default());
    Ok(Profile {
        bio: user.text("bio")?,
        location: user.text("location")?,
        linkedin: text("linkedin")?,
        twitter: text("twitter")?,
        discord: text("discord")?,
        github: text("github")?,
        skype: text("skype")?,
        website_url: text("website_url")?,
        organization: text("organization")?,
        job_title: text("job_title")?,
        pronouns: user.text("pronouns")?,
    })
}
