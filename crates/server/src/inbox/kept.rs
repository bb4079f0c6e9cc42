//! Observations as they are kept, and what limits there are.

use landfall_domain::{
    deployment::{Facts, Note, Status},
    ids::DeploymentId,
    time::Timestamp,
};
use landfall_store::observations::Observed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    hooks_in::{About, EnvironmentHint, Key, Observation, UserHint, verify::digest},
    ops::{Refusal, job::KnownCommit, reports::Exact},
};

/// The longest ref or sha, in bytes.
const LONGEST_REF: usize = 1024;

/// What a report says, apart from what it is about. Untold is not "none".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) occurred_at: Option<Exact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sequence: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<EnvironmentHint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sha: Option<String>,
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub(crate) git_ref: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tag: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) artifacts: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<UserHint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deployable: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<Note>,
    /// Whether it is about a job that a GitLab runs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) of_gitlab_job: bool,
    /// When the deployment was made, as somebody who updates it through the API tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_at: Option<Exact>,
    /// When it finished, told in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Exact>,
}

/// What is stored: what was said, and what was known of it when it arrived.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Stored {
    #[serde(flatten)]
    pub(crate) kept: Kept,
    /// The full object id behind the sha, if the project's repository knew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    /// The same commit as a job shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) known_commit: Option<KnownCommit>,
}

/// An observation that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Its number.
    pub(crate) id: i64,
    /// The run that its deployment is part of.
    pub(crate) run: Option<String>,
    /// The record that was made of it.
    pub(crate) deployment_id: Option<DeploymentId>,
    /// When it arrived.
    pub(crate) received_at: Timestamp,
    /// What it says.
    pub(crate) said: Stored,
    /// Its place among the others.
    pub(crate) order: Order,
}

/// Sorts the observations of one sender, the newest last: by its clock, then by its count, then by how far the deployment
/// has come. What is still equal has a definite order, too, so that the outcome does not depend on the order of arrival.
pub(crate) type Order = (Option<Timestamp>, i64, u8, String);

impl Known {
    /// Reads one.
    pub(crate) fn read(row: Observed) -> Result<Known, Refusal> {
        let said: Stored = serde_json::from_str(&row.data).map_err(|error| landfall_store::Error::Corrupt {
            what: format!("observation {}: {error}", row.id),
        })?;
        Ok(Known {
            id: row.id,
            run: row.run,
            deployment_id: row.deployment_id,
            received_at: row.received_at,
            order: said.kept.order()?,
            said,
        })
    }

    /// One that is not kept: what a system says when it is asked.
    pub(crate) fn asked(observation: &Observation, now: Timestamp) -> Result<Known, Refusal> {
        let kept = Kept::of(observation)?;
        Ok(Known {
            id: 0,
            run: None,
            deployment_id: None,
            received_at: now,
            order: kept.order()?,
            said: Stored {
                kept,
                ..Stored::default()
            },
        })
    }

    /// When it happened, as far as that is known.
    pub(crate) fn occurred_at(&self) -> Timestamp {
        self.told_at().unwrap_or(self.received_at)
    }

    /// When it happened by the sender's clock.
    pub(crate) fn told_at(&self) -> Option<Timestamp> {
        self.said.kept.occurred_at.map(|Exact(time)| time)
    }
}

/// Reads them in their order.
pub(crate) fn ordered(rows: Vec<Observed>) -> Result<Vec<Known>, Refusal> {
    let mut known = rows.into_iter().map(Known::read).collect::<Result<Vec<_>, _>>()?;
    known.sort_by(|a, b| a.order.cmp(&b.order));
    Ok(known)
}

/// How far a deployment has come, from 1.
fn progress(status: Status) -> u8 {
    match status {
        Status::Created => 1,
        Status::Blocked => 2,
        Status::Running => 3,
        Status::Success | Status::Failed | Status::Canceled | Status::Skipped => 4,
    }
}

impl Kept {
    /// What an observation says, within the limits of what can be kept. What is refused names the field.
    pub(crate) fn of(observation: &Observation) -> Result<Kept, Refusal> {
        let too_long = |field, what: &str| Err(Refusal::field(field, format!("is too long (maximum is {what})")));
        let told = observation.clone();
        if told.git_ref.as_ref().is_some_and(|text| text.len() > LONGEST_REF) {
            return too_long("ref", "1024 bytes");
        }
        if told.sha.as_ref().is_some_and(|text| text.len() > LONGEST_REF) {
            return too_long("sha", "1024 bytes");
        }
        if told
            .service
            .as_ref()
            .is_some_and(|text| text.chars().count() > Facts::LONGEST_SERVICE)
        {
            return too_long("service", "255 characters");
        }
        let facts = Facts {
            service: told.service,
            description: told.description,
            notes: told.notes,
            artifacts: told.artifacts,
        };
        let facts = facts.cut();
        let kept = Kept {
            occurred_at: told.occurred_at.map(Exact),
            sequence: told.sequence,
            status: told.status,
            environment: told.environment,
            service: facts.service,
            sha: told.sha,
            git_ref: told.git_ref,
            tag: told.tag,
            artifacts: facts.artifacts,
            user: told.user,
            description: facts.description,
            deployable: told.deployable,
            notes: facts.notes,
            of_gitlab_job: matches!(
                &told.about,
                About::Deployment {
                    key: Key::GitlabJob { .. },
                    ..
                }
            ),
            created_at: None,
            finished_at: None,
        };
        if kept.has_nul()? {
            return Err(Refusal::field("text", "must not contain NUL characters"));
        }
        Ok(kept)
    }

    fn order(&self) -> Result<Order, Refusal> {
        Ok((
            self.occurred_at.map(|Exact(time)| time),
            self.sequence.unwrap_or(0),
            self.status.map_or(0, progress),
            self.digest()?,
        ))
    }

    /// Equal for equal ones.
    pub(crate) fn digest(&self) -> Result<String, Refusal> {
        Ok(digest(json(self)?.as_bytes()))
    }

    /// PostgreSQL keeps no NUL in a text.
    fn has_nul(&self) -> Result<bool, Refusal> {
        let value = serde_json::to_value(self).map_err(|error| landfall_store::Error::Engine(error.to_string()))?;
        Ok(holds_nul(&value))
    }
}

/// A value as JSON text.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Refusal> {
    Ok(serde_json::to_string(value).map_err(|error| landfall_store::Error::Engine(error.to_string()))?)
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| key.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
