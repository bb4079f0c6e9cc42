//! Which variable of a system holds what.

use super::{
    context::{Actor, Context, Job, Pipeline, Runner},
    environment::Environment,
};

/// Names of variables; of several the first that is there counts. What a system does not tell is left empty.
pub(super) struct Mapping {
    pub(super) project: &'static [&'static str],
    pub(super) sha: &'static [&'static str],
    /// Branch, or the full name of a ref.
    pub(super) git_ref: &'static [&'static str],
    /// Name of a tag; it wins over `git_ref`.
    pub(super) tag: &'static [&'static str],
    pub(super) job_id: &'static [&'static str],
    pub(super) job_name: &'static [&'static str],
    pub(super) job_stage: &'static [&'static str],
    pub(super) job_url: &'static [&'static str],
    pub(super) pipeline_id: &'static [&'static str],
    pub(super) pipeline_iid: &'static [&'static str],
    pub(super) pipeline_url: &'static [&'static str],
    pub(super) pipeline_source: &'static [&'static str],
    pub(super) runner_id: &'static [&'static str],
    pub(super) runner_description: &'static [&'static str],
    pub(super) actor_username: &'static [&'static str],
    pub(super) actor_name: &'static [&'static str],
    pub(super) actor_email: &'static [&'static str],
}

/// A system that tells nothing.
pub(super) const NOTHING: Mapping = Mapping {
    project: &[],
    sha: &[],
    git_ref: &[],
    tag: &[],
    job_id: &[],
    job_name: &[],
    job_stage: &[],
    job_url: &[],
    pipeline_id: &[],
    pipeline_iid: &[],
    pipeline_url: &[],
    pipeline_source: &[],
    runner_id: &[],
    runner_description: &[],
    actor_username: &[],
    actor_name: &[],
    actor_email: &[],
};

impl Mapping {
    /// Reads the variables.
    pub(super) fn read(&self, system: &'static str, env: &Environment<'_>) -> Context {
        let mut context = Context {
            project: env.first(self.project),
            sha: env.first_sha(self.sha),
            job: Some(self.job(system, env)),
            pipeline: known(self.pipeline(env)),
            runner: known(self.runner(env)),
            actor: known(self.actor(env)),
            ..Context::of(system)
        };
        if let Some(tag) = env.first(self.tag) {
            context.set_tag(&tag);
        } else if let Some(name) = env.first(self.git_ref) {
            context.set_ref(&name);
        }
        context
    }

    fn job(&self, system: &'static str, env: &Environment<'_>) -> Job {
        Job {
            id: env.first_id(self.job_id),
            name: env.first(self.job_name).unwrap_or_else(|| system.to_owned()),
            stage: env.first(self.job_stage),
            url: env.first(self.job_url),
        }
    }

    fn pipeline(&self, env: &Environment<'_>) -> Pipeline {
        Pipeline {
            id: env.first_id(self.pipeline_id),
            iid: env.first_id(self.pipeline_iid),
            url: env.first(self.pipeline_url),
            source: env.first(self.pipeline_source),
        }
    }

    fn runner(&self, env: &Environment<'_>) -> Runner {
        Runner {
            id: env.first_id(self.runner_id),
            description: env.first(self.runner_description),
        }
    }

    fn actor(&self, env: &Environment<'_>) -> Actor {
        Actor {
            username: env.first(self.actor_username),
            name: env.first(self.actor_name),
            email: env.first(self.actor_email),
        }
    }
}

/// `None` if nothing in it is known.
fn known<T: Default + PartialEq>(value: T) -> Option<T> {
    (value != T::default()).then_some(value)
}
