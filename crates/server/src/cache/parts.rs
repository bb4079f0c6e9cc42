//! Users and environments as deployments show them, written out. They are few, and shown by many.

use bytes::Bytes;
use landfall_domain::ids::{EnvironmentId, UserId};
use landfall_store::changes::Position;
use quick_cache::{Weighter, sync};

use super::Cache;

/// What an entry costs beside its bytes.
const OVERHEAD: u64 = 100;
/// What an entry is reckoned at, for the size of tables.
const USUAL: u64 = 400;

#[derive(Clone)]
struct Bytewise;

impl<K> Weighter<K, Bytes> for Bytewise {
    fn weight(&self, _: &K, written: &Bytes) -> u64 {
        OVERHEAD + written.len() as u64
    }
}

pub(super) struct Parts {
    users: sync::Cache<UserId, Bytes, Bytewise>,
    environments: sync::Cache<EnvironmentId, Bytes, Bytewise>,
}

impl Parts {
    /// At most so many bytes of each kind.
    pub(super) fn new(bytes: u64) -> Parts {
        let items = usize::try_from(bytes / USUAL).unwrap_or_default();
        Parts {
            users: sync::Cache::with_weighter(items, bytes, Bytewise),
            environments: sync::Cache::with_weighter(items, bytes, Bytewise),
        }
    }

    pub(super) fn remove_user(&self, id: UserId) {
        self.users.remove(&id);
    }

    pub(super) fn remove_environment(&self, id: EnvironmentId) {
        self.environments.remove(&id);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.users.weight() + self.environments.weight()
    }

    pub(super) fn clear(&self) {
        self.users.clear();
        self.environments.clear();
    }
}

impl Cache {
    /// The user as it is in this state, if it is kept.
    pub(crate) fn user(&self, position: Position, id: UserId) -> Option<Bytes> {
        self.find(position, || self.parts.users.get(&id))
    }

    /// Keeps a user that was read in this state.
    pub(crate) fn keep_user(&self, position: Position, id: UserId, written: &Bytes) {
        self.keep(position, |_| self.parts.users.insert(id, written.clone()));
    }

    /// The environment as it is in this state, if it is kept.
    pub(crate) fn environment(&self, position: Position, id: EnvironmentId) -> Option<Bytes> {
        self.find(position, || self.parts.environments.get(&id))
    }

    /// Keeps an environment that was read in this state.
    pub(crate) fn keep_environment(&self, position: Position, id: EnvironmentId, written: &Bytes) {
        self.keep(position, |_| self.parts.environments.insert(id, written.clone()));
    }
}
