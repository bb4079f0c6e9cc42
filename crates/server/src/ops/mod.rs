//! Commands: what changes the ledger. Each is one function that knows no HTTP, so the API and the command line share
//! it. Reads have no place here: handlers go straight to the store.

use landfall_domain::{
    deployment::TransitionError,
    environment::{Invalid, NotStopped},
};
use landfall_store::Failure;
use thiserror::Error;

pub(crate) mod announce;
pub mod create_bot;
pub mod create_deployment;
pub mod create_environment;
pub mod create_group;
pub mod create_project;
pub mod create_token;
pub mod create_user;
pub mod delete_deployment;
pub mod delete_environment;
pub mod delete_group;
pub mod delete_project;
pub mod delete_review_apps;
pub mod environment;
pub mod external_user;
pub mod first_start;
pub mod hook_source;
pub mod import;
pub mod job;
pub mod link_merge_requests;
pub(crate) mod mirror_repository;
pub mod report_deployment;
pub(crate) mod reports;
pub mod revoke_token;
pub mod rotate_token;
pub mod set_member;
pub(crate) mod settle;
pub mod stop_environment;
pub mod update_deployment;
pub mod update_environment;
pub mod update_group;
pub mod update_project;
pub mod update_user;
pub mod webhook;

/// Why a command was not carried out.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The thing is not there (any more).
    #[error("not found")]
    NotFound,
    /// Nobody may do this with the thing as it is.
    #[error("forbidden")]
    Forbidden,
    /// Nobody may do this, or not this caller; the text is for the command line, where the API says no more than that.
    #[error("{0}")]
    Denied(&'static str),
    /// It cannot be done; the text is for the caller.
    #[error("{0}")]
    BadRequest(&'static str),
    /// Something like it is there already; the text is for the caller.
    #[error("{0}")]
    AlreadyExists(&'static str),
    /// The caller may not do this, for a reason worth telling.
    #[error("forbidden: {0}")]
    ForbiddenBecause(&'static str),
    /// A field does not hold what it must.
    #[error("{field} {text}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        text: String,
    },
    /// The environment cannot be like this.
    #[error("the environment is wrong: {0:?}")]
    Environment(Vec<Invalid>),
    /// The environment stays as it is.
    #[error(transparent)]
    NotStopped(#[from] NotStopped),
    /// The status cannot change so.
    #[error("status {0}")]
    Transition(#[from] TransitionError),
    /// The state of the thing stands against it; the text is for the caller.
    #[error("{0}")]
    State(&'static str),
    /// The thing was changed after the time that the caller named.
    #[error("changed since")]
    ChangedSince,
    /// The settings of a webhook are wrong.
    #[error(transparent)]
    Webhook(#[from] webhook::Unfit),
    /// Somebody else is changing the thing.
    #[error("changed meanwhile")]
    Conflict,
    /// The repository cannot answer.
    #[error(transparent)]
    Repository(#[from] landfall_git::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] landfall_store::Error),
}

impl Refusal {
    /// One field, one text.
    pub(crate) fn field(field: &'static str, text: impl Into<String>) -> Refusal {
        Refusal::Field {
            field,
            text: text.into(),
        }
    }
}

impl Failure for Refusal {
    fn store_error(&self) -> Option<&landfall_store::Error> {
        match self {
            Refusal::Store(error) => Some(error),
            _ => None,
        }
    }
}
