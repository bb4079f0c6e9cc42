//! The server process: GitLab's API over the store, the probes and metrics beside it, and the rules of what a command
//! does ([`ops`]), which the command line shares.

pub mod api;
pub mod app;
mod bodies;
mod cache;
mod content;
mod health;
pub mod hooks_in;
mod http;
pub mod imports;
pub mod inbox;
pub mod jobs;
mod metrics;
mod mirrors;
pub mod ops;
pub mod serve;
mod telemetry;
mod urls;
pub mod views;
pub(crate) mod webhooks;

pub use crate::{
    app::{App, RateLimit, Settings},
    metrics::Metrics,
    mirrors::{CredentialSource, MirrorSettings},
    urls::Urls,
};

/// What can go wrong while the parts of the server are put together. It is a mistake in the program, not in its use.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Two endpoints have one path, or a path is malformed.
    #[error("the table of endpoints is wrong: {0}")]
    Routes(#[from] matchit::InsertError),
    /// Another recorder of metrics is there already.
    #[error("the recorder of metrics cannot be set up: {0}")]
    Metrics(String),
    /// The client for requests to other servers cannot be set up.
    #[error("the client for other servers cannot be set up")]
    Client(#[from] landfall_net::Error),
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness(#[from] getrandom::Error),
}
