//! A client for what importing needs of GitHub's REST API: a repository, its deployments, and the statuses of each.
//!
//! Answers stay JSON; what they mean is for their reader. The token goes to the address that the client was made with and
//! to no other: redirects are not followed, and of the `Link` to a next page only the query is used. Requests are sent
//! again while GitHub cannot answer or limits them.

use std::{fmt, sync::Arc};

use landfall_net::{
    Method, Patience, Reach, Request, Wait,
    header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue},
    next_page,
};
use serde_json::Value;
use url::Url;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 << 20;
const VERSION: HeaderName = HeaderName::from_static("x-github-api-version");

/// Hears of every pause before a request is sent again.
pub type OnWait = Arc<dyn Fn(&Wait) + Send + Sync>;

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be one of an API.
    #[error("{0} is not an http or https address")]
    Address(String),
    /// The token has characters that no header can carry.
    #[error("the token contains characters that no token has")]
    Token,
    /// No complete answer came.
    #[error("GET {place} did not answer")]
    Transport {
        /// Address.
        place: String,
        /// What the network said.
        source: landfall_net::Error,
    },
    /// GitHub answered that it will not.
    #[error("GET {place} answered {status}: {message}")]
    Refused {
        /// Address.
        place: String,
        /// HTTP status.
        status: u16,
        /// What GitHub said.
        message: String,
    },
    /// The answer is not what the API gives.
    #[error("GET {place} answered something else than the API does")]
    Body {
        /// Address.
        place: String,
    },
    /// The next page of a list is the page itself.
    #[error("GET {place} leads to itself as its next page")]
    Loop {
        /// Address.
        place: String,
    },
}

/// GitHub, or a GitHub Enterprise Server, and somebody's access to it.
#[derive(Clone)]
pub struct Client {
    net: landfall_net::Client,
    api: Url,
    token: Option<HeaderValue>,
    patience: Patience,
    on_wait: OnWait,
}

/// Shows no token.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.api.as_str())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// For the API at an address like `https://api.github.com`. Without a token only public repositories are shown, and
    /// few of them an hour.
    pub fn new(
        reach: Reach,
        api: &str,
        token: Option<&str>,
        patience: Patience,
        on_wait: OnWait,
    ) -> Result<Client, Error> {
        let wrong = || Error::Address(api.to_owned());
        let mut url = Url::parse(api).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(wrong());
        }
        url.set_query(None);
        url.set_fragment(None);
        let bearer = |token| {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| Error::Token)?;
            value.set_sensitive(true);
            Ok(value)
        };
        let net = landfall_net::Client::new(reach).map_err(|source| Error::Transport {
            place: api.to_owned(),
            source,
        })?;
        Ok(Client {
            net,
            api: url,
            token: token.map(bearer).transpose()?,
            patience,
            on_wait,
        })
    }

    /// A repository.
    pub async fn repository(&self, owner: &str, name: &str) -> Result<Value, Error> {
        let (value, _) = self.get(self.url(&["repos", owner, name])).await?;
        Ok(value)
    }

    /// The deployments of a repository, newest first, a page at a time.
    #[must_use]
    pub fn deployments(&self, owner: &str, name: &str) -> Pages<'_> {
        self.pages(&["repos", owner, name, "deployments"])
    }

    /// The statuses of a deployment, newest first, a page at a time.
    #[must_use]
    pub fn statuses(&self, owner: &str, name: &str, deployment: i64) -> Pages<'_> {
        self.pages(&["repos", owner, name, "deployments", &deployment.to_string(), "statuses"])
    }

    fn pages(&self, segments: &[&str]) -> Pages<'_> {
        let mut url = self.url(segments);
        url.set_query(Some("per_page=100"));
        Pages {
            client: self,
            next: Some(url),
        }
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.api.clone();
        // Refused only by addresses that `new` does not take.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// The body, and the page that follows.
    async fn get(&self, url: Url) -> Result<(Value, Option<Url>), Error> {
        let place = url.to_string();
        let mut request = Request::new(Method::GET, url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        headers.insert(VERSION, HeaderValue::from_static("2022-11-28"));
        if let Some(token) = &self.token {
            headers.insert(AUTHORIZATION, token.clone());
        }
        let sent = self
            .net
            .send_patiently(request, LONGEST, &self.patience, self.on_wait.as_ref());
        let answer = match sent.await {
            Ok(answer) => answer,
            Err(source) => return Err(Error::Transport { place, source }),
        };
        let body = serde_json::from_slice::<Value>(&answer.body);
        if !answer.status.is_success() {
            let said = body
                .ok()
                .and_then(|body| Some(body.get("message")?.as_str()?.to_owned()));
            return Err(Error::Refused {
                place,
                status: answer.status.as_u16(),
                message: said.unwrap_or_else(|| answer.status.canonical_reason().unwrap_or("no reason").to_owned()),
            });
        }
        let next = next_page(&url, &answer.headers);
        if next.as_ref() == Some(&url) {
            return Err(Error::Loop { place });
        }
        Ok((body.map_err(|_| Error::Body { place })?, next))
    }
}

/// The pages of a list that are still to come.
#[derive(Debug)]
pub struct Pages<'a> {
    client: &'a Client,
    next: Option<Url>,
}

impl Pages<'_> {
    /// The next page, `None` after the last. After an error the same page can be asked for again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Value>>, Error> {
        let Some(url) = &self.next else {
            return Ok(None);
        };
        let (body, next) = self.client.get(url.clone()).await?;
        let Value::Array(items) = body else {
            return Err(Error::Body { place: url.to_string() });
        };
        self.next = next;
        Ok(Some(items))
    }

    /// Everything that is still to come.
    pub async fn all(mut self) -> Result<Vec<Value>, Error> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }
}
