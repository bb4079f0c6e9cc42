//! Recording a deployment (reference 6.3).

use std::sync::Arc;

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, GivenTimes, SameJob, Source, Status, Times, Unchanged, resolve_times},
    environment::Environment,
    event::{Event, Kind},
    git_name,
    ids::{Iid, UserId},
    project::Project,
    time::Timestamp,
};
use landfall_git::{Commit, Repository};
use landfall_store::{Tx, changes::Position, events};
use serde_json::json;

use self::record::Record;
use super::{
    Refusal,
    announce::announce,
    environment::{By, Chain},
    job::{self, GivenJob},
};
use crate::{
    App,
    mirrors::{Home, Presence},
};

mod record;

/// The longest ref, in bytes, where no repository decides: the longest text that a repository would be asked about. The
/// index of refs cannot hold entries without a limit.
pub(super) const LONGEST_REF: usize = 1024;

/// What is to be recorded. The caller's rights have been checked.
#[derive(Clone, Debug)]
pub struct CreateDeployment {
    /// Where.
    pub project: Arc<Project>,
    /// By whom.
    pub user_id: UserId,
    /// Name of the environment.
    pub environment: String,
    /// Where the environment can be seen, for one that has to be made.
    pub external_url: Option<String>,
    /// Commit.
    pub sha: String,
    /// Branch or tag.
    pub git_ref: String,
    /// Whether that is a tag.
    pub tag: bool,
    /// Where it stands.
    pub status: Status,
    /// When it happened, if not now.
    pub times: GivenTimes,
    /// The job that did it.
    pub job: Option<GivenJob>,
    /// How the record comes in.
    pub source: Source,
    /// The time.
    pub now: Timestamp,
    /// The chain of webhooks that led here, if one did.
    pub event_chain: Option<Chain>,
    /// The state of the database in which the caller was found to be allowed to do this, if it has to be found out whether
    /// that is still so; if it is not, it is [`Refusal::Conflict`].
    pub allowed_in: Option<Position>,
}

/// Records it, or finds that the environment's last deployment says the same already (reference 6.3.3).
pub async fn create_deployment(app: &App, wanted: CreateDeployment) -> Result<DeploymentDetails, Refusal> {
    let times = times_of(wanted.times, wanted.status, wanted.now)?;
    let commit = check_commit(app, &wanted).await?;
    let commit_id = commit.as_ref().map(|commit| commit.id.to_string());
    let known_commit = match &wanted.job {
        Some(job) => job::commit_of(app, &wanted.project, job, commit).await?,
        None => None,
    };
    let record = Record {
        times,
        commit: commit_id,
        known_commit,
        urls: app.urls.clone(),
        wanted,
    };
    app.store.write_together(record).await
}

fn repeat(wanted: &CreateDeployment) -> Unchanged<'_> {
    Unchanged {
        git_ref: &wanted.git_ref,
        tag: wanted.tag,
        sha: &wanted.sha,
        status: wanted.status,
        times: wanted.times,
        job: wanted.job.as_ref().map(|job| SameJob {
            id: job.id(),
            name: job.name(),
        }),
    }
}

/// Notes that a deployment was recorded, and tells webhooks.
pub(crate) fn append(tx: &mut Tx<'_>, details: &DeploymentDetails, by: By) -> Result<(), Refusal> {
    let (deployment, environment) = (&details.deployment, &details.environment);
    let event = Event {
        deployment_id: Some(deployment.id),
        ..created(environment, event_data(deployment, &environment.name), by)
    };
    let listeners = events::append_for_hooks(tx, &event)?;
    announce(tx, details, listeners, by)
}

/// The event that a deployment was recorded. It does not know yet which one.
fn created(environment: &Environment, data: String, by: By) -> Event {
    Event {
        kind: Kind::DeploymentCreated,
        project_id: Some(environment.project_id),
        deployment_id: None,
        environment_id: Some(environment.id),
        actor_id: by.user,
        data,
        at: by.now,
    }
}

/// What a reader of the event knows even after the record is gone.
pub(super) fn event_data(deployment: &Deployment, environment: &str) -> String {
    let Deployment { iid, status, .. } = *deployment;
    event_text(iid, status, &deployment.sha, &deployment.git_ref, environment)
}

fn event_text(iid: Iid, status: Status, sha: &str, git_ref: &str, environment: &str) -> String {
    json!({
        "iid": iid.0,
        "environment": environment,
        "status": status.as_str(),
        "sha": sha,
        "ref": git_ref,
    })
    .to_string()
}

/// The commit behind `sha`, if the project has a repository that can tell; refuses a sha or ref that does not exist
/// there, or that cannot be one where there is no repository (reference 6.3.2, and our decision for projects without).
///
/// What the copy of a remote repository does not have may have been pushed a moment ago, so the remote is asked. Where it
/// does not answer, nobody knows whether the commit exists: it is recorded as without a repository.
pub(super) async fn check_commit(app: &App, wanted: &CreateDeployment) -> Result<Option<Commit>, Refusal> {
    let repository = match app.mirrors.home_of(&wanted.project).await? {
        Home::None => return unverified(wanted).map(|()| None),
        Home::Directory(repository) => repository,
        Home::Remote(mirror, repository) => {
            let names = [&*wanted.sha, &*wanted.git_ref];
            match app.mirrors.seek(&app.git, &mirror, &names, None).await? {
                Presence::There | Presence::Missing => repository,
                Presence::Unknown => return unverified(wanted).map(|()| None),
            }
        }
    };
    let (sha, git_ref) = (wanted.sha.clone(), wanted.git_ref.clone());
    let work = move |repository: &Repository| {
        let Some(id) = repository.resolve(&sha)? else {
            return Ok((None, false));
        };
        let commit = repository.commit(&id)?;
        let has_ref = commit.is_some() && repository.resolve(&git_ref)?.is_some();
        Ok((commit, has_ref))
    };
    let (commit, has_ref) = app.git.run(repository, work).await?;
    let commit = commit.ok_or_else(no_commit)?;
    if has_ref { Ok(Some(commit)) } else { Err(no_ref()) }
}

fn no_commit() -> Refusal {
    Refusal::field("sha", "The commit does not exist")
}

fn no_ref() -> Refusal {
    Refusal::field("ref", "The branch or tag does not exist")
}

/// Refuses what cannot be a commit or ref, where nothing can tell whether it is one.
fn unverified(wanted: &CreateDeployment) -> Result<(), Refusal> {
    if !git_name::is_object_id(&wanted.sha) {
        return Err(if wanted.project.repository.is_none() {
            no_commit()
        } else {
            Refusal::field("sha", "cannot be looked up now, tell the full commit id")
        });
    }
    if wanted.git_ref.len() > LONGEST_REF || !git_name::is_well_formed_ref(&wanted.git_ref) {
        return Err(no_ref());
    }
    Ok(())
}

/// The times of a record that the caller asked for, or the field that stands against them.
pub(super) fn times_of(given: GivenTimes, status: Status, now: Timestamp) -> Result<Times, Refusal> {
    resolve_times(given, status, now).map_err(|error| Refusal::field(error.field(), error.to_string()))
}
