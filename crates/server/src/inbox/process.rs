//! One delivery, from what was sent to what is recorded.

use std::{sync::Arc, time::Duration};

use landfall_domain::{
    deployment::refuse_future,
    hook::{Delivery as StoredDelivery, DeliveryState, HookSource},
    project::Project,
    time::Timestamp,
};
use landfall_git::{Commit, Repository};
use landfall_store::{
    Conn, Tx, hook_sources,
    inbox::{self, Content, Finished, Held},
};
use tracing::{info, warn};

use super::{
    apply::{self, Scene},
    headers,
    kept::{Kept, Stored},
    target,
};
use crate::{
    App,
    hooks_in::{self, Broken, Delivery, Meaning, Observation},
    mirrors::Home,
    ops::{
        Refusal,
        environment::Chain,
        job::{self, GivenJob},
    },
    webhooks::chain_of,
};

/// Reports in one delivery that are read.
const MOST: usize = 1000;
/// How often a delivery is tried while something stands in the way that may pass.
const MOST_ATTEMPTS: i64 = 10;
/// The longest that a delivery rests before it is tried again.
const LONGEST_REST: Duration = Duration::from_hours(1);

/// How long a delivery waits for a commit that is not known yet: others wait behind it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far a delivery has come.
enum Outcome {
    /// To its end.
    Finished(Finished),
    /// Something stands in the way that may pass.
    Later(String),
}

/// Reads a delivery that this node holds and notes what came of it. An error means that even that failed: then the
/// delivery is due again once it is held no longer.
pub(super) async fn process(app: &Arc<App>, held: Held) -> Result<(), landfall_store::Error> {
    let read = move |conn: &mut Conn<'_>| read(conn, held);
    let Some(found) = app.store.read(read).await? else {
        return Ok(());
    };
    let outcome = match found.source {
        Some(source) => take_in(app, found.delivery, source, found.content).await,
        None => Ok(finished(app, DeliveryState::Failed, "its hook source was deleted")),
    };
    let outcome = outcome.unwrap_or_else(|refusal| Outcome::Later(refusal.to_string()));
    note(app, held, outcome).await
}

/// What is stored of a delivery.
struct Found {
    delivery: StoredDelivery,
    content: Content,
    source: Option<HookSource>,
}

fn read(conn: &mut Conn<'_>, held: Held) -> Result<Option<Found>, landfall_store::Error> {
    let (Some(delivery), Some(content)) = (inbox::by_id(conn, held.id)?, inbox::content(conn, held.id)?) else {
        return Ok(None);
    };
    let source = hook_sources::by_id(conn, delivery.source_id)?;
    Ok(Some(Found {
        delivery,
        content,
        source,
    }))
}

async fn note(app: &App, held: Held, outcome: Outcome) -> Result<(), landfall_store::Error> {
    let now = app.clock.now();
    let finished = match outcome {
        Outcome::Finished(finished) => finished,
        Outcome::Later(note) if held.attempts < MOST_ATTEMPTS => {
            warn!(
                delivery = held.id.0,
                attempts = held.attempts,
                error = note,
                "a delivery is tried again later"
            );
            let due_at = now.plus(rest(held.attempts));
            let postpone = move |tx: &mut Tx<'_>| inbox::postpone(tx, held, due_at, &note);
            return app.store.write(postpone).await.map(drop);
        }
        Outcome::Later(note) => Finished {
            state: DeliveryState::Failed,
            note: Some(note),
            project_id: None,
            at: now,
        },
    };
    info!(
        delivery = held.id.0,
        state = finished.state.as_str(),
        note = finished.note,
        "a delivery was read"
    );
    let finish = move |tx: &mut Tx<'_>| inbox::finish(tx, held, &finished);
    app.store.write(finish).await.map(drop)
}

/// Twice as long after each attempt.
fn rest(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts).unwrap_or(u32::MAX).min(16);
    Duration::from_secs(1_u64 << doublings).min(LONGEST_REST)
}

fn finished(app: &App, state: DeliveryState, note: impl Into<String>) -> Outcome {
    Outcome::Finished(Finished {
        state,
        note: Some(note.into()),
        project_id: None,
        at: app.clock.now(),
    })
}

/// Finds out what a delivery says, and takes that in.
async fn take_in(
    app: &Arc<App>,
    delivery: StoredDelivery,
    source: HookSource,
    content: Content,
) -> Result<Outcome, Refusal> {
    // A payload may be large, and whatever else this thread does must not wait for it.
    #[expect(
        clippy::disallowed_methods,
        reason = "this reads no store and no repository, it only computes"
    )]
    let parsed = tokio::task::spawn_blocking(move || parse(delivery, &content));
    let (meaning, origin) = match parsed.await {
        Ok(Ok(meaning)) => meaning,
        Ok(Err(broken)) => return Ok(finished(app, DeliveryState::Failed, broken.to_string())),
        Err(error) => return Ok(Outcome::Later(format!("reading it failed: {error}"))),
    };
    let observations = match meaning {
        Meaning::Ignored { why } => return Ok(finished(app, DeliveryState::Ignored, why)),
        Meaning::Ping => return Ok(finished(app, DeliveryState::Ignored, "a ping")),
        Meaning::Observations(observations) if observations.len() > MOST => {
            let text = format!("it has more than {MOST} reports");
            return Ok(finished(app, DeliveryState::Failed, text));
        }
        Meaning::Observations(observations) => observations,
    };
    // What is said of a run names no project; it is the one of the jobs beside it.
    let hint = observations.iter().find_map(|observation| observation.project.clone());
    let asked = source.clone();
    let project = app
        .store
        .read(move |conn| target::resolve(conn, &asked, hint.as_ref()))
        .await?;
    match project {
        Ok(project) => take_all(app, &origin, &source, Arc::new(project), observations).await,
        Err(text) => Ok(finished(app, DeliveryState::Failed, text)),
    }
}

/// Where an observation came from.
struct Origin {
    delivery: StoredDelivery,
    chain: Option<Chain>,
}

fn parse(delivery: StoredDelivery, content: &Content) -> Result<(Meaning, Origin), Broken> {
    let headers = headers::from_json(&content.headers).unwrap_or_default();
    let sent = Delivery {
        headers: &headers,
        body: &content.body,
    };
    let meaning = hooks_in::parse(delivery.sender, &sent)?;
    let chain = chain_of(&headers, delivery.received_at);
    Ok((meaning, Origin { delivery, chain }))
}

/// Takes in each report by itself, so that one that is wrong keeps none of the others back.
async fn take_all(
    app: &Arc<App>,
    origin: &Origin,
    source: &HookSource,
    project: Arc<Project>,
    observations: Vec<Observation>,
) -> Result<Outcome, Refusal> {
    let (mut remarks, mut wrong) = (Vec::new(), Vec::new());
    for observation in observations {
        match take_one(app, origin, source, &project, observation).await {
            Ok(remark) => remarks.extend(remark),
            Err(refusal) if may_pass(&refusal) => return Err(refusal),
            Err(refusal) => wrong.push(sentence(&refusal)),
        }
    }
    let (state, mut notes) = if wrong.is_empty() {
        (DeliveryState::Done, remarks)
    } else {
        (DeliveryState::Failed, wrong)
    };
    notes.dedup();
    Ok(Outcome::Finished(Finished {
        state,
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        project_id: Some(project.id),
        at: app.clock.now(),
    }))
}

/// What the store or a repository says may be otherwise the next time; what is wrong with the report itself stays.
fn may_pass(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Store(_) | Refusal::Repository(_))
}

fn sentence(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Environment(errors) => {
            let texts: Vec<String> = errors
                .iter()
                .map(|error| format!("{} {error}", error.field()))
                .collect();
            format!("the environment's {}", texts.join(" and "))
        }
        other => other.to_string(),
    }
}

async fn take_one(
    app: &Arc<App>,
    origin: &Origin,
    source: &HookSource,
    project: &Arc<Project>,
    observation: Observation,
) -> Result<apply::Remark, Refusal> {
    let now = app.clock.now();
    let kept = Kept::of(&observation)?;
    refuse_times_ahead(&observation, now)?;
    let commit = deployed_commit(app, project, &kept).await;
    let known_commit = match given_job(&observation)? {
        // A repository that cannot answer leaves the job as it was told.
        Some(given) => job::commit_of(app, project, &given, commit.clone())
            .await
            .unwrap_or_default(),
        None => None,
    };
    let said = Stored {
        kept,
        commit: commit.map(|commit| commit.id.to_string()),
        known_commit,
    };
    let (project, user_id) = (Arc::clone(project), source.user_id);
    let (delivery, chain) = (origin.delivery.id, origin.chain);
    let urls = app.urls.clone();
    let work = move |tx: &mut Tx<'_>| {
        let scene = Scene {
            project: &project,
            user_id,
            delivery: Some(delivery),
            chain,
            urls: &urls,
            now,
            updated_at: None,
        };
        apply::apply(tx, &scene, &observation.about, &said)
    };
    app.store.write(work).await
}

/// A report from the future would stay the newest until then.
fn refuse_times_ahead(observation: &Observation, now: Timestamp) -> Result<(), Refusal> {
    refuse_future("occurred_at", observation.occurred_at, now)
        .map_err(|error| Refusal::field(error.field(), error.to_string()))
}

fn given_job(observation: &Observation) -> Result<Option<GivenJob>, Refusal> {
    let Some(keys) = &observation.deployable else {
        return Ok(None);
    };
    let given = GivenJob::read("deployable", keys, true);
    given
        .map(Some)
        .map_err(|refusals| Refusal::field("deployable", refusals.join(", ")))
}

/// The project's repository, with the commit if it can be had soon.
async fn repository_with(app: &App, project: &Project, sha: &str) -> Result<Option<Repository>, Refusal> {
    if let Home::Remote(mirror, _) = app.mirrors.home_of(project).await? {
        app.mirrors.seek(&app.git, &mirror, &[sha], Some(PATIENCE)).await?;
    }
    app.mirrors.repository_of(project).await
}

/// The commit behind the sha, if the project's repository knows it. Senders tell what has happened, so what it does not
/// know, or cannot tell, is recorded all the same, as unverified.
async fn deployed_commit(app: &App, project: &Project, kept: &Kept) -> Option<Commit> {
    let sha = kept.sha.clone()?;
    let repository = match repository_with(app, project, &sha).await {
        Ok(repository) => repository?,
        Err(error) => {
            warn!(%error, "a repository could not be asked about a commit");
            return None;
        }
    };
    let look_up = move |repository: &Repository| match repository.resolve(&sha)? {
        Some(id) => repository.commit(&id),
        None => Ok(None),
    };
    match app.git.run(repository, look_up).await {
        Ok(found) => found,
        Err(error) => {
            warn!(%error, "a repository could not be asked about a commit");
            None
        }
    }
}
