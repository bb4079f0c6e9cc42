//! `TeamCity`, by the "Predefined build parameters" of its manual.
//!
//! Recognised by `TEAMCITY_VERSION`. Few parameters are environment variables: `BUILD_VCS_NUMBER` (where there is one
//! VCS root; of several none is chosen), `TEAMCITY_BUILDCONF_NAME` as the job, `TEAMCITY_PROJECT_NAME` as its stage (it
//! is a project of `TeamCity`, not the repository), `BUILD_NUMBER`. Branch, build id, user and agent are configuration
//! parameters, "not passed to the build"; the snippet passes them on as `LANDFALL_*` variables.
//!
//! **Pull requests.** Not verified: whether `BUILD_VCS_NUMBER` is a merge commit; it is recorded as it is.
//!
//! **Key.** `teamcity:project:configuration:number`. A build that is run again has a new number, unless the number's
//! format has no counter or the counter is set back, and a project of that name can be on another server. Set
//! `LANDFALL_KEY` from `teamcity.build.id`, "the internal unique ID", as the snippet does.

use super::{
    Environment, System,
    key::Key,
    mapping::{Mapping, NOTHING},
    nothing_to_add,
};

pub(super) const SYSTEM: System = System {
    name: "teamcity",
    is_here: |env| env.get("TEAMCITY_VERSION").is_some(),
    mapping: Mapping {
        sha: &["BUILD_VCS_NUMBER"],
        job_name: &["TEAMCITY_BUILDCONF_NAME"],
        job_stage: &["TEAMCITY_PROJECT_NAME"],
        pipeline_iid: &["BUILD_NUMBER"],
        ..NOTHING
    },
    key: run_of_job,
    finish: nothing_to_add,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    Key::of("teamcity")
        .with(env.get("TEAMCITY_PROJECT_NAME"))
        .with(env.get("TEAMCITY_BUILDCONF_NAME"))
        .with(env.get("BUILD_NUMBER"))
        .finish()
}
