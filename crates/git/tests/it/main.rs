//! Tests on real repositories, made by the machine's `git` with fixed identities and dates, so that ids are stable.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod broken;
mod commits;
mod differential;
mod discover;
mod freshness;
mod histories;
mod limits;
mod mirror;
mod pool;
mod relation;
mod remote;
mod resolve;
mod support;
mod untrusted;
