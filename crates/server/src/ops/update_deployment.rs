//! Changing a deployment (reference 6.4, 8.1 to 8.3).

use std::sync::Arc;

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, GivenTimes, Source, Status},
    event::{Event, Kind},
    ids::{DeploymentId, UserId},
    project::Project,
    time::Timestamp,
};
use landfall_git::{Commit, CommitId};
use landfall_store::{Together, Tx, deployments, events, jobs};
use serde_json::json;

use self::many::{change_all, plain};
use super::{
    Refusal,
    announce::announce,
    create_deployment::times_of,
    environment::{self, By, Chain},
    job::{self, GivenJob, KnownCommit},
    reports::{self, Exact, Reported, Reports, Told},
};
use crate::{App, Urls, inbox};

mod many;

/// What is to be changed. The caller's rights have been checked.
#[derive(Clone, Debug)]
pub struct UpdateDeployment {
    /// Where.
    pub project: Arc<Project>,
    /// Which.
    pub id: DeploymentId,
    /// By whom.
    pub user_id: UserId,
    /// The new status.
    pub status: Status,
    /// When it happened, if not now.
    pub times: GivenTimes,
    /// What is now known of the job.
    pub job: Option<GivenJob>,
    /// The time.
    pub now: Timestamp,
    /// The chain of webhooks that led here, if one did.
    pub event_chain: Option<Chain>,
}

impl UpdateDeployment {
    fn by(&self) -> By {
        By {
            user: Some(self.user_id),
            now: self.now,
            chain: self.event_chain,
        }
    }
}

/// Changes it. The status it has already is refused, as GitLab does it, unless the request completes the job or the
/// times of the record: then it names the status only because it must.
pub async fn update_deployment(app: &App, wanted: UpdateDeployment) -> Result<DeploymentDetails, Refusal> {
    let commit = match &wanted.job {
        Some(given) => {
            let deployed = deployed_commit(app, &wanted).await?;
            job::commit_of(app, &wanted.project, given, deployed).await?
        }
        None => None,
    };
    let urls = app.urls.clone();
    app.store.write_together(Update { wanted, commit, urls }).await
}

/// An update that has been checked as far as that can be done outside of a transaction.
struct Update {
    wanted: UpdateDeployment,
    commit: Option<KnownCommit>,
    urls: Urls,
}

impl Together for Update {
    type Made = DeploymentDetails;
    type Error = Refusal;

    fn write(tx: &mut Tx<'_>, all: &[&Update]) -> Result<Vec<DeploymentDetails>, Refusal> {
        if all.len() > 1
            && let Some(found) = plain(tx, all)?
        {
            return change_all(tx, all, found);
        }
        let change_one = |update: &&Update| change(tx, &update.wanted, update.commit.as_ref(), &update.urls);
        all.iter().map(change_one).collect()
    }
}

/// The commit that the deployment was recorded with.
async fn deployed_commit(app: &App, wanted: &UpdateDeployment) -> Result<Option<Commit>, Refusal> {
    if wanted.project.repository.is_none() {
        return Ok(None);
    }
    let (project, id) = (wanted.project.id, wanted.id);
    let known: Option<DeploymentDetails> = app
        .store
        .read(move |conn| deployments::get(conn, project, id).map_err(Refusal::from))
        .await?;
    let Some(id) = known.and_then(|known| CommitId::parse(known.deployment.commit.as_deref()?)) else {
        return Ok(None);
    };
    app.mirrors.commit(&app.git, &wanted.project, id).await
}

fn change(
    tx: &mut Tx<'_>,
    wanted: &UpdateDeployment,
    commit: Option<&KnownCommit>,
    urls: &Urls,
) -> Result<DeploymentDetails, Refusal> {
    let found = deployments::get(tx, wanted.project.id, wanted.id)?.ok_or(Refusal::NotFound)?;
    let before = found.deployment.status;
    let moves = check(wanted, &found.deployment)?;
    let user = match &wanted.job {
        Some(given) => job::user_of(tx, given, urls)?,
        None => None,
    };
    if found.deployment.source == Source::Hook {
        set_times(&mut found.deployment.clone(), wanted, moves)?;
        inbox::update::update(tx, wanted, &found, commit, moves, urls)?;
        return deployments::get(tx, wanted.project.id, wanted.id)?.ok_or(Refusal::NotFound);
    }
    if let Some(external_id) = found.deployment.external_id.clone() {
        let known = (commit.cloned(), user);
        as_report(tx, wanted, found, external_id, known, moves)?;
        return deployments::get(tx, wanted.project.id, wanted.id)?.ok_or(Refusal::NotFound);
    }
    let mut details = found;
    let deployment = &mut details.deployment;
    deployment.status = wanted.status;
    set_times(deployment, wanted, moves)?;
    let old_job = deployment.job_id;
    if let Some(given) = &wanted.job {
        let new = given.complete(details.job.as_ref(), commit, user.as_ref());
        let id = jobs::insert(tx, wanted.project.id, &new)?;
        deployment.job_id = Some(id);
        details.job = Some(jobs::recorded(new, id));
    }
    deployments::update(tx, deployment)?;
    if let Some(old) = old_job.filter(|old| deployment.job_id != Some(*old)) {
        jobs::delete(tx, old)?;
    }
    let by = wanted.by();
    if moves && wanted.status == Status::Success {
        environment::wake(tx, &mut details.environment, by)?;
    }
    append(tx, &details.deployment, before, by)?;
    Ok(details)
}

/// Whether the update brings the deployment to a status; refuses what may not be done with it.
fn check(wanted: &UpdateDeployment, found: &Deployment) -> Result<bool, Refusal> {
    if found.owned_by_gitlab {
        return Err(Refusal::ForbiddenBecause(
            "Deployments created using GitLab CI can not be updated using the API",
        ));
    }
    let completes = wanted.job.is_some() || wanted.times.any();
    let moves = found.status != wanted.status || !completes;
    if moves {
        found.status.transition(wanted.status)?;
    }
    Ok(moves)
}

/// An update of a deployment that is made of its sender's reports is one more of them, and the newest: so no report that
/// is still on its way undoes it.
fn as_report(
    tx: &mut Tx<'_>,
    wanted: &UpdateDeployment,
    found: DeploymentDetails,
    external_id: String,
    (known_commit, known_user): (Option<KnownCommit>, Option<job::KnownUser>),
    moves: bool,
) -> Result<(), Refusal> {
    let deployment = &found.deployment;
    set_times(&mut deployment.clone(), wanted, moves)?;
    let updated_at = wanted.times.updated_at;
    let finished_at = updated_at.filter(|_| moves && wanted.status.is_finished());
    let mut reports = Reports::of(tx, deployment.id)?;
    let told = Told {
        sequence: None,
        occurred_at: None,
        created_at: wanted.times.created_at.map(Exact),
        updated_at: updated_at.map(Exact),
        finished_at: wanted.times.finished_at.or(finished_at).map(Exact),
        status: wanted.status,
        git_ref: deployment.git_ref.clone(),
        tag: deployment.tag,
        sha: deployment.sha.clone(),
        deployable: wanted.job.clone(),
    };
    let report = Reported {
        external_id,
        told: reports.as_newest(told, wanted.now),
        commit: deployment.commit.clone(),
        known_commit,
        known_user,
        received_at: Exact(wanted.now),
        applied: true,
        imported: false,
        actor: Some(wanted.user_id),
    };
    let by = wanted.by();
    if let Some(new) = reports.add(report)? {
        reports::append(tx, deployment, &new, by)?;
        reports::settle(tx, found, &reports, updated_at.unwrap_or(wanted.now), by)?;
    }
    Ok(())
}

/// Reference 8.2 and 8.3, with the times that the caller tells put in their place. They must fit those that are recorded.
fn set_times(deployment: &mut Deployment, wanted: &UpdateDeployment, moves: bool) -> Result<(), Refusal> {
    let UpdateDeployment {
        times: told,
        status,
        now,
        ..
    } = *wanted;
    let enters_finished = moves && status.is_finished();
    let finished_now = enters_finished.then(|| told.updated_at.unwrap_or(now));
    let created_at = told.created_at.unwrap_or(deployment.created_at);
    let finished_at = told.finished_at.or(finished_now).or(deployment.finished_at);
    if told.any() {
        let together = GivenTimes {
            created_at: Some(created_at),
            updated_at: told.updated_at,
            finished_at: finished_at.filter(|_| status.is_finished() || told.finished_at.is_some()),
        };
        times_of(together, status, now)?;
    }
    deployment.created_at = created_at;
    deployment.updated_at = told.updated_at.unwrap_or(now);
    deployment.finished_at = finished_at;
    Ok(())
}

/// Notes that a deployment changed, and tells webhooks if it came to another status.
pub(super) fn append(tx: &mut Tx<'_>, deployment: &Deployment, before: Status, by: By) -> Result<(), Refusal> {
    let event = changed(deployment, before, by);
    if deployment.status == before {
        return Ok(events::append(tx, &event)?);
    }
    let listeners = events::append_for_hooks(tx, &event)?;
    if listeners.is_empty() {
        return Ok(());
    }
    let changed = deployments::get(tx, deployment.project_id, deployment.id)?.ok_or(Refusal::NotFound)?;
    announce(tx, &changed, listeners, by)
}

/// The event that a deployment changed.
fn changed(deployment: &Deployment, before: Status, by: By) -> Event {
    Event {
        kind: Kind::DeploymentUpdated,
        project_id: Some(deployment.project_id),
        deployment_id: Some(deployment.id),
        environment_id: Some(deployment.environment_id),
        actor_id: by.user,
        data: json!({ "from": before.as_str(), "status": deployment.status.as_str() }).to_string(),
        at: by.now,
    }
}
