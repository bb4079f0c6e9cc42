//! The program from outside: processes, their output, and HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod changes;
mod configuration;
mod documents;
mod failures;
mod first_start;
mod hooks;
mod import;
mod records;
mod reports;
mod stopping;
mod support;
mod upkeep;
