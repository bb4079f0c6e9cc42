//! The wire itself: what holds for every endpoint, shown on those that are there.
#![expect(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a table that is shown is made line by line, and it does not matter how fast"
)]

use crate::support::{Caller, TestServer, raw};

mod authentication;
mod compression;
mod headers;
mod order;
mod pagination;
mod projects_in_path;
mod routing;

/// The administrator's token, as a header.
const ROOT: (&str, &str) = ("PRIVATE-TOKEN", "root-token");
/// The administrator's token, as another header.
const BEARER: (&str, &str) = ("Authorization", "Bearer root-token");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A form of a deployment that can be created.
const DEPLOYMENT: &str = "environment=qa&sha=0123456789abcdef0123456789abcdef01234567&ref=main&tag=false&status=failed";

/// An administrator, and the private project `group/my.app` with deployment 1 in it.
async fn ledger(server: &TestServer) -> Caller {
    let root = server.root().await;
    server.project("group/my.app").await;
    let created = root
        .post("/projects/1/deployments")
        .body(Some(FORM.1), DEPLOYMENT)
        .await;
    assert_eq!(created.status, 201, "{}", created.body);
    root
}

/// Sends requests by the administrator, each on a connection of its own, and shows a line for each.
fn lines(server: &TestServer, requests: &[(&str, &str)]) -> String {
    requests
        .iter()
        .map(|(method, target)| {
            let answer = raw::ask(server, method, target, &[ROOT], b"");
            format!("{method} {target} -> {}\n", answer.brief())
        })
        .collect()
}
