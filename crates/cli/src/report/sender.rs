//! Telling a server, for a limited time.

use std::{collections::VecDeque, error::Error as _, time::Duration};

use landfall_gitlab::{Client, Deployment, Error};
use serde_json::Value;
use tokio::{
    sync::Notify,
    time::{self, Instant},
};

use super::{
    Entry,
    spool::{Spool, Spooled},
    tell,
};

/// The longest that one request may take. A CI job waits for it.
const REQUEST: Duration = Duration::from_secs(10);
/// The first pause after a server did not answer; the following ones are twice as long each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Why a report has not arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The server did not answer, or answered that it cannot now. Another time it may.
    Away {
        why: String,
        /// HTTP status, if it answered.
        status: Option<u16>,
        /// When the server wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The server will not take it, now or later.
    Refused {
        why: String,
        /// HTTP status; 200 if the answer was not the API's.
        status: u16,
    },
}

/// Reports that belong to one deployment, in their order, until they have arrived.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Entry>,
    /// The deployment that the next ones change, if the server does not know it by its key.
    follow: Option<i64>,
    /// The server's last answer.
    pub(crate) deployment: Option<Deployment>,
}

impl Queue {
    pub(crate) fn of(entry: Entry) -> Queue {
        Queue {
            waiting: VecDeque::from([entry]),
            ..Queue::default()
        }
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        self.waiting.push_back(entry);
    }

    fn next(&self) -> Option<Entry> {
        let mut entry = self.waiting.front()?.clone();
        entry.deployment_id = entry.deployment_id.or(self.follow);
        Some(entry)
    }

    fn arrived(&mut self, deployment: Deployment) {
        self.waiting.pop_front();
        self.follow = self.follow.or_else(|| to_follow(&deployment));
        self.deployment = Some(deployment);
    }
}

/// The id by which later reports have to name a deployment; `None` if the server knows it by its key.
fn to_follow(deployment: &Deployment) -> Option<i64> {
    let landfall = deployment.other.get("landfall");
    let key = landfall.and_then(|landfall| landfall.get("external_id"));
    key.is_none_or(Value::is_null).then_some(deployment.id)
}

/// What has become of the reports that were kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flushed {
    pub(crate) sent: usize,
    /// Those that the server did not take, whether they are tried again or not.
    pub(crate) left: usize,
}

/// A server, and what is kept for it.
pub(crate) struct Sender {
    client: Client,
    url: String,
    /// Only this project's reports are sent out of the spool; `None` for all: a token may be good for one project only.
    project: Option<String>,
    spool: Option<Spool>,
    timeout: Duration,
}

impl Sender {
    pub(crate) fn new(
        client: Client,
        url: &str,
        project: Option<String>,
        spool: Option<Spool>,
        timeout: Duration,
    ) -> Sender {
        Sender {
            client,
            url: url.to_owned(),
            project,
            spool,
            timeout,
        }
    }

    /// When trying ends, if it begins now.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }

    /// Tries until everything has arrived, the server refuses, or time is up. What has not arrived stays in the queue,
    /// also if it is broken off; a request that is broken off may have arrived all the same.
    pub(crate) async fn deliver(&self, queue: &mut Queue, deadline: Instant) -> Result<(), Trouble> {
        self.deliver_unless(&Notify::new(), queue, deadline).await
    }

    /// As [`Sender::deliver`], and ends after the request under way once it is told to stop.
    pub(crate) async fn deliver_unless(
        &self,
        stop: &Notify,
        queue: &mut Queue,
        deadline: Instant,
    ) -> Result<(), Trouble> {
        let mut pause = FIRST_PAUSE;
        loop {
            let trouble = match self.attempt(queue, deadline).await {
                Ok(()) => return Ok(()),
                Err(trouble) => trouble,
            };
            let Trouble::Away { retry_after, .. } = &trouble else {
                return Err(trouble);
            };
            let wait = retry_after.unwrap_or(pause).max(pause);
            if Instant::now() + wait >= deadline {
                return Err(trouble);
            }
            tokio::select! {
                () = time::sleep(wait) => {}
                () = stop.notified() => return Err(trouble),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Tries once; what was kept from earlier goes first.
    pub(crate) async fn attempt(&self, queue: &mut Queue, deadline: Instant) -> Result<(), Trouble> {
        self.flush(deadline).await?;
        while let Some(entry) = queue.next() {
            let deployment = self.send(&entry, deadline).await?;
            queue.arrived(deployment);
        }
        Ok(())
    }

    /// How long one attempt may take before the command is started without it.
    pub(crate) fn first_deadline(&self) -> Instant {
        Instant::now() + self.timeout.min(REQUEST)
    }

    /// Sends what was kept, oldest first. Fails only if the server is away. While another process does
    /// the same, nothing is sent.
    pub(crate) async fn flush(&self, deadline: Instant) -> Result<Flushed, Trouble> {
        let mut flushed = Flushed::default();
        let Some(spool) = &self.spool else { return Ok(flushed) };
        let Some(_lock) = spool.lock() else { return Ok(flushed) };
        let mut waiting: VecDeque<Spooled> = spool.waiting().into_iter().filter(|kept| self.is_mine(kept)).collect();
        let before = waiting.len();
        while let Some(kept) = waiting.pop_front() {
            match self.send(&kept.entry, deadline).await {
                Ok(deployment) => {
                    flushed.sent += 1;
                    if let Some(id) = to_follow(&deployment) {
                        follow(&mut waiting, &kept.entry, id);
                    }
                    kept.remove();
                }
                Err(Trouble::Away {
                    why, status: Some(500), ..
                }) => {
                    // It may be this report that the server stumbles over: the others must not wait for it for ever.
                    tell(&format!(
                        "{}, which was kept from earlier, has to wait: {why}",
                        kept.name()
                    ));
                }
                Err(away @ Trouble::Away { .. }) => return Err(away),
                Err(Trouble::Refused { why, status }) => {
                    tell(&format!(
                        "{}, which was kept from earlier, is refused: {why}",
                        kept.name()
                    ));
                    match status {
                        // None will fare better with this token; with another they may.
                        401 | 403 => break,
                        404 => {}
                        _ => kept.set_aside(),
                    }
                }
            }
        }
        flushed.left = before - flushed.sent;
        Ok(flushed)
    }

    fn is_mine(&self, kept: &Spooled) -> bool {
        let project = self.project.as_ref();
        kept.entry.url == self.url && project.is_none_or(|project| *project == kept.entry.project)
    }

    async fn send(&self, entry: &Entry, deadline: Instant) -> Result<Deployment, Trouble> {
        let until = deadline.min(Instant::now() + REQUEST);
        let project = entry.project.as_str();
        let deployments = self.client.deployments();
        let sent = time::timeout_at(until, async {
            match entry.deployment_id {
                Some(id) => deployments.update(project, id, &entry.report.to_update()).await,
                None => deployments.create(project, &entry.report.to_new()).await,
            }
        });
        match sent.await {
            Ok(answer) => answer.map_err(|error| trouble(&error)),
            Err(_) => Err(Trouble::Away {
                why: format!("{} did not answer in time", self.url),
                status: None,
                retry_after: None,
            }),
        }
    }

    /// Keeps what has not arrived, and says so.
    pub(crate) fn keep(&self, queue: &mut Queue, why: &str) {
        tell(why);
        while let Some(entry) = queue.next() {
            queue.waiting.pop_front();
            let what = format!("`{}` of {}", status(&entry), entry.report.environment);
            match self.spool.as_ref().map(|spool| spool.add(&entry)) {
                Some(Ok(file)) => tell(&format!(
                    "{what} is kept in {}; the next `landfall run` or `landfall spool flush` sends it",
                    file.display()
                )),
                Some(Err(error)) => tell(&format!("{what} is lost, because it cannot be kept: {error}")),
                None => tell(&format!(
                    "{what} is lost, because there is no directory to keep it in; set LANDFALL_SPOOL_DIR"
                )),
            }
        }
    }
}

/// Lets the later reports of the same deployment change what the server has made of this one, also if another process
/// sends them.
fn follow(waiting: &mut VecDeque<Spooled>, sent: &Entry, id: i64) {
    let same = |kept: &&mut Spooled| {
        kept.entry.report.external_id == sent.report.external_id
            && kept.entry.project == sent.project
            && kept.entry.deployment_id.is_none()
    };
    for kept in waiting.iter_mut().filter(same) {
        kept.entry.deployment_id = Some(id);
        kept.rewrite();
    }
}

/// The word for where a report says that the deployment stands.
pub(crate) fn status(entry: &Entry) -> String {
    let word = serde_json::to_value(&entry.report.status).ok();
    word.and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn trouble(error: &Error) -> Trouble {
    let why = chain(error);
    match error {
        Error::Transport { .. } => Trouble::Away {
            why,
            status: None,
            retry_after: None,
        },
        Error::Refused(refusal) if matches!(refusal.status, 408 | 425 | 429 | 500..=599) => Trouble::Away {
            why,
            status: Some(refusal.status),
            retry_after: refusal.retry_after,
        },
        _ => Trouble::Refused {
            why,
            status: error.refusal().map_or(200, |refusal| refusal.status),
        },
    }
}

/// An error and what led to it, in one line.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
