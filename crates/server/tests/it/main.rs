//! The API over HTTP: the real server on a real database of either engine, from the same test code.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod authz;
mod cache;
mod deployments;
mod environments;
#[expect(dead_code, reason = "a server for more tests than these")]
#[path = "../../../git/tests/it/remote.rs"]
mod git_remote;
mod groups;
mod health;
mod hooks;
mod instance;
mod members;
mod mirrors;
mod projects;
mod repository;
mod seed;
mod smoke;
mod stop;
mod support;
mod throttle;
mod tokens;
mod users;
mod webhooks;
mod wire;
