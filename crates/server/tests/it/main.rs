//! The API over HTTP: the real server on a real database of either engine, from the same test code.
#![expect(dead_code, reason = "replaced when every helper has a user")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod deployments;
mod seed;
mod smoke;
mod support;
