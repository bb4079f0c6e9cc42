//! The keys of a job and of the objects in it, in GitLab's order, and what each may hold.

use landfall_domain::time::Timestamp;
use serde_json::{Map, Value};

use super::{Job, Pipeline, Runner, Snapshot};
use crate::api::convert::{self, Converted};

/// What a key holds. `null` is always fine.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// Yes or no.
    Boolean,
    /// A time.
    Time,
    /// A list of texts.
    TextList,
    /// Whatever is told.
    Anything,
    /// An object with these keys.
    Object(&'static [Key]),
    /// A list of whatever is told.
    List,
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind }
}

/// Reference 7.5.
pub const JOB: &[Key] = &[
    key("id", Kind::Integer),
    key("status", Kind::Text),
    key("stage", Kind::Text),
    key("name", Kind::Text),
    key("ref", Kind::Text),
    key("tag", Kind::Boolean),
    key("coverage", Kind::Float),
    key("allow_failure", Kind::Boolean),
    key("created_at", Kind::Time),
    key("started_at", Kind::Time),
    key("finished_at", Kind::Time),
    key("erased_at", Kind::Time),
    key("duration", Kind::Float),
    key("queued_duration", Kind::Float),
    key("user", Kind::Object(USER)),
    key("commit", Kind::Object(COMMIT)),
    key("pipeline", Kind::Object(PIPELINE)),
    key("failure_reason", Kind::Text),
    key("web_url", Kind::Text),
    key(
        "project",
        Kind::Object(&[key("ci_job_token_scope_enabled", Kind::Boolean)]),
    ),
    key("artifacts_file", Kind::Object(ARTIFACTS_FILE)),
    key("artifacts", Kind::List),
    key("runner", Kind::Object(RUNNER)),
    key("runner_manager", Kind::Object(RUNNER_MANAGER)),
    key("artifacts_expire_at", Kind::Time),
    key("archived", Kind::Boolean),
    key("tag_list", Kind::TextList),
];

/// Reference 7.6, with the seed's `skype`.
pub(super) const USER: &[Key] = &[
    key("id", Kind::Integer),
    key("username", Kind::Text),
    key("public_email", Kind::Text),
    key("name", Kind::Text),
    key("state", Kind::Text),
    key("locked", Kind::Boolean),
    key("avatar_url", Kind::Text),
    key("web_url", Kind::Text),
    key("created_at", Kind::Time),
    key("bio", Kind::Text),
    key("location", Kind::Text),
    key("skype", Kind::Text),
    key("linkedin", Kind::Text),
    key("twitter", Kind::Text),
    key("discord", Kind::Text),
    key("website_url", Kind::Text),
    key("github", Kind::Text),
    key("job_title", Kind::Text),
    key("pronouns", Kind::Text),
    key("organization", Kind::Text),
    key("bot", Kind::Boolean),
    key("work_information", Kind::Text),
    key("followers", Kind::Integer),
    key("following", Kind::Integer),
    key("is_followed", Kind::Boolean),
    key("local_time", Kind::Text),
];

/// Reference 7.7.
pub(super) const COMMIT: &[Key] = &[
    key("id", Kind::Text),
    key("short_id", Kind::Text),
    key("created_at", Kind::Time),
    key("parent_ids", Kind::TextList),
    key("title", Kind::Text),
    key("message", Kind::Text),
    key("author_name", Kind::Text),
    key("author_email", Kind::Text),
    key("authored_date", Kind::Time),
    key("committer_name", Kind::Text),
    key("committer_email", Kind::Text),
    key("committed_date", Kind::Time),
    key("trailers", Kind::Anything),
    key("extended_trailers", Kind::Anything),
    key("web_url", Kind::Text),
];

/// Reference 7.8.
const PIPELINE: &[Key] = &[
    key("id", Kind::Integer),
    key("iid", Kind::Integer),
    key("project_id", Kind::Integer),
    key("sha", Kind::Text),
    key("ref", Kind::Text),
    key("status", Kind::Text),
    key("source", Kind::Text),
    key("created_at", Kind::Time),
    key("updated_at", Kind::Time),
    key("web_url", Kind::Text),
];

/// Reference 7.8.
const RUNNER: &[Key] = &[
    key("id", Kind::Integer),
    key("description", Kind::Text),
    key("ip_address", Kind::Text),
    key("active", Kind::Boolean),
    key("paused", Kind::Boolean),
    key("is_shared", Kind::Boolean),
    key("runner_type", Kind::Text),
    key("name", Kind::Text),
    key("online", Kind::Boolean),
    key("created_by", Kind::Object(USER_BASIC)),
    key("created_at", Kind::Time),
    key("status", Kind::Text),
    key("job_execution_status", Kind::Text),
];

/// Reference 7.3.
const USER_BASIC: &[Key] = &[
    key("id", Kind::Integer),
    key("username", Kind::Text),
    key("public_email", Kind::Text),
    key("name", Kind::Text),
    key("state", Kind::Text),
    key("locked", Kind::Boolean),
    key("avatar_url", Kind::Text),
    key("web_url", Kind::Text),
];

/// Reference 7.8.
const RUNNER_MANAGER: &[Key] = &[
    key("id", Kind::Integer),
    key("system_id", Kind::Text),
    key("version", Kind::Text),
    key("revision", Kind::Text),
    key("platform", Kind::Text),
    key("architecture", Kind::Text),
    key("created_at", Kind::Time),
    key("contacted_at", Kind::Time),
    key("ip_address", Kind::Text),
    key("status", Kind::Text),
    key("job_execution_status", Kind::Text),
];

/// Reference 7.5.
const ARTIFACTS_FILE: &[Key] = &[key("filename", Kind::Text), key("size", Kind::Integer)];

/// The keys of `value` that the table has, in the table's order, each converted to its kind; what does not convert is
/// added to `refusals` under its full name. Times stay as they were told, once they are known to be times.
pub(super) fn conform(
    table: &[Key],
    name: &str,
    value: &Map<String, Value>,
    refusals: &mut Vec<String>,
) -> Map<String, Value> {
    let mut keys = Map::new();
    for key in table {
        let Some(told) = value.get(key.name) else { continue };
        let full_name = format!("{name}[{}]", key.name);
        let before = refusals.len();
        match convert(key.kind, &full_name, told, refusals) {
            Some(value) => {
                keys.insert(key.name.to_owned(), value);
            }
            // An object has named its own keys already.
            None if refusals.len() == before => refusals.push(format!("{full_name} is invalid")),
            None => {}
        }
    }
    keys
}

/// `None` where the value is not of the kind.
fn convert(kind: Kind, name: &str, told: &Value, refusals: &mut Vec<String>) -> Option<Value> {
    if told.is_null() {
        return Some(Value::Null);
    }
    match kind {
        Kind::Text => given(convert::to_text(told), Value::from),
        Kind::Integer => given(convert::to_integer(told), Value::from),
        Kind::Boolean => given(convert::to_boolean(told), Value::from),
        Kind::Time => given(convert::to_time(told), |_| told.clone()),
        Kind::TextList => given(convert::to_text_list(told), Value::from),
        Kind::Float => match told {
            Value::Number(_) => Some(told.clone()),
            Value::String(text) if text.trim().is_empty() => Some(Value::Null),
            Value::String(text) => text
                .trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(Value::from),
            _ => None,
        },
        Kind::List => told.is_array().then(|| told.clone()),
        Kind::Anything => Some(told.clone()),
        Kind::Object(table) => {
            let before = refusals.len();
            let keys = conform(table, name, told.as_object()?, refusals);
            (refusals.len() == before).then_some(Value::Object(keys))
        }
    }
}

fn given<T>(converted: Converted<T>, value: impl FnOnce(T) -> Value) -> Option<Value> {
    match converted {
        Converted::Is(converted) => Some(value(converted)),
        Converted::Nothing => Some(Value::Null),
        Converted::Invalid => None,
    }
}

/// A nested object as it is kept: every key of the table, as told, else as known, else null. `None` where nothing is
/// told or known.
pub(super) fn snapshot(
    table: &[Key],
    told: Option<&Map<String, Value>>,
    known: Option<&Map<String, Value>>,
) -> Option<Snapshot> {
    if told.is_none() && known.is_none() {
        return None;
    }
    let value = |key: &Key| {
        told.and_then(|told| told.get(key.name))
            .or_else(|| known?.get(key.name))
    };
    let keys: Map<String, Value> = table
        .iter()
        .map(|key| (key.name.to_owned(), value(key).cloned().unwrap_or_default()))
        .collect();
    Some(Snapshot(Value::Object(keys).to_string()))
}

/// Reads told keys one by one over a record.
struct Told<'a>(&'a Map<String, Value>);

impl Told<'_> {
    fn text(&self, name: &str, into: &mut Option<String>) {
        if let Some(value) = self.0.get(name) {
            *into = value.as_str().map(str::to_owned);
        }
    }

    fn integer(&self, name: &str, into: &mut Option<i64>) {
        if let Some(value) = self.0.get(name) {
            *into = value.as_i64();
        }
    }

    fn float(&self, name: &str, into: &mut Option<f64>) {
        if let Some(value) = self.0.get(name) {
            *into = value.as_f64();
        }
    }

    fn boolean(&self, name: &str, into: &mut Option<bool>) {
        if let Some(value) = self.0.get(name) {
            *into = value.as_bool();
        }
    }

    fn time(&self, name: &str, into: &mut Option<Timestamp>) {
        if let Some(value) = self.0.get(name) {
            *into = match convert::to_time(value) {
                Converted::Is(time) => Some(time),
                Converted::Nothing | Converted::Invalid => None,
            };
        }
    }

    fn snapshot(&self, name: &str, table: &[Key], into: &mut Option<Snapshot>) {
        if let Some(value) = self.0.get(name) {
            *into = value.as_object().and_then(|told| snapshot(table, Some(told), None));
        }
    }
}

/// Puts told keys (of [`JOB`]) over a job.
pub(super) fn apply(keys: &Map<String, Value>, job: &mut Job) {
    let told = Told(keys);
    told.text("status", &mut job.status);
    told.text("stage", &mut job.stage);
    if let Some(name) = keys.get("name").and_then(Value::as_str) {
        name.clone_into(&mut job.name);
    }
    told.text("ref", &mut job.git_ref);
    told.boolean("tag", &mut job.tag);
    told.float("coverage", &mut job.coverage);
    told.boolean("allow_failure", &mut job.allow_failure);
    told.time("created_at", &mut job.created_at);
    told.time("started_at", &mut job.started_at);
    told.time("finished_at", &mut job.finished_at);
    told.time("erased_at", &mut job.erased_at);
    told.float("duration", &mut job.duration);
    told.float("queued_duration", &mut job.queued_duration);
    told.snapshot("user", USER, &mut job.user);
    told.snapshot("commit", COMMIT, &mut job.commit);
    told.text("failure_reason", &mut job.failure_reason);
    told.text("web_url", &mut job.web_url);
    if let Some(project) = keys.get("project").and_then(Value::as_object) {
        Told(project).boolean("ci_job_token_scope_enabled", &mut job.ci_job_token_scope_enabled);
    }
    told.snapshot("artifacts_file", ARTIFACTS_FILE, &mut job.artifacts_file);
    if let Some(artifacts) = keys.get("artifacts") {
        job.artifacts = (!artifacts.is_null()).then(|| Snapshot(artifacts.to_string()));
    }
    told.snapshot("runner_manager", RUNNER_MANAGER, &mut job.runner_manager);
    told.time("artifacts_expire_at", &mut job.artifacts_expire_at);
    told.boolean("archived", &mut job.archived);
    if let Some(tags) = keys.get("tag_list") {
        let tags = tags.as_array().map(Vec::as_slice).unwrap_or_default();
        let texts: Value = tags.iter().filter_map(Value::as_str).collect();
        job.tag_list = Snapshot(texts.to_string());
    }
    if let Some(value) = keys.get("pipeline") {
        job.pipeline = value
            .as_object()
            .map(|told| pipeline(told, job.pipeline.take().unwrap_or_default()));
    }
    if let Some(value) = keys.get("runner") {
        job.runner = value
            .as_object()
            .map(|told| runner(told, job.runner.take().unwrap_or_default()));
    }
}

fn pipeline(keys: &Map<String, Value>, mut pipeline: Pipeline) -> Pipeline {
    let told = Told(keys);
    told.integer("id", &mut pipeline.id);
    told.integer("iid", &mut pipeline.iid);
    told.integer("project_id", &mut pipeline.project_id);
    told.text("sha", &mut pipeline.sha);
    told.text("ref", &mut pipeline.git_ref);
    told.text("status", &mut pipeline.status);
    told.text("source", &mut pipeline.source);
    told.time("created_at", &mut pipeline.created_at);
    told.time("updated_at", &mut pipeline.updated_at);
    told.text("web_url", &mut pipeline.web_url);
    pipeline
}

fn runner(keys: &Map<String, Value>, mut runner: Runner) -> Runner {
    let told = Told(keys);
    told.integer("id", &mut runner.id);
    told.text("description", &mut runner.description);
    told.text("ip_address", &mut runner.ip_address);
    told.boolean("active", &mut runner.active);
    told.boolean("paused", &mut runner.paused);
    told.boolean("is_shared", &mut runner.is_shared);
    told.text("runner_type", &mut runner.runner_type);
    told.text("name", &mut runner.name);
    told.boolean("online", &mut runner.online);
    told.snapshot("created_by", USER_BASIC, &mut runner.created_by);
    told.time("created_at", &mut runner.created_at);
    told.text("status", &mut runner.status);
    told.text("job_execution_status", &mut runner.job_execution_status);
    runner
}
