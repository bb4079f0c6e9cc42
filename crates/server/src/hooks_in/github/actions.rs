//! The events of GitHub Actions, `workflow_job` and `workflow_run`, and the run that stands in other events.

use landfall_domain::deployment::Status;

use super::{
    super::{
        Broken, Meaning,
        deployable::{self, Keys, Times},
        observation::{About, Observation, RunKey, UserHint},
        place::Place,
    },
    Repository, deployment, start_and_end, user,
};

pub(super) fn parse_job(root: &Place<'_>, repository: &Repository) -> Result<Meaning, Broken> {
    let job = root.need_object("workflow_job")?;
    let Some(deployment) = root.object("deployment")? else {
        return Ok(Meaning::Ignored {
            why: "the job deploys nothing",
        });
    };
    let id = job.need_integer("id")?;
    let run_id = job.integer("run_id")?;
    let attempt = job.integer("run_attempt")?.unwrap_or(1);
    let status = job.need_text("status")?;
    let (started_at, finished_at) = start_and_end(&job)?;
    let created_at = job.time("created_at")?;
    let stage = Stage::of(&status, job.text("conclusion")?.as_deref());
    let base = deployment::report(
        repository,
        &deployment,
        run_id.map(|id| repository.run(id, attempt)),
        Some(id),
    )?;
    let user = deployer(root, &deployment)?;
    let times = Times {
        created: created_at,
        started: started_at.filter(|_| stage.status != Some(Status::Skipped)),
        finished: finished_at,
    };
    let keys = job_keys(&job, &stage, &times)?
        .object("user", deployable::user(user.as_ref()))
        .object("pipeline", run_keys(&job, repository, run_id)?);
    Ok(Meaning::Observations(vec![Observation {
        occurred_at: match stage.sequence {
            COMPLETED => finished_at,
            IN_PROGRESS => started_at,
            _ => created_at,
        },
        sequence: Some(stage.sequence),
        status: stage.status,
        user,
        deployable: keys.told(),
        ..base
    }]))
}

const IN_PROGRESS: i64 = 3;
const COMPLETED: i64 = 4;

/// How far a job or run has come. The sequence stays below every id of a `deployment_status`, which is the better
/// authority for the same moment.
struct Stage {
    sequence: i64,
    /// Of the deployment.
    status: Option<Status>,
    /// Of the job, in GitLab's words.
    job: Option<&'static str>,
    failure: Option<&'static str>,
}

impl Stage {
    fn of(status: &str, conclusion: Option<&str>) -> Self {
        let (sequence, status, job) = match status {
            "queued" | "requested" | "pending" => (1, Some(Status::Created), Some("pending")),
            "waiting" => (2, Some(Status::Blocked), Some("manual")),
            "in_progress" => (IN_PROGRESS, Some(Status::Running), Some("running")),
            "completed" => return Self::concluded(conclusion.unwrap_or_default()),
            _ => (0, None, None),
        };
        Self {
            sequence,
            status,
            job,
            failure: None,
        }
    }

    fn concluded(conclusion: &str) -> Self {
        let status = match conclusion {
            "success" | "neutral" => Some(Status::Success),
            "failure" | "timed_out" | "startup_failure" => Some(Status::Failed),
            "cancelled" | "stale" => Some(Status::Canceled),
            "skipped" => Some(Status::Skipped),
            "action_required" => Some(Status::Blocked),
            _ => None,
        };
        Self {
            sequence: COMPLETED,
            status,
            job: status.map(|status| match status {
                Status::Blocked => "manual",
                other => other.as_str(),
            }),
            failure: match conclusion {
                "failure" => Some("script_failure"),
                "timed_out" => Some("job_execution_timeout"),
                "startup_failure" => Some("runner_system_failure"),
                _ => None,
            },
        }
    }
}

fn job_keys(job: &Place<'_>, stage: &Stage, times: &Times) -> Result<Keys, Broken> {
    let sha = job.text("head_sha")?;
    let runner = job.integer("runner_id")?.filter(|id| *id > 0);
    let runner = match runner {
        Some(id) => Keys::new()
            .set("id", id.into())
            .set("description", job.text("runner_name")?)
            .set("name", job.text("runner_name")?),
        None => Keys::new(),
    };
    let mut labels = job.texts("labels")?;
    labels.sort();
    Ok(Keys::new()
        .set("id", job.integer("id")?)
        .set("status", stage.job)
        .set("name", job.text("name")?)
        .set("ref", job.text("head_branch")?)
        .times(times)
        .set("duration", times.duration())
        .set("queued_duration", times.queued_duration())
        .object("commit", deployable::commit(sha.as_deref(), None))
        .set("failure_reason", stage.failure)
        .set("web_url", job.text("html_url")?)
        .object("runner", runner)
        .set("tag_list", Some(labels)))
}

fn run_keys(job: &Place<'_>, repository: &Repository, run_id: Option<i64>) -> Result<Keys, Broken> {
    let Some(id) = run_id else { return Ok(Keys::new()) };
    Ok(Keys::new()
        .set("id", id.into())
        .set("sha", job.text("head_sha")?)
        .set("ref", job.text("head_branch")?)
        .set("web_url", repository.run_page(id)))
}

/// Who deployed. This event has no run in it, but who sends it is who set the run off.
fn deployer(root: &Place<'_>, deployment: &Place<'_>) -> Result<Option<UserHint>, Broken> {
    Ok(match deployment::deployer(root, deployment)? {
        Some(user) => Some(user),
        None => user(root, "sender")?.filter(|sender| !sender.bot),
    })
}

pub(super) fn parse_run(root: &Place<'_>, repository: &Repository) -> Result<Meaning, Broken> {
    root.need_object("workflow_run")?.need_integer("id")?;
    Ok(match run_told(root, repository)? {
        RunTold(Some(told)) => Meaning::Observations(vec![told.report]),
        RunTold(None) => Meaning::Ignored {
            why: "the event has no run",
        },
    })
}

/// The run that an event may have beside what it is about.
pub(super) struct RunTold(Option<Run>);

struct Run {
    key: RunKey,
    /// What does not change while it runs.
    keys: Keys,
    report: Observation,
}

impl RunTold {
    pub(super) fn key(&self) -> Option<RunKey> {
        self.0.as_ref().map(|run| run.key.clone())
    }

    pub(super) fn keys(&self) -> Keys {
        self.0.as_ref().map(|run| run.keys.clone()).unwrap_or_default()
    }

    /// A report, and the one of the run that came with it.
    pub(super) fn beside(self, report: Observation) -> Meaning {
        let mut reports = vec![report];
        reports.extend(self.0.map(|run| run.report));
        Meaning::Observations(reports)
    }
}

pub(super) fn run_told(root: &Place<'_>, repository: &Repository) -> Result<RunTold, Broken> {
    let Some(run) = root.object("workflow_run")? else {
        return Ok(RunTold(None));
    };
    let Some(id) = run.integer("id")? else {
        return Ok(RunTold(None));
    };
    let key = repository.run(id, run.integer("run_attempt")?.unwrap_or(1));
    let keys = Keys::new()
        .set("id", id.into())
        .set("sha", run.text("head_sha")?)
        .set("ref", run.text("head_branch")?)
        .set("web_url", repository.run_page(id));
    let stage = Stage::of(
        &run.text("status")?.unwrap_or_default(),
        run.text("conclusion")?.as_deref(),
    );
    let updated_at = run.time("updated_at")?;
    let pipeline = Keys::new()
        .set("iid", run.integer("run_number")?)
        .set("status", stage.job)
        .set("source", run.text("event")?.map(source))
        .time("created_at", run.time("created_at")?)
        .time("updated_at", updated_at);
    let report = Observation {
        occurred_at: updated_at,
        sequence: Some(stage.sequence),
        project: Some(repository.hint()),
        deployable: Keys::new().object("pipeline", pipeline).told(),
        ..Observation::of(About::Run(key.clone()))
    };
    Ok(RunTold(Some(Run { key, keys, report })))
}

/// The event that set a run off, in GitLab's words where it has one.
fn source(event: String) -> String {
    match event.as_str() {
        "workflow_dispatch" => "web".to_owned(),
        "repository_dispatch" => "api".to_owned(),
        "pull_request" | "pull_request_target" => "merge_request_event".to_owned(),
        _ => event,
    }
}
