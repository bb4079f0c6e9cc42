//! The environments API, verb by verb (neighbours, section 1).

mod create;
mod delete;
mod events;
mod get;
mod in_time;
mod list;
mod review_apps;
mod stop;
mod stop_stale;
mod update;

use landfall_domain::{
    environment::Environment,
    ids::{EnvironmentId, ProjectId},
};
use landfall_store::environments;
use serde_json::{Value, json};

use crate::{
    deployments::{
        DEPLOYMENTS, FORBIDDEN, NO_PROJECT, NOT_FOUND, Team, UNAUTHORIZED, insert_many, plain_row, record, report,
        stored_jobs, team, with,
    },
    support::{Caller, NOW, TestServer, each_engine},
};

/// The environments of the first project.
const ENVIRONMENTS: &str = "/projects/1/environments";

/// The path of an environment of the first project.
fn one(id: i64) -> String {
    format!("{ENVIRONMENTS}/{id}")
}

/// Makes an environment and answers its id.
async fn make(caller: &Caller, name: &str) -> i64 {
    make_with(caller, json!({ "name": name })).await
}

async fn make_with(caller: &Caller, body: Value) -> i64 {
    let made = caller.post(ENVIRONMENTS).json(&body).await.json(201);
    made["id"].as_i64().unwrap()
}

/// Stops an environment, whatever stands against it.
async fn stop(caller: &Caller, id: i64) -> Value {
    let target = format!("{}/stop", one(id));
    caller.post(&target).json(&json!({ "force": true })).await.json(200)
}

/// An environment of the first project as it is stored.
async fn stored(server: &TestServer, id: i64) -> Option<Environment> {
    server
        .write(move |tx| Ok(environments::by_id(tx, ProjectId(1), EnvironmentId(id))?))
        .await
}

/// Changes an environment past the API.
async fn change(server: &TestServer, id: i64, change: impl Fn(&mut Environment) + Send + 'static) {
    server
        .write(move |tx| {
            let mut environment = environments::by_id(tx, ProjectId(1), EnvironmentId(id))?.unwrap();
            change(&mut environment);
            Ok(environments::update(tx, &environment)?)
        })
        .await;
}

/// The names of a list, in its order.
fn names(list: &Value) -> Vec<&str> {
    let rows = list.as_array().unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}
