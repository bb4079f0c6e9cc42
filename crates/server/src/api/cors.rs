//! Requests from scripts on other sites (reference 12.4): every origin, without credentials.

use http::{
    HeaderMap, HeaderValue, Method, Response,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
        ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    },
};

use super::{endpoint::Reply, reply::Body};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Link, X-Total, X-Total-Pages, X-Per-Page, X-Page, X-Next-Page, X-Prev-Page, X-Gitlab-Blob-Id, \
     X-Gitlab-Commit-Id, X-Gitlab-Content-Sha256, X-Gitlab-Encoding, X-Gitlab-File-Name, X-Gitlab-File-Path, \
     X-Gitlab-Last-Commit-Id, X-Gitlab-Ref, X-Gitlab-Size, X-Request-Id, ETag",
);

/// The answer to a preflight, if the request is one. It needs no sign-in: the browser sends none with it.
pub(crate) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Reply> {
    let is_preflight = *method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    is_preflight.then(|| Response::new(Body::default()))
}

/// What a request says about the site that it comes from.
pub(crate) struct Origin {
    is_told: bool,
    /// The headers that the browser asks to send.
    asked: Option<HeaderValue>,
}

impl Origin {
    pub(crate) fn of(request: &HeaderMap) -> Origin {
        let is_told = request.contains_key(ORIGIN);
        let asked = request.get(ACCESS_CONTROL_REQUEST_HEADERS).filter(|_| is_told);
        Origin {
            is_told,
            asked: asked.cloned(),
        }
    }

    /// Adds what a browser wants to see on every answer to a request from another site.
    pub(crate) fn allow(&self, reply: &mut HeaderMap) {
        if !self.is_told {
            return;
        }
        reply.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        reply.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        reply.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        reply.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        if let Some(asked) = &self.asked {
            reply.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
    }
}
