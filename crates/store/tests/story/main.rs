//! The conformance story: every public function of the store is called on both engines, from the same code and with the
//! same expected values, so that the engines cannot drift apart. `coverage` counts.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod both;
mod changes;
mod coverage;
mod creates;
mod deployment_list;
mod deployments;
mod doctor;
mod environments;
mod events;
mod groups;
mod hook_sources;
mod inbox;
mod jobs;
mod leases;
mod members;
mod merge_requests;
mod mirrors;
mod namespaces;
mod observations;
mod origins;
mod project_list;
mod projects;
mod purges;
mod store;
mod tokens;
mod users;
mod webhook_queue;
mod webhooks;
