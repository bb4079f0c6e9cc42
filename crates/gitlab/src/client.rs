//! The client itself: one server, one token.

use std::{fmt, sync::Arc};

use landfall_net::{
    Method, Patience, Reach, Request, Wait,
    header::{HeaderName, HeaderValue},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::{
    answer::Answer,
    deployments::Deployments,
    error::Error,
    pages::Pages,
    project::ProjectRef,
    types::{Project, User, Version},
};

const PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");

/// A server and somebody's access to it. Cheap to clone; connections are kept and shared.
#[derive(Clone)]
pub struct Client {
    net: landfall_net::Client,
    api: Url,
    token: HeaderValue,
    patience: Option<(Patience, OnWait)>,
}

/// Hears of every pause before a request is sent again.
pub type OnWait = Arc<dyn Fn(&Wait) + Send + Sync>;

/// Shows no token.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.api.as_str())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// For the server at an address like `https://gitlab.example.com`, also below a path, and an access token.
    ///
    /// A redirect is answered as the refusal that it is, with the new place in its message: following it would show the
    /// token to another server, or turn a POST into a GET.
    pub fn new(base_url: &str, token: &str) -> Result<Client, Error> {
        Client::within(Reach::Anywhere, base_url, token)
    }

    /// The same, for a server that must be within a reach.
    pub fn within(reach: Reach, base_url: &str, token: &str) -> Result<Client, Error> {
        let wrong = || Error::Address(base_url.to_owned());
        let mut api = Url::parse(base_url).map_err(|_| wrong())?;
        if !matches!(api.scheme(), "http" | "https") {
            return Err(wrong());
        }
        api.set_query(None);
        api.set_fragment(None);
        api.path_segments_mut()
            .map_err(|()| wrong())?
            .pop_if_empty()
            .extend(["api", "v4"]);
        let mut token = HeaderValue::from_str(token).map_err(|_| Error::Token)?;
        token.set_sensitive(true);
        let net = landfall_net::Client::new(reach).map_err(Error::Setup)?;
        net.prepare(api.scheme()).map_err(Error::Setup)?;
        Ok(Client {
            net,
            api,
            token,
            patience: None,
        })
    }

    /// The same client, which asks again what the server cannot answer now. Only reads are: what creates or changes
    /// something may have arrived although no answer came.
    #[must_use]
    pub fn patient(mut self, patience: Patience, on_wait: OnWait) -> Client {
        self.patience = Some((patience, on_wait));
        self
    }

    /// What deployments can be asked for.
    #[must_use]
    pub fn deployments(&self) -> Deployments<'_> {
        Deployments::of(self)
    }

    /// The server's version.
    pub async fn version(&self) -> Result<Version, Error> {
        self.get(&["version"]).await
    }

    /// Whose token it is.
    pub async fn current_user(&self) -> Result<User, Error> {
        self.get(&["user"]).await
    }

    /// A project.
    pub async fn project(&self, project: impl Into<ProjectRef>) -> Result<Project, Error> {
        self.get(&["projects", &project.into().to_string()]).await
    }

    /// All environments of a project, stopped ones too, by id, as JSON (neighbours, section 1).
    #[must_use]
    pub fn environments(&self, project: impl Into<ProjectRef>) -> Pages<'_, Value> {
        let mut url = self.url(&["projects", &project.into().to_string(), "environments"]);
        url.set_query(Some("per_page=100"));
        Pages::new(self, url)
    }

    /// The projects of a group and of its subgroups, by id; a group is named as a project is.
    #[must_use]
    pub fn projects_of_group(&self, group: impl Into<ProjectRef>) -> Pages<'_, Project> {
        let mut url = self.url(&["groups", &group.into().to_string(), "projects"]);
        url.set_query(Some(
            "include_subgroups=true&with_shared=false&simple=true&order_by=id&sort=asc&per_page=100",
        ));
        Pages::new(self, url)
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<T, Error> {
        self.send(self.request(Method::GET, self.url(segments))).await?.json()
    }

    /// An address below the API; each segment is encoded as one, so a path of a project keeps its slashes as `%2F`.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.api.clone();
        // Refused only by addresses without a host, which `new` does not take.
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(segments);
        }
        url
    }

    pub(crate) fn request(&self, method: Method, url: Url) -> Request {
        let mut request = Request::new(method, url);
        request.headers_mut().insert(PRIVATE_TOKEN, self.token.clone());
        request
    }

    pub(crate) async fn send(&self, request: Request) -> Result<Answer, Error> {
        Answer::to(&self.net, request, self.patience.as_ref()).await
    }
}
