//! The JSON shapes (reference section 7), with their keys in GitLab's order. A view borrows the record it shows.

use landfall_domain::time::Timestamp;
use serde::{Serialize, Serializer};

pub mod commit;
pub mod deployment;
pub mod environment;
pub mod job;
pub mod project;
pub mod token;
pub mod user;

/// A time as answers show it: UTC, three decimals, `Z` (reference 11.2).
#[derive(Clone, Copy, Debug)]
pub struct Wire(pub Timestamp);

impl Serialize for Wire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
