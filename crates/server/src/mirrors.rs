//! Copies of remote repositories: when they are made and brought up to date, and by whom.
//!
//! Each node has copies of its own in its data directory. One that is due is taken by one node, on behalf of all; another one
//! notices by the digest of the refs that its own is behind, and catches up when it is asked. [`ask`] is for names that a copy
//! does not have. A fetch runs on a thread of its own; there are few of them, and fewer to one host, so that a remote that
//! hangs is in nobody's way.

mod ask;

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use landfall_domain::{
    mirror::{Mirror, pause},
    time::Clock,
};
use landfall_git::{Credentials, CredentialsError, Fetch, FetchError, Interrupt, MirrorLimits, RemoteUrl};
use landfall_net::Reach;
use landfall_store::{Store, Tx, mirrors, projects};
use tokio::{
    sync::{Notify, oneshot, watch},
    time::Instant,
};
use tracing::{info, warn};

pub(crate) use self::ask::{Home, Presence};
use crate::ops::Refusal;

/// Fetches at a time.
const PLACES: usize = 16;
/// Those of them that nobody waits for.
const SCHEDULED_PLACES: usize = 12;
/// Those of them from one host.
const HOST_PLACES: usize = 4;
/// Those of them from one host that nobody waits for.
const SCHEDULED_HOST_PLACES: usize = 3;
/// How long a copy is held by a node that brings it up to date, and how often that is made longer.
const HELD: Duration = Duration::from_mins(2);
const HELD_AGAIN: Duration = Duration::from_secs(30);
/// Commits that are asked for by name in one fetch.
const MOST_COMMITS: usize = 20;

/// What the operator decides about copies.
#[derive(Clone, Debug)]
pub struct MirrorSettings {
    /// Where they are.
    pub directory: PathBuf,
    /// How often each is brought up to date.
    pub interval: Duration,
    /// What each may cost.
    pub limits: MirrorLimits,
    /// Who we are at remotes.
    pub credentials: CredentialSource,
    /// How long a request waits for a name that a copy does not have.
    pub wait: Duration,
    /// The shortest pause between two fetches that requests ask for.
    pub pause: Duration,
}

impl MirrorSettings {
    /// Every five minutes.
    pub const INTERVAL: Duration = Duration::from_mins(5);

    /// As they are unless the operator says otherwise.
    #[must_use]
    pub fn in_directory(directory: PathBuf) -> MirrorSettings {
        MirrorSettings {
            directory,
            interval: Self::INTERVAL,
            limits: MirrorLimits::default(),
            credentials: CredentialSource::None,
            wait: Duration::from_secs(10),
            pause: Duration::from_secs(5),
        }
    }
}

/// Where credentials come from.
#[derive(Clone, Debug)]
pub enum CredentialSource {
    /// There are none.
    None,
    /// They were told.
    Told(Credentials),
    /// A file, which is read before each fetch, so that it may change.
    File(PathBuf),
}

impl CredentialSource {
    /// Reads them.
    pub fn load(&self) -> Result<Option<Credentials>, CredentialsError> {
        match self {
            Self::None => Ok(None),
            Self::Told(credentials) => Ok(Some(credentials.clone())),
            Self::File(path) => Credentials::read(path).map(Some),
        }
    }
}

/// What a fetch has brought.
struct Fetched {
    digest: String,
    /// The branch that `HEAD` names.
    branch: Option<String>,
}

/// The copies of this node.
pub(crate) struct Mirrors {
    copies: landfall_git::Mirrors,
    settings: MirrorSettings,
    store: Store,
    clock: Arc<dyn Clock>,
    node: String,
    interrupt: Interrupt,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    running: HashMap<String, Running>,
    /// Commits that the next fetch is to ask for by name.
    commits: HashMap<String, BTreeSet<String>>,
    /// The last fetches that requests asked for.
    asked: HashMap<String, Asked>,
}

/// A fetch that is under way.
#[derive(Clone)]
struct Running {
    host: String,
    is_scheduled: bool,
    started: Instant,
    /// Whether it has succeeded, once it is over.
    ended: watch::Receiver<Option<bool>>,
}

/// A fetch that a request asked for and that is over.
struct Asked {
    at: Instant,
    has_failed: bool,
    /// Names that were looked for in vain after it.
    missing: BTreeSet<String>,
}

/// The right to bring one copy up to date; it ends with this value.
pub(crate) struct Place {
    mirrors: Arc<Mirrors>,
    key: String,
    is_scheduled: bool,
    ended: watch::Sender<Option<bool>>,
}

impl Mirrors {
    pub(crate) fn new(
        settings: MirrorSettings,
        reach: Reach,
        store: Store,
        clock: Arc<dyn Clock>,
        node: String,
    ) -> Mirrors {
        Mirrors {
            copies: landfall_git::Mirrors::new(settings.directory.clone(), reach, settings.limits),
            settings,
            store,
            clock,
            node,
            interrupt: Interrupt::default(),
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Reserves a place for a copy, unless it has one or there is none left.
    fn place(self: &Arc<Self>, mirror: &Mirror, is_scheduled: bool) -> Option<(Place, Running)> {
        let host = RemoteUrl::parse(&mirror.url).map(|url| url.host()).unwrap_or_default();
        let mut state = self.state();
        let running = state.running.values();
        let of_host = running.clone().filter(|other| other.host == host).count();
        let scheduled = running.filter(|other| other.is_scheduled).count();
        let is_full = if is_scheduled {
            scheduled >= SCHEDULED_PLACES || of_host >= SCHEDULED_HOST_PLACES
        } else {
            of_host >= HOST_PLACES
        };
        if is_full || state.running.len() >= PLACES || state.running.contains_key(&mirror.key) {
            return None;
        }
        let (sender, ended) = watch::channel(None);
        let running = Running {
            host,
            is_scheduled,
            started: Instant::now(),
            ended,
        };
        state.running.insert(mirror.key.clone(), running.clone());
        drop(state);
        let place = Place {
            mirrors: Arc::clone(self),
            key: mirror.key.clone(),
            is_scheduled,
            ended: sender,
        };
        Some((place, running))
    }

    /// Takes a copy that is due, if there is a place for it, and begins with it; answers whether it did.
    pub(crate) async fn take(self: &Arc<Self>, mirror: Mirror) -> Result<bool, Refusal> {
        let Some((place, _)) = self.place(&mirror, true) else {
            return Ok(false);
        };
        let (node, now, wanted) = (self.node.clone(), self.clock.now(), mirror.clone());
        let take = move |tx: &mut Tx<'_>| mirrors::take(tx, &wanted, &node, now, now.plus(HELD));
        let taken = self.store.write(take).await?;
        if taken {
            tokio::spawn(run(place, mirror));
        }
        Ok(taken)
    }

    /// Ends what is under way and waits for it. Nothing is lost by that.
    pub(crate) async fn stop(&self) {
        self.interrupt.trigger();
        self.settled().await;
    }

    /// Waits until nothing is under way; answers whether anything was.
    pub(crate) async fn settled(&self) -> bool {
        let mut was_busy = false;
        loop {
            let changed = self.changed.notified();
            if self.state().running.is_empty() {
                return was_busy;
            }
            was_busy = true;
            changed.await;
        }
    }

    /// Deletes copies that nobody wants any more.
    pub(crate) async fn clear(&self) -> Result<(), Refusal> {
        let keys = match self.copies.keys() {
            Ok(keys) => keys,
            Err(error) => {
                warn!(%error, "the directory of mirrors cannot be read");
                return Ok(());
            }
        };
        for key in keys {
            let wanted = key.clone();
            if !self.store.read(move |conn| mirrors::is_known(conn, &wanted)).await?
                && let Err(error) = self.copies.remove(&key)
            {
                warn!(%error, "a mirror that nobody wants any more cannot be removed");
            }
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches on a thread of its own.
    fn start(&self, mirror: &Mirror) -> io::Result<oneshot::Receiver<Result<Fetched, FetchError>>> {
        let commits = self.state().commits.remove(&mirror.key).unwrap_or_default();
        let (copies, interrupt) = (self.copies.clone(), self.interrupt.clone());
        let (url, key) = (mirror.url.clone(), mirror.key.clone());
        let source = if mirror.with_credentials {
            self.settings.credentials.clone()
        } else {
            CredentialSource::None
        };
        let (tell, told) = oneshot::channel();
        let work = move || -> Result<Fetched, FetchError> {
            let remote = RemoteUrl::parse(&url).map_err(|error| FetchError::Address(error.to_string()))?;
            let credentials = source
                .load()
                .map_err(|error| FetchError::Credentials(error.to_string()))?;
            let fetch = Fetch {
                key: key.clone(),
                remote,
                credentials,
                commits: commits.into_iter().collect(),
            };
            let digest = copies.fetch(&fetch, &interrupt)?;
            // One that cannot be read is told to whoever asks it.
            let head = copies.repository(&key).head().ok().flatten();
            Ok(Fetched {
                digest,
                branch: head.and_then(|head| head.branch),
            })
        };
        thread::Builder::new().name("mirror".to_owned()).spawn(move || {
            // Whoever waited may be gone, as when the server stops.
            let _ = tell.send(work());
        })?;
        Ok(told)
    }

    /// Waits for the end of a fetch, and holds the copy as long as that takes if this node has taken it.
    async fn fetched(&self, mirror: &Mirror, is_scheduled: bool) -> Result<Fetched, FetchError> {
        let mut told = self
            .start(mirror)
            .map_err(|error| FetchError::NoAnswer(error.to_string()))?;
        loop {
            tokio::select! {
                ended = &mut told => return ended.unwrap_or(Err(FetchError::Interrupted)),
                () = tokio::time::sleep(HELD_AGAIN) => if is_scheduled {
                    self.hold(mirror).await;
                },
            }
        }
    }

    async fn hold(&self, mirror: &Mirror) {
        let (key, node) = (mirror.key.clone(), self.node.clone());
        let until = self.clock.now().plus(HELD);
        let held = self.store.write(move |tx| mirrors::hold(tx, &key, &node, until)).await;
        if let Err(error) = held {
            warn!(%error, "a mirror could not be held, and another node may begin with it");
        }
    }

    /// Notes what came of a fetch.
    async fn settle(&self, mirror: &Mirror, result: &Result<Fetched, FetchError>) -> Result<(), landfall_store::Error> {
        let (node, mirror, now) = (self.node.clone(), mirror.clone(), self.clock.now());
        let next_at = |failures| now.plus(pause(self.settings.interval, failures, luck()));
        match result {
            Ok(fetched) => {
                let (digest, branch, next_at) = (fetched.digest.clone(), fetched.branch.clone(), next_at(0));
                let work = move |tx: &mut Tx<'_>| {
                    if let Some(branch) = branch.as_ref().filter(|_| mirror.fetched_at.is_none()) {
                        projects::set_default_branch(tx, mirror.project_id, branch)?;
                    }
                    mirrors::fetched(tx, &mirror.key, &node, now, &digest, next_at)
                };
                self.store.write(work).await
            }
            Err(FetchError::Interrupted | FetchError::Taken) => {
                self.store.write(move |tx| mirrors::give_back(tx, &mirror, &node)).await
            }
            Err(error) => {
                let (text, next_at) = (error.public_text(), next_at(mirror.failures + 1));
                let work = move |tx: &mut Tx<'_>| mirrors::failed(tx, &mirror.key, &node, &text, next_at);
                self.store.write(work).await
            }
        }
    }
}

/// Brings a copy up to date and notes what came of it.
async fn run(place: Place, mirror: Mirror) {
    let mirrors = Arc::clone(&place.mirrors);
    let result = mirrors.fetched(&mirror, place.is_scheduled).await;
    let project = mirror.project_id.0;
    if let Err(error) = mirrors.settle(&mirror, &result).await {
        warn!(project, %error, "the state of a mirror could not be noted");
    }
    // After that, so that whoever reads it finds the state that it tells of.
    match &result {
        Ok(_) if mirror.fetched_at.is_none() => info!(project, "a mirror is there"),
        Ok(_) | Err(FetchError::Interrupted) => {}
        Err(error) => warn!(project, url = mirror.url, %error, "a mirror could not be brought up to date"),
    }
    place.end(result.is_ok());
}

impl Place {
    fn end(self, has_succeeded: bool) {
        let mut state = self.mirrors.state();
        if !self.is_scheduled {
            let pause = self.mirrors.settings.pause;
            state.asked.retain(|_, asked| asked.rest(pause).is_some());
            let asked = Asked {
                at: Instant::now(),
                has_failed: !has_succeeded,
                missing: BTreeSet::new(),
            };
            state.asked.insert(self.key.clone(), asked);
        }
        drop(state);
        self.ended.send_replace(Some(has_succeeded));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.mirrors.state().running.remove(&self.key);
        self.ended
            .send_if_modified(|ended| ended.is_none().then(|| *ended = Some(false)).is_some());
        self.mirrors.changed.notify_waiters();
    }
}

fn luck() -> u16 {
    let mut random = [0; 2];
    // Without randomness all wait the same.
    let _ = getrandom::fill(&mut random);
    u16::from_ne_bytes(random)
}
