//! The client itself.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use reqwest::{Request, StatusCode, header::HeaderMap, redirect};
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
    /// Until when a limit leaves no room for requests.
    exhausted: Arc<Mutex<Option<Instant>>>,
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
            exhausted: Arc::default(),
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

/// From 0 to 1. Without randomness, which only spreads pauses, it is 1.
fn luck() -> f64 {
    getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
}
