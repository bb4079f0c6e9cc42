//! How the engines go about the statements that matter: by index, without a scan and, where an order has an index,
//! without a sort.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod environments;
mod list;
mod single;
mod statements;
mod world;
