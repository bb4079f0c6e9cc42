//! Finding out which merge requests a deployment brought (reference 8.6), from the history of the project's repository.
//!
//! It is done when somebody asks for the first time, for all successes of the environment up to that deployment, oldest
//! first: so what is linked to which does not depend on who asks when. No deployment waits for it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use landfall_domain::{
    deployment::{DeploymentDetails, Status},
    environment::{Environment, Tier},
    ids::{DeploymentId, ProjectId},
    merge_request::{Forge, MergeRequest, Person, Picked, picked, recognise},
    project::Project,
    time::Timestamp,
};
use landfall_git::{Commit, CommitId, Error, Limits, LogQuery, Repository, Signature, Start};
use landfall_store::{
    Conn, Tx,
    merge_requests::{self, Success},
};

use super::Refusal;
use crate::{App, mirrors::Home};

/// Deployments that are looked through in one round.
const ROUND: i64 = 500;

/// Links that are written in one transaction.
const AT_ONCE: usize = 100;

/// How long one request goes on from round to round. What was found by then is kept, and the next request goes on from
/// there.
const TIME: Duration = Duration::from_secs(10);

/// Whether the merge requests of a deployment are known now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// They are.
    Yes,
    /// There is more history than one request looks through: ask again.
    NotYet,
}

/// Sees to it that the merge requests of a deployment are known, as far as the repository tells.
pub async fn link_merge_requests(app: &App, project: &Project, details: &DeploymentDetails) -> Result<Linked, Refusal> {
    let deployment = &details.deployment;
    if project.repository.is_none() {
        return Ok(Linked::Yes);
    }
    if deployment.status != Status::Success || !has_links(&details.environment) {
        return Ok(Linked::Yes);
    }
    let (environment, id) = (details.environment.id, deployment.id);
    let known = move |conn: &mut Conn<'_>| merge_requests::newest_linked(conn, environment, id);
    let mut before: Option<Success> = app.store.read(known).await.map_err(Refusal::Store)?;
    let repository = match app.mirrors.home_of(project).await? {
        Home::None => return Ok(Linked::Yes),
        Home::Remote(mirror, _) if !app.mirrors.has_copy(&mirror) => return Ok(Linked::NotYet),
        Home::Directory(repository) | Home::Remote(_, repository) => repository,
    };
    let end = Instant::now() + TIME;
    loop {
        let range = (before.as_ref().map_or(DeploymentId(0), |before| before.id), id);
        let round = move |conn: &mut Conn<'_>| merge_requests::successes(conn, environment, range, ROUND);
        let round: Vec<Success> = app.store.read(round).await.map_err(Refusal::Store)?;
        let Some(last) = round.last().cloned() else {
            return Ok(Linked::Yes);
        };
        let first = before.replace(last);
        let look = move |repository: &Repository| look_through(repository, first.as_ref(), &round, end);
        let (found, is_complete) = app.git.look_up(repository.clone(), look).await?;
        keep(app, project.id, found).await?;
        if !is_complete {
            return Ok(Linked::NotYet);
        }
    }
}

/// Writes the links, a few in one transaction, and then that there are no more.
async fn keep(app: &App, project: ProjectId, found: Found) -> Result<(), Refusal> {
    let deployments: Vec<DeploymentId> = found.iter().map(|(deployment, _)| *deployment).collect();
    let links: Vec<(DeploymentId, MergeRequest)> = found
        .into_iter()
        .flat_map(|(deployment, brought)| brought.into_iter().map(move |it| (deployment, it)))
        .collect();
    for links in links.chunks(AT_ONCE) {
        let links = links.to_vec();
        let link = move |tx: &mut Tx<'_>| {
            let mut links = links.iter();
            links.try_for_each(|(deployment, it)| merge_requests::link(tx, project, *deployment, it))
        };
        app.store.write(link).await.map_err(Refusal::Store)?;
    }
    let done = move |tx: &mut Tx<'_>| {
        let mut deployments = deployments.iter();
        deployments.try_for_each(|deployment| merge_requests::set_linked(tx, *deployment))
    };
    app.store.write(done).await.map_err(Refusal::Store)
}

/// Review environments and the like are left out, as in GitLab.
fn has_links(environment: &Environment) -> bool {
    !environment.name.contains('/') || matches!(environment.tier, Tier::Production | Tier::Staging)
}

type Found = Vec<(DeploymentId, Vec<MergeRequest>)>;

/// What each deployment brought, and whether all were looked through before the time was over. One whose commit the
/// repository does not have is passed over: it may come yet.
fn look_through<'a>(
    repository: &Repository,
    mut before: Option<&'a Success>,
    successes: &'a [Success],
    end: Instant,
) -> Result<(Found, bool), Error> {
    let mut found = Vec::new();
    for success in successes {
        if Instant::now() > end {
            return Ok((found, false));
        }
        let brought = match before.replace(success) {
            Some(before) => between(repository, &before.commit, &success.commit)?,
            None => all(repository, success)?,
        };
        found.extend(brought.map(|brought| (success.id, brought)));
    }
    Ok((found, true))
}

/// What lies between two commits; `None` if one of them is not there.
fn between(repository: &Repository, from: &str, to: &str) -> Result<Option<Vec<MergeRequest>>, Error> {
    let (Some(from), Some(to)) = (present(repository, from)?, present(repository, to)?) else {
        return Ok(None);
    };
    let commits = repository.range(&from, &to, &Limits::default())?;
    read(repository, commits).map(Some)
}

/// Everything that was merged into the branch of a first deployment.
fn all(repository: &Repository, success: &Success) -> Result<Option<Vec<MergeRequest>>, Error> {
    let Some(commit) = present(repository, &success.commit)? else {
        return Ok(None);
    };
    let limits = Limits::default();
    let commits = repository.log(&LogQuery::new(Start::Commit(commit), limits.listed), &limits)?;
    let mut found = read(repository, commits)?;
    let is_into = |it: &MergeRequest| {
        it.target_branch
            .as_ref()
            .is_none_or(|branch| *branch == success.git_ref)
    };
    found.retain(is_into);
    Ok(Some(found))
}

/// Puts merge requests into the index that are not there yet, and answers what the index has of each.
pub async fn index(app: &App, project: ProjectId, found: Vec<MergeRequest>) -> Result<Vec<MergeRequest>, Refusal> {
    let mut indexed = Vec::with_capacity(found.len());
    for it in found {
        let iid = it.iid;
        let known = move |conn: &mut Conn<'_>| merge_requests::by_iid(conn, project, iid);
        let mut record = app.store.read(known).await.map_err(Refusal::Store)?;
        if record.is_none() {
            let work = move |tx: &mut Tx<'_>| {
                merge_requests::save(tx, project, &it)?;
                merge_requests::by_iid(tx, project, iid)
            };
            record = app.store.write(work).await.map_err(Refusal::Store)?;
        }
        indexed.extend(record);
    }
    Ok(indexed)
}

fn present(repository: &Repository, id: &str) -> Result<Option<CommitId>, Error> {
    let Some(id) = CommitId::parse(id) else {
        return Ok(None);
    };
    Ok(repository.commit(&id)?.map(|commit| commit.id))
}

/// The merge requests that commits tell of, each once.
fn read(repository: &Repository, commits: Vec<Commit>) -> Result<Vec<MergeRequest>, Error> {
    let mut found: BTreeMap<i64, MergeRequest> = BTreeMap::new();
    for commit in commits {
        let mut told = merge_request(repository, &commit)?;
        if told.is_none() {
            told = copied(repository, &commit)?;
        }
        if let Some(it) = told {
            // The older telling counts: a later one is a copy, or a merge onwards to another branch.
            found.insert(it.iid, it);
        }
    }
    Ok(found.into_values().collect())
}

/// The merge request whose commits a commit is a copy of.
fn copied(repository: &Repository, commit: &Commit) -> Result<Option<MergeRequest>, Error> {
    for source in picked(&commit.message) {
        match source {
            Picked::MergeRequest(iid) => return Ok(Some(only_number(iid))),
            Picked::Commit(id) => {
                let original = match CommitId::parse(&id) {
                    Some(id) => repository.commit(&id)?,
                    None => None,
                };
                if let Some(original) = original
                    && let Some(it) = merge_request(repository, &original)?
                {
                    return Ok(Some(it));
                }
            }
        }
    }
    Ok(None)
}

fn only_number(iid: i64) -> MergeRequest {
    MergeRequest {
        id: None,
        forge: Forge::GitLab,
        iid,
        title: None,
        source_branch: None,
        target_branch: None,
        merged_at: None,
        author: None,
        merged_by: None,
        head: None,
        merge_commit: None,
        squash_commit: None,
    }
}

/// The merge request that a commit merged, if its message tells of one.
pub fn merge_request(repository: &Repository, commit: &Commit) -> Result<Option<MergeRequest>, Error> {
    let Some(mention) = recognise(&commit.message) else {
        return Ok(None);
    };
    let head = commit.parent_ids.get(1);
    // Of a merge, the newest commit of the branch tells who wrote it; a squashed commit has its author itself.
    let author = match head {
        Some(head) => repository.commit(head)?.map(|head| person(&head.author)),
        None => Some(person(&commit.author)),
    };
    let id = || Some(commit.id.to_string());
    Ok(Some(MergeRequest {
        id: None,
        forge: mention.forge,
        iid: mention.iid,
        title: mention.title,
        source_branch: mention.source_branch,
        target_branch: mention.target_branch,
        merged_at: merged_at(commit),
        author,
        merged_by: Some(person(if head.is_some() {
            &commit.author
        } else {
            &commit.committer
        })),
        head: head.map(ToString::to_string),
        merge_commit: head.and_then(|_| id()),
        squash_commit: if head.is_none() { id() } else { None },
    }))
}

/// When the commit was made; `None` for a time that cannot be.
fn merged_at(commit: &Commit) -> Option<Timestamp> {
    let micros = commit.committer.time.seconds.checked_mul(1_000_000)?;
    let year_ten_thousand = 253_402_300_800_000_000;
    (1..year_ten_thousand)
        .contains(&micros)
        .then(|| Timestamp::from_micros(micros))
}

fn person(signature: &Signature) -> Person {
    Person {
        name: signature.name.clone(),
        email: signature.email.clone(),
    }
}
