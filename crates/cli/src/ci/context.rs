//! What is known about a job, and its shape on the wire.

use serde_json::{Map, Value, json};

use super::key;

/// Where a deployment is reported from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Context {
    /// `gitlab`, `github`, …, `git` for a plain checkout.
    pub(crate) system: &'static str,
    /// Path of the repository in the place where it is hosted: `group/app`.
    pub(crate) project: Option<String>,
    /// The full id of the commit, in lower case.
    pub(crate) sha: Option<String>,
    /// Branch or tag, without `refs/heads/` or `refs/tags/`.
    pub(crate) git_ref: Option<String>,
    /// Whether `git_ref` is a tag; `None` where no ref is known.
    pub(crate) tag: Option<bool>,
    /// The job; `None` outside of CI.
    pub(crate) job: Option<Job>,
    /// What the job is part of.
    pub(crate) pipeline: Option<Pipeline>,
    /// What the job runs on.
    pub(crate) runner: Option<Runner>,
    /// Who started the job.
    pub(crate) actor: Option<Actor>,
    /// The identity of this run of this job: the same for all its reports, another one for a re-run. `None` where
    /// nothing tells runs apart, so that each report is a deployment of its own.
    pub(crate) key: Option<String>,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// The system's id, where it is a number.
    pub(crate) id: Option<i64>,
    /// Its name; the name of the system where jobs have none.
    pub(crate) name: String,
    /// The stage, or what comes nearest to one: a workflow, a group of steps.
    pub(crate) stage: Option<String>,
    /// Its page.
    pub(crate) url: Option<String>,
}

/// A pipeline, build or workflow run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pipeline {
    /// The system's id, where it is a number.
    pub(crate) id: Option<i64>,
    /// Its number within the project.
    pub(crate) iid: Option<i64>,
    /// Its page.
    pub(crate) url: Option<String>,
    /// What started it, in the system's own word.
    pub(crate) source: Option<String>,
}

/// A runner or agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Runner {
    /// The system's id, where it is a number.
    pub(crate) id: Option<i64>,
    /// What its owner calls it.
    pub(crate) description: Option<String>,
}

/// The person or robot who started the job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Actor {
    /// Login name in the CI system.
    pub(crate) username: Option<String>,
    /// Full name.
    pub(crate) name: Option<String>,
    /// Address. It finds the matching user and is never shown (see [`Context::to_deployable`]).
    pub(crate) email: Option<String>,
}

impl Context {
    /// A context of which only the system is known.
    pub(crate) fn of(system: &'static str) -> Context {
        Context {
            system,
            ..Context::default()
        }
    }

    /// Sets branch or tag from a short or full name of a ref. `HEAD`, which a detached checkout says, names nothing.
    pub(crate) fn set_ref(&mut self, name: &str) {
        let (name, tag) = match name.strip_prefix("refs/tags/") {
            Some(tag) => (tag, true),
            None => (name.strip_prefix("refs/heads/").unwrap_or(name), false),
        };
        if !name.is_empty() && name != "HEAD" {
            self.git_ref = Some(name.to_owned());
            self.tag = Some(tag);
        }
    }

    /// Sets a tag from its short or full name.
    pub(crate) fn set_tag(&mut self, name: &str) {
        self.set_ref(name);
        self.tag = self.git_ref.as_ref().map(|_| true);
    }

    /// The external id of the deployment to `environment`: the key and the environment, because one job may deploy to
    /// several. `None` without a key.
    pub(crate) fn external_id(&self, environment: &str) -> Option<String> {
        let key = self.key.as_ref()?;
        Some(format!("{key}:{}", key::escaped(environment)))
    }

    /// The job in the shape of GitLab's `deployable` (reference 7.5 to 7.8), with the keys that are known; `null` where
    /// there is no job.
    ///
    /// The actor's address is left out: GitLab's `public_email` is what a user chose to show, the address in a CI
    /// variable is not.
    pub(crate) fn to_deployable(&self) -> Value {
        let Some(job) = &self.job else {
            return Value::Null;
        };
        object([
            ("id", job.id.map(Value::from)),
            ("stage", text(job.stage.as_ref())),
            ("name", Some(Value::from(job.name.as_str()))),
            ("ref", text(self.git_ref.as_ref())),
            ("tag", self.tag.map(Value::from)),
            ("user", self.user()),
            ("pipeline", self.pipeline_object()),
            ("web_url", text(job.url.as_ref())),
            ("runner", self.runner_object()),
        ])
    }

    /// Reference 7.6.
    fn user(&self) -> Option<Value> {
        let actor = self.actor.as_ref()?;
        if actor.username.is_none() && actor.name.is_none() {
            return None;
        }
        Some(object([
            ("username", text(actor.username.as_ref())),
            ("name", text(actor.name.as_ref())),
        ]))
    }

    /// Reference 7.8.
    fn pipeline_object(&self) -> Option<Value> {
        let pipeline = self.pipeline.as_ref()?;
        Some(object([
            ("id", pipeline.id.map(Value::from)),
            ("iid", pipeline.iid.map(Value::from)),
            ("sha", text(self.sha.as_ref())),
            ("ref", text(self.git_ref.as_ref())),
            ("source", text(pipeline.source.as_ref())),
            ("web_url", text(pipeline.url.as_ref())),
        ]))
    }

    /// Reference 7.8.
    fn runner_object(&self) -> Option<Value> {
        let runner = self.runner.as_ref()?;
        Some(object([
            ("id", runner.id.map(Value::from)),
            ("description", text(runner.description.as_ref())),
        ]))
    }
}

fn text(value: Option<&String>) -> Option<Value> {
    value.map(|value| json!(value))
}

fn object<const N: usize>(keys: [(&str, Option<Value>); N]) -> Value {
    let known = keys
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(known.collect::<Map<_, _>>())
}
