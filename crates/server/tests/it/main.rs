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
mod groups;
mod health;
mod hooks;
mod instance;
mod members;
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
