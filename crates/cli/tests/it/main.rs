//! The program from outside: processes, their output, and HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod changes;
mod configuration;
mod documents;
mod failures;
mod first_start;
#[expect(dead_code, reason = "a server for more tests than these")]
#[path = "../../../git/tests/it/remote.rs"]
mod git_remote;
mod hooks;
mod import;
mod mirrors;
mod records;
mod reports;
mod stopping;
mod support;
mod upkeep;
