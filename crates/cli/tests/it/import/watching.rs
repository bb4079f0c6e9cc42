//! Imports that go on reading.

use std::process::{Child, Stdio};

use landfall_store::testing::Engine;
use serde_json::json;

use super::{
    command, counts, listed_or_none,
    origin::{Origin, at, deployment, deployments},
};
use crate::support::{Server, World};

fn wait_until(server: &Server, token: &str, is_so: impl Fn(&[serde_json::Value]) -> bool) {
    while !is_so(&listed_or_none(server, token)) {
        std::thread::yield_now();
    }
}

fn end(child: Child) -> (Option<i32>, serde_json::Value) {
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let mut summaries: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code(), summaries[0].take())
}

#[test]
fn what_changes_there_changes_here_until_a_signal() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve();
    let token = world.root_token();
    let origin = Origin::new(deployments(120), None);
    let child = command(
        &world,
        &origin.url,
        &["--watch", "--interval", "0s", "--format", "json"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    wait_until(&server, &token, |found| found.len() == 120);
    origin.change(|all| {
        all[3]["status"] = json!("failed");
        all[3]["updated_at"] = json!(at(5_000));
        let mut new = deployment(1121);
        new["updated_at"] = json!(at(5_001));
        all.push(new);
    });
    wait_until(&server, &token, |found| {
        found.len() == 121 && found[3]["status"] == "failed"
    });
    let (code, summary) = end(child);
    assert_eq!(code, Some(0));
    let (created, updated, _) = counts(&summary);
    assert_eq!((created, updated), (121, 1));
}
