//! What runs in an environment was taken away: the environment is stopped, unless something else runs there.
//!
//! That, too, is a function of what was said, in whatever order it came: a removal ends what was deployed before it, and
//! nothing that was deployed after it.

use std::collections::BTreeMap;

use landfall_domain::{
    environment::{Environment, State},
    time::Timestamp,
};
use landfall_store::{Tx, deployments, environments, observations};

use super::{
    apply::{self, Remark, Scene},
    kept::{Known, Stored, ordered},
};
use crate::ops::{
    Refusal,
    environment::{self, By},
    stop_environment::stop,
};

/// Successes of an environment that are looked at, the newest: a service that none of them deployed counts as gone.
const MOST: i64 = 1000;

/// Takes in that something was removed.
pub(super) fn apply(tx: &mut Tx<'_>, scene: &Scene<'_>, said: &Stored) -> Result<Remark, Refusal> {
    let Some(hint) = &said.kept.environment else {
        return Ok(Some(
            "the report names no environment, so nothing is stopped".to_owned(),
        ));
    };
    if apply::keep(tx, scene, subject(&hint.name), (None, None), said)?.is_none() {
        return Ok(None);
    }
    let by = By {
        user: apply::user(tx, scene, said.kept.user.as_ref())?,
        now: scene.now,
        chain: None,
    };
    match environments::by_name(tx, scene.project.id, &hint.name)? {
        Some(mut environment) => stop_or_wake(tx, scene, &mut environment, by).map(|()| None),
        None => Ok(Some(format!("there is no environment {} yet", hint.name))),
    }
}

/// After a success: brings a stopped environment back, unless what was deployed has been taken away since.
pub(super) fn settle(tx: &mut Tx<'_>, scene: &Scene<'_>, environment: &mut Environment, by: By) -> Result<(), Refusal> {
    if observations::of_subject(tx, scene.project.id, &subject(&environment.name))?.is_empty() {
        return environment::wake(tx, environment, by);
    }
    stop_or_wake(tx, scene, environment, by)
}

/// What removals of an environment are kept under.
fn subject(environment: &str) -> String {
    format!("environment:{environment}")
}

fn stop_or_wake(tx: &mut Tx<'_>, scene: &Scene<'_>, environment: &mut Environment, by: By) -> Result<(), Refusal> {
    let removals = ordered(observations::of_subject(
        tx,
        scene.project.id,
        &subject(&environment.name),
    )?)?;
    let successes = deployments::services(tx, environment.id, MOST)?;
    if is_empty(&removals, successes) {
        return stop(tx, environment, true, by.user, by.now);
    }
    if environment.state == State::Available {
        Ok(())
    } else {
        environment::wake(tx, environment, by)
    }
}

/// Whether each service that was deployed was removed afterwards. `successes` are the newest first.
fn is_empty(removals: &[Known], successes: Vec<(Option<String>, Timestamp)>) -> bool {
    let mut newest = BTreeMap::new();
    for (service, finished_at) in successes {
        newest.entry(service).or_insert(finished_at);
    }
    newest.into_iter().all(|(service, finished_at)| {
        removals.iter().any(|removal| {
            let removed = &removal.said.kept.service;
            let is_meant = removed.is_none() || *removed == service;
            is_meant && removal.occurred_at() >= finished_at
        })
    })
}
