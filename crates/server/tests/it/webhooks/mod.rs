//! Webhooks out (neighbours, section 11).

mod api;
mod delivery;
mod limits;
mod log;
mod nodes;
mod owners;
mod payload;

use landfall_domain::access::AccessLevel;
use serde_json::{Value, json};

use crate::support::{Caller, TestReceiver, TestServer};

const HOOKS: &str = "/projects/1/hooks";
const DEPLOYMENTS: &str = "/projects/1/deployments";

/// A project (id 1) with a maintainer, who is answered.
async fn maintainer(server: &TestServer) -> Caller {
    let project = server.project("group/app").await;
    let mia = server.user("mia").await;
    server.member(project.id, "mia", AccessLevel::Maintainer).await;
    mia
}

/// Makes a hook that is told of deployments, and answers its id.
async fn hook(caller: &Caller, url: &str) -> i64 {
    hook_with(caller, url, json!({})).await
}

async fn hook_with(caller: &Caller, url: &str, more: Value) -> i64 {
    let mut body = json!({ "url": url, "deployment_events": true });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = caller.post(HOOKS).json(&body).await.json(201);
    made["id"].as_i64().unwrap()
}

fn sha(number: u64) -> String {
    format!("{number:040x}")
}

/// Records a deployment to production, and answers its id.
async fn deploy(caller: &Caller, number: u64, status: &str) -> i64 {
    let body = json!({
        "environment": "production", "sha": sha(number), "ref": "main", "tag": false, "status": status,
    });
    let made = caller.post(DEPLOYMENTS).json(&body).await.json(201);
    made["id"].as_i64().unwrap()
}

/// Which deployments a receiver was told of, with their statuses.
fn told(receiver: &TestReceiver) -> Vec<String> {
    let came = receiver.take().into_iter().map(|came| {
        let body = came.json();
        format!("{} {}", body["deployment_id"], body["status"].as_str().unwrap())
    });
    came.collect()
}
