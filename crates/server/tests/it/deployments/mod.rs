//! The deployments API, verb by verb (reference sections 6 to 13, and our own decisions beyond them).

mod any_job;
mod completion;
mod concurrency;
mod create;
mod delete;
mod deployable;
mod environments;
mod events;
mod get;
mod git;
mod history;
mod list;
mod merge_requests;
mod model;
mod pages;
mod random;
mod reports;
mod together;
mod unchanged;
mod update;

use landfall_domain::{
    access::AccessLevel,
    deployment::{Facts, Source, Status},
    ids::{EnvironmentId, ProjectId, UserId},
    project::Project,
    time::Timestamp,
};
use landfall_store::deployments::NewDeployment;
use serde_json::{Value, json};

use crate::support::{Caller, NOW, TestServer};

/// The deployments of the first project.
pub(super) const DEPLOYMENTS: &str = "/projects/1/deployments";

/// A private project (id 1, without a repository) with somebody of each rank.
pub(super) struct Team {
    pub(super) project: Project,
    pub(super) root: Caller,
    pub(super) maintainer: Caller,
    pub(super) developer: Caller,
    pub(super) reporter: Caller,
    pub(super) guest: Caller,
    pub(super) stranger: Caller,
}

/// Makes the project `group/app` and its people.
pub(super) async fn team(server: &TestServer) -> Team {
    let project = server.project("group/app").await;
    let root = server.root().await;
    let maintainer = server.user("mia").await;
    let developer = server.user("ada").await;
    let reporter = server.user("rob").await;
    let guest = server.user("gus").await;
    let stranger = server.user("sam").await;
    for (name, level) in [
        ("mia", AccessLevel::Maintainer),
        ("ada", AccessLevel::Developer),
        ("rob", AccessLevel::Reporter),
        ("gus", AccessLevel::Guest),
    ] {
        server.member(project.id, name, level).await;
    }
    Team {
        project,
        root,
        maintainer,
        developer,
        reporter,
        guest,
        stranger,
    }
}

/// A commit id that nobody has to look up.
pub(super) fn sha(number: u64) -> String {
    format!("{number:040x}")
}

/// What a create needs, of branch `main`.
pub(super) fn report(environment: &str, commit: u64, status: &str) -> Value {
    json!({ "environment": environment, "sha": sha(commit), "ref": "main", "tag": false, "status": status })
}

/// `value` with some keys more, or changed.
pub(super) fn with(mut value: Value, keys: Value) -> Value {
    if let (Value::Object(value), Value::Object(keys)) = (&mut value, keys) {
        value.extend(keys);
    }
    value
}

/// A deployment to `production` by this job.
fn by_job(job: &Value) -> Value {
    with(report("production", 1, "running"), json!({ "deployable": job }))
}

/// Records a deployment and answers its id.
pub(super) async fn record(caller: &Caller, body: &Value) -> i64 {
    let created = caller.post(DEPLOYMENTS).json(body).await.json(201);
    created["id"].as_i64().unwrap()
}

/// Posts a job and answers it as it is shown.
async fn shown(caller: &Caller, job: Value) -> Value {
    let created = caller.post(DEPLOYMENTS).json(&by_job(&job)).await.json(201);
    created["deployable"].clone()
}

/// The path of a deployment of the first project.
fn one(id: i64) -> String {
    format!("{DEPLOYMENTS}/{id}")
}

/// The ids of a list, in its order.
pub(super) fn ids(list: &Value) -> Vec<i64> {
    let rows = list.as_array().unwrap();
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// A failed deployment of `main` in the first project, to be put into the store past the API.
pub(super) fn plain_row(environment: i64, at: Timestamp) -> NewDeployment {
    NewDeployment {
        project_id: ProjectId(1),
        environment_id: EnvironmentId(environment),
        user_id: Some(UserId(1)),
        job_id: None,
        git_ref: "main".to_owned(),
        tag: false,
        sha: sha(1),
        commit: None,
        status: Status::Failed,
        source: Source::Api,
        external_id: None,
        facts: Facts::default(),
        owned_by_gitlab: false,
        created_at: at,
        updated_at: at,
        finished_at: Some(at),
    }
}

/// Puts many deployments into an environment, past the API.
pub(super) async fn insert_many(server: &TestServer, environment: i64, count: usize) {
    server
        .write(move |tx| {
            for _ in 0..count {
                landfall_store::deployments::insert(tx, &plain_row(environment, NOW))?;
            }
            Ok(())
        })
        .await;
}

/// How many jobs, pipelines and runners are stored.
pub(super) async fn stored_jobs(server: &TestServer) -> String {
    let count = "SELECT (SELECT count(*) FROM jobs) || ' ' || (SELECT count(*) FROM pipelines) || ' ' || \
                 (SELECT count(*) FROM runners)";
    let rows = server
        .write(move |tx| Ok(landfall_store::testing::first_column(tx, count)?))
        .await;
    rows.concat()
}

pub(super) const FORBIDDEN: (u16, &str) = (403, r#"{"message":"403 Forbidden"}"#);
pub(super) const NOT_FOUND: (u16, &str) = (404, r#"{"message":"404 Not found"}"#);
pub(super) const NO_PROJECT: (u16, &str) = (404, r#"{"message":"404 Project Not Found"}"#);
pub(super) const UNAUTHORIZED: (u16, &str) = (401, r#"{"message":"401 Unauthorized"}"#);
