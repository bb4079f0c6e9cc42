//! Deployments as they are written out.

use bytes::Bytes;
use landfall_domain::ids::{DeploymentId, EnvironmentId, ProjectId, UserId};
use landfall_store::changes::Position;
use quick_cache::{Weighter, sync};

use super::Cache;

/// What an entry costs beside its bytes.
const OVERHEAD: u64 = 160;
/// What a deployment with its job is reckoned at, for the size of tables.
const USUAL: u64 = 2_600;

/// A deployment as it is written out.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The form of lists.
    pub(crate) basic: Bytes,
    /// Where the keys of the extended form belong.
    pub(crate) gap: usize,
    /// Where it belongs.
    pub(crate) project: ProjectId,
    /// What it shows beside itself.
    pub(crate) environment: EnvironmentId,
    /// Its user.
    pub(crate) user: Option<UserId>,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<DeploymentId, Row> for Bytewise {
    fn weight(&self, _: &DeploymentId, row: &Row) -> u64 {
        OVERHEAD + row.basic.len() as u64
    }
}

pub(super) struct Rows(sync::Cache<DeploymentId, Row, Bytewise>);

impl Rows {
    pub(super) fn new(bytes: u64) -> Rows {
        let items = usize::try_from(bytes / USUAL).unwrap_or_default();
        Rows(sync::Cache::with_weighter(items, bytes, Bytewise))
    }

    pub(super) fn remove(&self, id: DeploymentId) {
        self.0.remove(&id);
    }

    pub(super) fn remove_environment(&self, id: EnvironmentId) {
        self.0.retain(|_, row| row.environment != id);
    }

    pub(super) fn remove_user(&self, id: UserId) {
        self.0.retain(|_, row| row.user != Some(id));
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl Cache {
    /// The deployment, if it is kept.
    pub(crate) fn row(&self, id: DeploymentId) -> Option<Row> {
        self.rows.0.get(&id)
    }

    /// Keeps a deployment that was read in this state.
    pub(crate) fn keep_row(&self, position: Position, id: DeploymentId, row: &Row) {
        self.keep(position, |_| self.rows.0.insert(id, row.clone()));
    }
}
