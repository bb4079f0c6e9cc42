//! The connection to a remote: requests through the guarded client, with the limits of one fetch.

use std::{
    cell::RefCell,
    io,
    rc::Rc,
    time::{Duration, Instant},
};

use landfall_net::{
    Bytes, Client, Error, Method, Request, StatusCode, Stream, Url,
    header::{AUTHORIZATION, HeaderMap, LOCATION},
};
use tokio::runtime::Runtime;

use super::{credentials::Credentials, error::FetchError, interrupt::Interrupt, remote::origin_of};

/// Redirects that are followed for one address.
const REDIRECTS: usize = 5;

/// What all requests of a fetch share.
pub(super) struct Wire {
    pub(super) runtime: Runtime,
    pub(super) client: Client,
    pub(super) credentials: Option<Credentials>,
    /// The address that the repository was named by: only its server is shown credentials.
    pub(super) named: Url,
    pub(super) interrupt: Interrupt,
    pub(super) started: Instant,
    /// How long the fetch may take.
    pub(super) whole: Duration,
    /// How long the remote may say nothing.
    pub(super) silence: Duration,
    /// Bytes that may still come, and what it is if there are more.
    pub(super) left: u64,
    pub(super) too_much: FetchError,
    /// What went wrong; where it does, gix only sees that something did.
    pub(super) failure: Option<FetchError>,
}

/// Shared by the readers and writers of one fetch, which live on one thread.
pub(super) type SharedWire = Rc<RefCell<Wire>>;

/// What is to be sent.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Wire {
    /// Sets how many bytes may come from now on, and what it is if there are more.
    pub(super) fn allow(&mut self, bytes: u64, too_much: FetchError) {
        (self.left, self.too_much) = (bytes, too_much);
    }

    /// Notes what went wrong, and makes of it what gix wants to see. The first thing that goes wrong is what counts.
    pub(super) fn fail(&mut self, failure: FetchError) -> io::Error {
        let error = io::Error::other(failure.to_string());
        self.failure.get_or_insert(failure);
        error
    }

    /// Sends a request and follows its redirects if it may have any; answers where it ended.
    pub(super) fn send(&mut self, outgoing: Outgoing, tail: Option<&str>) -> io::Result<(Url, Stream)> {
        let mut url = outgoing.url;
        for _ in 0..=REDIRECTS {
            let mut request = Request::new(outgoing.method.clone(), url.clone());
            request.headers_mut().clone_from(&outgoing.headers);
            let authorization = self.authorization(&url);
            let with_credentials = authorization.is_some();
            request.headers_mut().extend(authorization);
            *request.body_mut() = (!outgoing.body.is_empty()).then(|| outgoing.body.clone().into());
            let stream = self.open(request)?;
            let status = stream.status();
            if status.is_success() {
                return Ok((url, stream));
            }
            url = match (status.is_redirection(), tail) {
                (true, Some(tail)) => redirected(&url, &stream, tail).ok_or_else(|| self.fail(FetchError::Redirect))?,
                (true, None) => return Err(self.fail(FetchError::Redirect)),
                (false, _) => return Err(self.fail(refusal(status, with_credentials))),
            };
        }
        Err(self.fail(FetchError::Redirect))
    }

    /// Only the server that was named is told who we are, and nobody on the way of a redirect.
    fn authorization(
        &self,
        url: &Url,
    ) -> Option<(landfall_net::header::HeaderName, landfall_net::header::HeaderValue)> {
        let credentials = self.credentials.as_ref()?;
        if origin_of(url) != origin_of(&self.named) {
            return None;
        }
        Some((AUTHORIZATION, credentials.header_for(url)?.clone()))
    }

    fn open(&mut self, request: Request) -> io::Result<Stream> {
        let left = self.time_left()?;
        let (client, interrupt, silence) = (self.client.clone(), self.interrupt.clone(), self.silence);
        let opened = self.runtime.block_on(async move {
            tokio::select! {
                biased;
                () = interrupt.triggered() => None,
                opened = client.open(request, silence, left) => Some(opened),
            }
        });
        self.settle(opened)
    }

    /// The next piece of an answer; `None` at its end.
    pub(super) fn chunk(&mut self, stream: &mut Stream) -> io::Result<Option<Bytes>> {
        self.time_left()?;
        let interrupt = self.interrupt.clone();
        let read = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = interrupt.triggered() => None,
                read = stream.chunk() => Some(read),
            }
        });
        let chunk = self.settle(read)?;
        let length = chunk.as_ref().map_or(0, Bytes::len);
        match self.left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX)) {
            Some(left) => self.left = left,
            None => return Err(self.fail(self.too_much.clone())),
        }
        Ok(chunk)
    }

    fn time_left(&mut self) -> io::Result<Duration> {
        let left = self.whole.saturating_sub(self.started.elapsed());
        if left.is_zero() {
            return Err(self.fail(FetchError::TooSlow(self.whole)));
        }
        Ok(left)
    }

    fn settle<T>(&mut self, result: Option<Result<T, Error>>) -> io::Result<T> {
        let failure = match result {
            Some(Ok(value)) => return Ok(value),
            None => FetchError::Interrupted,
            Some(Err(Error::Silent(silence))) => FetchError::Silent(silence),
            Some(Err(Error::Refused(refused))) => FetchError::Refused(refused.to_string()),
            Some(Err(Error::Transport(error))) if error.is_timeout() && !error.is_connect() => {
                FetchError::TooSlow(self.whole)
            }
            Some(Err(error)) => FetchError::NoAnswer(causes(&error)),
        };
        Err(self.fail(failure))
    }
}

fn causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

const fn refusal(status: StatusCode, with_credentials: bool) -> FetchError {
    match status.as_u16() {
        status @ (401 | 403) => FetchError::Denied {
            status,
            with_credentials,
        },
        404 => FetchError::Missing { with_credentials },
        status => FetchError::Status(status),
    }
}

/// Where a redirect leads, if it is to the same thing of another repository's address. As in git, the way from `https` back
/// to `http` is none.
fn redirected(from: &Url, stream: &Stream, tail: &str) -> Option<Url> {
    let location = stream.headers().get(LOCATION)?.to_str().ok()?;
    let to = from.join(location).ok()?;
    let is_safe = to.scheme() == "https" || (to.scheme() == "http" && from.scheme() == "http");
    let is_plain = to.username().is_empty() && to.password().is_none() && to.fragment().is_none();
    (is_safe && is_plain && to.as_str().ends_with(tail)).then_some(to)
}
