//! From a request to an answer in memory: the one place where something is sent.

use landfall_net::{
    Client, Method, Patience, Request,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::OnWait,
    error::{Error, Refusal},
};

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
    pub(crate) async fn to(
        client: &Client,
        request: Request,
        patience: Option<&(Patience, OnWait)>,
    ) -> Result<Answer, Error> {
        let place = format!("{} {}", request.method(), request.url());
        let sent = match patience.filter(|_| *request.method() == Method::GET) {
            Some((patience, on_wait)) => {
                client
                    .send_patiently(request, LONGEST, patience, on_wait.as_ref())
                    .await
            }
            None => client.send(request, LONGEST).await,
        };
        let answer = match sent {
            Ok(answer) => answer,
            Err(source) => return Err(Error::of(place, source)),
        };
        if answer.status.is_success() {
            Ok(Answer {
                place,
                headers: answer.headers,
                body: answer.body,
            })
        } else {
            Err(Box::new(Refusal::new(place, answer.status, &answer.headers, &answer.body)).into())
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

/// A request with a body.
pub(crate) fn with_json(mut request: Request, body: &impl Serialize) -> Result<Request, Error> {
    let body = serde_json::to_vec(body).map_err(|error| Error::Unsendable(error.into()))?;
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, json);
    *request.body_mut() = Some(body.into());
    Ok(request)
}
