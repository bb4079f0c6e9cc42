//! Who may see what: the owners of tokens, the projects that paths name and the levels in them.

use std::sync::Arc;

use jiff::civil::Date;
use landfall_domain::{
    ids::{ProjectId, TokenId, UserId},
    member::Levels,
    project::Project,
    token::{AccessToken, Digest},
    user::User,
};
use landfall_store::changes::Position;
use quick_cache::sync;

use super::Cache;

/// Tokens, projects and levels kept, each.
const MOST: usize = 4_096;

/// A token and its user.
pub(crate) type Owned = Arc<(AccessToken, User)>;

pub(super) struct People {
    tokens: sync::Cache<Digest, Owned>,
    /// By what the path says: an id or a full path.
    projects: sync::Cache<Box<str>, Arc<Project>>,
    /// Of a day, because memberships end.
    levels: sync::Cache<(ProjectId, UserId, Date), Levels>,
}

impl People {
    pub(super) fn new() -> People {
        People {
            tokens: sync::Cache::new(MOST),
            projects: sync::Cache::new(MOST),
            levels: sync::Cache::new(MOST),
        }
    }

    pub(super) fn remove_token(&self, id: TokenId) {
        self.tokens.retain(|_, owned| owned.0.id != id);
    }

    pub(super) fn remove_user(&self, id: UserId) {
        self.tokens.retain(|_, owned| owned.1.id != id);
    }

    pub(super) fn clear_places(&self) {
        self.projects.clear();
        self.levels.clear();
    }

    pub(super) fn clear_levels(&self) {
        self.levels.clear();
    }

    pub(super) fn clear(&self) {
        self.tokens.clear();
        self.clear_places();
    }
}

impl Cache {
    /// The token with this digest, and its user.
    pub(crate) fn token(&self, digest: &Digest) -> Option<Owned> {
        self.people.tokens.get(digest)
    }

    /// Keeps a token that was read in this state.
    pub(crate) fn keep_token(&self, position: Position, digest: &Digest, owned: &Owned) {
        self.keep(position, |_| self.people.tokens.insert(*digest, Arc::clone(owned)));
    }

    /// The project that is named so.
    pub(crate) fn project(&self, name: &str) -> Option<Arc<Project>> {
        self.people.projects.get(name)
    }

    /// Keeps a project that was read in this state.
    pub(crate) fn keep_project(&self, position: Position, name: &str, project: &Arc<Project>) {
        self.keep(position, |_| {
            self.people.projects.insert(name.into(), Arc::clone(project));
        });
    }

    /// The levels of a user in a project on a day.
    pub(crate) fn levels(&self, project: ProjectId, user: UserId, day: Date) -> Option<Levels> {
        self.people.levels.get(&(project, user, day))
    }

    /// Keeps levels that were read in this state.
    pub(crate) fn keep_levels(&self, position: Position, project: ProjectId, user: UserId, day: Date, levels: Levels) {
        self.keep(position, |_| self.people.levels.insert((project, user, day), levels));
    }
}
