//! GitHub's webhooks: `deployment`, `deployment_status`, `workflow_job` and `workflow_run`.
//!
//! The deployment is in all of the first three. A job without one deploys nothing, and a run only completes what is
//! known of its deployments.

mod actions;
mod deployment;

use std::borrow::Cow;

use landfall_domain::time::Timestamp;
use serde_json::{Map, Value};

use super::{
    Broken, Delivery, Meaning,
    observation::{Key, Observation, ProjectHint, RunKey, UserHint, shown_email},
    place::Place,
};

const EVENT: &str = "X-GitHub-Event";

pub(super) fn parse(delivery: &Delivery<'_>) -> Result<Meaning, Broken> {
    let read = match delivery.header(EVENT) {
        Some("ping") => return Ok(Meaning::Ping),
        Some("deployment") => deployment::parse_deployment,
        Some("deployment_status") => deployment::parse_status,
        Some("workflow_job") => actions::parse_job,
        Some("workflow_run") => actions::parse_run,
        Some(_) => {
            return Ok(Meaning::Ignored {
                why: "the event says nothing about deployments",
            });
        }
        None => return Err(Broken::MissingHeader(EVENT)),
    };
    let body = payload(delivery)?;
    let root = Place::root(&body)?;
    let repository = Repository::read(&root)?;
    read(&root, &repository)
}

/// What the hooks about a deployment and each of its statuses would have said, for one that was read from the API.
pub(crate) fn told(repository: &Value, deployment: &Value, statuses: &[Value]) -> Result<Vec<Observation>, Broken> {
    let mut told = Vec::new();
    let payload = |status: Option<&Value>| {
        let mut members = Map::new();
        members.insert("repository".to_owned(), repository.clone());
        members.insert("deployment".to_owned(), deployment.clone());
        members.extend(status.map(|status| ("deployment_status".to_owned(), status.clone())));
        Value::Object(members)
    };
    for status in std::iter::once(None).chain(statuses.iter().map(Some)) {
        let body = payload(status);
        let root = Place::root(&body)?;
        let read = if status.is_some() {
            deployment::parse_status
        } else {
            deployment::parse_deployment
        };
        if let Meaning::Observations(observations) = read(&root, &Repository::read(&root)?)? {
            told.extend(observations);
        }
    }
    Ok(told)
}

/// The payload: the body itself, or the field `payload` of a form, which is what GitHub sends unless told otherwise.
fn payload(delivery: &Delivery<'_>) -> Result<Value, Broken> {
    let is_form = delivery
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return delivery.json();
    }
    let field = form_urlencoded::parse(delivery.body).find(|(name, _)| name == "payload");
    let text = field.map_or(Cow::Borrowed(""), |(_, text)| text);
    serde_json::from_str(&text).map_err(|error| Broken::NotJson(error.to_string()))
}

/// The repository that an event is about, and the GitHub that it is in.
struct Repository {
    instance: String,
    id: i64,
    full_name: Option<String>,
    html_url: Option<String>,
}

impl Repository {
    fn read(root: &Place<'_>) -> Result<Self, Broken> {
        let repository = root.need_object("repository")?;
        let html_url = repository.text("html_url")?;
        let instance = html_url
            .as_deref()
            .and_then(|url| url.split_once("://"))
            .and_then(|(_, rest)| rest.split('/').next())
            .unwrap_or("github.com")
            .to_owned();
        Ok(Self {
            instance,
            id: repository.need_integer("id")?,
            full_name: repository.text("full_name")?,
            html_url,
        })
    }

    fn hint(&self) -> ProjectHint {
        ProjectHint {
            path: self.full_name.clone(),
            web_url: self.html_url.clone(),
            external_id: Some(self.id.to_string()),
            is_ours: false,
        }
    }

    fn deployment(&self, deployment_id: i64) -> Key {
        Key::GithubDeployment {
            instance: self.instance.clone(),
            repository_id: self.id,
            deployment_id,
        }
    }

    fn job(&self, job_id: i64) -> Key {
        Key::GithubJob {
            instance: self.instance.clone(),
            repository_id: self.id,
            job_id,
        }
    }

    fn run(&self, run_id: i64, attempt: i64) -> RunKey {
        RunKey::GithubRun {
            instance: self.instance.clone(),
            repository_id: self.id,
            run_id,
            attempt,
        }
    }

    fn run_page(&self, run_id: i64) -> Option<String> {
        let repository = self.html_url.as_deref()?;
        Some(format!("{repository}/actions/runs/{run_id}"))
    }
}

/// A user of GitHub; an app's has `[bot]` behind its name.
fn user(place: &Place<'_>, key: &str) -> Result<Option<UserHint>, Broken> {
    let Some(user) = place.object(key)? else {
        return Ok(None);
    };
    let login = user.text("login")?;
    let bot = user.text("type")?.as_deref() == Some("Bot") || login.as_deref().is_some_and(|l| l.ends_with("[bot]"));
    let hint = UserHint {
        username: login.map(|login| login.trim_end_matches("[bot]").to_owned()),
        name: user.text("name")?,
        email: shown_email(user.text("email")?),
        avatar_url: user.text("avatar_url")?,
        web_url: user.text("html_url")?,
        external_id: user.integer("id")?.map(|id| id.to_string()),
        bot,
    };
    Ok(hint.known())
}

/// Start and end of a job or check, as far as it has come to them: GitHub writes a start for what only waits, too.
fn start_and_end(place: &Place<'_>) -> Result<(Option<Timestamp>, Option<Timestamp>), Broken> {
    let status = place.text("status")?;
    let started_at = place.time("started_at")?;
    let has_started = matches!(status.as_deref(), Some("in_progress" | "completed"));
    Ok((started_at.filter(|_| has_started), place.time("completed_at")?))
}
