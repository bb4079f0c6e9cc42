//! Environments: names, slugs and tiers (reference section 9).

use crate::{
    ids::{EnvironmentId, ProjectId},
    time::Timestamp,
};

/// Whether an environment runs (reference, neighbours 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// In use.
    Available,
    /// Being taken down.
    Stopping,
    /// Taken down; the next success brings it back.
    Stopped,
}

/// What an environment is for. The numbers are GitLab's stored ones (reference 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub enum Tier {
    /// The real thing.
    Production = 0,
    /// The rehearsal.
    Staging = 1,
    /// For tests.
    Testing = 2,
    /// For work in progress, review apps among it.
    Development = 3,
    /// Anything else.
    Other = 4,
}

/// Whether a stop job's absence keeps an environment from being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AutoStopSetting {
    /// Stopped with or without a stop job.
    Always,
    /// Stopped only where a stop job exists.
    WithAction,
}

/// An environment as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Global id.
    pub id: EnvironmentId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Name, unique in the project.
    pub name: String,
    /// Name made fit for host names, unique in the project, never changed.
    pub slug: String,
    /// Where it can be seen running.
    pub external_url: Option<String>,
    /// What it is for.
    pub tier: Tier,
    /// Whether it runs.
    pub state: State,
    /// What its owners note about it.
    pub description: Option<String>,
    /// How it may be stopped.
    pub auto_stop_setting: AutoStopSetting,
    /// When it is to be stopped.
    pub auto_stop_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
