//! The Job Hook and the Pipeline Hook (reference, neighbours 12.1 and 12.2), which tell of jobs: one, or all of a
//! pipeline.
//!
//! Only a job whose environment has the action `start` makes a deployment. What a pipeline is doing is reported apart
//! from what its jobs are doing, because the two change at different times.

use landfall_domain::{deployment::Note, environment::Tier, time::Timestamp};

use super::{
    super::{
        Broken, Delivery, Meaning,
        deployable::{self, Keys, Times},
        observation::{About, EnvironmentHint, Observation, UserHint, shown_email},
        place::Place,
    },
    Project, deployment_status, progress, status_since, user,
};

/// A job, from either hook.
struct Job {
    id: i64,
    status: Option<String>,
    times: Times,
    environment: EnvironmentHint,
    action: Action,
    user: Option<UserHint>,
    /// Keys of the job that are its own.
    keys: Keys,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Start,
    Stop,
    /// Neither makes nor ends anything: prepare, verify, access.
    Other,
}

/// What a job shares with its pipeline.
struct Pipeline {
    id: Option<i64>,
    sha: Option<String>,
    git_ref: Option<String>,
    tag: Option<bool>,
    /// What does not change while the pipeline runs.
    keys: Keys,
    commit: Keys,
}

pub(super) fn parse_job_hook(delivery: &Delivery<'_>, root: &Place<'_>) -> Result<Meaning, Broken> {
    let Some((environment, action)) = environment(root)? else {
        return Ok(Meaning::Ignored {
            why: "the job has no environment",
        });
    };
    let project = Project::read(delivery, root)?;
    let status = root.text("build_status")?;
    let times = Times {
        created: time_of(root, "build_created_at")?,
        started: time_of(root, "build_started_at")?,
        finished: time_of(root, "build_finished_at")?,
    };
    let id = root.need_integer("build_id")?;
    let user = user(root)?;
    let keys = Keys::new()
        .set("id", id.into())
        .set("status", status.clone())
        .set("stage", root.text("build_stage")?)
        .set("name", root.text("build_name")?)
        .set("allow_failure", root.boolean("build_allow_failure")?)
        .set("duration", root.number("build_duration")?)
        .set("queued_duration", root.number("build_queued_duration")?)
        .set(
            "failure_reason",
            failure(status.as_deref(), root.text("build_failure_reason")?),
        );
    let job = Job {
        id,
        status,
        times,
        environment,
        action,
        user,
        keys: with_runner(keys, root)?,
    };
    let commit = root.object("commit")?;
    let pipeline = pipeline_of_job_hook(&project, root, commit.as_ref())?;
    let mut observations = observe(&project, &pipeline, job);
    if let (Some(commit), Some(id)) = (&commit, pipeline.id)
        && !observations.is_empty()
    {
        observations.extend(run_of_job_hook(&project, id, commit)?);
    }
    Ok(meaning(observations))
}

/// A time of a Job Hook, which newer versions send in two spellings.
fn time_of(place: &Place<'_>, key: &str) -> Result<Option<Timestamp>, Broken> {
    match place.time(&format!("{key}_iso"))? {
        Some(time) => Ok(Some(time)),
        None => place.time(key),
    }
}

fn pipeline_of_job_hook(project: &Project, root: &Place<'_>, commit: Option<&Place<'_>>) -> Result<Pipeline, Broken> {
    let id = root.integer("pipeline_id")?;
    let (sha, git_ref) = (root.text("sha")?, root.text("ref")?);
    let mut keys = deployable::commit(sha.as_deref(), None);
    if let Some(commit) = commit {
        keys = deployable::commit(sha.as_deref(), commit.text("message")?)
            .set("author_name", commit.text("author_name")?)
            .set("author_email", shown_email(commit.text("author_email")?));
    }
    Ok(Pipeline {
        id,
        tag: root.boolean("tag")?,
        keys: pipeline_keys(project, id, sha.as_deref(), git_ref.as_deref()),
        commit: keys.set("web_url", sha.as_deref().and_then(|sha| project.page("commit", sha))),
        sha,
        git_ref,
    })
}

/// How the pipeline of a Job Hook stands; its `commit` is about the pipeline, whatever its name says.
fn run_of_job_hook(project: &Project, id: i64, commit: &Place<'_>) -> Result<Option<Observation>, Broken> {
    let Some(status) = commit.text("status")? else {
        return Ok(None);
    };
    let times = Times {
        created: None,
        started: time_of(commit, "started_at")?,
        finished: time_of(commit, "finished_at")?,
    };
    let since = status_since(Some(&status), &times);
    // Before it starts, nothing in this hook says when the pipeline was made.
    Ok(since.map(|since| run(project, id, &status, Some(since))))
}

fn run(project: &Project, id: i64, status: &str, since: Option<Timestamp>) -> Observation {
    let pipeline = Keys::new().set("status", Some(status)).time("updated_at", since);
    Observation {
        occurred_at: since,
        sequence: Some(progress(status)),
        deployable: Keys::new().object("pipeline", pipeline).told(),
        ..Observation::of(About::Run(project.pipeline(id)))
    }
}

pub(super) fn parse_pipeline_hook(delivery: &Delivery<'_>, root: &Place<'_>) -> Result<Meaning, Broken> {
    let project = Project::read(delivery, root)?;
    let attributes = root.need_object("object_attributes")?;
    let id = attributes.need_integer("id")?;
    let (sha, git_ref) = (attributes.text("sha")?, attributes.text("ref")?);
    let created_at = attributes.time("created_at")?;
    let keys = pipeline_keys(&project, Some(id), sha.as_deref(), git_ref.as_deref())
        .set("iid", attributes.integer("iid")?)
        .set("source", attributes.text("source")?)
        .time("created_at", created_at);
    let pipeline = Pipeline {
        id: Some(id),
        tag: attributes.boolean("tag")?,
        keys,
        commit: commit_of_pipeline_hook(root, sha.as_deref())?,
        sha,
        git_ref,
    };
    let mut observations = Vec::new();
    for build in root.objects("builds")? {
        if let Some((environment, action)) = environment(&build)? {
            let job = job_of_pipeline_hook(&build, environment, action)?;
            observations.extend(observe(&project, &pipeline, job));
        }
    }
    if let Some(status) = attributes.text("status")?
        && !observations.is_empty()
    {
        let times = Times {
            created: created_at,
            started: None,
            finished: attributes.time("finished_at")?,
        };
        let since = status_since(Some(&status), &times);
        observations.push(run(&project, id, &status, since));
    }
    Ok(meaning(observations))
}

fn job_of_pipeline_hook(build: &Place<'_>, environment: EnvironmentHint, action: Action) -> Result<Job, Broken> {
    let id = build.need_integer("id")?;
    let status = build.text("status")?;
    let times = Times {
        created: build.time("created_at")?,
        started: build.time("started_at")?,
        finished: build.time("finished_at")?,
    };
    let keys = Keys::new()
        .set("id", id.into())
        .set("status", status.clone())
        .set("stage", build.text("stage")?)
        .set("name", build.text("name")?)
        .set("allow_failure", build.boolean("allow_failure")?)
        .set("duration", build.number("duration")?)
        .set("queued_duration", build.number("queued_duration")?)
        .set(
            "failure_reason",
            failure(status.as_deref(), build.text("failure_reason")?),
        );
    let mut file = Keys::new();
    if let Some(artifacts) = build.object("artifacts_file")?
        && let Some(name) = artifacts.text("filename")?
    {
        file = file.set("filename", Some(name)).set("size", artifacts.integer("size")?);
    }
    Ok(Job {
        id,
        times,
        environment,
        action,
        user: user(build)?,
        keys: with_runner(keys, build)?.object("artifacts_file", file),
        status,
    })
}

/// Here `commit` is a commit.
fn commit_of_pipeline_hook(root: &Place<'_>, sha: Option<&str>) -> Result<Keys, Broken> {
    let Some(commit) = root.object("commit")? else {
        return Ok(deployable::commit(sha, None));
    };
    let mut keys = deployable::commit(sha, commit.text("message")?)
        .set("title", commit.text("title")?)
        .time("authored_date", commit.time("timestamp")?)
        .set("web_url", commit.text("url")?);
    if let Some(author) = commit.object("author")? {
        keys = keys
            .set("author_name", author.text("name")?)
            .set("author_email", shown_email(author.text("email")?));
    }
    Ok(keys)
}

fn pipeline_keys(project: &Project, id: Option<i64>, sha: Option<&str>, git_ref: Option<&str>) -> Keys {
    if id.is_none() {
        return Keys::new();
    }
    Keys::new()
        .set("id", id)
        .set("project_id", Some(project.id))
        .set("sha", sha)
        .set("ref", git_ref)
        .set("web_url", id.and_then(|id| project.page("pipelines", id)))
}

fn environment(place: &Place<'_>) -> Result<Option<(EnvironmentHint, Action)>, Broken> {
    let Some(environment) = place.object("environment")? else {
        return Ok(None);
    };
    let hint = EnvironmentHint {
        name: environment.need_text("name")?,
        tier: environment.text("deployment_tier")?.as_deref().and_then(Tier::parse),
        external_url: None,
    };
    let action = match environment.text("action")?.as_deref() {
        // A job that says nothing starts its environment.
        None | Some("start") => Action::Start,
        Some("stop") => Action::Stop,
        Some(_) => Action::Other,
    };
    Ok(Some((hint, action)))
}

/// Hooks name a reason also for jobs that have not failed.
fn failure(status: Option<&str>, reason: Option<String>) -> Option<String> {
    reason.filter(|_| status == Some("failed"))
}

fn with_runner(keys: Keys, place: &Place<'_>) -> Result<Keys, Broken> {
    let Some(runner) = place.object("runner")? else {
        return Ok(keys);
    };
    let active = runner.boolean("active")?;
    let mut tags = runner.texts("tags")?;
    tags.sort();
    let told = Keys::new()
        .set("id", runner.integer("id")?)
        .set("description", runner.text("description")?)
        .set("active", active)
        .set("paused", active.map(|active| !active))
        .set("is_shared", runner.boolean("is_shared")?)
        .set("runner_type", runner.text("runner_type")?);
    Ok(keys.object("runner", told).set("tag_list", Some(tags)))
}

/// What a job with an environment means: a report of its deployment, of the end of what ran there, or nothing.
fn observe(project: &Project, pipeline: &Pipeline, job: Job) -> Vec<Observation> {
    let status = job.status.as_deref();
    let about = match job.action {
        Action::Start => About::Deployment {
            key: project.job(job.id),
            also: Vec::new(),
            run: pipeline.id.map(|id| project.pipeline(id)),
        },
        Action::Stop if status == Some("success") => About::Environment,
        Action::Stop | Action::Other => return Vec::new(),
    };
    let report = Observation {
        occurred_at: status_since(status, &job.times),
        sequence: status.map(progress),
        project: Some(project.hint()),
        ..Observation::of(about)
    };
    if job.action == Action::Stop {
        return vec![Observation {
            environment: Some(job.environment),
            user: job.user,
            notes: vec![Note::Removed],
            ..report
        }];
    }
    let keys = job
        .keys
        .set("ref", pipeline.git_ref.clone())
        .set("tag", pipeline.tag)
        .times(&job.times)
        .object("user", deployable::user(job.user.as_ref()))
        .object("commit", pipeline.commit.clone())
        .object("pipeline", pipeline.keys.clone())
        .set("web_url", project.page("jobs", job.id));
    vec![Observation {
        environment: Some(job.environment),
        sha: pipeline.sha.clone(),
        git_ref: pipeline.git_ref.clone(),
        tag: pipeline.tag,
        status: status.and_then(deployment_status),
        user: job.user,
        deployable: keys.told(),
        ..report
    }]
}

fn meaning(observations: Vec<Observation>) -> Meaning {
    if observations.is_empty() {
        Meaning::Ignored {
            why: "no job of an environment starts or stops it",
        }
    } else {
        Meaning::Observations(observations)
    }
}
