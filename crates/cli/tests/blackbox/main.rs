//! The built program from outside: unmodified clients, other processes, and a kill in the middle of everything.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod curl;
mod journeys;
mod kill;
mod program;
mod schemathesis;
mod two_processes;
