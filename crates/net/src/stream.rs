//! Answers that are read piece by piece, because they may be longer than memory.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Request, StatusCode, header::HeaderMap};
use tokio::time;

use crate::{
    client::{Certificates, Client},
    error::Error,
};

/// An answer whose body has yet to come.
#[derive(Debug)]
pub struct Stream {
    response: reqwest::Response,
    silence: Duration,
}

impl Client {
    /// Sends a request and waits for the beginning of its answer. `silence` is how long the server may say nothing, before
    /// its answer and in the middle of it; `whole` is how long everything may take, to the last byte. No redirect is
    /// followed.
    pub async fn open(&self, mut request: Request, silence: Duration, whole: Duration) -> Result<Stream, Error> {
        *request.timeout_mut() = Some(whole);
        let response = time::timeout(silence, self.execute(request, Certificates::Verified)).await;
        Ok(Stream {
            response: response.map_err(|_| Error::Silent(silence))??,
            silence,
        })
    }
}

impl Stream {
    /// The status, also a redirect.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next piece of the body, of any length; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        match time::timeout(self.silence, self.response.chunk()).await {
            Ok(chunk) => chunk.map_err(Error::transport),
            Err(_) => Err(Error::Silent(self.silence)),
        }
    }
}
