//! What is kept in memory between requests, so that the same question is not asked of the database again: deployments as
//! they are written out, the users and environments that they show, answers made of them, and who may see what.
//!
//! Nothing here is ever older than the request it serves. Everything kept is true in one state of the database, the cache's
//! [`Position`]. Before a request looks, the cache follows the database to the state of that moment ([`Cache::sync`]) and
//! drops what has changed ([`landfall_store::changes`]), whoever changed it: this process, another node, the command line.
//! What a request has read is kept only if the cache is still in the very state that was read, so nothing can be put back
//! that was dropped meanwhile; and a request that reads a state finds here only what is of the same one.

mod answers;
mod bodies;
mod fence;
mod parts;
mod people;
mod rows;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use landfall_domain::ids::ProjectId;
use landfall_store::{
    Conn, Error,
    changes::{self, Change, News, Position},
};

pub(crate) use answers::Answer;
pub(crate) use fence::refresh;
pub(crate) use people::Owned;
pub(crate) use rows::{Row, Shown};

use self::{answers::Answers, bodies::Bodies, fence::Fences, parts::Parts, people::People, rows::Rows};

/// Bytes of deployments as they are written out that are kept at most: some 12,000 with their jobs.
const MOST_ROWS: u64 = 32 << 20;
/// Bytes of users as deployments show them that are kept at most, and of environments: some 5,000.
const MOST_PARTS: u64 = 2 << 20;
/// Bytes of answers without the deployments that they show that are kept at most: some 5,000 lists, or twice as many single
/// deployments.
const MOST_ANSWERS: u64 = 12 << 20;
/// Bytes of lists in one piece that are kept at most: some 300 of 20.
const MOST_WHOLE: u64 = 16 << 20;
/// Bytes of compressed bodies that are kept at most: some 1,500 of lists of 20.
const MOST_PACKED: u64 = 8 << 20;

/// The cache of a process.
pub(crate) struct Cache {
    state: RwLock<State>,
    rows: Rows,
    parts: Parts,
    answers: Answers,
    whole: Bodies,
    packed: Bodies,
    people: People,
    fences: Fences,
    given: AtomicU64,
}

/// Which state of the database the cache is in, and how often things have changed on the way there.
#[derive(Default)]
struct State {
    position: Option<Position>,
    /// Goes up with each change that any answer may show.
    all: u64,
    /// Goes up with each change in a project; 0 until there was one.
    projects: HashMap<ProjectId, u64>,
}

/// What an answer about a project was made from. It holds as long as this is what the cache says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Age {
    all: u64,
    project: u64,
}

impl State {
    fn age(&self, project: ProjectId) -> Age {
        Age {
            all: self.all,
            project: self.projects.get(&project).copied().unwrap_or_default(),
        }
    }
}

impl Cache {
    pub(crate) fn new() -> Cache {
        Cache {
            state: RwLock::default(),
            rows: Rows::new(MOST_ROWS),
            parts: Parts::new(MOST_PARTS),
            answers: Answers::new(MOST_ANSWERS),
            whole: Bodies::new(MOST_WHOLE, 50_000),
            packed: Bodies::new(MOST_PACKED, 5_000),
            people: People::new(),
            fences: Fences::default(),
            given: AtomicU64::default(),
        }
    }

    /// How many answers were given again, and how many bytes the cache holds.
    pub(crate) fn figures(&self) -> (u64, u64) {
        (
            self.given.load(Ordering::Relaxed),
            self.rows.bytes() + self.parts.bytes() + self.answers.bytes() + self.whole.bytes() + self.packed.bytes(),
        )
    }

    /// Brings the cache to the state that the connection reads, or a later one; answers the state that it reads. Call it
    /// first in a transaction that uses the cache.
    pub(crate) fn sync(&self, conn: &mut Conn<'_>) -> Result<Position, Error> {
        let known = self.position();
        let (position, news) = changes::news(conn, known)?;
        if known < Some(position) {
            self.follow(position, &news);
        }
        Ok(position)
    }

    /// Goes to this state, or stays in a later one. The news is what has changed since a state that the cache was in.
    fn follow(&self, position: Position, news: &News) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have gone part of the way meanwhile; to drop something twice does no harm.
        if state.position < Some(position) {
            self.forget(&mut state, news);
            state.position = Some(position);
        }
    }

    /// The state that the cache is in.
    pub(crate) fn position(&self) -> Option<Position> {
        self.state().position
    }

    fn forget(&self, state: &mut State, news: &News) {
        let News::Changes(news) = news else {
            state.all += 1;
            state.projects.clear();
            self.rows.clear();
            self.parts.clear();
            self.answers.clear();
            self.whole.clear();
            self.packed.clear();
            self.people.clear();
            return;
        };
        for change in news {
            match change {
                Change::Created(project) => *state.projects.entry(*project).or_default() += 1,
                Change::Deployment(project, id) => {
                    self.rows.remove(*id);
                    *state.projects.entry(*project).or_default() += 1;
                }
                Change::Environment(project, id) => {
                    self.rows.remove_environment(*id);
                    self.parts.remove_environment(*id);
                    *state.projects.entry(*project).or_default() += 1;
                }
                Change::User(id) => {
                    self.rows.remove_user(*id);
                    self.parts.remove_user(*id);
                    self.people.remove_user(*id);
                    state.all += 1;
                }
                Change::Token(id) => self.people.remove_token(*id),
                Change::Place => {
                    self.people.clear_places();
                    state.all += 1;
                }
                Change::Member => self.people.clear_levels(),
            }
        }
    }

    /// Runs `keep` if the cache is in this state, and holds it there meanwhile.
    fn keep(&self, position: Position, keep: impl FnOnce(&State)) {
        let state = self.state();
        if state.position == Some(position) {
            keep(&state);
        }
    }

    /// What `find` finds if the cache is in this state. In a later one it may hold what whoever reads this state must not see
    /// beside the rest of it.
    fn find<T>(&self, position: Position, find: impl FnOnce() -> Option<T>) -> Option<T> {
        let state = self.state();
        if state.position == Some(position) { find() } else { None }
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}
