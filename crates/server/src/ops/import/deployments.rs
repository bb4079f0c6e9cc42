//! Deployments of other instances.

use std::collections::HashMap;

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, Facts, Source},
    event::{Event, Kind},
    ids::{DeploymentId, EnvironmentId, Iid, OriginId, ProjectId, UserId},
    job::{Job, Snapshot},
    origin::DeploymentOrigin,
    time::Timestamp,
};
use landfall_store::{
    Tx,
    deployments::{self, NewDeployment},
    events,
    jobs::{self, NewJob},
    origins,
};
use serde_json::{Map, Value, json};

use super::{ImportDeployments, Outcome, Refused, environments};
use crate::{
    imports::Record,
    ops::{
        Refusal,
        create_deployment::LONGEST_REF,
        external_user::{self, ExternalUser},
        reports,
    },
};

/// The most characters of a key and of a sha.
const LONGEST_KEY: usize = 255;

/// Writes deployments and how far the import has come with them. A record that cannot be kept is told in the outcome; the
/// others are kept all the same.
pub fn import_deployments(tx: &mut Tx<'_>, wanted: &ImportDeployments) -> Result<Outcome, Refusal> {
    let mut part = Part {
        project_id: wanted.project_id,
        origin_id: wanted.origin_id,
        now: wanted.now,
        people: HashMap::new(),
        outcome: Outcome::default(),
    };
    for record in wanted.records.iter() {
        match part.import(tx, record) {
            Ok(()) => {}
            Err(Refusal::Store(error)) => return Err(error.into()),
            Err(refusal) => {
                part.outcome.refused.insert(Refused {
                    what: format!("deployment {}", record.id),
                    why: refusal.to_string(),
                });
            }
        }
    }
    origins::advance(tx, wanted.origin_id, &wanted.progress)?;
    Ok(part.outcome)
}

/// A part of an import while it is written.
struct Part {
    project_id: ProjectId,
    origin_id: OriginId,
    now: Timestamp,
    /// The users that it has met, by login name and public address.
    people: HashMap<(Option<String>, Option<String>), Option<UserId>>,
    outcome: Outcome,
}

/// Who and where a record belongs to here.
#[derive(Clone, Copy)]
struct Belongs {
    environment_id: EnvironmentId,
    user_id: Option<UserId>,
}

impl Part {
    fn import(&mut self, tx: &mut Tx<'_>, record: &Record) -> Result<(), Refusal> {
        check(record)?;
        let (now, outcome) = (self.now, &mut self.outcome);
        let environment = environments::find_or_create(tx, &record.environment, self.project_id, now, outcome)?;
        environments::refresh(tx, &environment, &record.environment, now, outcome)?;
        let belongs = Belongs {
            environment_id: environment.id,
            user_id: match &record.user {
                Some(told) => self.user(tx, told)?,
                None => None,
            },
        };
        match self.find(tx, record)? {
            Some(found) => self.update(tx, record, found, belongs),
            None => self.create(tx, record, belongs),
        }
    }

    /// The user here who is meant, found or made once for each.
    fn user(&mut self, tx: &mut Tx<'_>, told: &ExternalUser) -> Result<Option<UserId>, Refusal> {
        let key = (told.username.clone(), told.public_email.clone());
        if let Some(known) = self.people.get(&key) {
            return Ok(*known);
        }
        let found = external_user::find_or_make(tx, told, self.now)?;
        let id = found.as_ref().map(|found| found.id);
        self.outcome.users_created.extend(found.and_then(|found| found.made));
        self.people.insert(key, id);
        Ok(id)
    }

    /// The deployment here that the record is about: the one that was imported under its id, else the one that a hook or
    /// report has made under one of its keys.
    fn find(&self, tx: &mut Tx<'_>, record: &Record) -> Result<Option<DeploymentDetails>, Refusal> {
        if let Some(found) = deployments::by_origin(tx, self.origin_id, record.id)? {
            return Ok(Some(found));
        }
        for key in &record.keys {
            for source in [record.source, Source::Hook] {
                let found = deployments::by_external_id(tx, self.project_id, source, key)?;
                if let Some(found) = found.filter(|found| found.deployment.origin.is_none()) {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    fn create(&mut self, tx: &mut Tx<'_>, record: &Record, belongs: Belongs) -> Result<(), Refusal> {
        let job_id = match &record.job {
            Some(given) => Some(jobs::insert(tx, self.project_id, &given.complete(None, None, None))?),
            None => None,
        };
        let new = NewDeployment {
            project_id: self.project_id,
            environment_id: belongs.environment_id,
            user_id: belongs.user_id,
            job_id,
            git_ref: record.git_ref.clone(),
            tag: record.tag,
            sha: record.sha.clone(),
            commit: record.commit.clone(),
            status: record.status,
            source: record.source,
            external_id: self.free_key(tx, record)?,
            facts: record.facts.clone().unwrap_or_default(),
            owned_by_gitlab: record.owned_by_gitlab,
            created_at: record.created_at,
            updated_at: record.updated_at,
            finished_at: record.finished_at,
        };
        let theirs = record.iid.filter(|iid| (1..=i64::from(i32::MAX)).contains(iid));
        let (id, iid) = deployments::insert_imported(tx, &new, theirs.map(Iid), &self.origin(record))?;
        if let Some(theirs) = record.iid.filter(|theirs| *theirs != iid.0) {
            self.outcome.renumbered.push((theirs, iid.0));
        }
        self.outcome.created += 1;
        self.append_report(tx, record, id, belongs, new.external_id.as_deref())?;
        let data = json!({
            "iid": iid.0,
            "environment": record.environment.name,
            "status": record.status.as_str(),
            "sha": record.sha,
            "ref": record.git_ref,
            "source": "import",
        });
        self.append(tx, Kind::DeploymentCreated, id, belongs, &data)
    }

    /// The first of the record's keys that no deployment has.
    fn free_key(&self, tx: &mut Tx<'_>, record: &Record) -> Result<Option<String>, Refusal> {
        for key in &record.keys {
            if deployments::by_external_id(tx, self.project_id, record.source, key)?.is_none() {
                return Ok(Some(key.clone()));
            }
        }
        Ok(None)
    }

    /// The key that it has, unless it has another one by now where it comes from.
    fn key(&self, tx: &mut Tx<'_>, record: &Record, before: &Deployment) -> Result<Option<String>, Refusal> {
        let known = before.external_id.clone();
        if known.as_ref().is_some_and(|key| record.keys.contains(key)) {
            return Ok(known);
        }
        Ok(self.free_key(tx, record)?.or(known))
    }

    fn update(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Record,
        found: DeploymentDetails,
        belongs: Belongs,
    ) -> Result<(), Refusal> {
        let before = found.deployment;
        if is_reported(record.source) && reports::any_of_here(tx, before.id)? {
            return self.leave(tx, record, &before);
        }
        let mut after = Deployment {
            environment_id: belongs.environment_id,
            user_id: belongs.user_id,
            git_ref: record.git_ref.clone(),
            tag: record.tag,
            sha: record.sha.clone(),
            commit: record.commit.clone(),
            status: record.status,
            external_id: self.key(tx, record, &before)?,
            facts: record.facts.clone().unwrap_or_else(|| before.facts.clone()),
            owned_by_gitlab: record.owned_by_gitlab,
            created_at: record.created_at,
            updated_at: record.updated_at,
            finished_at: record.finished_at,
            origin: Some(self.origin(record)),
            ..before.clone()
        };
        let known = found.job.as_ref().filter(|_| record.is_job_partial);
        let new_job = record.job.as_ref().and_then(|given| {
            let told = match known {
                Some(known) => given.without_name().complete(Some(known), None, None),
                None => given.complete(None, None, None),
            };
            changed(found.job.as_ref(), told)
        });
        if after == before && new_job.is_none() {
            self.outcome.unchanged += 1;
            return Ok(());
        }
        if let Some(new) = new_job {
            after.job_id = Some(jobs::insert(tx, self.project_id, &new)?);
        }
        deployments::rewrite(tx, &after)?;
        if let Some(old) = before.job_id.filter(|old| after.job_id != Some(*old)) {
            jobs::delete(tx, old)?;
        }
        self.outcome.updated += 1;
        self.append_report(tx, record, after.id, belongs, after.external_id.as_deref())?;
        let data = json!({ "from": before.status.as_str(), "status": after.status.as_str(), "source": "import" });
        self.append(tx, Kind::DeploymentUpdated, after.id, belongs, &data)
    }

    fn origin(&self, record: &Record) -> DeploymentOrigin {
        DeploymentOrigin {
            origin_id: self.origin_id,
            id: record.id,
            url: record.url.clone(),
        }
    }

    /// A deployment whose sender reports to this instance by now: only where it comes from is noted.
    fn leave(&mut self, tx: &mut Tx<'_>, record: &Record, before: &Deployment) -> Result<(), Refusal> {
        let after = Deployment {
            origin: Some(self.origin(record)),
            ..before.clone()
        };
        if after != *before {
            deployments::rewrite(tx, &after)?;
        }
        self.outcome.unchanged += 1;
        Ok(())
    }

    /// A deployment with a key of its sender's is what its reports say: what was imported is one of them, so that later
    /// ones to this instance go on from there.
    fn append_report(
        &self,
        tx: &mut Tx<'_>,
        record: &Record,
        id: DeploymentId,
        belongs: Belongs,
        key: Option<&str>,
    ) -> Result<(), Refusal> {
        let Some(key) = key.filter(|_| is_reported(record.source)) else {
            return Ok(());
        };
        let event = Event {
            actor_id: belongs.user_id,
            data: reports::imported(record, key, self.now)?,
            ..self.event(Kind::DeploymentReported, id, belongs)
        };
        Ok(events::append(tx, &event)?)
    }

    fn append(
        &self,
        tx: &mut Tx<'_>,
        kind: Kind,
        id: DeploymentId,
        belongs: Belongs,
        data: &Value,
    ) -> Result<(), Refusal> {
        let event = Event {
            data: data.to_string(),
            ..self.event(kind, id, belongs)
        };
        Ok(events::append(tx, &event)?)
    }

    fn event(&self, kind: Kind, id: DeploymentId, belongs: Belongs) -> Event {
        Event {
            kind,
            project_id: Some(self.project_id),
            deployment_id: Some(id),
            environment_id: Some(belongs.environment_id),
            actor_id: None,
            data: String::new(),
            at: self.now,
        }
    }
}

/// Whether a key of this source is a sender's own, under which it reports through the API.
fn is_reported(source: Source) -> bool {
    matches!(source, Source::Api | Source::Cli)
}

/// Refuses what the ledger cannot hold.
fn check(record: &Record) -> Result<(), Refusal> {
    if record.git_ref.len() > LONGEST_REF {
        return Err(Refusal::field("ref", format!("is longer than {LONGEST_REF} bytes")));
    }
    let service = record.facts.as_ref().and_then(|facts| facts.service.as_ref());
    if service.is_some_and(|service| service.chars().count() > Facts::LONGEST_SERVICE) {
        return Err(Refusal::field(
            "service",
            format!("is too long (maximum is {} characters)", Facts::LONGEST_SERVICE),
        ));
    }
    let longest = record
        .keys
        .iter()
        .map(|key| ("its key", key))
        .chain([("sha", &record.sha)]);
    for (field, text) in longest {
        if text.chars().count() > LONGEST_KEY {
            return Err(Refusal::field(
                field,
                format!("is too long (maximum is {LONGEST_KEY} characters)"),
            ));
        }
    }
    Ok(())
}

/// The job that takes the place of the recorded one, unless they say the same.
fn changed(recorded: Option<&Job>, mut told: NewJob) -> Option<NewJob> {
    let Some(recorded) = recorded else { return Some(told) };
    told.job.id = told.id.unwrap_or(recorded.id);
    (*recorded != told.job && lasting(recorded) != lasting(&told.job)).then_some(told)
}

/// A job without what a GitLab tells of the moment of the request: the hour at its user's place, whether its runner is
/// online. A record does not change when these do.
fn lasting(job: &Job) -> Job {
    let mut job = job.clone();
    job.user = job
        .user
        .map(|user| without(&user, &["local_time", "is_followed", "followers", "following"]));
    job.runner_manager = None;
    if let Some(runner) = &mut job.runner {
        runner.online = None;
        runner.status = None;
        runner.job_execution_status = None;
        runner.ip_address = None;
    }
    job
}

fn without(snapshot: &Snapshot, keys: &[&str]) -> Snapshot {
    let Ok(mut members) = serde_json::from_str::<Map<String, Value>>(&snapshot.0) else {
        return snapshot.clone();
    };
    members.retain(|key, _| !keys.contains(&key.as_str()));
    Snapshot(Value::Object(members).to_string())
}
