//! A standby takes the place of its primary.

use std::{env, path::Path, process::Command};

use landfall_store::testing::{PostgresServer, TestDatabase};
use serde_json::json;

use super::{
    api::{Api, DEPLOYMENTS},
    nodes,
};
use crate::program::{Instance, only_path, run};

/// The script that operators read, and run to see for themselves.
const DRILL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/failover-drill");

#[test]
fn no_acknowledged_write_is_lost_with_the_primary() {
    let mut drill = Command::new(Path::new(DRILL));
    only_path(&mut drill).env("LANDFALL", env!("CARGO_BIN_EXE_landfall"));
    let printed = run(&mut drill);
    assert!(printed.contains("no acknowledged deployment is missing"), "{printed}");
}

/// The standby lacks commits, and so gives the numbers of states that nodes remember out once more.
#[tokio::test]
async fn what_the_standby_never_had_is_forgotten() {
    let primary = PostgresServer::start("-c listen_addresses=", |_| {});
    let own = Instance::on(TestDatabase::at(&primary.url("postgres")));
    drop(nodes(&own, 1, &[]));
    let standby = primary.standby("-c listen_addresses=", false);
    let both = PostgresServer::url_of(&[&primary, &standby], "postgres");
    let instance = Instance::on(TestDatabase::at(&both));
    let nodes: Vec<_> = (0..2).map(|_| instance.serve()).collect();
    let api = Api::new();
    let name = |name: &str| json!({ "name": name });
    let lost = api.create(&nodes[0].url, "production", "lost").await.json(201);
    api.put(&nodes[0].url, "/users/1", &name("Lost")).await.json(200);
    let path = format!("{DEPLOYMENTS}?order_by=id");
    for node in nodes.iter().cycle().take(8) {
        assert_eq!(api.get(&node.url, &path).await.json(200)[0]["user"]["name"], "Lost");
    }

    primary.stop();
    standby.promote();
    let kept = api.create(&nodes[0].url, "production", "kept").await.json(201);
    assert_eq!(kept["id"], lost["id"], "the number is given out again");
    assert_eq!(kept["user"]["name"], "Administrator");
    api.put(&nodes[1].url, "/users/1", &name("Kept")).await.json(200);
    for node in nodes.iter().cycle().take(8) {
        let listed = api.get(&node.url, &path).await.json(200);
        assert_eq!(
            (&listed[0]["ref"], &listed[0]["user"]["name"]),
            (&json!("kept"), &json!("Kept"))
        );
    }
}
