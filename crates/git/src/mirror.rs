//! Copies of remote repositories, made and kept up to date over git's smart HTTP.
//!
//! [`Mirrors`] is a directory of them; each has a key of its owner's choice. All work here blocks: it belongs on a thread
//! of its own. Remotes are not trusted, neither in what they send nor in how fast they do: see [`MirrorLimits`], and
//! `copy.rs` for what becomes of the names that they choose.

mod copy;
mod credentials;
mod error;
mod http;
mod interrupt;
mod packs;
mod remote;
mod session;
mod wire;

use std::{
    cell::RefCell,
    io,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    rc::Rc,
    time::{Duration, Instant},
};

use gix::ObjectId;
use landfall_net::{Client, Reach};
use tokio::runtime;

use self::{
    copy::Place,
    session::{Room, Session},
    wire::Wire,
};
pub use self::{
    credentials::{Credentials, CredentialsError},
    error::FetchError,
    interrupt::Interrupt,
    remote::{RemoteUrl, RemoteUrlError},
};
use crate::{pool::panic_text, repository::Repository};

/// What one copy may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MirrorLimits {
    /// Bytes of a copy on disk.
    pub size: u64,
    /// How long one fetch may take, the first one too.
    pub time: Duration,
    /// How long a remote may say nothing. Servers that prepare a pack send signs of life every few seconds.
    pub silence: Duration,
}

impl Default for MirrorLimits {
    /// 2 GiB, an hour, a minute.
    fn default() -> MirrorLimits {
        MirrorLimits {
            size: 2 << 30,
            time: Duration::from_hours(1),
            silence: Duration::from_mins(1),
        }
    }
}

/// A directory of copies. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mirrors {
    directory: PathBuf,
    reach: Reach,
    limits: MirrorLimits,
}

/// What is to be fetched.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// Which copy: letters, digits and `-` only.
    pub key: String,
    /// From where.
    pub remote: RemoteUrl,
    /// Who we are there, if we may say so.
    pub credentials: Option<Credentials>,
    /// Ids of commits that are asked for by name if no branch or tag leads to them.
    pub commits: Vec<String>,
}

impl Mirrors {
    /// Copies in a directory, which is made when the first one is.
    #[must_use]
    pub fn new(directory: PathBuf, reach: Reach, limits: MirrorLimits) -> Mirrors {
        Mirrors {
            directory,
            reach,
            limits,
        }
    }

    /// What says which branches and tags a copy has; `None` if there is none. Copies that have the same have the same digest.
    #[must_use]
    pub fn digest(&self, key: &str) -> Option<String> {
        copy::digest(&self.directory, key)
    }

    /// The copy with this key, whether it is there or not.
    #[must_use]
    pub fn repository(&self, key: &str) -> Repository {
        copy::repository(&self.directory, key)
    }

    /// The keys of all copies, also of those that are incomplete.
    pub fn keys(&self) -> io::Result<Vec<String>> {
        copy::keys(&self.directory)
    }

    /// Deletes a copy.
    pub fn remove(&self, key: &str) -> Result<(), FetchError> {
        copy::remove(&self.directory, key)
    }

    /// Makes a copy or brings it up to date: its branches and tags are the remote's then, and those that are gone there are
    /// gone. Answers the copy's new [digest](Mirrors::digest). Where this fails, the copy is as it was; whoever reads it meanwhile is
    /// not disturbed.
    pub fn fetch(&self, fetch: &Fetch, interrupt: &Interrupt) -> Result<String, FetchError> {
        let caught = panic::catch_unwind(AssertUnwindSafe(|| self.fetch_uncaught(fetch, interrupt)));
        // What a decoder stumbled over was sent by the remote.
        caught.unwrap_or_else(|panic| Err(FetchError::Protocol(panic_text(panic.as_ref()).to_owned())))
    }

    fn fetch_uncaught(&self, fetch: &Fetch, interrupt: &Interrupt) -> Result<String, FetchError> {
        let place = Place::take(&self.directory, &fetch.key)?;
        let no_client = |error: &dyn std::error::Error| FetchError::NoAnswer(error.to_string());
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| no_client(&error))?;
        let wire = Rc::new(RefCell::new(Wire {
            runtime,
            client: Client::new(self.reach.clone()).map_err(|error| no_client(&error))?,
            credentials: fetch.credentials.clone(),
            named: fetch.remote.url().clone(),
            interrupt: interrupt.clone(),
            started: Instant::now(),
            whole: self.limits.time,
            silence: self.limits.silence,
            left: 0,
            too_much: FetchError::TooManyRefs,
            failure: None,
        }));
        let mut session = Session::begin(&wire, &fetch.remote)?;
        let copy = place.open(session.refs.object_hash)?;
        session.fetch_refs(&copy.repo, self.room(&copy)?)?;
        for id in &fetch.commits {
            self.fetch_commit(&mut session, &copy, id)?;
        }
        let digest = copy.finish(&session.refs)?;
        self.tidy(&fetch.key, session.refs.object_hash, interrupt);
        Ok(digest)
    }

    /// The copy is complete as it is, so this may fail; it is tried again after the next fetch.
    fn tidy(&self, key: &str, format: gix::hash::Kind, interrupt: &Interrupt) {
        let packs = copy::home(&self.directory, key).join("objects/pack");
        let _ = packs::tidy(&packs, format, interrupt.flag());
    }

    /// Servers refuse what they do not have, or do not give, in many ways; none of them is a failure of the fetch.
    fn fetch_commit(&self, session: &mut Session, copy: &copy::Copy, id: &str) -> Result<(), FetchError> {
        match ObjectId::from_hex(id.as_bytes()) {
            Ok(id) if id.kind() == copy.repo.object_hash() && !copy.has(id) => {
                match session.fetch_commit(&copy.repo, id, self.room(copy)?) {
                    Err(error @ (FetchError::Interrupted | FetchError::TooSlow(_) | FetchError::Disk(_))) => Err(error),
                    Ok(()) | Err(_) => Ok(()),
                }
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Bytes that a copy may still grow.
    fn room(&self, copy: &copy::Copy) -> Result<Room, FetchError> {
        let most = self.limits.size;
        let left = most.saturating_sub(copy.size()?);
        Ok(Room { left, most })
    }
}
