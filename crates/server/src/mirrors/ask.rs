//! Questions to a project's repository, wherever that is, and names that a copy does not have.
//!
//! A name that is not in the copy may have been pushed a moment ago. So the remote is asked, once for all who wait, not more
//! often than every few seconds, and what was not there then is not asked for again until that time is over. Whoever asked
//! waits for some seconds at most. If the remote cannot say by then, nobody knows whether the name exists.

use std::{sync::Arc, time::Duration};

use landfall_domain::{
    git_name,
    mirror::Mirror,
    project::{Project, RepositoryPlace},
};
use landfall_git::{Commit, CommitId, Git, Repository};
use landfall_store::mirrors;
use tokio::time::{Instant, sleep, timeout_at};

use super::{Asked, MOST_COMMITS, Mirrors, Running, run};
use crate::ops::Refusal;

/// Names that are remembered not to be at a remote.
const MOST_MISSING: usize = 1000;
/// A remote that failed is left alone for so many pauses.
const FAILED_PAUSES: u32 = 6;

/// A project's repository as this node can ask it.
pub(crate) enum Home {
    /// There is none.
    None,
    /// In a directory.
    Directory(Repository),
    /// A remote one, and its copy, if it is there yet.
    Remote(Box<Mirror>, Repository),
}

/// Somebody who asks for names that a copy does not have.
#[derive(Clone, Copy, Debug)]
struct Asking {
    began: Instant,
    deadline: Instant,
}

/// Whether names are in a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// All of them.
    There,
    /// At least one is not, and neither is it at the remote.
    Missing,
    /// At least one is not, or there is no copy yet, and the remote cannot tell.
    Unknown,
}

/// What came of asking the remote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// The copy is newer than it was, or was new already: look again. What is still missing is missing at the remote if this
    /// is the last word; else ask again.
    Fetched {
        /// Whether the remote was asked since the question came up.
        is_last_word: bool,
    },
    /// The remote does not answer, or not in time.
    Unknown,
}

/// What to do next for somebody who asks.
enum Next {
    Tell(Told),
    Wait(Running),
    Pause(Duration),
}

impl Mirrors {
    /// The project's repository. A copy that is behind those of other nodes begins to catch up.
    pub(crate) async fn home_of(self: &Arc<Self>, project: &Project) -> Result<Home, Refusal> {
        let id = project.id;
        match &project.repository {
            None => return Ok(Home::None),
            Some(RepositoryPlace::Directory(directory)) => return Ok(Home::Directory(Repository::at(directory))),
            Some(RepositoryPlace::Remote(_)) => {}
        }
        let Some(mirror) = self.store.read(move |conn| mirrors::of_project(conn, id)).await? else {
            return Ok(Home::None);
        };
        if mirror.digest.is_some() && self.copies.digest(&mirror.key) != mirror.digest {
            self.begin(&mirror);
        }
        let repository = self.copies.repository(&mirror.key);
        Ok(Home::Remote(Box::new(mirror), repository))
    }

    /// The project's repository as it can be asked now.
    pub(crate) async fn repository_of(self: &Arc<Self>, project: &Project) -> Result<Option<Repository>, Refusal> {
        Ok(match self.home_of(project).await? {
            Home::None => None,
            Home::Directory(repository) => Some(repository),
            Home::Remote(mirror, repository) => self.has_copy(&mirror).then_some(repository),
        })
    }

    /// A commit of the project's repository as that can be asked now, if it has it.
    pub(crate) async fn commit(
        self: &Arc<Self>,
        git: &Git,
        project: &Project,
        id: CommitId,
    ) -> Result<Option<Commit>, Refusal> {
        match self.repository_of(project).await? {
            Some(repository) => Ok(git.run(repository, move |repository| repository.commit(&id)).await?),
            None => Ok(None),
        }
    }

    /// Whether there is a copy here yet.
    pub(crate) fn has_copy(&self, mirror: &Mirror) -> bool {
        self.copies.digest(&mirror.key).is_some()
    }

    /// Looks for names in a copy, and if one is not there brings the copy up to date, which takes some seconds at most. A
    /// name is whatever [`Repository::resolve`] takes.
    pub(crate) async fn seek(
        self: &Arc<Self>,
        git: &Git,
        mirror: &Mirror,
        names: &[&str],
        wait: Option<Duration>,
    ) -> Result<Presence, Refusal> {
        let began = Instant::now();
        let asking = Asking {
            began,
            deadline: began + wait.unwrap_or(self.settings.wait),
        };
        let mut is_last_word = false;
        loop {
            let Some(name) = self.missing(git, mirror, names).await? else {
                return Ok(Presence::There);
            };
            if is_last_word {
                self.note_missing(mirror, &name);
                return Ok(Presence::Missing);
            }
            match self.ask(mirror, &name, asking).await {
                Told::Fetched { is_last_word: last } => is_last_word = last,
                Told::Unknown => return Ok(Presence::Unknown),
            }
        }
    }

    /// The first name that is not in the copy, also where there is no copy yet.
    async fn missing(&self, git: &Git, mirror: &Mirror, names: &[&str]) -> Result<Option<String>, Refusal> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        if !self.has_copy(mirror) {
            return Ok(names.into_iter().next());
        }
        let look = move |repository: &Repository| {
            for name in names {
                if repository.resolve(&name)?.is_none() {
                    return Ok(Some(name));
                }
            }
            Ok(None)
        };
        Ok(git.run(self.copies.repository(&mirror.key), look).await?)
    }

    /// Brings the copy up to date because it lacks `name`, or waits for somebody who does.
    async fn ask(self: &Arc<Self>, mirror: &Mirror, name: &str, asking: Asking) -> Told {
        loop {
            match self.next(mirror, name) {
                Next::Tell(told) => return told,
                Next::Pause(pause) => {
                    if Instant::now() + pause > asking.deadline {
                        return Told::Unknown;
                    }
                    sleep(pause).await;
                }
                Next::Wait(mut running) => {
                    let ended = timeout_at(asking.deadline, running.ended.wait_for(Option::is_some)).await;
                    let has_succeeded = matches!(ended, Ok(Ok(ended)) if *ended == Some(true));
                    return if has_succeeded {
                        let is_last_word = running.started >= asking.began;
                        Told::Fetched { is_last_word }
                    } else {
                        Told::Unknown
                    };
                }
            }
        }
    }

    /// Notes that a name is not at the remote, so that it is not asked for again at once.
    fn note_missing(&self, mirror: &Mirror, name: &str) {
        if let Some(asked) = self.state().asked.get_mut(&mirror.key)
            && asked.missing.len() < MOST_MISSING
        {
            asked.missing.insert(name.to_owned());
        }
    }

    fn next(self: &Arc<Self>, mirror: &Mirror, name: &str) -> Next {
        let mut state = self.state();
        let rest = match state.asked.get(&mirror.key) {
            Some(asked) => {
                let rest = asked.rest(self.settings.pause);
                if rest.is_some() && asked.missing.contains(name) {
                    return Next::Tell(Told::Fetched { is_last_word: true });
                }
                if rest.is_some() && asked.has_failed {
                    return Next::Tell(Told::Unknown);
                }
                rest
            }
            None => None,
        };
        if git_name::is_object_id(name) {
            let commits = state.commits.entry(mirror.key.clone()).or_default();
            if commits.len() < MOST_COMMITS {
                commits.insert(name.to_ascii_lowercase());
            }
        }
        if let Some(running) = state.running.get(&mirror.key) {
            return Next::Wait(running.clone());
        }
        drop(state);
        match rest {
            Some(rest) => Next::Pause(rest),
            None => self.begin(mirror).map_or(Next::Tell(Told::Unknown), Next::Wait),
        }
    }

    /// Begins to bring a copy up to date, unless there is no place for it.
    fn begin(self: &Arc<Self>, mirror: &Mirror) -> Option<Running> {
        let (place, running) = self.place(mirror, false)?;
        tokio::spawn(run(place, mirror.clone()));
        Some(running)
    }
}

impl Asked {
    /// How long it is still too early to ask again.
    pub(super) fn rest(&self, pause: Duration) -> Option<Duration> {
        let pause = if self.has_failed { pause * FAILED_PAUSES } else { pause };
        pause.checked_sub(self.at.elapsed()).filter(|rest| !rest.is_zero())
    }
}
