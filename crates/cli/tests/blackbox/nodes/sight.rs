//! What one node has acknowledged, every other one shows from then on.

use std::sync::atomic::{AtomicU64, Ordering};

use landfall_store::testing::{Engine, first_column};
use serde_json::{Value, json};

use super::{
    api::{Api, DEPLOYMENTS, assert_iids_without_gaps},
    nodes,
};
use crate::program::{Instance, on_both_engines};

const NODES: usize = 3;
const WRITERS: usize = 4;
const ROUNDS: usize = 12;

/// Writes to one node, and reads on each of the others: by id, in a list with a filter and in the list of all.
async fn write_here_and_read_there(urls: &[String], writer: usize) {
    let api = Api::new();
    let environment = format!("writer-{writer}");
    for round in 0..ROUNDS {
        let here = (writer + round) % NODES;
        let created = api
            .create(&urls[here], &environment, &format!("round-{round}"))
            .await
            .json(201);
        let url = format!("https://{environment}.example/{round}");
        let path = format!("/projects/1/environments/{}", created["environment"]["id"]);
        let change = json!({ "external_url": url });
        api.put(&urls[(here + 1) % NODES], &path, &change).await.json(200);
        for there in urls {
            let is_new = |row: &Value| row["id"] == created["id"] && row["environment"]["external_url"] == url;
            let one = api
                .get(there, &format!("{DEPLOYMENTS}/{}", created["id"]))
                .await
                .json(200);
            assert!(is_new(&one), "{one}");
            let filtered = format!("{DEPLOYMENTS}?environment={environment}&order_by=id&sort=desc");
            let filtered = api.get(there, &filtered).await.json(200);
            assert!(is_new(&filtered[0]), "{}", filtered[0]);
            assert_eq!(filtered.as_array().unwrap().len(), round + 1);
            let newest = api
                .get(there, &format!("{DEPLOYMENTS}?per_page=100&order_by=id&sort=desc"))
                .await;
            assert!(newest.json(200).as_array().unwrap().iter().any(is_new));
        }
    }
}

/// A number that only grows, in an environment of its own: no read is older than what was acknowledged before it began, nor
/// newer than what was asked for before it ended.
async fn a_counter_never_goes_back(urls: &[String]) {
    let api = Api::new();
    let created = api.create(&urls[0], "counter", "main").await.json(201);
    let environment = format!("/projects/1/environments/{}", created["environment"]["id"]);
    let shown = format!("{DEPLOYMENTS}/{}", created["id"]);
    let (asked, acknowledged) = (AtomicU64::new(0), AtomicU64::new(0));
    let end = 4 * u64::try_from(ROUNDS).unwrap();
    let write = async {
        for (number, node) in (1..=end).zip(urls.iter().cycle()) {
            asked.store(number, Ordering::SeqCst);
            let change = json!({ "external_url": format!("https://counter.example/{number}") });
            api.put(node, &environment, &change).await.json(200);
            acknowledged.store(number, Ordering::SeqCst);
        }
    };
    let read = |node: &str| {
        let (api, node) = (Api::new(), node.to_owned());
        let (shown, asked, acknowledged) = (&shown, &asked, &acknowledged);
        async move {
            let mut least = 0;
            while least < end {
                least = acknowledged.load(Ordering::SeqCst);
                let row = api.get(&node, shown).await.json(200);
                let most = asked.load(Ordering::SeqCst);
                let url = row["environment"]["external_url"].as_str().unwrap_or("/0");
                let number: u64 = url.rsplit('/').next().unwrap().parse().unwrap();
                assert!(
                    (least..=most).contains(&number),
                    "{least} <= {number} <= {most} at {node}"
                );
            }
        }
    };
    tokio::join!(write, read(&urls[0]), read(&urls[1]), read(&urls[2]));
}

async fn nodes_show_what_others_have_acknowledged(engine: Engine) {
    let instance = Instance::new(engine);
    let nodes = nodes(&instance, NODES, &[]);
    let urls: Vec<String> = nodes.iter().map(|node| node.url.clone()).collect();
    let write = |writer| write_here_and_read_there(&urls, writer);
    tokio::join!(write(0), write(1), write(2), write(3), a_counter_never_goes_back(&urls));

    let all = Api::new().all(&urls[0]).await;
    assert_eq!(all.len(), WRITERS * ROUNDS + 1);
    assert_iids_without_gaps(&all);
    let store = instance.database.open();
    let sql = "SELECT CAST(deployment_id AS TEXT) FROM events WHERE kind = 'deployment_created' ORDER BY id";
    let events = store.read(move |conn| first_column(conn, sql)).await.unwrap();
    let rows: Vec<String> = all.iter().map(|row| row["id"].to_string()).collect();
    assert_eq!(events, rows, "events are in the order of what they tell");
}

on_both_engines!(nodes_show_what_others_have_acknowledged);
