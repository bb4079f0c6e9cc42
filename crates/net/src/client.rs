//! The client itself.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use reqwest::{Request, StatusCode, Url, header::HeaderMap, redirect};
use tokio::time::{self, Instant};

use crate::{
    error::Error,
    patience::{Patience, Verdict, Wait},
    reach::Reach,
    resolver::Resolver,
    tls,
};

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
    /// The same, for receivers whose certificates nobody looks at.
    unverified: Arc<OnceLock<reqwest::Client>>,
    /// Until when a limit leaves no room for requests.
    exhausted: Arc<Mutex<Option<Instant>>>,
}

/// How certificates of `https` servers are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// They must lead to whom the machine trusts.
    Verified,
    /// Anybody's will do, because the owner of the request wants it so.
    Any,
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
            unverified: Arc::default(),
            exhausted: Arc::default(),
        })
    }

    /// Whether an address may be asked for, as far as it can be told without resolving its name.
    #[must_use]
    pub fn may_reach(&self, url: &Url) -> bool {
        self.reach.check_literal(url).is_ok()
    }

    /// Makes ready for an address of this scheme, so that what stands against it is known before the first request.
    pub fn prepare(&self, scheme: &str) -> Result<(), Error> {
        self.of_scheme(scheme, Certificates::Verified).map(drop)
    }

    /// Sends a request and reads its answer, of which the body has `longest` bytes at most.
    pub async fn send(&self, request: Request, longest: usize) -> Result<Answer, Error> {
        let mut response = self.execute(request, Certificates::Verified).await?;
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

    /// Sends a request and reads the first `longest` bytes of its answer; whatever follows is not waited for. For
    /// notifications, where the status is all that counts.
    pub async fn notify(&self, request: Request, certificates: Certificates, longest: usize) -> Result<Answer, Error> {
        let mut response = self.execute(request, certificates).await?;
        let mut body = Vec::new();
        while body.len() < longest
            && let Some(chunk) = response.chunk().await.map_err(Error::transport)?
        {
            let room = longest - body.len();
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        }
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body,
        })
    }

    /// Sends a request; the answer's body has yet to come.
    pub(crate) async fn execute(
        &self,
        request: Request,
        certificates: Certificates,
    ) -> Result<reqwest::Response, Error> {
        let url = request.url();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Address);
        }
        self.reach.check_literal(url)?;
        let client = self.of_scheme(url.scheme(), certificates)?;
        client.execute(request).await.map_err(Error::transport)
    }

    /// As [`Client::send`], again and again while the server cannot answer, and not before a limit that it has told leaves
    /// room. `on_wait` hears of every pause. What is sent must be safe to be sent twice.
    pub async fn send_patiently(
        &self,
        request: Request,
        longest: usize,
        patience: &Patience,
        on_wait: &(dyn Fn(&Wait) + Send + Sync),
    ) -> Result<Answer, Error> {
        self.wait_for_room(on_wait).await;
        let mut failed = 0;
        loop {
            // A body that is a stream cannot be sent twice; then there is one request.
            let Some(again) = request.try_clone() else {
                return self.send(request, longest).await;
            };
            let sent = self.send(again, longest).await;
            let (why, told) = match &sent {
                Ok(answer) => match answer.verdict() {
                    Verdict::Final => {
                        self.note_room(answer);
                        return sent;
                    }
                    Verdict::Again(told) => (format!("the server answered {}", answer.status.as_u16()), told),
                },
                Err(Error::Transport(_)) => ("the server did not answer".to_owned(), None),
                Err(_) => return sent,
            };
            failed += 1;
            let Some(pause) = patience.pause(failed, told, luck()) else {
                return sent;
            };
            on_wait(&Wait { why, pause });
            time::sleep(pause).await;
        }
    }

    async fn wait_for_room(&self, on_wait: &(dyn Fn(&Wait) + Send + Sync)) {
        let until = self.exhausted.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(until) = until.filter(|until| *until > Instant::now()) {
            on_wait(&Wait {
                why: "the server's limit of requests is used up".to_owned(),
                pause: until - Instant::now(),
            });
            time::sleep_until(until).await;
        }
    }

    fn note_room(&self, answer: &Answer) {
        let until = answer.exhausted_for().map(|pause| Instant::now() + pause);
        *self.exhausted.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    fn of_scheme(&self, scheme: &str, certificates: Certificates) -> Result<&reqwest::Client, Error> {
        match (scheme, certificates) {
            ("http", _) => Ok(&self.plain),
            ("https", Certificates::Verified) => self.made(&self.encrypted, tls::with_certificates),
            ("https", Certificates::Any) => self.made(&self.unverified, tls::with_any_certificate),
            _ => Err(Error::Address),
        }
    }

    /// A client that is made at its first use.
    fn made<'a>(
        &self,
        kept: &'a OnceLock<reqwest::Client>,
        config: fn() -> Result<rustls::ClientConfig, Error>,
    ) -> Result<&'a reqwest::Client, Error> {
        if let Some(client) = kept.get() {
            return Ok(client);
        }
        let client = build(&self.reach, config()?)?;
        Ok(kept.get_or_init(|| client))
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

/// From 0 to 1. Without randomness, which only spreads pauses, it is 1.
fn luck() -> f64 {
    getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
}
