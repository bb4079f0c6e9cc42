//! The rules and types of Landfall: what a deployment is, which changes it may make, who may do what, how names,
//! slugs, tiers and times are read and written.
//!
//! Nothing here does I/O. There is no SQL, no HTTP, no async and no clock but the one that is passed in, so every rule
//! can be read and tested on its own. The storage of these types is `landfall-store`'s business, their JSON is
//! `landfall-server`'s.

#[macro_use]
mod texts;

pub mod access;
pub mod deployment;
pub mod environment;
pub mod event;
pub mod git_name;
pub mod group;
mod hash;
pub mod hook;
pub mod ids;
pub mod job;
pub mod member;
pub mod merge_request;
pub mod mirror;
pub mod origin;
pub mod page;
pub mod project;
pub mod ref_name;
pub mod report;
pub mod time;
pub mod token;
pub mod user;
pub mod webhook;
