//! Repositories on disk: what a text names, what a commit says, how commits stand to each other, how files differ.
//!
//! This crate owns everything that knows gix, which changes its API with each release; nothing of gix appears in the
//! public API. It knows no SQL and serves no HTTP.
//!
//! [`Repository`] is a plain, blocking handle. [`Git`] is the edge to asynchronous code: a few own threads that run
//! jobs on repositories. [`Mirrors`] are copies of repositories elsewhere, fetched through the guarded client of `landfall-net`.
//!
//! All others are only read, and they are not trusted, whoever owns them:
//!
//! * nothing is executed: no hook, no command named in a configuration file, no lazy fetch of a partial clone;
//! * of all configuration only the repository's own file is read, without its `include`s, and only the values that
//!   say how to read it (format version, object format) are obeyed; environment variables such as `GIT_DIR` are not.
//!   Because nothing in the file can make us do anything, git's refusal of a directory that belongs to another user
//!   ("dubious ownership") protects nothing here, and is not copied;
//! * one object may take 16 MiB of memory at most, a larger one makes the repository [unreadable](Error::Unreadable);
//! * a question that could be long has [`Limits`] of time, commits, files and bytes;
//! * replace refs and grafts are ignored: a commit is what its id was made from;
//! * `objects/info/alternates` is followed, as git does.

mod ancestry;
mod commit;
mod compare;
mod diff;
mod error;
mod history;
mod limits;
mod log;
mod mirror;
mod pool;
mod refs;
mod relation;
mod repository;
mod resolve;
mod revision;

pub use commit::{Commit, CommitId, CommitTime, Signature};
pub use compare::Comparison;
pub use diff::{Diff, FileChange, FileDiff, Patch, Stats};
pub use error::Error;
pub use limits::Limits;
pub use log::{LogQuery, Order, Start};
pub use mirror::{
    Credentials, CredentialsError, Fetch, FetchError, Interrupt, MirrorLimits, Mirrors, RemoteUrl, RemoteUrlError,
};
pub use pool::Git;
pub use refs::{Branch, RefKind, RefName, Tag};
pub use relation::Relation;
pub use repository::{Discovered, Head, ObjectFormat, Repository};
