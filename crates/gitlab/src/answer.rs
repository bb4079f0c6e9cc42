//! From a request to an answer in memory: the one place where something is sent.

use reqwest::{RequestBuilder, header::HeaderMap};
use serde::de::DeserializeOwned;

use crate::error::{Error, Refusal};

/// The longest answer that is read, in bytes. A list of 100 deployments is about 300 kB.
const LONGEST: usize = 64 << 20;

/// A success, read to its end.
pub(crate) struct Answer {
    /// Method and address, for messages.
    place: String,
    pub(crate) headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// Sends a request and reads what comes back.
    pub(crate) async fn to(request: RequestBuilder) -> Result<Answer, Error> {
        let (client, request) = request.build_split();
        let request = request.map_err(Error::Setup)?;
        let place = format!("{} {}", request.method(), request.url());
        let transport = |source: reqwest::Error| Error::Transport {
            place: place.clone(),
            source: source.without_url(),
        };
        let mut response = client.execute(request).await.map_err(transport)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(Error::TooLong { place, limit: LONGEST });
            }
            body.extend_from_slice(&chunk);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            Ok(Answer { place, headers, body })
        } else {
            Err(Box::new(Refusal::new(place, status, &headers, &body)).into())
        }
    }

    /// The body as what the call gives.
    pub(crate) fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|source| Error::Body {
            place: self.place,
            source,
        })
    }

    /// Method and address.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }
}
