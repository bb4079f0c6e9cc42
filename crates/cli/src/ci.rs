//! Where a command runs: which CI system, for which commit, in which job, and whether that job was reported before.
//!
//! Everything is derived from an [`Environment`] that the caller passes in; this module reads neither the process'
//! variables nor the disk, so each rule can be tested with the variables that a vendor documents. A system is one row of
//! [`SYSTEMS`]: how it is recognised, which variable holds what, which of them make the key, and a function for what no
//! table can say. The module of each system names its variables and argues its key; `docs/ci/` shows users the same.
//!
//! Four rules hold for all systems:
//!
//! * An empty variable is a missing one, and every variable is optional: what is not known stays `None`.
//! * The commit comes from the system's variable, because CI checkouts have a detached `HEAD`; the checkout is asked
//!   for what the variables leave open (see [`git`]).
//! * A pull request is recorded with the commit and the branch that were proposed, wherever the system tells them. The
//!   merge commit that some systems build instead is thrown away afterwards and is in no branch, so nobody could look
//!   it up or compare with it.
//! * Ids are numbers only where the system's are; texts like UUIDs appear in the key alone.

mod appveyor;
mod argo;
mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
pub(crate) mod context;
mod drone;
pub(crate) mod environment;
pub(crate) mod git;
mod github;
mod gitlab;
mod jenkins;
mod key;
mod mapping;
pub(crate) mod overrides;
mod teamcity;
mod travis;
mod woodpecker;

#[cfg(test)]
mod tests;

use context::Context;
use environment::Environment;
use mapping::Mapping;

/// A CI system.
struct System {
    /// Its name in records and the first part of its keys.
    name: &'static str,
    /// Whether the variables are those of a job of this system.
    is_here: fn(&Environment<'_>) -> bool,
    /// Which variable holds what.
    mapping: Mapping,
    /// The identity of this run of this job; `None` where a variable is missing without which two runs would get one
    /// key.
    key: fn(&Environment<'_>) -> Option<String>,
    /// What the mapping cannot say.
    finish: fn(&Environment<'_>, &mut Context),
}

/// All systems, in the order in which they are tried.
///
/// A process can inherit the traces of more than one: an agent that was itself started by a job, or that runs in a pod
/// of a workflow engine. Argo Workflows is last, because its variables belong to the container in which an agent of
/// any other system may run. Woodpecker comes before Drone, whose variables it sets for plugins. `CI=true` alone, which
/// nearly all of them set, recognises nothing.
const SYSTEMS: &[System] = &[
    gitlab::SYSTEM,
    github::SYSTEM,
    jenkins::SYSTEM,
    circleci::SYSTEM,
    buildkite::SYSTEM,
    azure::SYSTEM,
    bitbucket::SYSTEM,
    woodpecker::SYSTEM,
    drone::SYSTEM,
    teamcity::SYSTEM,
    travis::SYSTEM,
    appveyor::SYSTEM,
    argo::SYSTEM,
];

/// What can be known about the place where the command runs. `None` outside of any known CI system and of any git
/// checkout with a commit.
///
/// [`Overrides`](overrides::Overrides) come on top of it.
pub(crate) fn detect(env: &Environment<'_>) -> Option<Context> {
    let head = env.git.head();
    let Some(system) = SYSTEMS.iter().find(|system| (system.is_here)(env)) else {
        return head.map(git::plain_checkout);
    };
    let mut context = system.mapping.read(system.name, env);
    context.key = (system.key)(env);
    (system.finish)(env, &mut context);
    if let Some(head) = head {
        git::complete(&mut context, head);
    }
    Some(context)
}

/// For systems whose mapping says everything.
fn nothing_to_add(_: &Environment<'_>, _: &mut Context) {}
