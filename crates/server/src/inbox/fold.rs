//! What the set of a deployment's observations says: each field as the newest of them that tells it.

use landfall_domain::{
    deployment::{Facts, Note, Status},
    git_name,
    report::{Report, Standing, standing},
    time::Timestamp,
};
use serde_json::{Map, Value};

use super::kept::{Kept, Known};
use crate::{
    api::convert::{self, Converted},
    hooks_in::{EnvironmentHint, UserHint},
    ops::{
        job::{GivenJob, KnownCommit},
        reports::Exact,
    },
};

/// What is known of a deployment.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// Where it goes; nothing can be recorded without.
    pub(crate) environment: Option<EnvironmentHint>,
    /// Where it stands, with sha and ref, which are empty where nobody told them; nothing can be recorded without.
    pub(crate) standing: Option<Standing>,
    /// The object id behind the sha, if the project's repository knows it.
    pub(crate) commit: Option<String>,
    /// Who deploys.
    pub(crate) user: Option<UserHint>,
    /// The job that deploys.
    pub(crate) job: Option<GivenJob>,
    /// What the repository knows of the job's commit.
    pub(crate) known_commit: Option<KnownCommit>,
    /// What there is beyond that.
    pub(crate) facts: Facts,
    /// Whether a GitLab runs the job.
    pub(crate) owned_by_gitlab: bool,
}

/// Reads the observations of a deployment, and those of its run, which complete its job. Both are in their order.
pub(crate) fn fold(own: &[Known], run: &[Known]) -> Folded {
    let newest_first = || own.iter().rev().map(|known| &known.said.kept);
    let sha = chosen_sha(own);
    let job = job(own, run);
    Folded {
        environment: environment(own),
        standing: stands(own, sha, job.as_ref()),
        commit: sha.and_then(|chosen| commit_of(own, chosen)),
        user: user(own),
        known_commit: own.iter().rev().find_map(|known| known.said.known_commit.clone()),
        facts: Facts {
            service: newest_first().find_map(|kept| kept.service.clone()),
            description: newest_first().find_map(|kept| kept.description.clone()),
            notes: notes(own, sha),
            artifacts: newest_first()
                .map(|kept| kept.artifacts.clone())
                .find(|artifacts| !artifacts.is_empty())
                .unwrap_or_default(),
        },
        owned_by_gitlab: own.iter().any(|known| known.said.kept.of_gitlab_job),
        job: job.and_then(|keys| GivenJob::read("deployable", &keys, true).ok()),
    }
}

/// The report whose sha counts: the newest that tells a complete one, else the newest that tells any.
fn chosen_sha(own: &[Known]) -> Option<&Known> {
    let telling = || own.iter().rev().filter(|known| known.said.kept.sha.is_some());
    let is_complete = |known: &&Known| known.said.kept.sha.as_deref().is_some_and(git_name::is_object_id);
    telling().find(is_complete).or_else(|| telling().next())
}

/// What the repository knew of that sha, whichever report it came with.
fn commit_of(own: &[Known], chosen: &Known) -> Option<String> {
    let mut same = own.iter().filter(|known| known.said.kept.sha == chosen.said.kept.sha);
    same.find_map(|known| known.said.commit.clone())
}

fn stands(own: &[Known], sha: Option<&Known>, job: Option<&Map<String, Value>>) -> Option<Standing> {
    let newest_first = || own.iter().rev().map(|known| &known.said.kept);
    let sha = sha.and_then(|known| known.said.kept.sha.clone()).unwrap_or_default();
    let git_ref = newest_first().find_map(|kept| kept.git_ref.clone()).unwrap_or_default();
    let tag = newest_first().find_map(|kept| kept.tag).unwrap_or_default();
    let reports: Vec<Report> = own
        .iter()
        .zip(0..)
        .filter_map(|(known, rank)| {
            let kept = &known.said.kept;
            Some(Report {
                // Their order is known here; the rank makes it the order of the reports, too.
                sequence: Some(rank),
                occurred_at: known.occurred_at(),
                created_at: kept.created_at.map(|Exact(time)| time),
                finished_at: kept.finished_at.map(|Exact(time)| time),
                status: kept.status?,
                git_ref: git_ref.clone(),
                tag,
                sha: sha.clone(),
                rest: String::new(),
            })
        })
        .collect();
    let told = newest_first().any(|kept| kept.created_at.is_some());
    let mut standing = standing(&reports)?;
    if !told {
        // Also what says nothing of the status tells that the deployment was there.
        let heard = own.iter().map(Known::occurred_at);
        let made = job.and_then(made_at);
        let earliest = heard.chain(made).min().unwrap_or(standing.created_at);
        standing.created_at = standing.created_at.min(earliest);
    }
    Some(standing)
}

fn made_at(job: &Map<String, Value>) -> Option<Timestamp> {
    match convert::to_time(job.get("created_at")?) {
        Converted::Is(time) => Some(time),
        Converted::Nothing | Converted::Invalid => None,
    }
}

/// The name that is told last, with what is told of an environment of that name.
fn environment(own: &[Known]) -> Option<EnvironmentHint> {
    let told = || {
        own.iter()
            .rev()
            .filter_map(|known| known.said.kept.environment.as_ref())
    };
    let name = &told().next()?.name;
    let of_that_name = || told().filter(|hint| hint.name == *name);
    Some(EnvironmentHint {
        name: name.clone(),
        tier: of_that_name().find_map(|hint| hint.tier),
        external_url: of_that_name().find_map(|hint| hint.external_url.clone()),
    })
}

/// Who is told last, with what is told elsewhere of the same user.
fn user(own: &[Known]) -> Option<UserHint> {
    let told = || own.iter().rev().filter_map(|known| known.said.kept.user.as_ref());
    let newest = told().next()?;
    let same = || told().filter(|other| other.username == newest.username && other.username.is_some());
    let fill = |field: fn(&UserHint) -> &Option<String>| {
        let told = field(newest)
            .as_ref()
            .or_else(|| same().find_map(|other| field(other).as_ref()));
        told.cloned()
    };
    Some(UserHint {
        username: newest.username.clone(),
        name: fill(|user| &user.name),
        email: fill(|user| &user.email),
        avatar_url: fill(|user| &user.avatar_url),
        web_url: fill(|user| &user.web_url),
        external_id: fill(|user| &user.external_id),
        bot: newest.bot,
    })
}

/// Whether it brought an earlier version back, and that it was superseded, stays true; how it runs is told by the newest
/// report of a status, and what its sha is of by the report that the sha is from.
fn notes(own: &[Known], sha: Option<&Known>) -> Vec<Note> {
    let has = |kept: &Kept, note| kept.notes.contains(&note);
    let newest = own.iter().rev().find(|known| known.said.kept.status.is_some());
    let is_noted = |note| match note {
        Note::Rollback | Note::Superseded => own.iter().any(|known| has(&known.said.kept, note)),
        Note::Degraded => newest.is_some_and(|known| has(&known.said.kept, note)),
        Note::ManifestRevision => sha.is_some_and(|known| has(&known.said.kept, note)),
        // That is about what runs in the environment, and never about one deployment.
        Note::Removed => false,
    };
    Note::ALL.iter().copied().filter(|note| is_noted(*note)).collect()
}

/// The keys of the job that they tell of together.
pub(crate) fn job_keys(own: &[Known]) -> Map<String, Value> {
    job(own, &[]).unwrap_or_default()
}

/// The keys of the job: those of the run, and over them its own, later ones over earlier ones. A run alone is no job.
fn job(own: &[Known], run: &[Known]) -> Option<Map<String, Value>> {
    own.iter().find(|known| known.said.kept.deployable.is_some())?;
    let mut keys = Map::new();
    for known in run.iter().chain(own) {
        if let Some(told) = &known.said.kept.deployable {
            put_over(&mut keys, told);
        }
    }
    Some(keys)
}

fn put_over(keys: &mut Map<String, Value>, told: &Map<String, Value>) {
    for (key, value) in told {
        match (keys.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(told)) => put_over(known, told),
            (Some(known), value) => *known = value.clone(),
            (None, value) => {
                keys.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Whether two reports, one directly after the other, say the same status of the same deployment: then the second is no
/// news.
pub(crate) fn is_repeat(before: Option<Status>, status: Option<Status>) -> bool {
    status.is_some() && before == status
}
