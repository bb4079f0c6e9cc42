//! A client for the GitLab API v4, whoever serves it: GitLab or Landfall.
//!
//! It knows deployments and the little around them that importing, recording and testing need, and, where it is told to
//! have patience, asks again what a server cannot answer now. Three things hold for
//! every call. The token goes to the address that the client was made with and to no other: redirects are not followed,
//! and of the `Link` to a next page only the query is used. Nothing that a server tells is lost: keys that the types
//! here do not know are kept in their `other`. And an error says what the server said, whichever of its shapes that had.

mod answer;
mod client;
mod deployments;
mod error;
mod pages;
mod project;
mod query;
mod types;
mod walk;

pub use crate::{
    client::{Client, OnWait},
    deployments::{Deployments, NewDeployment, UpdateDeployment},
    error::{Error, RateLimit, Refusal},
    pages::{Page, Pages},
    project::ProjectRef,
    query::{OrderBy, Pagination, Query, Sort},
    types::{Commit, Deployment, Environment, Job, Pipeline, Project, Status, User, Version},
    walk::{Changes, Walk},
};
