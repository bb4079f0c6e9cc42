//! The API over HTTP: the real server on a real database of either engine, from the same test code.
#![expect(dead_code, unused_imports, reason = "replaced when every helper has a user")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod deployments;
mod health;
mod seed;
mod smoke;
mod stop;
mod support;
mod throttle;
mod wire;
