//! Putting an observation with what is known already, and bringing the records to where that leads. Everything here runs
//! in one write, and no two writes run at once, on however many nodes.

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, Source, Status},
    environment::{Environment, check_external_url},
    event::{Event, Kind},
    ids::{DeliveryId, DeploymentId, UserId},
    project::Project,
    time::Timestamp,
};
use landfall_store::{
    Tx,
    deployments::{self, NewDeployment},
    events, jobs,
    jobs::NewJob,
    observations::{self, NewObservation},
};
use serde_json::json;

use super::{
    episodes,
    fold::{Folded, fold},
    kept::{self, Known, Stored, ordered},
    removal,
};
use crate::{
    Urls,
    hooks_in::{About, EnvironmentHint, Key, RunKey, UserHint},
    ops::{
        Refusal, create_deployment,
        environment::{self, By},
        external_user, job,
        settle::{self, Settled},
    },
};

/// Observations of one deployment, or of one run, that are kept.
const MOST: usize = 1000;

/// What an observation comes into.
pub(crate) struct Scene<'a> {
    /// The project that it is about.
    pub(crate) project: &'a Project,
    /// Who deploys where the sender names nobody.
    pub(crate) user_id: Option<UserId>,
    /// The delivery that it came with; `None` if it did not come by a hook.
    pub(crate) delivery: Option<DeliveryId>,
    /// Maker of links.
    pub(crate) urls: &'a Urls,
    /// The time.
    pub(crate) now: Timestamp,
    /// When what changes is to have been changed, if not now.
    pub(crate) updated_at: Option<Timestamp>,
}

/// Why nothing was recorded, or not everything, though nothing is wrong.
pub(crate) type Remark = Option<String>;

/// Takes an observation in. The same one again changes nothing.
pub(crate) fn apply(tx: &mut Tx<'_>, scene: &Scene<'_>, about: &About, said: &Stored) -> Result<Remark, Refusal> {
    match about {
        About::Deployment { key, run, .. } => deployment(tx, scene, key, run.as_ref(), said),
        About::Run(run) => {
            let subject = run.external_id();
            if keep(tx, scene, subject.clone(), (None, None), said)?.is_none() {
                return Ok(None);
            }
            let mut remark = None;
            for of in observations::subjects_of_run(tx, scene.project.id, &subject)? {
                let own = ordered(observations::of_subject(tx, scene.project.id, &of)?)?;
                remark = settle(tx, scene, &of, &own, &[])?.or(remark);
            }
            Ok(remark)
        }
        About::Environment => removal::apply(tx, scene, said),
    }
}

fn deployment(
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    key: &Key,
    run: Option<&RunKey>,
    said: &Stored,
) -> Result<Remark, Refusal> {
    let (subject, run) = (key.external_id(), run.map(RunKey::external_id));
    let object = key.object().filter(|_| key.recurs());
    let Some(arrived) = keep(tx, scene, subject.clone(), (object.clone(), run), said)? else {
        return Ok(None);
    };
    if let Some(object) = object {
        return episodes::settle_object(tx, scene, &object, arrived);
    }
    let own = ordered(observations::of_subject(tx, scene.project.id, &subject)?)?;
    settle(tx, scene, &subject, &own, &[arrived])
}

/// Keeps an observation and answers its number; `None` if it is there already.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    subject: String,
    (object, run): (Option<String>, Option<String>),
    said: &Stored,
) -> Result<Option<i64>, Refusal> {
    let recurs = object.is_some();
    if !recurs && observations::of_subject(tx, scene.project.id, &subject)?.len() >= MOST {
        let text = format!("has too many reports: at most {MOST} are kept of one deployment or run");
        return Err(Refusal::field("external_id", text));
    }
    let new = NewObservation {
        project_id: scene.project.id,
        subject,
        object,
        run,
        digest: said.kept.digest()?,
        data: kept::json(said)?,
        received_at: scene.now,
    };
    Ok(observations::insert(tx, &new)?)
}

/// Makes the deployment that the observations are about, or brings it to where they lead. Those whose numbers are in
/// `arrived` are news to be noted.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    external_id: &str,
    own: &[Known],
    arrived: &[i64],
) -> Result<Remark, Refusal> {
    let project = scene.project.id;
    let run = own.iter().rev().find_map(|known| known.run.as_deref());
    let of_run = match run {
        Some(run) => ordered(observations::of_subject(tx, project, run)?)?,
        None => Vec::new(),
    };
    let folded = fold(own, &of_run);
    let Some(hint) = &folded.environment else {
        return Ok(Some(format!(
            "no report of {external_id} names an environment, so nothing is recorded yet"
        )));
    };
    if folded.standing.is_none() {
        return Ok(Some(format!(
            "no report of {external_id} tells its status, so nothing is recorded yet"
        )));
    }
    let user_id = user(tx, scene, folded.user.as_ref())?;
    let by = By {
        user: user_id,
        now: scene.now,
        chain: None,
    };
    let (environment, remark) = find_environment(tx, scene, hint, by)?;
    let record = Record {
        scene,
        external_id,
        environment,
        by,
    };
    match found(tx, scene, external_id, own)? {
        None => record.create(tx, folded, own)?,
        Some(found) => record.update(tx, folded, &found, own, arrived)?,
    }
    Ok(remark)
}

/// The record that has been made of them, or that an import has brought under the same key.
fn found(
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    external_id: &str,
    own: &[Known],
) -> Result<Option<DeploymentDetails>, Refusal> {
    match own.iter().find_map(|known| known.deployment_id) {
        Some(id) => Ok(deployments::get(tx, scene.project.id, id)?),
        None => by_key(tx, scene, external_id),
    }
}

/// The record under a key, whether a hook or an import has made it.
pub(super) fn by_key(
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    external_id: &str,
) -> Result<Option<DeploymentDetails>, Refusal> {
    for source in [Source::Hook, Source::Import] {
        if let Some(found) = deployments::by_external_id(tx, scene.project.id, source, external_id)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The user who is told, else the one whom the source names.
pub(super) fn user(tx: &mut Tx<'_>, scene: &Scene<'_>, told: Option<&UserHint>) -> Result<Option<UserId>, Refusal> {
    let found = match told {
        Some(hint) => external_user::find_or_make(tx, &hint.into(), scene.now)?,
        None => None,
    };
    Ok(found.map(|found| found.id).or(scene.user_id))
}

/// The environment, made or completed with what the sender tells. An address that it cannot have is left out.
fn find_environment(
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    hint: &EnvironmentHint,
    by: By,
) -> Result<(Environment, Remark), Refusal> {
    let told = hint.external_url.clone().filter(|url| !url.is_empty());
    let (url, remark) = match told.as_deref().map(check_external_url) {
        Some(Err(error)) => (None, Some(format!("left out: external_url {error}"))),
        _ => (told, None),
    };
    let mut environment = environment::find_or_create(tx, scene.project.id, &hint.name, url.as_deref(), by)?;
    environment::complete(tx, &mut environment, hint.tier, url, by)?;
    Ok((environment, remark))
}

/// A record on its way to where its reports lead.
struct Record<'a> {
    scene: &'a Scene<'a>,
    external_id: &'a str,
    environment: Environment,
    by: By,
}

impl Record<'_> {
    fn create(mut self, tx: &mut Tx<'_>, folded: Folded, own: &[Known]) -> Result<(), Refusal> {
        let project = self.scene.project.id;
        let job_id = match self.job(tx, &folded)? {
            Some(new) => Some(jobs::insert(tx, project, &new)?),
            None => None,
        };
        let Some(standing) = folded.standing else {
            return Ok(());
        };
        let new = NewDeployment {
            project_id: project,
            environment_id: self.environment.id,
            user_id: self.by.user,
            job_id,
            git_ref: standing.git_ref,
            tag: standing.tag,
            sha: standing.sha,
            commit: folded.commit,
            status: standing.status,
            source: Source::Hook,
            external_id: Some(self.external_id.to_owned()),
            facts: folded.facts,
            owned_by_gitlab: folded.owned_by_gitlab,
            created_at: standing.created_at,
            updated_at: self.scene.now,
            finished_at: standing.finished_at,
        };
        let (id, _) = deployments::insert(tx, &new)?;
        let created = deployments::get(tx, project, id)?.ok_or(Refusal::NotFound)?;
        create_deployment::append(tx, &created, self.by)?;
        for known in own {
            self.note(tx, &created.deployment, known, own)?;
        }
        claim(tx, own, id)?;
        if standing.status == Status::Success {
            removal::settle(tx, self.scene, &mut self.environment, self.by)?;
        }
        Ok(())
    }

    fn update(
        mut self,
        tx: &mut Tx<'_>,
        folded: Folded,
        found: &DeploymentDetails,
        own: &[Known],
        arrived: &[i64],
    ) -> Result<(), Refusal> {
        for known in own.iter().filter(|known| arrived.contains(&known.id)) {
            self.note(tx, &found.deployment, known, own)?;
        }
        claim(tx, own, found.deployment.id)?;
        if found.deployment.origin.is_some() {
            return self.advance(tx, folded, found, own);
        }
        let job = self.job(tx, &folded)?;
        let Some(standing) = folded.standing else {
            return Ok(());
        };
        let after = Deployment {
            environment_id: self.environment.id,
            user_id: self.by.user,
            git_ref: standing.git_ref,
            tag: standing.tag,
            sha: standing.sha,
            commit: folded.commit,
            status: standing.status,
            external_id: Some(self.external_id.to_owned()),
            facts: folded.facts,
            owned_by_gitlab: folded.owned_by_gitlab,
            created_at: standing.created_at,
            finished_at: standing.finished_at,
            ..found.deployment.clone()
        };
        let updated_at = self.scene.updated_at.unwrap_or(self.scene.now);
        if settle::rewrite(tx, found, after, job, updated_at, self.by)? == Settled::Success {
            removal::settle(tx, self.scene, &mut self.environment, self.by)?;
        }
        Ok(())
    }

    /// An imported record is what its instance says of it, and more than hooks tell. A hook only brings on what has happened
    /// there since; the next import reads the rest.
    fn advance(
        mut self,
        tx: &mut Tx<'_>,
        folded: Folded,
        found: &DeploymentDetails,
        own: &[Known],
    ) -> Result<(), Refusal> {
        let before = &found.deployment;
        let telling = own.iter().filter(|known| known.said.kept.status.is_some());
        let newest = telling.map(Known::occurred_at).max();
        let (Some(standing), Some(newest)) = (folded.standing, newest.filter(|at| *at > before.updated_at)) else {
            return Ok(());
        };
        let after = Deployment {
            status: standing.status,
            finished_at: standing.finished_at.or(before.finished_at),
            facts: folded.facts.over(&before.facts),
            ..before.clone()
        };
        let job = folded.job.map(|given| given.complete(found.job.as_ref(), None, None));
        if settle::rewrite(tx, found, after, job, newest, self.by)? == Settled::Success {
            removal::settle(tx, self.scene, &mut self.environment, self.by)?;
        }
        Ok(())
    }

    /// The job, completed from what is known here of its commit and its user.
    fn job(&self, tx: &mut Tx<'_>, folded: &Folded) -> Result<Option<NewJob>, Refusal> {
        let Some(given) = &folded.job else { return Ok(None) };
        let user = job::user_of(tx, given, self.scene.urls)?;
        Ok(Some(given.complete(None, folded.known_commit.as_ref(), user.as_ref())))
    }

    /// Notes that a report came.
    fn note(&self, tx: &mut Tx<'_>, about: &Deployment, known: &Known, own: &[Known]) -> Result<(), Refusal> {
        let kept = &known.said.kept;
        let data = json!({
            "external_id": self.external_id,
            "delivery_id": self.scene.delivery.map(|id| id.0),
            "sequence": kept.sequence,
            "occurred_at": kept.occurred_at,
            "status": kept.status,
            "environment": kept.environment.as_ref().map(|hint| hint.name.as_str()),
            "service": kept.service,
            "ref": kept.git_ref,
            "tag": kept.tag,
            "sha": kept.sha,
            "description": kept.description,
            "notes": kept.notes,
            "commit": known.said.commit,
            "received_at": crate::ops::reports::Exact(known.received_at),
            "applied": own.last().is_some_and(|newest| newest.id == known.id),
        });
        let event = Event {
            kind: Kind::DeploymentReported,
            project_id: Some(about.project_id),
            deployment_id: Some(about.id),
            environment_id: Some(self.environment.id),
            actor_id: self.by.user,
            data: data.to_string(),
            at: self.scene.now,
        };
        Ok(events::append(tx, &event)?)
    }
}

/// Notes that the observations are part of this deployment.
fn claim(tx: &mut Tx<'_>, own: &[Known], id: DeploymentId) -> Result<(), Refusal> {
    for known in own.iter().filter(|known| known.deployment_id != Some(id)) {
        observations::set_deployment(tx, known.id, id)?;
    }
    Ok(())
}
