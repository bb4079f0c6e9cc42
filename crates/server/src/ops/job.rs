//! A job as a caller tells it, in the shape in which GitLab shows one (reference 7.5), and how it becomes a record.
//!
//! What a GitLab answers for a deployment can be told here as it is. Each object has a table of its keys, in GitLab's
//! order; keys that no table has are passed over. What is told is kept as it was told, what is missing is filled from
//! the repository (`commit`) or from a user of that name (`user`), and what nobody knows is null.

use landfall_domain::{
    job::{Job, Pipeline, Runner, Snapshot},
    project::Project,
};
use landfall_git::{Commit, CommitId};
use landfall_store::{Conn, jobs::NewJob, users};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Refusal;
use crate::{
    App, Urls,
    views::{commit::CommitView, user::UserFull},
};

mod shape;

pub use shape::{JOB, Key, Kind};

/// A job as told: its keys have the types of [`JOB`], and there is always a `name` in one that is to be recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GivenJob {
    keys: Map<String, Value>,
}

/// A commit of the project's repository, in the shape in which answers show it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownCommit(Map<String, Value>);

/// A user of this instance, in the shape in which a job shows one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownUser(Map<String, Value>);

impl GivenJob {
    /// Reads a job. The refusals name the keys as GitLab names nested parameters: `deployable[pipeline][id] is invalid`.
    /// A job that completes a recorded one may leave its name out.
    pub fn read(name: &str, value: &Map<String, Value>, completes: bool) -> Result<GivenJob, Vec<String>> {
        let mut refusals = Vec::new();
        let keys = shape::conform(JOB, name, value, &mut refusals);
        let has_name = keys
            .get("name")
            .and_then(Value::as_str)
            .is_some_and(|name| !name.trim().is_empty());
        if !has_name && keys.contains_key("name") {
            refusals.push(format!("{name}[name] is empty"));
        } else if !has_name && !completes {
            refusals.push(format!("{name}[name] is missing"));
        }
        if refusals.is_empty() {
            Ok(GivenJob { keys })
        } else {
            Err(refusals)
        }
    }

    /// The id in the other system, if one was told.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        self.keys.get("id").and_then(Value::as_i64)
    }

    /// The name, empty if none was told.
    #[must_use]
    pub fn name(&self) -> &str {
        self.keys.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// The login name of the user who started it, if one was told.
    pub(crate) fn username(&self) -> Option<&str> {
        self.object("user")?.get("username")?.as_str()
    }

    /// The same job without its name.
    pub(crate) fn without_name(&self) -> GivenJob {
        let mut keys = self.keys.clone();
        keys.remove("name");
        GivenJob { keys }
    }

    /// What was told.
    pub(crate) fn keys(&self) -> &Map<String, Value> {
        &self.keys
    }

    fn object(&self, key: &str) -> Option<&Map<String, Value>> {
        self.keys.get(key)?.as_object()
    }

    /// The record: what is told over what is `recorded` already, completed from what is known.
    #[must_use]
    pub fn complete(&self, recorded: Option<&Job>, commit: Option<&KnownCommit>, user: Option<&KnownUser>) -> NewJob {
        let mut job = recorded.cloned().unwrap_or_else(|| Job::named(self.name()));
        shape::apply(&self.keys, &mut job);
        if let Some(KnownCommit(known)) = commit
            && (job.commit.is_none() || self.object("commit").is_some())
        {
            job.commit = shape::snapshot(shape::COMMIT, self.object("commit"), Some(known));
        }
        if let (Some(given), Some(KnownUser(known))) = (self.object("user"), user) {
            job.user = shape::snapshot(shape::USER, Some(given), Some(known));
        }
        NewJob {
            id: self.id().or(recorded.map(|job| job.id)),
            job,
        }
    }
}

/// The commit to complete the job with: the one that it names, as far as the repository knows it, else the one that was
/// deployed.
pub(crate) async fn commit_of(
    app: &App,
    project: &Project,
    job: &GivenJob,
    deployed: Option<Commit>,
) -> Result<Option<KnownCommit>, Refusal> {
    let named = job
        .object("commit")
        .and_then(|commit| commit.get("id"))
        .and_then(Value::as_str);
    let found = match named {
        None => deployed,
        Some(named) if deployed.as_ref().is_some_and(|deployed| deployed.id.as_str() == named) => deployed,
        Some(named) => match CommitId::parse(named) {
            Some(id) => app.mirrors.commit(&app.git, project, id).await?,
            None => None,
        },
    };
    let known = found.and_then(
        |commit| match serde_json::to_value(CommitView::new(&commit, project, &app.urls)) {
            Ok(Value::Object(keys)) => Some(KnownCommit(keys)),
            _ => None,
        },
    );
    Ok(known)
}

/// The user that the job names, if there is one of that name here.
pub(crate) fn user_of(conn: &mut Conn<'_>, job: &GivenJob, urls: &Urls) -> Result<Option<KnownUser>, Refusal> {
    let Some(username) = job.username() else {
        return Ok(None);
    };
    let user = users::by_username(conn, username)?;
    Ok(
        user.and_then(|user| match serde_json::to_value(UserFull::new(&user, urls)) {
            Ok(Value::Object(keys)) => Some(KnownUser(keys)),
            _ => None,
        }),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value, completes: bool) -> Result<GivenJob, Vec<String>> {
        GivenJob::read("deployable", value.as_object().unwrap(), completes)
    }

    #[test]
    fn every_wrong_key_is_named_and_unknown_keys_are_passed_over() {
        let value = json!({
            "id": "x", "name": " ", "tag": "perhaps", "created_at": "gestern", "pipeline": { "id": [], "web": 1 },
            "runner": "r", "tag_list": [1, {}], "something": { "else": true }
        });
        let refusals = read(&value, false).unwrap_err();
        insta::assert_debug_snapshot!(refusals, @r#"
        [
            "deployable[id] is invalid",
            "deployable[tag] is invalid",
            "deployable[created_at] is invalid",
            "deployable[pipeline][id] is invalid",
            "deployable[runner] is invalid",
            "deployable[tag_list] is invalid",
            "deployable[name] is empty",
        ]
        "#);
        assert_eq!(
            read(&json!({ "stage": "deploy" }), false).unwrap_err(),
            ["deployable[name] is missing"]
        );
        assert!(read(&json!({ "stage": "deploy" }), true).is_ok());
    }

    #[test]
    fn what_is_told_again_replaces_what_was_told_before_and_the_rest_stays() {
        let first = read(
            &json!({
                "id": 7, "name": "deploy", "stage": "ship", "status": "running",
                "pipeline": { "id": 3, "status": "running", "ref": "main" },
                "user": { "username": "ada" }, "tag_list": ["a"]
            }),
            false,
        )
        .unwrap()
        .complete(None, None, None);
        assert_eq!(first.id, Some(7));
        let mut recorded = first.job;
        recorded.id = 7;
        let then = read(
            &json!({ "status": "success", "pipeline": { "status": "success" }, "duration": 1.5 }),
            true,
        )
        .unwrap()
        .complete(Some(&recorded), None, None);
        let mut expected = recorded.clone();
        expected.status = Some("success".to_owned());
        expected.duration = Some(1.5);
        expected.pipeline = recorded.pipeline.map(|old| Pipeline {
            status: Some("success".to_owned()),
            ..old
        });
        assert_eq!(
            then,
            NewJob {
                id: Some(7),
                job: expected
            }
        );
    }
}
