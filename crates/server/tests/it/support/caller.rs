//! Users send requests: `server.user("ada").await.post("/projects/1/deployments").form(&[…]).await`.

use std::{future::IntoFuture, pin::Pin};

use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;

/// Somebody who calls the API.
#[derive(Clone)]
pub(crate) struct Caller {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Caller {
    pub(super) fn new(http: reqwest::Client, url: &str, token: Option<String>) -> Caller {
        Caller {
            http,
            url: url.to_owned(),
            token,
        }
    }

    /// A request to a path below `/api/v4`.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        let mut builder = self.http.request(method, format!("{}/api/v4{path}", self.url));
        if let Some(token) = &self.token {
            builder = builder.header("PRIVATE-TOKEN", token);
        }
        Request { builder }
    }

    /// A request to a path outside of the API.
    pub(crate) fn outside(&self, method: Method, path: &str) -> Request {
        Request {
            builder: self.http.request(method, format!("{}{path}", self.url)),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Request {
        self.request(Method::PUT, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }
}

/// A request that is sent when it is awaited.
pub(crate) struct Request {
    builder: RequestBuilder,
}

impl Request {
    /// With a JSON body.
    pub(crate) fn json(self, body: &Value) -> Request {
        Request {
            builder: self.builder.json(body),
        }
    }

    /// With a form body, as curl's `--data` sends it.
    pub(crate) fn form(self, pairs: &[(&str, &str)]) -> Request {
        Request {
            builder: self.builder.form(pairs),
        }
    }

    /// With any body.
    pub(crate) fn body(self, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Request {
        let builder = match content_type {
            Some(content_type) => self.builder.header("content-type", content_type),
            None => self.builder,
        };
        Request {
            builder: builder.body(body),
        }
    }

    /// With a header more.
    pub(crate) fn header(self, name: &str, value: &str) -> Request {
        Request {
            builder: self.builder.header(name, value),
        }
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let response = self.builder.send().await.expect("the server answers");
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.text().await.expect("the answer is complete");
            Answer { status, headers, body }
        })
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The status and the body as it came, for errors.
    pub(crate) fn told(&self) -> (u16, &str) {
        (self.status.as_u16(), &self.body)
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    /// A header, `None` if it is not there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("the header is text"))
    }
}
