//! Importing: driving the clients of other instances, and handing what they bring to the ledger part by part.

pub(crate) mod github;
pub(crate) mod gitlab;
mod ledger;
mod progress;
mod summary;

use std::{env, error::Error, time::Duration};

use landfall_net::Reach;
use landfall_server::{imports::Broken, ops::import::Refused};
use serde_json::Value;
use tokio::{
    signal::unix::{SignalKind, signal},
    time,
};

pub(crate) use self::{ledger::Ledger, progress::Progress, summary::Summary};
use crate::{args::import::HowArgs, config::Config, failure::Failure, output::Format};

/// What a time of the origin's clock is read back by when changes are looked for: what is written there while somebody
/// reads may become visible late, and of a job something may change after its deployment has.
pub(crate) const OVERLAP: Duration = Duration::from_hours(1);

/// How one import is to be done.
#[derive(Clone, Debug)]
pub(crate) struct How {
    pub(crate) reach: Reach,
    pub(crate) since: Option<landfall_domain::time::Timestamp>,
    pub(crate) watch: Option<Duration>,
    pub(crate) dry_run: bool,
    pub(crate) format: Format,
}

impl How {
    pub(crate) fn of(args: &HowArgs, config: &Config) -> How {
        let told = args.allow_networks.clone();
        let networks = told.or_else(|| Some(config.allow_networks.clone()).filter(|listed| !listed.is_empty()));
        How {
            // Whoever can run this command could as well ask the server with another program.
            reach: networks.map_or(Reach::Anywhere, |and| Reach::Public { and }),
            since: args.since,
            watch: args.watch.then_some(args.interval.0),
            dry_run: args.dry_run,
            format: config.format,
        }
    }
}

/// The token in a variable.
pub(crate) fn token(variable: &str) -> Result<String, Failure> {
    let token = env::var(variable).ok().filter(|token| !token.trim().is_empty());
    token.map(|token| token.trim().to_owned()).ok_or_else(|| {
        Failure::usage(format!(
            "the environment variable {variable} holds no token; set it to one that may read the API there"
        ))
    })
}

/// Why copying a project ended early: an error of the client's, or a failure of ours.
pub(crate) enum Stop<E> {
    There(E),
    Here(Failure),
}

impl<E> From<Failure> for Stop<E> {
    fn from(failure: Failure) -> Stop<E> {
        Stop::Here(failure)
    }
}

/// An import of any kind.
pub(crate) trait Import {
    /// Reads what is new once, and notes in the summaries what became of it. After a failure they say what was done before.
    async fn pass(&mut self, summaries: &mut Vec<Summary>) -> Result<(), Failure>;

    /// Whether another try may go better.
    fn may_pass(&self) -> bool;
}

/// Runs an import once, or until a signal ends it, and prints what came of it.
pub(crate) async fn run(mut import: impl Import, how: &How) -> Result<(), Failure> {
    let cannot = |error| Failure::failed(format!("cannot listen for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut totals: Vec<Summary> = Vec::new();
    let ended = loop {
        let mut summaries = Vec::new();
        let pass = tokio::select! {
            passed = import.pass(&mut summaries) => Some(passed),
            _ = interrupt.recv() => None,
            _ = terminate.recv() => None,
        };
        summary::merge(&mut totals, summaries);
        match (pass, how.watch) {
            (Some(passed), None) => break passed,
            (None, None) => {
                break Err(Failure::failed("interrupted; the same command goes on from here"));
            }
            (None, Some(_)) => break Ok(()),
            (Some(Err(failure)), Some(_)) if import.may_pass() => {
                progress::line(&format!("{failure}; trying again"));
            }
            (Some(Err(failure)), Some(_)) => break Err(failure),
            (Some(Ok(())), Some(_)) => {}
        }
        let pause = time::sleep(how.watch.unwrap_or_default());
        tokio::select! {
            () = pause => {}
            _ = interrupt.recv() => break Ok(()),
            _ = terminate.recv() => break Ok(()),
        }
    };
    summary::print(&totals, how)?;
    ended?;
    match totals.iter().map(|summary| summary.outcome.refused.len()).sum() {
        0 => Ok(()),
        left => Err(Failure::failed(format!(
            "{left} records are left out, as the summary says; a later import with --since brings those that are put right"
        ))),
    }
}

/// What an error says, with what led to it.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// What is said about a record that makes no sense.
pub(crate) fn refused(kind: &str, value: &Value, why: &Broken) -> Refused {
    let name = ["id", "name"]
        .iter()
        .find_map(|key| value.get(key).filter(|value| !value.is_null()));
    let name = match name {
        Some(Value::String(name)) => name.clone(),
        Some(other) => other.to_string(),
        None => "without an id".to_owned(),
    };
    Refused {
        what: format!("{kind} {name}"),
        why: why.to_string(),
    }
}
