//! Deployments: list, get, create, update, delete (reference 6).

use landfall_net::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    answer::with_json,
    client::Client,
    error::Error,
    pages::Pages,
    project::ProjectRef,
    query::Query,
    types::{Deployment, Status},
    walk::{Changes, Walk},
};

/// The deployments of a server, from [`Client::deployments`].
#[derive(Clone, Copy, Debug)]
pub struct Deployments<'a> {
    client: &'a Client,
}

/// A deployment to be recorded (reference 6.3.1).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewDeployment {
    /// Name of the environment; the server makes it if it is missing.
    pub environment: String,
    /// The commit that is deployed.
    pub sha: String,
    /// The branch or tag that is deployed.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// Whether that is a tag.
    pub tag: bool,
    /// Where it stands.
    pub status: Status,
    /// Whatever else the server takes; Landfall takes `deployable`, the three times, and the `external_id`, `sequence` and
    /// `occurred_at` of a report. GitLab ignores them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What is to change of a deployment (reference 6.4).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UpdateDeployment {
    /// Where it stands now.
    pub status: Status,
    /// Whatever else the server takes.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl<'a> Deployments<'a> {
    pub(crate) fn of(client: &'a Client) -> Deployments<'a> {
        Deployments { client }
    }

    /// A project's deployments, a page at a time.
    pub fn list(self, project: impl Into<ProjectRef>, query: &Query) -> Result<Pages<'a, Deployment>, Error> {
        self.pages(project, query)
    }

    /// The same as JSON, for a reader that wants to go on where one is malformed.
    pub fn list_json(self, project: impl Into<ProjectRef>, query: &Query) -> Result<Pages<'a, Value>, Error> {
        self.pages(project, query)
    }

    /// All of a project's deployments in the order of their ids, from behind an id on. `position` is about how many there
    /// are up to that id; it only saves requests.
    pub fn walk(self, project: impl Into<ProjectRef>, after: Option<i64>, position: u64) -> Walk<'a> {
        Walk::new(self.client, project.into(), after, position)
    }

    /// A project's deployments that have changed at or after a time in ISO 8601, oldest change first.
    pub fn changes(self, project: impl Into<ProjectRef>, since: impl Into<String>) -> Changes<'a> {
        Changes::new(self.client, project.into(), since.into())
    }

    fn pages<T: DeserializeOwned>(self, project: impl Into<ProjectRef>, query: &Query) -> Result<Pages<'a, T>, Error> {
        let mut first = self.url(&project.into(), None);
        let query = serde_urlencoded::to_string(query).map_err(|error| Error::Unsendable(error.into()))?;
        first.set_query(Some(&query).filter(|query| !query.is_empty()).map(String::as_str));
        Ok(Pages::new(self.client, first))
    }

    /// One, by its id (not its iid).
    pub async fn get(self, project: impl Into<ProjectRef>, id: i64) -> Result<Deployment, Error> {
        let url = self.url(&project.into(), Some(id));
        self.client.send(self.client.request(Method::GET, url)).await?.json()
    }

    /// Records one. A project whose environment runs the very same thing already answers with that one.
    pub async fn create(self, project: impl Into<ProjectRef>, new: &NewDeployment) -> Result<Deployment, Error> {
        let url = self.url(&project.into(), None);
        let request = with_json(self.client.request(Method::POST, url), new)?;
        self.client.send(request).await?.json()
    }

    /// Changes where one stands.
    pub async fn update(
        self,
        project: impl Into<ProjectRef>,
        id: i64,
        change: &UpdateDeployment,
    ) -> Result<Deployment, Error> {
        let url = self.url(&project.into(), Some(id));
        let request = with_json(self.client.request(Method::PUT, url), change)?;
        self.client.send(request).await?.json()
    }

    /// Deletes one. The server refuses for what is running and for what an environment runs now.
    pub async fn delete(self, project: impl Into<ProjectRef>, id: i64) -> Result<(), Error> {
        let url = self.url(&project.into(), Some(id));
        self.client.send(self.client.request(Method::DELETE, url)).await?;
        Ok(())
    }

    fn url(self, project: &ProjectRef, id: Option<i64>) -> url::Url {
        let (project, id) = (project.to_string(), id.map(|id| id.to_string()));
        let mut segments = vec!["projects", &project, "deployments"];
        segments.extend(id.as_deref());
        self.client.url(&segments)
    }
}
