//! The client itself.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{Request, StatusCode, header::HeaderMap, redirect};

use crate::{error::Error, reach::Reach, resolver::Resolver, tls};

/// A server that does not take a connection within this is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A whole exchange, unless the request has a time-out of its own. GitLab itself gives up on a request after 60 seconds.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Sends requests to where it may. Cheap to clone; connections are kept and shared.
#[derive(Clone, Debug)]
pub struct Client {
    reach: Arc<Reach>,
    plain: reqwest::Client,
    /// Made when it is first needed: reading the machine's certificates takes some milliseconds.
    encrypted: Arc<OnceLock<reqwest::Client>>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status, also a redirect: none is followed.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Client {
    /// For requests to places within a reach.
    pub fn new(reach: Reach) -> Result<Client, Error> {
        let reach = Arc::new(reach);
        Ok(Client {
            plain: build(&reach, tls::without_certificates()?)?,
            reach,
            encrypted: Arc::default(),
        })
    }

    /// Makes ready for an address of this scheme, so that what stands against it is known before the first request.
    pub fn prepare(&self, scheme: &str) -> Result<(), Error> {
        self.of_scheme(scheme).map(drop)
    }

    /// Sends a request and reads its answer, of which the body has `longest` bytes at most.
    pub async fn send(&self, request: Request, longest: usize) -> Result<Answer, Error> {
        let url = request.url();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Address);
        }
        self.reach.check_literal(url)?;
        let client = self.of_scheme(url.scheme())?;
        let mut response = client.execute(request).await.map_err(Error::transport)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Error::transport)? {
            if body.len() + chunk.len() > longest {
                return Err(Error::TooLong(longest));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body,
        })
    }

    fn of_scheme(&self, scheme: &str) -> Result<&reqwest::Client, Error> {
        match (scheme, self.encrypted.get()) {
            ("http", _) => Ok(&self.plain),
            ("https", Some(client)) => Ok(client),
            ("https", None) => {
                let client = build(&self.reach, tls::with_certificates()?)?;
                Ok(self.encrypted.get_or_init(|| client))
            }
            _ => Err(Error::Address),
        }
    }
}

fn build(reach: &Arc<Reach>, tls: rustls::ClientConfig) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("landfall/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT);
    if **reach != Reach::Anywhere {
        builder = builder.no_proxy().dns_resolver(Resolver(Arc::clone(reach)));
    }
    builder.build().map_err(Error::Setup)
}
