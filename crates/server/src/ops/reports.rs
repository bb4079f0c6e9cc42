//! The reports about a deployment that its sender names by a key: how they are kept, and what they come to.
//!
//! Each report is an event, and the record is made anew from all of them whenever one arrives, in the order that
//! [`landfall_domain::report`] defines. So it is a function of the set of its reports, whatever their order of arrival.

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, GivenTimes, Status},
    event::{Event, Kind},
    ids::{DeploymentId, UserId},
    report::{Report, Standing, standing},
    time::Timestamp,
};
use landfall_store::{Conn, Tx, events, jobs::NewJob};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{
    Refusal,
    environment::{self, By},
    job::{GivenJob, KnownCommit, KnownUser},
    settle::{self, Settled},
};
use crate::imports::Record;

/// Reports about one deployment at most, for all of them are read when one arrives.
const MOST: usize = 1000;
/// The size in bytes, as they are kept, from which on no more are taken.
const FULL: usize = 16 << 20;

/// What a sender says about a deployment. Two reports that say the same are one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// The sender's own count.
    pub(crate) sequence: Option<i64>,
    /// When it happened at the sender; where that is not told, it is when the report arrived.
    pub(crate) occurred_at: Option<Exact>,
    /// When the deployment was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_at: Option<Exact>,
    /// When anything of it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<Exact>,
    /// When it finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Exact>,
    /// Where it stands.
    pub(crate) status: Status,
    /// Branch or tag.
    #[serde(rename = "ref")]
    pub(crate) git_ref: String,
    /// Whether that is a tag.
    pub(crate) tag: bool,
    /// Commit.
    pub(crate) sha: String,
    /// The job that does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deployable: Option<GivenJob>,
}

/// A report as its event keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reported {
    /// The key of the deployment.
    pub(crate) external_id: String,
    /// What was said.
    #[serde(flatten)]
    pub(crate) told: Told,
    /// The full object id behind the sha, if a repository knew it.
    pub(crate) commit: Option<String>,
    /// What was known here of the job's commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) known_commit: Option<KnownCommit>,
    /// What was known here of the job's user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) known_user: Option<KnownUser>,
    /// When it arrived, by the clock of this instance.
    pub(crate) received_at: Exact,
    /// Whether it was the newest when it arrived.
    pub(crate) applied: bool,
    /// Whether it was made elsewhere and came with an import.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) imported: bool,
    /// Who sent it.
    #[serde(skip)]
    pub(crate) actor: Option<UserId>,
}

/// A time that keeps its microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exact(pub(crate) Timestamp);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_exact())
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = Timestamp::parse_wire(&text).ok_or_else(|| D::Error::custom("no time"))?;
        Ok(Exact(time))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Reported {
    /// When it happened, as far as the report tells.
    pub(crate) fn occurred_at(&self) -> Timestamp {
        let Told {
            occurred_at,
            created_at,
            updated_at,
            finished_at,
            ..
        } = self.told;
        let told = occurred_at.or(finished_at).or(updated_at).or(created_at);
        told.unwrap_or(self.received_at).0
    }

    /// Whether the other report is this one, sent again.
    fn is_same(&self, other: &Reported) -> bool {
        self.told == other.told && self.actor == other.actor
    }

    fn report(&self) -> Report {
        let Told {
            sequence,
            created_at,
            finished_at,
            status,
            tag,
            ..
        } = self.told;
        let rest = (&self.told, self.actor.map(|actor| actor.0));
        Report {
            sequence,
            occurred_at: self.occurred_at(),
            created_at: created_at.map(|Exact(time)| time),
            finished_at: finished_at.map(|Exact(time)| time),
            status,
            git_ref: self.told.git_ref.clone(),
            tag,
            sha: self.told.sha.clone(),
            rest: serde_json::to_string(&rest).unwrap_or_default(),
        }
    }
}

/// All reports about a deployment.
#[derive(Default)]
pub(crate) struct Reports {
    /// In the sender's order.
    ordered: Vec<(Report, Reported)>,
    /// How many bytes they take, as they are kept.
    size: usize,
}

impl Reports {
    /// Reads them.
    pub(crate) fn of(conn: &mut Conn<'_>, deployment: DeploymentId) -> Result<Reports, Refusal> {
        let mut reports = Reports::default();
        for event in events::reports(conn, deployment)? {
            let mut reported: Reported =
                serde_json::from_str(&event.data).map_err(|error| landfall_store::Error::Corrupt {
                    what: format!("a report about deployment {}: {error}", deployment.0),
                })?;
            reported.actor = event.actor_id;
            reports.size += event.data.len();
            reports.ordered.push((reported.report(), reported));
        }
        reports.ordered.sort_by(|(a, _), (b, _)| a.compare(b));
        Ok(reports)
    }

    /// The commit behind a sha and ref that were reported before: what was checked once need not be there for ever.
    pub(crate) fn commit_of(&self, sha: &str, git_ref: &str) -> Option<&str> {
        let known = self.ordered.iter().map(|(_, reported)| reported);
        let mut same = known.filter(|known| known.told.sha == sha && known.told.git_ref == git_ref);
        same.find_map(|known| known.commit.as_deref())
    }

    /// Puts a report in its place, if there is room, and answers it with its fate; `None` if it is there already.
    pub(crate) fn add(&mut self, mut new: Reported) -> Result<Option<Reported>, Refusal> {
        if self.ordered.iter().any(|(_, known)| known.is_same(&new)) {
            return Ok(None);
        }
        if self.ordered.len() >= MOST || self.size >= FULL {
            let text = format!(
                "has too many reports: at most {MOST}, or {} MiB, are kept of one deployment",
                FULL >> 20
            );
            return Err(Refusal::field("external_id", text));
        }
        let report = new.report();
        let place = self
            .ordered
            .partition_point(|(known, _)| known.compare(&report).is_lt());
        new.applied = place == self.ordered.len();
        self.ordered.insert(place, (report, new.clone()));
        Ok(Some(new))
    }

    /// The same as a report that comes after all others, for what is asked for through the API and not reported.
    pub(crate) fn as_newest(&self, told: Told, now: Timestamp) -> Told {
        let newest = self.ordered.last().map(|(report, _)| report);
        let after = newest.map(|newest| Timestamp::from_micros(newest.occurred_at.as_micros().saturating_add(1)));
        Told {
            sequence: newest.and_then(|newest| newest.sequence),
            occurred_at: Some(Exact(after.map_or(now, |after| after.max(now)))),
            ..told
        }
    }

    /// What they say together; `None` if there are none.
    pub(crate) fn standing(&self) -> Option<Stands<'_>> {
        Some(Stands {
            standing: standing(self.ordered.iter().map(|(report, _)| report))?,
            commit: self.ordered.last()?.1.commit.as_deref(),
            user_id: self.ordered.first()?.1.actor,
        })
    }

    /// The job that they tell of together: later keys over earlier ones.
    pub(crate) fn job(&self) -> Option<NewJob> {
        let mut told: Option<NewJob> = None;
        for (_, reported) in &self.ordered {
            if let Some(given) = &reported.told.deployable {
                let before = told.as_ref();
                let known = (reported.known_commit.as_ref(), reported.known_user.as_ref());
                let next = given.complete(before.map(|before| &before.job), known.0, known.1);
                let id = given.id().or(before.and_then(|before| before.id));
                told = Some(NewJob { id, job: next.job });
            }
        }
        told
    }
}

/// What reports say together, with what goes along with it.
pub(crate) struct Stands<'a> {
    /// The statement itself.
    pub(crate) standing: Standing,
    /// The commit behind its sha.
    pub(crate) commit: Option<&'a str>,
    /// Who sent the first of them.
    pub(crate) user_id: Option<UserId>,
}

/// Notes a report.
pub(crate) fn append(tx: &mut Tx<'_>, about: &Deployment, reported: &Reported, by: By) -> Result<(), Refusal> {
    let data = serde_json::to_string(reported).map_err(|error| landfall_store::Error::Engine(error.to_string()))?;
    let event = Event {
        kind: Kind::DeploymentReported,
        project_id: Some(about.project_id),
        deployment_id: Some(about.id),
        environment_id: Some(about.environment_id),
        actor_id: reported.actor,
        data,
        at: by.now,
    };
    Ok(events::append(tx, &event)?)
}

/// What an import says about a deployment that has a key of its sender's, as the event that keeps a report has it.
pub(crate) fn imported(record: &Record, key: &str, now: Timestamp) -> Result<String, Refusal> {
    let reported = Reported {
        external_id: key.to_owned(),
        told: Told {
            sequence: None,
            occurred_at: Some(Exact(record.updated_at)),
            created_at: Some(Exact(record.created_at)),
            updated_at: Some(Exact(record.updated_at)),
            finished_at: record.finished_at.map(Exact),
            status: record.status,
            git_ref: record.git_ref.clone(),
            tag: record.tag,
            sha: record.sha.clone(),
            deployable: record.job.clone(),
        },
        commit: record.commit.clone(),
        known_commit: None,
        known_user: None,
        received_at: Exact(now),
        applied: true,
        imported: true,
        actor: None,
    };
    serde_json::to_string(&reported).map_err(|error| landfall_store::Error::Engine(error.to_string()).into())
}

/// Whether a deployment has a report that was made to this instance, and not imported.
pub(crate) fn any_of_here(conn: &mut Conn<'_>, deployment: DeploymentId) -> Result<bool, Refusal> {
    let reports = Reports::of(conn, deployment)?;
    Ok(reports.ordered.iter().any(|(_, reported)| !reported.imported))
}

/// Brings a record to where its reports stand; where it stands there already, nothing is written.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    mut found: DeploymentDetails,
    reports: &Reports,
    updated_at: Timestamp,
    by: By,
) -> Result<(), Refusal> {
    let Some(stands) = reports.standing() else {
        return Ok(());
    };
    let after = stands.over(&found.deployment);
    if settle::rewrite(tx, &found, after, reports.job(), updated_at, by)? == Settled::Success {
        environment::wake(tx, &mut found.environment, by)?;
    }
    Ok(())
}

impl Stands<'_> {
    /// The record as they have it.
    fn over(self, record: &Deployment) -> Deployment {
        let standing = self.standing;
        Deployment {
            user_id: self.user_id,
            git_ref: standing.git_ref,
            tag: standing.tag,
            sha: standing.sha,
            commit: self.commit.map(str::to_owned),
            status: standing.status,
            created_at: standing.created_at,
            finished_at: standing.finished_at,
            ..record.clone()
        }
    }
}

impl Told {
    /// With the times that a maintainer tells of a record from elsewhere.
    pub(crate) fn with_times(self, times: GivenTimes) -> Told {
        Told {
            created_at: times.created_at.map(Exact),
            updated_at: times.updated_at.map(Exact),
            finished_at: times.finished_at.map(Exact),
            ..self
        }
    }
}
