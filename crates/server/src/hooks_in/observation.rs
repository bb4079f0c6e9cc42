//! What a sender tells about a deployment, in nobody's words in particular.

use std::fmt;

use landfall_domain::{
    deployment::{Note, Status},
    environment::Tier,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::verify::digest;

/// One report. Everything but what it is about may be untold, and untold never means "none": what is told by the newest
/// report ([`Observation::order`]) holds until a newer one tells otherwise. That goes for each field of the hints and
/// each key of the job, too: one report knows the name of an environment, another one its address.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// What the report is about.
    pub about: About,
    /// When what it reports happened, by the sender's clock.
    pub occurred_at: Option<Timestamp>,
    /// Which of two reports with one time is the newer. Numbers of one sender can be compared, nothing else.
    pub sequence: Option<i64>,
    /// The project. A hook that belongs to one project may pass over it.
    pub project: Option<ProjectHint>,
    /// The environment. A deployment of which no report names one cannot be recorded.
    pub environment: Option<EnvironmentHint>,
    /// Which of a repository's services was deployed, where the sender knows.
    pub service: Option<String>,
    /// Commit; it may be abbreviated, and then a complete one from another report is the better.
    pub sha: Option<String>,
    /// Branch or tag, without `refs/heads/` or `refs/tags/`; the version of a chart that no commit is known for.
    pub git_ref: Option<String>,
    /// Whether `git_ref` names a tag.
    pub tag: Option<bool>,
    /// What was deployed, beside the commit: image references, package URLs, digests.
    pub artifacts: Vec<String>,
    /// Where it stands; `None` where the report only completes others.
    pub status: Option<Status>,
    /// Who did it.
    pub user: Option<UserHint>,
    /// What the sender says about how it went, for people.
    pub description: Option<String>,
    /// Keys of the job that did it, in GitLab's shape (reference 7.5), each of the right type. Often only some of them,
    /// so that several reports together make one job; there may be no `name` and no `id`.
    pub deployable: Option<Map<String, Value>>,
    /// Marks.
    pub notes: Vec<Note>,
}

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// One deployment.
    Deployment {
        /// The key that every report of this deployment carries: equal keys are one deployment, in whatever order they
        /// come (but see [`Key::recurs`]).
        key: Key,
        /// Other keys that are its own, which records from elsewhere may have: an import knows GitLab's deployment id.
        also: Vec<Key>,
        /// The run that it is part of.
        run: Option<RunKey>,
    },
    /// All deployments of a run, those among them that are yet to be heard of. It makes none.
    Run(RunKey),
    /// The environment that is named, or one service in it. It makes no deployment.
    Environment,
}

/// What one deployment is known by at its sender.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A deployment that a GitLab's API made.
    GitlabDeployment {
        /// Address of the GitLab, without the scheme.
        instance: String,
        /// The project there.
        project_id: i64,
        /// The deployment's `id`.
        deployment_id: i64,
    },
    /// A deployment that a job of a GitLab makes. All three hooks know the job; only one knows the deployment.
    GitlabJob {
        /// Address of the GitLab, without the scheme.
        instance: String,
        /// The project there.
        project_id: i64,
        /// The job's id: `deployable_id`, `build_id`, `builds[].id`.
        job_id: i64,
    },
    /// A deployment of GitHub.
    GithubDeployment {
        /// Host of the GitHub.
        instance: String,
        /// The repository there.
        repository_id: i64,
        /// The deployment's id.
        deployment_id: i64,
    },
    /// The job of GitHub Actions that made a deployment.
    GithubJob {
        /// Host of the GitHub.
        instance: String,
        /// The repository there.
        repository_id: i64,
        /// The job's id, which is its check run's too.
        job_id: i64,
    },
    /// One sync of an application. Not its revision: a rollback brings an old one back.
    ArgocdSync {
        /// Address of the Argo CD, without the scheme; empty if it has none configured.
        instance: String,
        /// Namespace and name.
        application: String,
        /// When the sync began.
        started_at: Timestamp,
    },
    /// A revision that is on its way into an object of Flux, or there.
    FluxRevision {
        /// Kind, namespace, name and uid of the object.
        object: String,
        /// Revision, with the digest of the values for a Helm release.
        revision: String,
    },
    /// An event, or all events that name the same deployment.
    Cdevent {
        /// Source of the event.
        source: String,
        /// The deployment that the event names, else the event's own id.
        id: String,
    },
}

impl Key {
    /// A text that no other key has, of at most 255 characters.
    #[must_use]
    pub fn external_id(&self) -> String {
        bounded(self.to_string())
    }

    /// Whether one key can stand for several deployments, one after the other.
    ///
    /// Flux reports states and names no attempt, so a revision that comes back after another one has the key that it had
    /// before. Reports that follow each other at the object ([`Key::object`]) with the same key are one deployment, which
    /// is called after the key and the time of one of them.
    #[must_use]
    pub const fn recurs(&self) -> bool {
        matches!(self, Self::FluxRevision { .. })
    }

    /// What the deployment happened to, for keys that recur; a text of at most 255 characters.
    #[must_use]
    pub fn object(&self) -> Option<String> {
        match self {
            Self::FluxRevision { object, .. } => Some(bounded(format!("flux:{object}"))),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GitlabDeployment {
                instance,
                project_id,
                deployment_id,
            } => write!(f, "gitlab:{instance}/{project_id}/deployments/{deployment_id}"),
            Self::GitlabJob {
                instance,
                project_id,
                job_id,
            } => write!(f, "gitlab:{instance}/{project_id}/jobs/{job_id}"),
            Self::GithubDeployment {
                instance,
                repository_id,
                deployment_id,
            } => write!(f, "github:{instance}/{repository_id}/deployments/{deployment_id}"),
            Self::GithubJob {
                instance,
                repository_id,
                job_id,
            } => write!(f, "github:{instance}/{repository_id}/jobs/{job_id}"),
            Self::ArgocdSync {
                instance,
                application,
                started_at,
            } => write!(f, "argocd:{instance}/{application}@{started_at}"),
            Self::FluxRevision { object, revision } => write!(f, "flux:{object}@{revision}"),
            Self::Cdevent { source, id } => write!(f, "cdevents:{source} {id}"),
        }
    }
}

/// What a deployment is called whose key recurs: the key, and when the report was made that it is called after. No other
/// deployment of the object has a report of that time under the same key. At most 255 characters.
pub(crate) fn recurring_id(key: &str, told_at: Option<Timestamp>) -> String {
    match told_at {
        Some(time) => bounded(format!("{key} {}", time.to_exact())),
        None => key.to_owned(),
    }
}

/// What several deployments can be part of: a pipeline of GitLab, a run of GitHub Actions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RunKey {
    /// A pipeline.
    GitlabPipeline {
        /// Address of the GitLab, without the scheme.
        instance: String,
        /// The project there.
        project_id: i64,
        /// The pipeline's id.
        pipeline_id: i64,
    },
    /// One attempt of a run. Another attempt has other jobs, and so other deployments.
    GithubRun {
        /// Host of the GitHub.
        instance: String,
        /// The repository there.
        repository_id: i64,
        /// The run's id.
        run_id: i64,
        /// From 1.
        attempt: i64,
    },
}

impl RunKey {
    /// A text that no other run has, of at most 255 characters.
    #[must_use]
    pub fn external_id(&self) -> String {
        bounded(self.to_string())
    }
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GitlabPipeline {
                instance,
                project_id,
                pipeline_id,
            } => write!(f, "gitlab:{instance}/{project_id}/pipelines/{pipeline_id}"),
            Self::GithubRun {
                instance,
                repository_id,
                run_id,
                attempt,
            } => write!(f, "github:{instance}/{repository_id}/runs/{run_id}/{attempt}"),
        }
    }
}

/// The longest text that is kept as it is, in characters; senders are not to decide how long an entry of an index is.
const LONGEST: usize = 255;

/// A text of at most [`LONGEST`] characters that no other text has: one that is longer, or holds control characters, ends
/// with its digest.
fn bounded(text: String) -> String {
    let is_plain = !text.chars().any(char::is_control);
    if is_plain && text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().filter(|c| !c.is_control()).take(150).collect();
    format!("{start}…{}", digest(text.as_bytes()))
}

/// A project as its sender names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectHint {
    /// Groups and name: `group/project`.
    pub path: Option<String>,
    /// Where people see it.
    pub web_url: Option<String>,
    /// Its id at the sender.
    pub external_id: Option<String>,
    /// Whether somebody has set the sender up to name a project of this instance; else the path is the sender's own.
    pub is_ours: bool,
}

/// An environment as its sender names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentHint {
    /// Name, not checked.
    pub name: String,
    /// What it is for, where the sender says so.
    pub tier: Option<Tier>,
    /// Where it can be seen running.
    pub external_url: Option<String>,
}

/// A user as the sender names one. There is always a username or an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserHint {
    /// Login name, without GitHub's `[bot]`.
    pub username: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Address for mail; never one that the sender has hidden.
    pub email: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Where people see the user.
    pub web_url: Option<String>,
    /// The user's id at the sender.
    pub external_id: Option<String>,
    /// Not a person.
    pub bot: bool,
}

impl UserHint {
    /// The hint if it can be told who is meant.
    pub(super) fn known(self) -> Option<Self> {
        (self.username.is_some() || self.email.is_some()).then_some(self)
    }
}

/// The address, unless the sender has hidden it behind `[REDACTED]`.
pub(super) fn shown_email(email: Option<String>) -> Option<String> {
    email.filter(|email| email.contains('@'))
}

/// Sorts reports of one sender, the newest last: by time, then by [`Observation::sequence`]. Reports of the same order
/// say the same.
pub type Order = (Option<Timestamp>, i64);

impl Observation {
    pub(super) const fn of(about: About) -> Self {
        Self {
            about,
            occurred_at: None,
            sequence: None,
            project: None,
            environment: None,
            service: None,
            sha: None,
            git_ref: None,
            tag: None,
            artifacts: Vec::new(),
            status: None,
            user: None,
            description: None,
            deployable: None,
            notes: Vec::new(),
        }
    }

    /// How new the report is.
    #[must_use]
    pub fn order(&self) -> Order {
        (self.occurred_at, self.sequence.unwrap_or(0))
    }
}
