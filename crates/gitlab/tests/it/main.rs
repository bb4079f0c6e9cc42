//! The client against a server that says what each test has it say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod calls;
mod failures;
mod lists;
mod responder;
