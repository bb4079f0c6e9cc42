//! A deployment, an environment and a project as an import brings them.

use landfall_domain::{
    deployment::{Facts, Source, Status},
    environment::{AutoStopSetting, State, Tier},
    project::Visibility,
    time::Timestamp,
};
use serde_json::Value;

use super::Broken;
use crate::ops::{external_user::ExternalUser, job::GivenJob};

/// A deployment of another instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its id there.
    pub id: i64,
    /// Its number in the project there, if that system has such numbers.
    pub iid: Option<i64>,
    /// Where people see it there.
    pub url: Option<String>,
    /// Branch or tag.
    pub git_ref: String,
    /// Whether that is a tag.
    pub tag: bool,
    /// Commit.
    pub sha: String,
    /// The full object id behind it, as the other system has checked it.
    pub commit: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it finished, as far as that is known.
    pub finished_at: Option<Timestamp>,
    /// Who did it.
    pub user: Option<ExternalUser>,
    /// Where it went, as far as the deployment itself tells.
    pub environment: EnvironmentRecord,
    /// The job that did it.
    pub job: Option<GivenJob>,
    /// Whether that is only a part of what can be known of the job, and its name only stands for one.
    pub is_job_partial: bool,
    /// What is told beyond that; `None` for a system that has no such facts.
    pub facts: Option<Facts>,
    /// How it is to be recorded to have come here.
    pub source: Source,
    /// The keys that it is known by, the best one first: hooks about the same deployment have one of them.
    pub keys: Vec<String>,
    /// Whether its job is a GitLab's, which then alone may change it.
    pub owned_by_gitlab: bool,
}

/// An environment of another instance. What is `None` is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentRecord {
    /// Name.
    pub name: String,
    /// Name for host names.
    pub slug: Option<String>,
    /// Where it can be seen running.
    pub external_url: Option<String>,
    /// What it is for.
    pub tier: Option<Tier>,
    /// Whether it runs.
    pub state: Option<State>,
    /// What its owners note about it.
    pub description: Option<String>,
    /// How it may be stopped.
    pub auto_stop_setting: Option<AutoStopSetting>,
    /// When it is to be stopped.
    pub auto_stop_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// A project of another instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRecord {
    /// Its id there.
    pub id: i64,
    /// Groups and name in addresses.
    pub full_path: String,
    /// Shown name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Who may see it; private unless told.
    pub visibility: Visibility,
    /// Main branch.
    pub default_branch: Option<String>,
    /// Where people see it.
    pub web_url: Option<String>,
}

/// Refuses a NUL character anywhere: no database keeps one in a text.
pub(super) fn refuse_nul(value: &Value) -> Result<(), Broken> {
    fn has_nul(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(has_nul),
            Value::Object(members) => members.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    if has_nul(value) {
        return Err(Broken::Wrong {
            path: "a text".to_owned(),
            expected: "without NUL characters",
        });
    }
    Ok(())
}
