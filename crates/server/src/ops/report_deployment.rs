//! Recording a deployment that its sender names by a key of its own, or what has become of it: reports may be repeated
//! and may arrive in any order.

use landfall_domain::{
    deployment::{DeploymentDetails, Facts, Status, refuse_future},
    time::Timestamp,
};
use landfall_git::CommitId;
use landfall_store::{Conn, Tx, deployments, jobs};

use super::{
    Refusal,
    create_deployment::{self, CreateDeployment, check_commit, times_of},
    environment::{self, By},
    job::{self, KnownCommit},
    reports::{self, Exact, Reported, Reports, Told},
};
use crate::App;

/// The most characters of a key.
const LONGEST_KEY: usize = 255;

/// What is reported. The caller's rights have been checked.
#[derive(Clone, Debug)]
pub struct ReportDeployment {
    /// The sender's key, unique for the project and the source.
    pub external_id: String,
    /// The sender's own count of its reports.
    pub sequence: Option<i64>,
    /// When it happened at the sender.
    pub occurred_at: Option<Timestamp>,
    /// The deployment as the sender sees it.
    pub deployment: CreateDeployment,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// It was the first about its deployment.
    Created,
    /// It is the newest: the deployment stands where it says.
    Applied,
    /// A newer one is known; it is kept, and changes at most what only it can tell.
    Older,
    /// It was there already, and changes nothing.
    Repeated,
}

/// The deployment after a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedDeployment {
    /// As it is now.
    pub details: DeploymentDetails,
    /// What became of the report.
    pub landing: Landing,
}

/// Takes a report.
pub async fn report_deployment(app: &App, wanted: ReportDeployment) -> Result<ReportedDeployment, Refusal> {
    let asked = &wanted.deployment;
    if wanted.external_id.chars().count() > LONGEST_KEY {
        let text = format!("is too long (maximum is {LONGEST_KEY} characters)");
        return Err(Refusal::field("external_id", text));
    }
    refuse_future("occurred_at", wanted.occurred_at, asked.now)
        .map_err(|error| Refusal::field(error.field(), error.to_string()))?;
    times_of(asked.times, asked.status, asked.now)?;
    let (commit, known_commit) = commits(app, &wanted).await?;
    let urls = app.urls.clone();
    let work = move |tx: &mut Tx<'_>| {
        let known_user = match &wanted.deployment.job {
            Some(job) => job::user_of(tx, job, &urls)?,
            None => None,
        };
        let report = Reported {
            external_id: wanted.external_id.clone(),
            told: told(&wanted),
            commit: commit.clone(),
            known_commit: known_commit.clone(),
            known_user,
            received_at: Exact(wanted.deployment.now),
            applied: false,
            imported: false,
            actor: Some(wanted.deployment.user_id),
        };
        match find(tx, &wanted)? {
            Some(found) => update(tx, &wanted, found, report),
            None => create(tx, &wanted, report),
        }
    };
    app.store.write(work).await
}

fn told(wanted: &ReportDeployment) -> Told {
    let asked = &wanted.deployment;
    let told = Told {
        sequence: wanted.sequence,
        occurred_at: wanted.occurred_at.map(Exact),
        created_at: None,
        updated_at: None,
        finished_at: None,
        status: asked.status,
        git_ref: asked.git_ref.clone(),
        tag: asked.tag,
        sha: asked.sha.clone(),
        deployable: asked.job.clone(),
    };
    told.with_times(asked.times)
}

fn find(conn: &mut Conn<'_>, wanted: &ReportDeployment) -> Result<Option<DeploymentDetails>, Refusal> {
    let asked = &wanted.deployment;
    let found = deployments::by_external_id(conn, asked.project.id, asked.source, &wanted.external_id)?;
    Ok(found)
}

/// The object id behind the sha, and the commit to complete the job with. A sha and ref that were reported before are not
/// looked up again: a branch may be gone by the time that its deployment succeeds.
async fn commits(app: &App, wanted: &ReportDeployment) -> Result<(Option<String>, Option<KnownCommit>), Refusal> {
    let asked = &wanted.deployment;
    let look_up = wanted.clone();
    let reported = move |conn: &mut Conn<'_>| -> Result<Option<String>, Refusal> {
        let Some(found) = find(conn, &look_up)? else {
            return Ok(None);
        };
        let reports = Reports::of(conn, found.deployment.id)?;
        let CreateDeployment { sha, git_ref, .. } = &look_up.deployment;
        Ok(reports.commit_of(sha, git_ref).map(str::to_owned))
    };
    let reported = match asked.project.repository {
        Some(_) => app.store.read(reported).await?,
        None => None,
    };
    let commit = match reported.as_deref().and_then(CommitId::parse) {
        Some(id) => app.mirrors.commit(&app.git, &asked.project, id).await?,
        None => check_commit(app, asked).await?,
    };
    let id = reported.or_else(|| commit.as_ref().map(|commit| commit.id.to_string()));
    let known = match &asked.job {
        Some(job) => job::commit_of(app, &asked.project, job, commit).await?,
        None => None,
    };
    Ok((id, known))
}

/// The first report: it is the deployment.
fn create(tx: &mut Tx<'_>, wanted: &ReportDeployment, report: Reported) -> Result<ReportedDeployment, Refusal> {
    let asked = &wanted.deployment;
    let by = by(asked);
    let mut environment = environment::find_or_create(
        tx,
        asked.project.id,
        &asked.environment,
        asked.external_url.as_deref(),
        by,
    )?;
    let mut reports = Reports::default();
    let (Some(report), Some(stands)) = (reports.add(report)?, reports.standing()) else {
        return Err(Refusal::NotFound);
    };
    let job_id = match reports.job() {
        Some(new) => Some(jobs::insert(tx, asked.project.id, &new)?),
        None => None,
    };
    let new = deployments::NewDeployment {
        project_id: asked.project.id,
        environment_id: environment.id,
        user_id: stands.user_id,
        job_id,
        git_ref: stands.standing.git_ref,
        tag: stands.standing.tag,
        sha: stands.standing.sha,
        commit: stands.commit.map(str::to_owned),
        status: stands.standing.status,
        source: asked.source,
        external_id: Some(wanted.external_id.clone()),
        facts: Facts::default(),
        owned_by_gitlab: false,
        created_at: stands.standing.created_at,
        updated_at: asked.times.updated_at.unwrap_or(asked.now),
        finished_at: stands.standing.finished_at,
    };
    let (id, _) = deployments::insert(tx, &new)?;
    if asked.status == Status::Success {
        environment::wake(tx, &mut environment, by)?;
    }
    let details = deployments::get(tx, asked.project.id, id)?.ok_or(Refusal::NotFound)?;
    create_deployment::append(tx, &details, by)?;
    reports::append(tx, &details.deployment, &report, by)?;
    Ok(ReportedDeployment {
        details,
        landing: Landing::Created,
    })
}

/// A further report.
fn update(
    tx: &mut Tx<'_>,
    wanted: &ReportDeployment,
    found: DeploymentDetails,
    report: Reported,
) -> Result<ReportedDeployment, Refusal> {
    let asked = &wanted.deployment;
    let name = &found.environment.name;
    if *name != asked.environment {
        let text = format!("can't be changed: this deployment went to {name}");
        return Err(Refusal::field("environment", text));
    }
    let id = found.deployment.id;
    let mut reports = Reports::of(tx, id)?;
    let landing = match reports.add(report)? {
        None => Landing::Repeated,
        Some(new) => {
            let by = by(asked);
            reports::append(tx, &found.deployment, &new, by)?;
            reports::settle(tx, found, &reports, asked.times.updated_at.unwrap_or(asked.now), by)?;
            if new.applied { Landing::Applied } else { Landing::Older }
        }
    };
    Ok(ReportedDeployment {
        details: deployments::get(tx, asked.project.id, id)?.ok_or(Refusal::NotFound)?,
        landing,
    })
}

fn by(asked: &CreateDeployment) -> By {
    By {
        user: Some(asked.user_id),
        now: asked.now,
        chain: asked.event_chain,
    }
}
