//! `CDEvents` over HTTP: the four events of a service, of the specification's versions 0.3 to 0.5, as `CloudEvents` in
//! binary or structured mode.
//!
//! The specification knows neither a start nor a failure, and no commit, user or job. Senders may put those into
//! `customData.landfall`; its schema is in `docs/hooks/cdevents.md`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use landfall_domain::{
    deployment::{Note, Status},
    environment::Tier,
    git_name,
    time::Timestamp,
};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{
    Broken, Delivery, Meaning,
    observation::{About, EnvironmentHint, Key, Observation, ProjectHint, UserHint, shown_email},
    place::Place,
    revision::Revision,
};
use crate::ops::job::GivenJob;

/// Source and id of the event.
pub(super) fn delivery_id(delivery: &Delivery<'_>) -> Option<String> {
    let envelope = Envelope::read(delivery).ok()?;
    let body = envelope.data;
    let context = body.get("context");
    let told = |attribute: Option<String>, key: &str| {
        attribute.or_else(|| {
            context
                .and_then(|context| context.get(key)?.as_str())
                .map(str::to_owned)
        })
    };
    let source = told(envelope.source, "source")?;
    let id = told(envelope.id, "id")?;
    Some(format!("{source} {id}"))
}

pub(super) fn parse(delivery: &Delivery<'_>) -> Result<Meaning, Broken> {
    let envelope = Envelope::read(delivery)?;
    let root = Place::root(&envelope.data)?;
    let context = root.need_object("context")?;
    let kind = match envelope.kind {
        Some(kind) => kind,
        None => context.need_text("type")?,
    };
    let Some(event) = Event::of(&kind) else {
        return Ok(Meaning::Ignored {
            why: "the event says nothing about deployments",
        });
    };
    let source = match envelope.source {
        Some(source) => source,
        None => context.need_text("source")?,
    };
    let id = match envelope.id {
        Some(id) => id,
        None => context.need_text("id")?,
    };
    let subject = root.need_object("subject")?;
    let told = subject.need_object("content")?;
    let custom = match custom(&root)? {
        Some(custom) => Custom::read(&custom)?,
        None => Custom::default(),
    };
    let environment = EnvironmentHint {
        name: told.need_object("environment")?.need_text("id")?,
        tier: custom.tier,
        external_url: custom.environment_url,
    };
    let artifact = told.text("artifactId")?;
    let packaged = artifact.as_deref().and_then(commit_of_package);
    let status = (event != Event::Removed).then(|| custom.status.unwrap_or(Status::Success));
    let named = Revision::named(custom.git_ref.as_deref().unwrap_or_default());
    let occurred_at = match context.time("timestamp")? {
        Some(time) => Some(time),
        None => envelope.time.as_deref().and_then(Timestamp::parse_wire),
    };
    Ok(Meaning::Observations(vec![Observation {
        occurred_at,
        sequence: custom.sequence.or_else(|| status.map(progress)),
        project: custom.project,
        environment: Some(environment),
        service: Some(subject.need_text("id")?),
        sha: custom.sha.or_else(|| packaged.map(str::to_owned)),
        git_ref: named.git_ref,
        tag: custom.tag.or(named.tag),
        artifacts: artifact.iter().cloned().collect(),
        status,
        user: custom.user,
        description: custom.description,
        deployable: custom.deployable,
        notes: event.note().into_iter().collect(),
        ..Observation::of(event.about(source, custom.deployment.unwrap_or(id)))
    }]))
}

/// How far a deployment of that status has come.
fn progress(status: Status) -> i64 {
    match status {
        Status::Created => 0,
        Status::Blocked => 1,
        Status::Running => 2,
        Status::Success | Status::Failed | Status::Canceled | Status::Skipped => 3,
    }
}

/// The `CloudEvent` around an event. The event repeats what is in it, so it may be missing.
#[derive(Default)]
struct Envelope {
    id: Option<String>,
    source: Option<String>,
    kind: Option<String>,
    time: Option<String>,
    data: Value,
}

impl Envelope {
    fn read(delivery: &Delivery<'_>) -> Result<Self, Broken> {
        let body = delivery.json()?;
        let content_type = delivery.header("content-type").unwrap_or_default();
        if content_type.starts_with("application/cloudevents-batch") {
            return Err(Broken::Wrong {
                path: "the body".to_owned(),
                expected: "one event, not a batch",
            });
        }
        if content_type.starts_with("application/cloudevents") {
            return Self::structured(&body);
        }
        let attribute = |name: &str| {
            let text = delivery.header(name)?;
            // Senders write what is not ASCII in percent-encoding.
            Some(percent_decode_str(text).decode_utf8_lossy().into_owned())
        };
        Ok(Self {
            id: attribute("ce-id"),
            source: attribute("ce-source"),
            kind: attribute("ce-type"),
            time: attribute("ce-time"),
            data: body,
        })
    }

    fn structured(body: &Value) -> Result<Self, Broken> {
        let root = Place::root(body)?;
        let data = match (root.raw("data"), root.text("data_base64")?) {
            (Some(Value::String(text)), _) => json(&root, "data", text.as_bytes())?,
            (Some(data), _) => data.clone(),
            (None, Some(text)) => {
                let bytes = STANDARD.decode(text).map_err(|_| root.wrong("data_base64", "base64"))?;
                json(&root, "data_base64", &bytes)?
            }
            (None, None) => return Err(root.missing("data")),
        };
        Ok(Self {
            id: root.text("id")?,
            source: root.text("source")?,
            kind: root.text("type")?,
            time: root.text("time")?,
            data,
        })
    }
}

fn json(root: &Place<'_>, key: &str, bytes: &[u8]) -> Result<Value, Broken> {
    serde_json::from_slice(bytes).map_err(|_| root.wrong(key, "an event in JSON"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Deployed,
    Upgraded,
    RolledBack,
    Removed,
}

impl Event {
    /// The event of a type, whose version stands at its end.
    fn of(kind: &str) -> Option<Self> {
        let (predicate, _version) = kind.strip_prefix("dev.cdevents.service.")?.split_once('.')?;
        match predicate {
            "deployed" => Some(Self::Deployed),
            "upgraded" => Some(Self::Upgraded),
            "rolledback" => Some(Self::RolledBack),
            "removed" => Some(Self::Removed),
            _ => None,
        }
    }

    fn note(self) -> Option<Note> {
        match self {
            Self::Deployed | Self::Upgraded => None,
            Self::RolledBack => Some(Note::Rollback),
            Self::Removed => Some(Note::Removed),
        }
    }

    fn about(self, source: String, id: String) -> About {
        if self == Self::Removed {
            return About::Environment;
        }
        About::Deployment {
            key: Key::Cdevent { source, id },
            also: Vec::new(),
            run: None,
        }
    }
}

/// `customData.landfall`. Custom data of another type than JSON is passed over.
fn custom<'a>(root: &Place<'a>) -> Result<Option<Place<'a>>, Broken> {
    match root.raw("customData") {
        Some(Value::Object(_)) => root.need_object("customData")?.object("landfall"),
        _ => Ok(None),
    }
}

/// What the specification has no place for.
#[derive(Default)]
struct Custom {
    deployment: Option<String>,
    sequence: Option<i64>,
    project: Option<ProjectHint>,
    status: Option<Status>,
    sha: Option<String>,
    git_ref: Option<String>,
    tag: Option<bool>,
    tier: Option<Tier>,
    environment_url: Option<String>,
    user: Option<UserHint>,
    description: Option<String>,
    deployable: Option<Map<String, Value>>,
}

impl Custom {
    fn read(place: &Place<'_>) -> Result<Self, Broken> {
        let status = match place.text("status")? {
            Some(text) => {
                Some(Status::parse(&text).ok_or_else(|| place.wrong("status", "the status of a deployment"))?)
            }
            None => None,
        };
        let tier = match place.text("environment_tier")? {
            Some(text) => Some(Tier::parse(&text).ok_or_else(|| place.wrong("environment_tier", "a tier"))?),
            None => None,
        };
        Ok(Self {
            deployment: place.text("deployment")?,
            sequence: place.integer("sequence")?,
            project: place.text("project")?.map(|path| ProjectHint {
                path: Some(path),
                is_ours: true,
                ..ProjectHint::default()
            }),
            status,
            sha: place.text("sha")?,
            git_ref: place.text("ref")?,
            tag: place.boolean("tag")?,
            tier,
            environment_url: place.text("environment_url")?,
            user: user(place)?,
            description: place.text("description")?,
            deployable: job(place)?,
        })
    }
}

fn user(place: &Place<'_>) -> Result<Option<UserHint>, Broken> {
    let Some(user) = place.object("user")? else {
        return Ok(None);
    };
    let hint = UserHint {
        username: user.text("username")?,
        name: user.text("name")?,
        email: shown_email(user.text("email")?),
        avatar_url: user.text("avatar_url")?,
        ..UserHint::default()
    };
    Ok(hint.known())
}

/// A job in GitLab's shape, as the Deployments API takes one.
fn job(place: &Place<'_>) -> Result<Option<Map<String, Value>>, Broken> {
    let Some(told) = place.object("deployable")? else {
        return Ok(None);
    };
    match GivenJob::read(&place.path_of("deployable"), told.members(), true) {
        Ok(_) => Ok(Some(told.members().clone())),
        Err(refusals) => Err(Broken::Job(refusals.join(", "))),
    }
}

/// The commit of a package URL whose version is one: `pkg:github/acme/shop@<sha>`.
fn commit_of_package(url: &str) -> Option<&str> {
    let package = url.strip_prefix("pkg:")?;
    let (kind, _) = package.split_once('/')?;
    let has_commits = ["github", "gitlab", "bitbucket"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known));
    let name = package.split(['?', '#']).next().unwrap_or_default();
    let (_, version) = name.rsplit_once('@').filter(|_| has_commits)?;
    Some(version).filter(|version| git_name::is_object_id(version))
}
