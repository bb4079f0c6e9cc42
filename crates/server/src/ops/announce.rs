//! Telling webhooks of a deployment: what is so at the moment of the change goes into the outbox, in the transaction that
//! makes the change. What only the repository can tell is added when it is sent, since commits do not change.

use std::borrow::Cow;

use landfall_domain::{
    deployment::{DeploymentDetails, Source},
    ids::WebhookId,
    project::Project,
    time::Timestamp,
    webhook::tells_of,
};
use landfall_store::{Conn, Tx, deployments, projects, webhook_queue};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::{Builder, Uuid};

use super::{
    Refusal,
    environment::{By, Chain},
};

/// A chain that has reached so many hooks goes no further (neighbours, 11.2).
const LONGEST_CHAIN: usize = 100;
/// What stands for an address that is not public.
const REDACTED: &str = "[REDACTED]";

/// A change of a deployment, as it is kept until it is sent. Nobody else reads this JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) status: String,
    /// Microseconds since 1970.
    pub(crate) changed_at: i64,
    pub(crate) deployment_id: i64,
    pub(crate) iid: i64,
    pub(crate) job: Option<JobFacts>,
    pub(crate) environment: EnvironmentFacts,
    pub(crate) project: ProjectFacts,
    pub(crate) user: Option<UserFacts>,
    pub(crate) git_ref: String,
    pub(crate) deployed: Deployed,
    pub(crate) previous: Option<Deployed>,
    pub(crate) external_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct JobFacts {
    pub(crate) id: i64,
    pub(crate) url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EnvironmentFacts {
    pub(crate) name: String,
    pub(crate) tier: String,
    pub(crate) slug: String,
    pub(crate) external_url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProjectFacts {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) namespace: String,
    pub(crate) visibility_level: i64,
    pub(crate) full_path: String,
    pub(crate) default_branch: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct UserFacts {
    pub(crate) id: Option<i64>,
    pub(crate) name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) avatar_url: Option<String>,
    pub(crate) email: String,
    /// The page of a user of another system.
    pub(crate) url: Option<String>,
}

/// What a deployment is of: the commit as it was sent, and the object behind it where a repository knew it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deployed {
    pub(crate) sha: String,
    pub(crate) commit: Option<String>,
}

impl Deployed {
    /// The full object id, as far as it is known.
    pub(crate) fn id(&self) -> &str {
        self.commit.as_deref().unwrap_or(&self.sha)
    }
}

/// Tells these hooks that a deployment has come to its status just now. Records that were copied from another system tell
/// of nothing: what they say happened long ago.
pub(super) fn announce(
    tx: &mut Tx<'_>,
    changed: &DeploymentDetails,
    listeners: Vec<WebhookId>,
    by: By,
) -> Result<(), Refusal> {
    let deployment = &changed.deployment;
    if listeners.is_empty() || !tells_of(deployment.status) || deployment.source == Source::Import {
        return Ok(());
    }
    let listeners = unblocked(tx, listeners, by.chain)?;
    if listeners.is_empty() {
        return Ok(());
    }
    let project = projects::by_id(tx, deployment.project_id)?.ok_or(Refusal::NotFound)?;
    let event = match by.chain {
        Some(chain) => chain.uuid,
        None => new_uuid()?,
    };
    let facts = Facts::of(tx, changed, &project, by.now)?.to_json()?;
    let message = webhook_queue::add_message(tx, &event.to_string(), &facts, by.now)?;
    for hook in listeners {
        webhook_queue::add(tx, hook, message, &new_uuid()?.to_string(), by.now)?;
    }
    Ok(())
}

/// The hooks without those that a chain of hooks has been through already.
fn unblocked(
    conn: &mut Conn<'_>,
    mut listeners: Vec<WebhookId>,
    chain: Option<Chain>,
) -> Result<Vec<WebhookId>, Refusal> {
    if let Some(chain) = chain {
        let told = webhook_queue::in_chain(conn, &chain.uuid.to_string(), chain.came_at)?;
        if told.len() >= LONGEST_CHAIN {
            return Ok(Vec::new());
        }
        listeners.retain(|hook| !told.contains(hook));
    }
    Ok(listeners)
}

/// A random UUID.
pub(crate) fn new_uuid() -> Result<Uuid, Refusal> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| landfall_store::Error::Engine(error.to_string()))?;
    Ok(Builder::from_random_bytes(random).into_uuid())
}

impl Facts {
    /// What is so now.
    pub(crate) fn of(
        conn: &mut Conn<'_>,
        changed: &DeploymentDetails,
        project: &Project,
        at: Timestamp,
    ) -> Result<Facts, Refusal> {
        let DeploymentDetails {
            deployment,
            environment,
            job,
            ..
        } = changed;
        let previous = deployments::previous(conn, deployment)?;
        Ok(Facts {
            status: deployment.status.as_str().to_owned(),
            changed_at: at.as_micros(),
            deployment_id: deployment.id.0,
            iid: deployment.iid.0,
            job: job.as_ref().map(|job| JobFacts {
                id: job.id,
                url: job.web_url.clone(),
            }),
            environment: EnvironmentFacts {
                name: environment.name.clone(),
                tier: environment.tier.as_str().to_owned(),
                slug: environment.slug.clone(),
                external_url: environment.external_url.clone(),
            },
            project: ProjectFacts::of(project),
            user: user_of(changed),
            git_ref: deployment.git_ref.clone(),
            deployed: Deployed {
                sha: deployment.sha.clone(),
                commit: deployment.commit.clone(),
            },
            previous: previous.map(|previous| Deployed {
                sha: previous.sha,
                commit: previous.commit,
            }),
            external_id: deployment.external_id.clone(),
        })
    }

    pub(crate) fn to_json(&self) -> Result<String, Refusal> {
        let text = serde_json::to_string(self).map_err(|error| landfall_store::Error::Engine(error.to_string()))?;
        Ok(text)
    }
}

impl ProjectFacts {
    fn of(project: &Project) -> ProjectFacts {
        ProjectFacts {
            id: project.id.0,
            name: project.name.clone(),
            description: project.description.clone(),
            namespace: project.namespace.name.clone(),
            visibility_level: project.visibility.level(),
            full_path: project.full_path(),
            default_branch: project.default_branch.clone(),
        }
    }
}

/// The job's user, if there is a job that names one, else the deployment's.
fn user_of(changed: &DeploymentDetails) -> Option<UserFacts> {
    let of_job = changed.job.as_ref().and_then(|job| job.user.as_ref());
    if let Some(kept) = of_job.and_then(|user| serde_json::from_str::<Value>(&user.0).ok()) {
        let text = |key: &str| kept.get(key).and_then(Value::as_str).map(str::to_owned);
        return Some(UserFacts {
            id: kept.get("id").and_then(Value::as_i64),
            name: text("name"),
            username: text("username"),
            avatar_url: text("avatar_url"),
            email: shown_email(&text("public_email").unwrap_or_default()),
            url: text("web_url"),
        });
    }
    changed.user.as_ref().map(|user| UserFacts {
        id: Some(user.id.0),
        name: Some(user.name.clone()),
        username: Some(user.username.clone()),
        avatar_url: user.shown_avatar_url().map(Cow::into_owned),
        email: shown_email(&user.public_email),
        url: None,
    })
}

fn shown_email(public: &str) -> String {
    if public.is_empty() { REDACTED } else { public }.to_owned()
}

#[cfg(test)]
mod tests;
