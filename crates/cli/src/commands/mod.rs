//! The commands, a module for each group of them.

pub(crate) mod backup;
pub(crate) mod doctor;
pub(crate) mod documents;
mod first_start;
pub(crate) mod hook_source;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod member;
pub(crate) mod migrate;
pub(crate) mod project;
pub(crate) mod record;
mod repository;
mod root_token;
pub(crate) mod run;
pub(crate) mod serve;
mod signals;
pub(crate) mod spool;
pub(crate) mod token;
pub(crate) mod user;

use tokio::runtime::{self, Runtime};

use crate::failure::Failure;

/// What the commands that talk to a server wait with.
fn current_thread() -> Result<Runtime, Failure> {
    let mut builder = runtime::Builder::new_current_thread();
    let built = builder.enable_all().build();
    built.map_err(|error| Failure::failed(format!("cannot start: {error}")))
}

/// The most rows that are read at once.
const PAGE: i64 = 100;

/// Reads a list page by page to its end. A page comes with one row more where another follows.
fn all_pages<T>(
    mut read: impl FnMut(landfall_domain::page::Offset) -> Result<Vec<T>, landfall_store::Error>,
) -> Result<Vec<T>, landfall_store::Error> {
    let mut all = Vec::new();
    for page in 1.. {
        let rows = read(landfall_domain::page::Offset { page, per_page: PAGE })?;
        let is_last = i64::try_from(rows.len()).unwrap_or(i64::MAX) <= PAGE;
        all.extend(rows.into_iter().take(usize::try_from(PAGE).unwrap_or(usize::MAX)));
        if is_last {
            break;
        }
    }
    Ok(all)
}
