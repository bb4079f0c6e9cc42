//! Where requests go, and where they do not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod requests;
