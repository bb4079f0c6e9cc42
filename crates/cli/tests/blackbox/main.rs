//! The built program from outside: unmodified clients, other processes, and a kill in the middle of everything.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod curl;
mod inbox;
mod journeys;
mod kill;
mod nodes;
mod program;
mod schemathesis;
mod two_processes;
