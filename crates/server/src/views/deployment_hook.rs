//! The body of a Deployment Hook, with its keys in GitLab's order (neighbours, 11.1), and our own facts under one more.

use landfall_domain::{deployment::Change, time::Timestamp};
use serde::Serialize;

use crate::{
    ops::announce::{Deployed, Facts, ProjectFacts, UserFacts},
    urls::Urls,
};

/// Digits of a shortened commit id.
const SHORT: usize = 8;

/// What only the repository can tell of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FromRepository {
    /// Whether the commit is there; true where nobody can tell.
    pub(crate) has_commit: bool,
    /// Its title, cut as GitLab does.
    pub(crate) title: Option<String>,
    /// How it stands to the one before.
    pub(crate) change: Change,
}

/// The body.
#[derive(Debug, Serialize)]
pub(crate) struct DeploymentHook<'a> {
    object_kind: &'static str,
    status: &'a str,
    status_changed_at: String,
    deployment_id: i64,
    deployable_id: Option<i64>,
    deployable_url: Option<&'a str>,
    environment: &'a str,
    environment_tier: &'a str,
    environment_slug: &'a str,
    environment_external_url: Option<&'a str>,
    project: ProjectView<'a>,
    short_sha: &'a str,
    user: Option<UserView<'a>>,
    user_url: Option<String>,
    commit_url: Option<String>,
    commit_title: Option<&'a str>,
    #[serde(rename = "ref")]
    git_ref: &'a str,
    landfall: LandfallView<'a>,
}

#[derive(Debug, Serialize)]
struct ProjectView<'a> {
    id: i64,
    name: &'a str,
    description: Option<&'a str>,
    web_url: String,
    avatar_url: Option<&'a str>,
    git_ssh_url: Option<&'a str>,
    git_http_url: Option<&'a str>,
    namespace: &'a str,
    visibility_level: i64,
    path_with_namespace: &'a str,
    default_branch: Option<&'a str>,
    ci_config_path: Option<&'a str>,
    homepage: String,
    url: Option<&'a str>,
    ssh_url: Option<&'a str>,
    http_url: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct UserView<'a> {
    id: Option<i64>,
    name: Option<&'a str>,
    username: Option<&'a str>,
    avatar_url: Option<&'a str>,
    email: &'a str,
}

#[derive(Debug, Serialize)]
struct LandfallView<'a> {
    sha: &'a str,
    previous_sha: Option<&'a str>,
    iid: i64,
    change: &'static str,
    external_id: Option<&'a str>,
}

impl<'a> DeploymentHook<'a> {
    pub(crate) fn new(facts: &'a Facts, known: &'a FromRepository, urls: &Urls) -> DeploymentHook<'a> {
        let id = facts.deployed.id();
        DeploymentHook {
            object_kind: "deployment",
            status: &facts.status,
            status_changed_at: as_ruby(Timestamp::from_micros(facts.changed_at)),
            deployment_id: facts.deployment_id,
            deployable_id: facts.job.as_ref().map(|job| job.id),
            deployable_url: facts.job.as_ref().and_then(|job| job.url.as_deref()),
            environment: &facts.environment.name,
            environment_tier: &facts.environment.tier,
            environment_slug: &facts.environment.slug,
            environment_external_url: facts.environment.external_url.as_deref(),
            project: ProjectView::new(&facts.project, urls),
            short_sha: id.get(..SHORT).unwrap_or(id),
            user: facts.user.as_ref().map(UserView::new),
            user_url: facts.user.as_ref().and_then(|user| user_url(user, urls)),
            commit_url: known.has_commit.then(|| urls.commit(&facts.project.full_path, id)),
            commit_title: known.title.as_deref(),
            git_ref: &facts.git_ref,
            landfall: LandfallView {
                sha: id,
                previous_sha: facts.previous.as_ref().map(Deployed::id),
                iid: facts.iid,
                change: known.change.as_str(),
                external_id: facts.external_id.as_deref(),
            },
        }
    }
}

impl<'a> ProjectView<'a> {
    /// No repository is served here, so there is no address to clone from.
    fn new(project: &'a ProjectFacts, urls: &Urls) -> ProjectView<'a> {
        let web_url = urls.path(&project.full_path);
        ProjectView {
            id: project.id,
            name: &project.name,
            description: project.description.as_deref(),
            homepage: web_url.clone(),
            web_url,
            avatar_url: None,
            git_ssh_url: None,
            git_http_url: None,
            namespace: &project.namespace,
            visibility_level: project.visibility_level,
            path_with_namespace: &project.full_path,
            default_branch: project.default_branch.as_deref(),
            ci_config_path: None,
            url: None,
            ssh_url: None,
            http_url: None,
        }
    }
}

impl<'a> UserView<'a> {
    fn new(user: &'a UserFacts) -> UserView<'a> {
        UserView {
            id: user.id,
            name: user.name.as_deref(),
            username: user.username.as_deref(),
            avatar_url: user.avatar_url.as_deref(),
            email: &user.email,
        }
    }
}

fn user_url(user: &UserFacts, urls: &Urls) -> Option<String> {
    user.url
        .clone()
        .or_else(|| user.username.as_deref().map(|username| urls.user(username)))
}

/// `2021-04-28 21:50:00 +0000`.
fn as_ruby(time: Timestamp) -> String {
    let wire = time.to_wire();
    format!("{} +0000", wire.get(..19).unwrap_or(&wire).replace('T', " "))
}
