//! What a message says: the facts of the moment of the change, and what the repository tells of the commit.

use std::time::Duration;

use landfall_domain::{
    deployment::{Change, DeploymentDetails},
    ids::ProjectId,
    time::Timestamp,
    webhook::commit_title,
};
use landfall_git::{Commit, CommitId, Error, Limits, Relation, Repository};
use landfall_store::{Tx, projects, webhook_queue, webhook_queue::Message};

use crate::{
    App,
    ops::{
        Refusal,
        announce::{Facts, new_uuid},
    },
    views::deployment_hook::{DeploymentHook, FromRepository},
};

/// How long it may take to find out how two commits stand to each other. Where it takes longer, that stays unknown.
const LONGEST_WALK: Duration = Duration::from_secs(2);

/// The body of a message, made now if this is the first time. Afterwards it stays the same, whoever sends it.
pub(crate) async fn body_of(app: &App, message: &Message) -> Result<String, Refusal> {
    if let Some(body) = &message.body {
        return Ok(body.clone());
    }
    let corrupt = |error: serde_json::Error| landfall_store::Error::Corrupt {
        what: format!("webhook message {}: {error}", message.id),
    };
    let facts: Facts = serde_json::from_str(&message.facts).map_err(corrupt)?;
    let known = look_up(app, &facts).await?;
    let body = serde_json::to_string(&DeploymentHook::new(&facts, &known, &app.urls)).map_err(corrupt)?;
    let (id, made) = (message.id, body.clone());
    let kept = app
        .store
        .write(move |tx| webhook_queue::set_body(tx, id, &made))
        .await?;
    Ok(kept.unwrap_or(body))
}

/// A message of its own about a deployment as it is now, for a test.
pub(crate) fn message_about(tx: &mut Tx<'_>, details: &DeploymentDetails, now: Timestamp) -> Result<Message, Refusal> {
    let deployment = &details.deployment;
    let project = projects::by_id(tx, deployment.project_id)?.ok_or(Refusal::NotFound)?;
    let facts = Facts::of(tx, details, &project, deployment.updated_at)?.to_json()?;
    let id = webhook_queue::add_message(tx, &new_uuid()?.to_string(), &facts, now)?;
    webhook_queue::message(tx, id)?.ok_or(Refusal::NotFound)
}

/// What the repository can tell. One that does not answer is no reason to tell nothing of a deployment.
async fn look_up(app: &App, facts: &Facts) -> Result<FromRepository, Refusal> {
    let without = FromRepository {
        has_commit: true,
        title: None,
        change: change_without_repository(facts),
    };
    let project = ProjectId(facts.project.id);
    let project = app.store.read(move |conn| projects::by_id(conn, project)).await?;
    let repository = match &project {
        Some(project) => app.mirrors.repository_of(project).await?,
        None => None,
    };
    let (Some(repository), Some(commit)) = (repository, CommitId::parse(facts.deployed.id())) else {
        return Ok(without);
    };
    let previous = facts
        .previous
        .as_ref()
        .and_then(|previous| CommitId::parse(previous.id()));
    match commit_and_relation(app, &repository, commit, previous).await {
        Ok((found, relation)) => Ok(FromRepository {
            has_commit: found.is_some(),
            title: found.map(|commit| commit_title(&commit.title)),
            change: relation.map_or(without.change, change_of),
        }),
        // Too many questions at a time: it is made later.
        Err(error @ (Error::Busy | Error::Stopped)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(%error, "a webhook goes without what the repository knows");
            Ok(without)
        }
    }
}

/// A commit, if it is there, and how it stands to the previous one, if that can be told.
async fn commit_and_relation(
    app: &App,
    repository: &Repository,
    id: CommitId,
    previous: Option<CommitId>,
) -> Result<(Option<Commit>, Option<Relation>), Error> {
    let wanted = id.clone();
    let find = move |repository: &Repository| repository.commit(&wanted);
    let found = app.git.run(repository.clone(), find).await?;
    let (Some(_), Some(previous)) = (&found, previous) else {
        return Ok((found, None));
    };
    let limits = Limits {
        time: LONGEST_WALK,
        ..Limits::default()
    };
    let compare = move |repository: &Repository| repository.relation(&previous, &id, &limits);
    let relation = app.git.look_up(repository.clone(), compare).await?;
    Ok((found, relation))
}

/// Two records of one commit can be told without a repository.
fn change_without_repository(facts: &Facts) -> Change {
    match &facts.previous {
        None => Change::First,
        Some(previous) if previous.id().eq_ignore_ascii_case(facts.deployed.id()) => Change::Redeploy,
        Some(_) => Change::Unknown,
    }
}

const fn change_of(relation: Relation) -> Change {
    match relation {
        Relation::Same => Change::Redeploy,
        Relation::Descendant => Change::Forward,
        Relation::Ancestor => Change::Rollback,
        Relation::Diverged => Change::Diverged,
    }
}
