//! Writing and reading at once, on both engines: what an answer promises, what failures leave behind, what happens when
//! connections break.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod connections;
mod durable;
mod failover;
mod model;
mod together;
mod world;
