//! GitLab's hooks (reference, neighbours 12): each of the three knows a part of a deployment, and the job's id is in all.

mod deployment;
mod job;

use landfall_domain::{deployment::Status, time::Timestamp};

use super::{
    Broken, Delivery, Meaning,
    deployable::Times,
    observation::{Key, ProjectHint, RunKey, UserHint, shown_email},
    place::Place,
};

pub(super) fn parse(delivery: &Delivery<'_>) -> Result<Meaning, Broken> {
    let body = delivery.json()?;
    let root = Place::root(&body)?;
    match root.text("object_kind")?.as_deref() {
        Some("deployment") => deployment::parse(delivery, &root),
        Some("build") => job::parse_job_hook(delivery, &root),
        Some("pipeline") => job::parse_pipeline_hook(delivery, &root),
        Some(_) => Ok(Meaning::Ignored {
            why: "the event says nothing about deployments",
        }),
        None => Err(root.missing("object_kind")),
    }
}

/// The project that a hook is about, and the GitLab that it is in.
struct Project {
    instance: String,
    id: i64,
    path: Option<String>,
    web_url: Option<String>,
}

impl Project {
    /// Reads `project`, which early versions leave out of Job Hooks: there are `project_id` and `repository` instead.
    fn read(delivery: &Delivery<'_>, root: &Place<'_>) -> Result<Self, Broken> {
        let (project, repository) = (root.object("project")?, root.object("repository")?);
        let id = match root.integer("project_id")? {
            Some(id) => id,
            None => root.need_object("project")?.need_integer("id")?,
        };
        let mut path = None;
        let mut web_url = None;
        if let Some(project) = project {
            path = project.text("path_with_namespace")?;
            web_url = project.text("web_url")?;
        } else if let Some(repository) = repository {
            web_url = repository.text("homepage")?;
        }
        let instance = match delivery.header("x-gitlab-instance") {
            Some(address) => without_scheme(address).to_owned(),
            None => instance_of(web_url.as_deref().unwrap_or_default(), path.as_deref()),
        };
        let path = path.or_else(|| path_below(&instance, web_url.as_deref()?));
        Ok(Self {
            instance,
            id,
            path,
            web_url,
        })
    }

    fn hint(&self) -> ProjectHint {
        ProjectHint {
            path: self.path.clone(),
            web_url: self.web_url.clone(),
            external_id: Some(self.id.to_string()),
            is_ours: false,
        }
    }

    /// The address of one of the project's pages.
    fn page(&self, kind: &str, id: impl std::fmt::Display) -> Option<String> {
        let project = self.web_url.as_deref()?;
        Some(format!("{project}/-/{kind}/{id}"))
    }

    fn job(&self, job_id: i64) -> Key {
        Key::GitlabJob {
            instance: self.instance.clone(),
            project_id: self.id,
            job_id,
        }
    }

    fn deployment(&self, deployment_id: i64) -> Key {
        Key::GitlabDeployment {
            instance: self.instance.clone(),
            project_id: self.id,
            deployment_id,
        }
    }

    fn pipeline(&self, pipeline_id: i64) -> RunKey {
        RunKey::GitlabPipeline {
            instance: self.instance.clone(),
            project_id: self.id,
            pipeline_id,
        }
    }
}

pub(crate) fn without_scheme(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.trim_end_matches('/')
}

fn path_below(instance: &str, web_url: &str) -> Option<String> {
    let path = without_scheme(web_url).strip_prefix(instance)?.strip_prefix('/')?;
    path.contains('/').then(|| path.to_owned())
}

/// The address of the GitLab that a project's address begins with. A GitLab may stand under a path, which is why the
/// project's own path is taken away where it is known.
pub(crate) fn instance_of(web_url: &str, path: Option<&str>) -> String {
    let address = without_scheme(web_url);
    let instance = match path.and_then(|path| address.strip_suffix(path)) {
        Some(before) => before,
        None => address.split('/').next().unwrap_or_default(),
    };
    instance.trim_end_matches('/').to_owned()
}

/// `user`, as all hooks have it.
fn user(place: &Place<'_>) -> Result<Option<UserHint>, Broken> {
    let Some(user) = place.object("user")? else {
        return Ok(None);
    };
    let hint = UserHint {
        username: user.text("username")?,
        name: user.text("name")?,
        email: shown_email(user.text("email")?),
        avatar_url: user.text("avatar_url")?,
        external_id: user.integer("id")?.map(|id| id.to_string()),
        ..UserHint::default()
    };
    Ok(hint.known())
}

/// What a job's status makes of its deployment; `None` changes nothing (reference 8.7).
pub(crate) fn deployment_status(job_status: &str) -> Option<Status> {
    match job_status {
        "manual" => Some(Status::Blocked),
        "created" | "running" | "success" | "failed" | "canceled" | "skipped" => Status::parse(job_status),
        _ => None,
    }
}

/// How far a job or a deployment of that status has come. Times have whole seconds, so several statuses share one.
fn progress(status: &str) -> i64 {
    match status {
        "manual" | "blocked" | "scheduled" => 1,
        "waiting_for_resource" | "preparing" | "waiting_for_callback" => 2,
        "pending" => 3,
        "running" => 4,
        "canceling" => 5,
        "success" | "failed" | "canceled" | "skipped" => 6,
        _ => 0,
    }
}

/// When a job or pipeline came to its status.
fn status_since(status: Option<&str>, times: &Times) -> Option<Timestamp> {
    match status.map_or(0, progress) {
        6 => times.finished.or(times.started).or(times.created),
        4 | 5 => times.started.or(times.created),
        _ => times.created,
    }
}
