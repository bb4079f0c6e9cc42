//! Flux's events, as its providers `generic` and `generic-hmac` send them.
//!
//! An event reports the state of an object, again and again: it has a revision and no attempt. Equal reports are news
//! only once, which is why no end is told here: the time of a report is not when the state began.

use landfall_domain::deployment::{Note, Status};
use serde_json::Value;

use super::{
    Broken, Delivery, Meaning,
    deployable::{self, Keys},
    observation::{About, EnvironmentHint, Key, Observation, ProjectHint},
    place::Place,
    revision::Revision,
};

pub(super) fn parse(delivery: &Delivery<'_>) -> Result<Meaning, Broken> {
    let body = delivery.json()?;
    let root = Place::root(&body)?;
    let involved = root.need_object("involvedObject")?;
    let kind = involved.need_text("kind")?;
    if kind != "Kustomization" && kind != "HelmRelease" {
        return Ok(Meaning::Ignored {
            why: "the object deploys nothing",
        });
    }
    let reason = root.need_text("reason")?;
    let Some(says) = Says::of(&reason, root.text("severity")?.as_deref()) else {
        return Ok(Meaning::Ignored {
            why: "the reason says nothing about a deployment",
        });
    };
    let metadata = Metadata::read(&root)?;
    let about = match (says.status, metadata.revision()) {
        (None, _) => About::Environment,
        (Some(_), Some(revision)) => About::Deployment {
            key: Key::FluxRevision {
                object: object(&involved, &kind)?,
                revision,
            },
            also: Vec::new(),
            run: None,
        },
        (Some(_), None) => {
            return Ok(Meaning::Ignored {
                why: "the event names no revision",
            });
        }
    };
    let report = report(&root, &involved, &metadata, says, about)?;
    Ok(Meaning::Observations(vec![report]))
}

fn report(
    root: &Place<'_>,
    involved: &Place<'_>,
    metadata: &Metadata<'_>,
    says: Says,
    about: About,
) -> Result<Observation, Broken> {
    let name = involved.need_text("name")?;
    let commit = metadata.commit();
    Ok(Observation {
        occurred_at: root.time("timestamp")?,
        sequence: says.status.map(|status| i64::from(status.is_finished())),
        project: metadata.get("landfall_project").map(|path| ProjectHint {
            path: Some(path),
            is_ours: true,
            ..ProjectHint::default()
        }),
        environment: metadata.get("landfall_environment").map(|name| EnvironmentHint {
            name,
            tier: None,
            external_url: None,
        }),
        service: metadata.get("landfall_service"),
        status: says.status,
        description: root.text("message")?,
        deployable: says.status.and_then(|status| job(name, status, &commit).told()),
        notes: says.note.into_iter().collect(),
        artifacts: commit.artifact.into_iter().chain(metadata.get("oci-digest")).collect(),
        sha: commit.sha,
        git_ref: commit.git_ref,
        tag: commit.tag,
        ..Observation::of(about)
    })
}

/// What an event says, by its reason. Without a status it is about what runs there, not about a deployment.
#[derive(Clone, Copy)]
struct Says {
    status: Option<Status>,
    note: Option<Note>,
}

impl Says {
    /// Reasons are those of the kustomize and helm controllers; whatever else is an error is a failure. `None` for what
    /// says nothing about a deployment.
    fn of(reason: &str, severity: Option<&str>) -> Option<Self> {
        let says = |status, note| Some(Self { status, note });
        match reason {
            "Progressing" | "ProgressingWithRetry" => says(Some(Status::Running), None),
            "ReconciliationSucceeded" | "InstallSucceeded" | "UpgradeSucceeded" | "TestSucceeded" => {
                says(Some(Status::Success), None)
            }
            "HealthCheckCanceled" => says(Some(Status::Canceled), None),
            "RollbackSucceeded" => says(Some(Status::Success), Some(Note::Rollback)),
            "RollbackFailed" => says(Some(Status::Failed), Some(Note::Rollback)),
            "UninstallSucceeded" => says(None, Some(Note::Removed)),
            "UninstallFailed" | "DependencyNotReady" | "DriftDetected" | "NoDriftDetected" => None,
            _ if reason.ends_with("Failed") || severity == Some("error") => says(Some(Status::Failed), None),
            _ => None,
        }
    }
}

/// The object, which keeps its uid for as long as it is the same one.
fn object(involved: &Place<'_>, kind: &str) -> Result<String, Broken> {
    let namespace = involved.text("namespace")?.unwrap_or_default();
    let name = involved.need_text("name")?;
    let uid = involved.text("uid")?.unwrap_or_default();
    Ok(format!("{kind}/{namespace}/{name}/{uid}"))
}

/// The event's `metadata`: what the controller says, under its own group (`kustomize.toolkit.fluxcd.io/revision`) or
/// without it, and what the Alert's `eventMetadata` or the object's annotations add.
struct Metadata<'a>(Option<Place<'a>>);

impl<'a> Metadata<'a> {
    fn read(root: &Place<'a>) -> Result<Self, Broken> {
        let metadata = Self(root.object("metadata")?);
        if let Some(place) = &metadata.0 {
            for key in place.members().keys() {
                place.text(key)?;
            }
        }
        Ok(metadata)
    }

    fn get(&self, name: &str) -> Option<String> {
        let is_it = |key: &str| match key.rsplit_once('/') {
            Some((group, short)) => short == name && group.ends_with("toolkit.fluxcd.io"),
            None => key == name,
        };
        let members = self.0.as_ref()?.members();
        let text = members.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)?;
        match text {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// What the deployment is known by. The version of a chart stays the same when only its values change; the token is
    /// the digest of those.
    fn revision(&self) -> Option<String> {
        let revision = self.get("revision").or_else(|| self.get("originRevision"))?;
        Some(match self.get("token") {
            Some(token) => format!("{revision}+{token}"),
            None => revision,
        })
    }

    /// The commit: what the users say, what the controller found out about the origin, and at last the revision itself.
    fn commit(&self) -> Revision {
        let read = |name| self.get(name).map(|text| Revision::of_flux(&text)).unwrap_or_default();
        let (revision, origin, commit) = (read("revision"), read("originRevision"), read("commit"));
        let named = Revision::named(&self.get("landfall_ref").unwrap_or_default());
        let is_named = named.git_ref.is_some();
        Revision {
            sha: self.get("landfall_sha").or(commit.sha).or(origin.sha).or(revision.sha),
            tag: if is_named {
                named.tag
            } else {
                origin.tag.or(revision.tag)
            },
            git_ref: named.git_ref.or(origin.git_ref).or(revision.git_ref),
            artifact: revision.artifact,
        }
    }
}

fn job(name: String, status: Status, commit: &Revision) -> Keys {
    Keys::new()
        .set("status", Some(status.as_str()))
        .set("name", Some(name))
        .set("ref", commit.git_ref.clone())
        .set("tag", commit.tag)
        .object("commit", deployable::commit(commit.sha.as_deref(), None))
        .set(
            "failure_reason",
            (status == Status::Failed).then_some("unknown_failure"),
        )
}
