//! The events `deployment` and `deployment_status`.

use landfall_domain::{
    deployment::{Note, Status},
    environment::{EnvironmentName, Tier},
};
use serde_json::Value;

use super::{
    super::{
        Broken, Meaning,
        deployable::{self, Keys, Times},
        observation::{About, EnvironmentHint, Key, Observation, RunKey, UserHint},
        place::Place,
        revision::Revision,
    },
    Repository, actions, start_and_end, user,
};

pub(super) fn parse_deployment(root: &Place<'_>, repository: &Repository) -> Result<Meaning, Broken> {
    let deployment = root.need_object("deployment")?;
    let run = actions::run_told(root, repository)?;
    let report = Observation {
        occurred_at: deployment.time("created_at")?,
        sequence: Some(0),
        status: Some(Status::Created),
        user: deployer(root, &deployment)?,
        ..report(repository, &deployment, run.key(), None)?
    };
    let deployable = job(root, &deployment, &report, &run, None)?;
    Ok(run.beside(Observation { deployable, ..report }))
}

pub(super) fn parse_status(root: &Place<'_>, repository: &Repository) -> Result<Meaning, Broken> {
    let deployment = root.need_object("deployment")?;
    let told = root.need_object("deployment_status")?;
    let check = root.object("check_run")?;
    let run = actions::run_told(root, repository)?;
    let job_id = check.as_ref().map(|check| check.integer("id")).transpose()?.flatten();
    let state = told.need_text("state")?;
    let base = report(repository, &deployment, run.key(), job_id)?;
    let environment = match told.text("environment")? {
        Some(name) => Some(EnvironmentHint {
            name: near(name),
            tier: base.environment.and_then(|environment| environment.tier),
            external_url: told.text("environment_url")?,
        }),
        None => base.environment,
    };
    let report = Observation {
        occurred_at: told.time("created_at")?,
        sequence: told.integer("id")?,
        environment,
        status: status(&state, check.as_ref())?,
        user: deployer(root, &deployment)?,
        description: told.text("description")?.or(base.description),
        notes: (state == "inactive").then_some(Note::Superseded).into_iter().collect(),
        ..base
    };
    let deployable = job(root, &deployment, &report, &run, check.as_ref())?;
    Ok(run.beside(Observation { deployable, ..report }))
}

/// What every event with a deployment tells of it.
pub(super) fn report(
    repository: &Repository,
    deployment: &Place<'_>,
    run: Option<RunKey>,
    job_id: Option<i64>,
) -> Result<Observation, Broken> {
    let key = repository.deployment(deployment.need_integer("id")?);
    let also: Vec<Key> = job_id.map(|id| repository.job(id)).into_iter().collect();
    let sha = deployment.text("sha")?;
    let named = Revision::named(&deployment.text("ref")?.unwrap_or_default());
    Ok(Observation {
        project: Some(repository.hint()),
        environment: environment(deployment)?,
        service: service(deployment)?,
        // A deployment of a commit has the commit for its ref, which is no name.
        git_ref: named.git_ref.filter(|name| sha.as_ref() != Some(name)),
        tag: named.tag,
        sha,
        description: deployment.text("description")?,
        ..Observation::of(About::Deployment { key, also, run })
    })
}

fn environment(deployment: &Place<'_>) -> Result<Option<EnvironmentHint>, Broken> {
    let Some(name) = deployment.text("environment")? else {
        return Ok(None);
    };
    let tier = if deployment.boolean("production_environment")? == Some(true) {
        Some(Tier::Production)
    } else if deployment.boolean("transient_environment")? == Some(true) {
        Some(Tier::Development)
    } else {
        None
    };
    Ok(Some(EnvironmentHint {
        name: near(name),
        tier,
        external_url: None,
    }))
}

/// GitHub's environments may have any name. One that is near to no name stays as it is, to be complained of.
fn near(name: String) -> String {
    match EnvironmentName::near(&name) {
        Ok(near) => near.as_str().to_owned(),
        Err(_) => name,
    }
}

/// `landfall_service` in the deployment's `payload`, which may be an object, or that object as text, or any text.
fn service(deployment: &Place<'_>) -> Result<Option<String>, Broken> {
    match deployment.raw("payload") {
        Some(Value::Object(_)) => deployment.need_object("payload")?.text("landfall_service"),
        Some(Value::String(text)) => {
            let told = serde_json::from_str::<Value>(text).ok();
            let service = told.as_ref().and_then(|told| told.get("landfall_service")?.as_str());
            Ok(service.map(str::to_owned))
        }
        _ => Ok(None),
    }
}

/// Whether GitHub Actions made the deployment, for a job with an environment.
fn is_made_by_actions(root: &Place<'_>, deployment: &Place<'_>) -> Result<bool, Broken> {
    let slug = match deployment.object("performed_via_github_app")? {
        Some(app) => app.text("slug")?,
        None => None,
    };
    Ok(slug.as_deref() == Some("github-actions") || root.object("workflow_run")?.is_some())
}

/// Who deployed: the one who set the run off, else who created the deployment. The creator of a deployment that Actions
/// made is their app, which is nobody; the sender of a status may be anybody.
pub(super) fn deployer(root: &Place<'_>, deployment: &Place<'_>) -> Result<Option<UserHint>, Broken> {
    if let Some(run) = root.object("workflow_run")? {
        for key in ["triggering_actor", "actor"] {
            if let Some(user) = user(&run, key)? {
                return Ok(Some(user));
            }
        }
    }
    let by_actions = is_made_by_actions(root, deployment)?;
    Ok(user(deployment, "creator")?.filter(|creator| !(creator.bot && by_actions)))
}

/// `None` for a state that only GitHub has: `inactive` is a success that another one has displaced.
fn status(state: &str, check: Option<&Place<'_>>) -> Result<Option<Status>, Broken> {
    // GitHub calls the deployment of a cancelled job a failure.
    let conclusion = match check {
        Some(check) => check.text("conclusion")?,
        None => None,
    };
    Ok(match state {
        "queued" | "pending" => Some(Status::Created),
        "waiting" => Some(Status::Blocked),
        "in_progress" => Some(Status::Running),
        "success" => Some(Status::Success),
        "failure" | "error" if conclusion.as_deref() == Some("cancelled") => Some(Status::Canceled),
        "failure" | "error" => Some(Status::Failed),
        _ => None,
    })
}

/// The job, as far as these events know it. A deployment made without Actions has none; there the deployment's task
/// stands for it, so that start and end have a place.
fn job(
    root: &Place<'_>,
    deployment: &Place<'_>,
    report: &Observation,
    run: &actions::RunTold,
    check: Option<&Place<'_>>,
) -> Result<Option<serde_json::Map<String, Value>>, Broken> {
    let keys = Keys::new()
        .set("ref", report.git_ref.clone())
        .object("user", deployable::user(report.user.as_ref()))
        .object("commit", deployable::commit(report.sha.as_deref(), None))
        .object("pipeline", run.keys());
    if let Some(check) = check {
        let (started, finished) = start_and_end(check)?;
        let times = Times {
            created: None,
            started,
            finished,
        };
        let keys = keys
            .set("id", check.integer("id")?)
            .set("name", check.text("name")?)
            .times(&times)
            .set("duration", times.duration())
            .set("web_url", check.text("html_url")?);
        return Ok(keys.told());
    }
    if is_made_by_actions(root, deployment)? {
        return Ok(keys.told());
    }
    let page = match root.object("deployment_status")? {
        Some(told) => match told.text("log_url")? {
            Some(page) => Some(page),
            None => told.text("target_url")?,
        },
        None => None,
    };
    let keys = keys
        .set("name", deployment.text("task")?.or_else(|| Some("deploy".to_owned())))
        .times(&Times {
            created: deployment.time("created_at")?,
            started: report.occurred_at.filter(|_| report.status == Some(Status::Running)),
            finished: report
                .occurred_at
                .filter(|_| report.status.is_some_and(Status::is_finished)),
        })
        .set("web_url", page);
    Ok(keys.told())
}
