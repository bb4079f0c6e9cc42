//! Argo Workflows, by the source of its controller, which gives every container of a pod `ARGO_NODE_ID` and
//! `ARGO_CONTAINER_NAME`, and in newer versions `ARGO_WORKFLOW_NAME`. Its documentation names none of them as an
//! interface, so the snippet passes what it knows as `LANDFALL_*` variables.
//!
//! Recognised by `ARGO_NODE_ID` and `ARGO_CONTAINER_NAME`. The node is the job and the workflow its stage; commit and
//! ref come from the checkout, if there is one.
//!
//! **Key.** `argo:workflow:node id:container`. Steps, items of a loop and attempts of a `retryStrategy` are nodes of
//! their own, containers of a container set differ in name. A workflow can take the name of a deleted one, which leaves
//! no trace; so the snippet puts the uid of the workflow into `LANDFALL_KEY`. Not verified: that `argo retry` starts
//! nodes again under their old ids.

use super::{
    Environment, System,
    key::Key,
    mapping::{Mapping, NOTHING},
    nothing_to_add,
};

pub(super) const SYSTEM: System = System {
    name: "argo",
    is_here: |env| env.get("ARGO_NODE_ID").is_some() && env.get("ARGO_CONTAINER_NAME").is_some(),
    mapping: Mapping {
        job_name: &["ARGO_NODE_ID"],
        job_stage: &["ARGO_WORKFLOW_NAME"],
        ..NOTHING
    },
    key: run_of_job,
    finish: nothing_to_add,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    Key::of("argo")
        .with_any(env.get("ARGO_WORKFLOW_NAME"))
        .with(env.get("ARGO_NODE_ID"))
        .with(env.get("ARGO_CONTAINER_NAME"))
        .finish()
}
