//! Deployments: made, changed, listed in every way, deleted; what is refused.

use chrono::{DateTime, TimeDelta, Utc};
use gitlab::{
    Gitlab,
    api::{
        self, ApiError, Query,
        common::SortOrder,
        projects::deployments::{
            CreateDeployment, DeleteDeployment, Deployment as GetDeployment, DeploymentOrderBy, DeploymentStatus,
            DeploymentStatusFilter, Deployments, DeploymentsBuilder, EditDeployment,
        },
    },
};
use serde::Deserialize;
use serde_json::json;

use crate::world::{Outcome, PATH, SHA, client, refused, variable};

#[derive(Debug, Deserialize)]
pub struct Deployment {
    pub id: u64,
    pub iid: u64,
    pub status: String,
    pub sha: String,
    #[serde(rename = "ref")]
    pub git_ref: String,
    pub updated_at: DateTime<Utc>,
    pub user: User,
    pub environment: Environment,
}

#[derive(Debug, Deserialize)]
pub struct User {
    pub name: String,
    pub username: String,
}

#[derive(Debug, Deserialize)]
pub struct Environment {
    pub name: String,
}

/// Which deployments are listed.
type Choice = DeploymentsBuilder<'static>;

type Answer<T> = Result<T, ApiError<gitlab::RestError>>;

/// A deployment that is to be recorded.
#[derive(Clone, Copy)]
pub struct New<'a> {
    pub project: &'a str,
    pub environment: &'a str,
    pub sha: &'a str,
    pub git_ref: &'a str,
    pub status: DeploymentStatus,
}

/// A success in an environment of the journey's project.
pub fn success(environment: &str) -> New<'_> {
    New {
        project: PATH,
        environment,
        sha: SHA,
        git_ref: "main",
        status: DeploymentStatus::Success,
    }
}

pub fn create(client: &Gitlab, new: New<'_>) -> Outcome<Answer<Deployment>> {
    let endpoint = CreateDeployment::builder()
        .project(new.project)
        .environment(new.environment)
        .sha(new.sha)
        .ref_(new.git_ref)
        .tag(false)
        .status(new.status)
        .build()?;
    Ok(endpoint.query(client))
}

fn get(client: &Gitlab, id: u64) -> Outcome<Answer<Deployment>> {
    Ok(GetDeployment::builder()
        .project(PATH)
        .deployment_id(id)
        .build()?
        .query(client))
}

fn edit(client: &Gitlab, id: u64, status: DeploymentStatus) -> Outcome<Answer<Deployment>> {
    let mut endpoint = EditDeployment::builder();
    endpoint.project(PATH).deployment_id(id).status(status);
    Ok(endpoint.build()?.query(client))
}

fn delete(client: &Gitlab, id: u64) -> Outcome<Answer<()>> {
    let endpoint = DeleteDeployment::builder().project(PATH).deployment_id(id).build()?;
    Ok(api::ignore(endpoint).query(client))
}

/// The numbers of those that are found. The crate gives the first page only.
fn iids(client: &Gitlab, choose: impl Fn(&mut Choice) -> &mut Choice) -> Outcome<Vec<u64>> {
    let mut endpoint = Deployments::builder();
    endpoint.project(PATH);
    choose(&mut endpoint);
    let found: Vec<Deployment> = endpoint.build()?.query(client)?;
    Ok(found.iter().map(|deployment| deployment.iid).collect())
}

pub fn journey(alice: &Gitlab) -> Outcome {
    let mut made = Vec::new();
    for number in 0..9 {
        let environment = if number % 3 == 0 { "staging" } else { "production" };
        let git_ref = format!("release-{}", 9 - number);
        let statuses = [
            DeploymentStatus::Running,
            DeploymentStatus::Success,
            DeploymentStatus::Failed,
        ];
        let new = New {
            git_ref: &git_ref,
            status: statuses[number % 3],
            ..success(environment)
        };
        made.push(create(alice, new)??);
    }
    assert!(made.iter().map(|deployment| deployment.iid).eq(1..=9));
    change(alice, &made)?;
    lists(alice, &made)?;
    remove(alice, &made)?;
    refusals(alice)
}

fn change(alice: &Gitlab, made: &[Deployment]) -> Outcome {
    let running = get(alice, made[0].id)??;
    assert_eq!((running.status.as_str(), running.sha.as_str()), ("running", SHA));
    assert_eq!(
        (running.git_ref.as_str(), running.user.username.as_str()),
        ("release-9", "alice")
    );
    assert_eq!(running.environment.name, "staging");
    assert_eq!(edit(alice, running.id, DeploymentStatus::Success)??.status, "success");
    assert_eq!(get(alice, running.id)??.status, "success");
    assert_eq!(edit(alice, made[3].id, DeploymentStatus::Canceled)??.status, "canceled");
    let again = json!({ "status": ["cannot transition via \"succeed\""] });
    refused(400, again, edit(alice, running.id, DeploymentStatus::Success)?);
    Ok(())
}

fn lists(alice: &Gitlab, made: &[Deployment]) -> Outcome {
    let everything: Vec<u64> = (1..=9).collect();
    for (order, expected) in [
        (DeploymentOrderBy::Id, everything.clone()),
        (DeploymentOrderBy::Iid, everything.clone()),
        (DeploymentOrderBy::CreatedAt, everything.clone()),
        (DeploymentOrderBy::Ref, everything.into_iter().rev().collect()),
        (DeploymentOrderBy::UpdatedAt, vec![2, 3, 5, 6, 7, 8, 9, 1, 4]),
        (DeploymentOrderBy::FinishedAt, vec![2, 3, 5, 6, 8, 9, 1, 4, 7]),
    ] {
        let sorted = |sort| iids(alice, move |list| list.order_by(order).sort(sort));
        assert_eq!(sorted(SortOrder::Ascending)?, expected, "{order:?}");
        let backwards: Vec<u64> = expected.into_iter().rev().collect();
        assert_eq!(sorted(SortOrder::Descending)?, backwards, "{order:?}");
    }
    assert_eq!(iids(alice, |list| list.environment("staging"))?, [1, 4, 7]);
    let success = DeploymentStatusFilter::Success;
    assert_eq!(iids(alice, |list| list.status(success))?, [1, 2, 5, 8]);
    // The crate tells whole seconds.
    let soon = get(alice, made[3].id)??.updated_at + TimeDelta::minutes(1);
    assert_eq!(iids(alice, |list| list.updated_after(soon))?, [0; 0]);
    assert_eq!(iids(alice, |list| list.updated_before(soon))?.len(), 9);
    Ok(())
}

fn remove(alice: &Gitlab, made: &[Deployment]) -> Outcome {
    delete(alice, made[3].id)??;
    refused(404, "404 Not found", get(alice, made[3].id)?);
    refused(400, "Cannot destroy running deployment", delete(alice, made[6].id)?);
    let live = "Deployment currently deployed to environment";
    refused(400, live, delete(alice, made[7].id)?);
    refused(404, "404 Not found", delete(alice, made[3].id)?);
    Ok(())
}

fn refusals(alice: &Gitlab) -> Outcome {
    let new = success("production");
    refused(400, "sha is empty", create(alice, New { sha: " ", ..new })?);
    let missing = json!({ "sha": ["The commit does not exist"] });
    refused(400, missing, create(alice, New { sha: "HEAD", ..new })?);
    let project = "team/tool-1";
    refused(403, "403 Forbidden", create(alice, New { project, ..new })?);
    let project = "team/web/nothing";
    refused(404, "404 Project Not Found", create(alice, New { project, ..new })?);
    let reader = client(&variable("READER"))?;
    assert_eq!(iids(&reader, |list| list)?.len(), 8);
    refused(403, "insufficient_scope", create(&reader, new)?);
    Ok(())
}
