//! What is done in the background is done once, however many nodes there are.

use std::collections::BTreeSet;

use landfall_store::testing::{Engine, first_column};
use serde_json::json;

use super::{api::Api, nodes};
use crate::{
    journeys::receiver::WebhookReceiver,
    program::{Instance, Server, on_both_engines},
};

const ENVIRONMENTS: usize = 40;
const DEPLOYMENTS: usize = 40;

/// The answer of a query with one row.
async fn told(instance: &Instance, sql: &'static str) -> String {
    let store = instance.database.open();
    let rows = store.read(move |conn| first_column(conn, sql)).await.unwrap();
    rows.into_iter().next().unwrap()
}

async fn an_environment_is_stopped_once(engine: Engine) {
    let instance = Instance::new(engine);
    let first = nodes(&instance, 1, &[]);
    let api = Api::new();
    for number in 0..ENVIRONMENTS {
        let new = json!({ "name": format!("review/{number}"), "auto_stop_at": "2026-01-02T03:04:05Z" });
        api.post(&first[0].url, "/projects/1/environments", &new)
            .await
            .json(201);
    }
    drop(first);
    // Each looks for such work first of all.
    let nodes: Vec<Server> = (0..3).map(|_| instance.serve()).collect();
    let stopped = "/projects/1/environments?states=stopped&per_page=100";
    loop {
        let list = api.get(&nodes[0].url, stopped).await.json(200);
        if list.as_array().unwrap().len() == ENVIRONMENTS {
            break;
        }
    }
    let events = "SELECT CAST(count(*) AS TEXT) FROM events WHERE kind = 'environment_stopped'";
    assert_eq!(told(&instance, events).await, ENVIRONMENTS.to_string());
}

async fn a_webhook_is_told_once(engine: Engine) {
    let instance = Instance::new(engine);
    let nodes = nodes(&instance, 3, &["--allow-networks", "127.0.0.1/32"]);
    let receiver = WebhookReceiver::start();
    let api = Api::new();
    let hook = json!({ "url": receiver.url, "deployment_events": true, "push_events": false });
    api.post(&nodes[0].url, "/projects/1/hooks", &hook).await.json(201);
    for (number, node) in (0..DEPLOYMENTS).zip(nodes.iter().cycle()) {
        let environment = format!("review/{number}");
        api.create(&node.url, &environment, "main").await.json(201);
    }
    let told_of = receiver.next(DEPLOYMENTS);
    let environments: BTreeSet<String> = told_of.iter().map(|told| told.environment.to_string()).collect();
    assert_eq!(environments.len(), DEPLOYMENTS, "{told_of:?}");
    while told(&instance, "SELECT CAST(count(*) AS TEXT) FROM webhook_queue").await != "0" {}
    assert!(receiver.is_empty(), "one was told twice");
}

on_both_engines!(an_environment_is_stopped_once, a_webhook_is_told_once);
