//! What other systems' APIs say about their deployments, turned into neutral [`Record`]s that can be written here.
//!
//! Pure functions from JSON to data, as in [`hooks_in`](crate::hooks_in): no database, no server, no clock. What a record
//! means for the ledger is the business of [`ops::import`](crate::ops::import).

pub mod github;
pub mod gitlab;
mod record;
#[cfg(test)]
mod tests;

pub use crate::hooks_in::Broken;
pub use record::{EnvironmentRecord, ProjectRecord, Record};
