//! The Deployment Hook (reference, neighbours 11.1).

use landfall_domain::{deployment::Status, environment::Tier, git_name};

use super::{
    super::{
        Broken, Delivery, Meaning,
        deployable::{self, Keys},
        observation::{About, EnvironmentHint, Observation},
        place::Place,
    },
    Project, progress, user,
};

pub(super) fn parse(delivery: &Delivery<'_>, root: &Place<'_>) -> Result<Meaning, Broken> {
    let project = Project::read(delivery, root)?;
    let deployment = root.integer("deployment_id")?.map(|id| project.deployment(id));
    let job_id = root.integer("deployable_id")?;
    let (key, also) = match (job_id, deployment) {
        (Some(id), also) => (project.job(id), also.into_iter().collect()),
        (None, Some(key)) => (key, Vec::new()),
        (None, None) => return Err(root.missing("deployment_id")),
    };
    let name = root.need_text("status")?;
    let status = Status::parse(&name).ok_or_else(|| root.wrong("status", "the status of a deployment"))?;
    let commit_url = root.text("commit_url")?;
    let sha = match commit_of(commit_url.as_deref()) {
        Some(sha) => Some(sha.to_owned()),
        None => root.text("short_sha")?,
    };
    // GitLab cuts long titles, and another hook has the whole one.
    let title = root.text("commit_title")?.filter(|title| !title.ends_with("..."));
    let git_ref = root.text("ref")?;
    let user = user(root)?;
    let commit = deployable::commit(commit_of(commit_url.as_deref()), None)
        .set("title", title)
        .set("web_url", commit_url.clone());
    let job = Keys::new()
        .set("id", job_id)
        .set("ref", git_ref.clone())
        .object("user", deployable::user(user.as_ref()))
        .object("commit", commit)
        .set("web_url", root.text("deployable_url")?);
    Ok(Meaning::Observations(vec![Observation {
        occurred_at: root.time("status_changed_at")?,
        sequence: Some(progress(&name)),
        project: Some(project.hint()),
        environment: environment(root)?,
        sha,
        git_ref,
        status: Some(status),
        user,
        deployable: job_id.and_then(|_| job.told()),
        ..Observation::of(About::Deployment { key, also, run: None })
    }]))
}

fn environment(root: &Place<'_>) -> Result<Option<EnvironmentHint>, Broken> {
    let Some(name) = root.text("environment")? else {
        return Ok(None);
    };
    Ok(Some(EnvironmentHint {
        name,
        tier: root.text("environment_tier")?.as_deref().and_then(Tier::parse),
        external_url: root.text("environment_external_url")?,
    }))
}

/// The commit at the end of its page's address, the only place where this hook has it whole.
fn commit_of(url: Option<&str>) -> Option<&str> {
    url?.rsplit('/').next().filter(|id| git_name::is_object_id(id))
}
