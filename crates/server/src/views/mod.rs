//! The JSON shapes (reference section 7), with their keys in GitLab's order. A view borrows the record it shows.

use std::io;

use landfall_domain::time::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;
use utoipa::ToSchema;

pub mod commit;
pub mod deployment;
pub(crate) mod deployment_hook;
pub mod environment;
pub mod event;
pub mod group;
pub mod hook;
pub mod job;
pub mod member;
pub mod merge_request;
pub mod mirror;
pub mod project;
pub mod repository;
pub mod token;
pub mod user;
pub mod webhook;

/// Writes a view, after what is there already. Every answer is written here: the functions of `serde_json` would write
/// kept JSON ([`job::JobView`]) as a list of bytes.
pub(crate) fn write<V: Serialize + ?Sized>(view: &V, out: &mut Vec<u8>) -> serde_json::Result<()> {
    view.serialize(&mut serde_json::Serializer::with_formatter(out, Plain))
}

/// Nothing between the members, and bytes as they are: those of JSON that is kept, which is not parsed to be written again.
struct Plain;

impl Formatter for Plain {
    fn write_byte_array<W: io::Write + ?Sized>(&mut self, writer: &mut W, json: &[u8]) -> io::Result<()> {
        writer.write_all(json)
    }
}

/// A part of an answer: a view, or what came of writing one before.
#[derive(Debug)]
pub(crate) enum Part<'a, V> {
    /// To be written.
    View(V),
    /// JSON.
    Written(&'a [u8]),
}

impl<V: Serialize> Serialize for Part<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Part::View(view) => view.serialize(serializer),
            Part::Written(json) => serializer.serialize_bytes(json),
        }
    }
}

/// A list that is always empty here.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = EmptyList, value_type = Vec<String>)]
pub(crate) struct Empty([(); 0]);

/// The list that is always empty.
pub(crate) const EMPTY: Empty = Empty([]);

/// A time as answers show it: UTC, three decimals, `Z` (reference 11.2).
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(as = Time, value_type = String, format = DateTime)]
pub struct Wire(pub Timestamp);

impl Serialize for Wire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.wire().as_str())
    }
}
