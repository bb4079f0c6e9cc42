//! What a user says instead of what is detected: `LANDFALL_*` variables, and flags over them.

use super::{
    context::{Actor, Context, Job, Runner},
    environment::{self, Environment},
};

/// Values given by hand. Each wins over what was detected; what is not given stays as detected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// `LANDFALL_SHA`: the commit. Short ids and names are left to the server, which resolves them.
    pub(crate) sha: Option<String>,
    /// `LANDFALL_REF`: branch or tag, short or full name.
    pub(crate) git_ref: Option<String>,
    /// `LANDFALL_TAG`: `true` if the ref is a tag, `false` if not.
    pub(crate) tag: Option<bool>,
    /// `LANDFALL_KEY`: identity of this run of this job.
    pub(crate) key: Option<String>,
    /// `LANDFALL_JOB_ID`: a number.
    pub(crate) job_id: Option<i64>,
    /// `LANDFALL_JOB_NAME`.
    pub(crate) job_name: Option<String>,
    /// `LANDFALL_JOB_STAGE`.
    pub(crate) job_stage: Option<String>,
    /// `LANDFALL_JOB_URL`.
    pub(crate) job_url: Option<String>,
    /// `LANDFALL_PIPELINE_ID`: a number.
    pub(crate) pipeline_id: Option<i64>,
    /// `LANDFALL_PIPELINE_URL`.
    pub(crate) pipeline_url: Option<String>,
    /// `LANDFALL_PIPELINE_SOURCE`.
    pub(crate) pipeline_source: Option<String>,
    /// `LANDFALL_RUNNER`: its description.
    pub(crate) runner: Option<String>,
    /// `LANDFALL_ACTOR`: login name of who deploys.
    pub(crate) actor: Option<String>,
}

impl Overrides {
    /// The `LANDFALL_*` variables. Ids that are no numbers and tags that are neither `true` nor `false` count as not
    /// given.
    pub(crate) fn from_variables(env: &Environment<'_>) -> Overrides {
        Overrides {
            sha: env.get("LANDFALL_SHA"),
            git_ref: env.get("LANDFALL_REF"),
            tag: env
                .get("LANDFALL_TAG")
                .and_then(|tag| tag.to_ascii_lowercase().parse().ok()),
            key: env.get("LANDFALL_KEY"),
            job_id: env.first_id(&["LANDFALL_JOB_ID"]),
            job_name: env.get("LANDFALL_JOB_NAME"),
            job_stage: env.get("LANDFALL_JOB_STAGE"),
            job_url: env.get("LANDFALL_JOB_URL"),
            pipeline_id: env.first_id(&["LANDFALL_PIPELINE_ID"]),
            pipeline_url: env.get("LANDFALL_PIPELINE_URL"),
            pipeline_source: env.get("LANDFALL_PIPELINE_SOURCE"),
            runner: env.get("LANDFALL_RUNNER"),
            actor: env.get("LANDFALL_ACTOR"),
        }
    }

    /// These values (flags) over those (variables).
    pub(crate) fn over(self, other: Overrides) -> Overrides {
        Overrides {
            sha: self.sha.or(other.sha),
            // A tag flag belongs to the ref it was given with.
            tag: self.tag.or(if self.git_ref.is_some() { None } else { other.tag }),
            git_ref: self.git_ref.or(other.git_ref),
            key: self.key.or(other.key),
            job_id: self.job_id.or(other.job_id),
            job_name: self.job_name.or(other.job_name),
            job_stage: self.job_stage.or(other.job_stage),
            job_url: self.job_url.or(other.job_url),
            pipeline_id: self.pipeline_id.or(other.pipeline_id),
            pipeline_url: self.pipeline_url.or(other.pipeline_url),
            pipeline_source: self.pipeline_source.or(other.pipeline_source),
            runner: self.runner.or(other.runner),
            actor: self.actor.or(other.actor),
        }
    }

    /// What is detected, with these values in place of its own. `None` if nothing is detected and nothing is given.
    pub(crate) fn apply(self, detected: Option<Context>) -> Option<Context> {
        if detected.is_none() && self == Overrides::default() {
            return None;
        }
        let mut context = detected.unwrap_or_else(|| Context::of("manual"));
        if let Some(name) = &self.git_ref {
            context.set_ref(name);
        }
        if context.git_ref.is_some() {
            context.tag = self.tag.or(context.tag);
        }
        if let Some(sha) = &self.sha {
            context.sha = environment::sha(sha).or_else(|| Some(sha.clone()));
        }
        context.key = self.key.clone().or(context.key);
        self.apply_to_job(&mut context);
        self.apply_to_rest(&mut context);
        Some(context)
    }

    /// Pipeline, runner and actor are shown as parts of a job, so they make one, too.
    fn apply_to_job(&self, context: &mut Context) {
        if !(self.has_job() || self.has_pipeline() || self.runner.is_some() || self.actor.is_some()) {
            return;
        }
        let job = context.job.get_or_insert_with(|| Job {
            id: None,
            name: context.system.to_owned(),
            stage: None,
            url: None,
        });
        job.id = self.job_id.or(job.id);
        job.name = self.job_name.clone().unwrap_or_else(|| job.name.clone());
        replace(&mut job.stage, self.job_stage.as_ref());
        replace(&mut job.url, self.job_url.as_ref());
    }

    fn has_job(&self) -> bool {
        self.job_id.is_some() || self.job_name.is_some() || self.job_stage.is_some() || self.job_url.is_some()
    }

    fn has_pipeline(&self) -> bool {
        self.pipeline_id.is_some() || self.pipeline_url.is_some() || self.pipeline_source.is_some()
    }

    fn apply_to_rest(&self, context: &mut Context) {
        if self.has_pipeline() {
            let pipeline = context.pipeline.get_or_insert_default();
            if self.pipeline_id.is_some() {
                // The number was that of the pipeline that is replaced.
                pipeline.id = self.pipeline_id;
                pipeline.iid = None;
            }
            replace(&mut pipeline.url, self.pipeline_url.as_ref());
            replace(&mut pipeline.source, self.pipeline_source.as_ref());
        }
        if let Some(description) = &self.runner {
            context.runner = Some(Runner {
                id: None,
                description: Some(description.clone()),
            });
        }
        if let Some(username) = &self.actor {
            // Name and address were those of the person who is replaced.
            context.actor = Some(Actor {
                username: Some(username.clone()),
                ..Actor::default()
            });
        }
    }
}

fn replace(known: &mut Option<String>, given: Option<&String>) {
    if let Some(given) = given {
        *known = Some(given.clone());
    }
}
