//! Every answer of the API that is not a success.
//!
//! GitLab has no single error format: which JSON shape a client gets depends on the layer that refused it (reference
//! 2.5). So the variants of [`ApiError`] are those *shapes*, and the well-known sentences are constructors: each text
//! of GitLab's stands in this module once, and nowhere else.

mod answer;
mod environments;

use std::borrow::Cow;
use std::error::Error;

use http::StatusCode;
use landfall_domain::member::Source;

use crate::ops::{Refusal, webhook::Unfit};

/// A text that is known at compile time or made up from the request.
type Text = Cow<'static, str>;

/// A refusal, by the shape of its body.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400 `{"error":"<text>"}`: the joined messages about parameters (reference 3.1).
    #[error("400 {0}")]
    Params(String),

    /// `{"error":"<text>"}`: the layers in front of the endpoints, i.e. route, format, media type, JSON guard.
    #[error("{0}: {1}")]
    Error(StatusCode, Text),

    /// `{"message":"<text>"}`: almost everything else.
    #[error("{0}: {1}")]
    Message(StatusCode, Text),

    /// `{"message":{"<field>":["<text>", ..], ..}}`: validation of a record.
    #[error("{0}: {1:?}")]
    Fields(StatusCode, Vec<(&'static str, Vec<String>)>),

    /// `{"message":["<sentence>", ..]}`: validation of a record, on the few endpoints that answer with sentences
    /// (creating an environment, reference 6.7 for the comment of an approval).
    #[error("{0}: {1:?}")]
    Sentences(StatusCode, Vec<String>),

    /// As [`ApiError::Message`], with two empty lists in front of the message: the deletion of review apps (neighbours, 1.6).
    #[error("{0}: {1}")]
    NoReviewApps(StatusCode, &'static str),

    /// 401 `{"error":"invalid_token","error_description":".."}` with `WWW-Authenticate` (reference 4.2): the token is
    /// known but dead.
    #[error("401 invalid_token: {description}")]
    Token {
        /// Which of the deaths it was, as a sentence.
        description: &'static str,
    },

    /// 403 `{"error":"insufficient_scope", .., "scope":".."}` (reference 4.2).
    #[error("403 insufficient_scope: {scope}")]
    InsufficientScope {
        /// The scopes of which one would have been enough, joined with blanks.
        scope: &'static str,
    },

    /// 400 `{"error":"invalid_request","error_description":".."}`: a token in the `Authorization` header and another one
    /// among the parameters (step 6 of reference section 2).
    #[error("400 invalid_request: two access tokens")]
    TwoTokens,

    /// A plain text body.
    #[error("{0}: {1}")]
    Plain(StatusCode, &'static str),

    /// 301 to the project's present address, with a plain text body (reference 5). For GET only; every other method gets
    /// [`ApiError::method_moved`].
    #[error("301 {location}")]
    Moved {
        /// The absolute URL to go to.
        location: String,
    },

    /// 429 of the request throttle, plain text (reference 12.3).
    #[error("429 request throttle")]
    TooManyRequests {
        /// Seconds until the window ends.
        retry_after: u64,
        /// The end of the window in Unix seconds, sent as an HTTP date.
        reset: i64,
    },

    /// 429 `{"message":{"error":".."}}`: the limit of one endpoint (reference 12.3).
    #[error("429 application limit")]
    ApplicationLimit {
        /// Length of the limit's interval in seconds.
        retry_after: u64,
    },

    /// 503 `{"message":"503 Service Unavailable"}`: the request was not carried out and may be sent again.
    #[error("503 unavailable")]
    Unavailable {
        /// Seconds after which another try is sensible.
        retry_after: u64,
    },

    /// 500 `{"message":"500 Internal Server Error"}`. The source is for the log; the client never sees it.
    #[error("500 internal error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

/// Refusals before an endpoint is reached (steps 1 to 8 of reference section 2).
impl ApiError {
    /// No such route, or not with this method: GitLab does not tell the two apart (reference 1).
    #[must_use]
    pub fn route_not_found() -> Self {
        Self::Error(StatusCode::NOT_FOUND, "404 Not Found".into())
    }

    /// Any path under `/api/v3`.
    #[must_use]
    pub fn api_v3() -> Self {
        Self::Error(
            StatusCode::GONE,
            "API V3 is no longer supported. Use API V4 instead.".into(),
        )
    }

    /// Anything but JSON in the `format` parameter.
    #[must_use]
    pub fn unsupported_format(format: &str) -> Self {
        Self::Error(
            StatusCode::NOT_ACCEPTABLE,
            format!("The requested format '{format}' is not supported.").into(),
        )
    }

    /// A body in a format that the API does not read.
    #[must_use]
    pub fn unsupported_media_type(media_type: &str) -> Self {
        let text = format!("The provided content-type '{media_type}' is not supported.");
        Self::Error(StatusCode::UNSUPPORTED_MEDIA_TYPE, text.into())
    }

    /// A NUL byte or invalid UTF-8 where text is expected, or names that contradict each other (`a=1&a[b]=2`).
    #[must_use]
    pub fn malformed() -> Self {
        Self::Plain(StatusCode::BAD_REQUEST, "Bad Request")
    }

    /// A body larger than the server reads.
    #[must_use]
    pub fn too_large() -> Self {
        Self::Message(StatusCode::PAYLOAD_TOO_LARGE, "413 Request Entity Too Large".into())
    }

    /// A body that did not come to its end in time.
    #[must_use]
    pub fn request_timeout() -> Self {
        Self::Message(StatusCode::REQUEST_TIMEOUT, "408 Request Timeout".into())
    }

    /// A body that claims to be JSON and is not.
    #[must_use]
    pub fn invalid_json() -> Self {
        Self::Error(StatusCode::BAD_REQUEST, "Invalid JSON format".into())
    }

    /// JSON nested more than 32 levels deep.
    #[must_use]
    pub fn json_too_deep() -> Self {
        Self::Error(StatusCode::BAD_REQUEST, "Parameters nested too deeply".into())
    }

    /// A JSON array of more than 50,000 entries.
    #[must_use]
    pub fn json_array_too_large() -> Self {
        Self::Error(StatusCode::BAD_REQUEST, "Array parameter too large".into())
    }

    /// A JSON object of more than 50,000 keys.
    #[must_use]
    pub fn json_object_too_large() -> Self {
        Self::Error(StatusCode::BAD_REQUEST, "Hash parameter too large".into())
    }

    /// More than 100,000 JSON values in all.
    #[must_use]
    pub fn json_too_many_elements() -> Self {
        Self::Error(StatusCode::BAD_REQUEST, "Too many total parameters".into())
    }
}

/// Refusals about who is calling (reference 4).
impl ApiError {
    /// No token, or none that is known.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::Message(StatusCode::UNAUTHORIZED, "401 Unauthorized".into())
    }

    /// The token's last day has passed. Wins over [`Self::token_revoked`].
    #[must_use]
    pub fn token_expired() -> Self {
        Self::Token {
            description: "Token is expired. You can either do re-authorization or token refresh.",
        }
    }

    /// The token was revoked.
    #[must_use]
    pub fn token_revoked() -> Self {
        Self::Token {
            description: "Token was revoked. You have to re-authorize from the user.",
        }
    }

    /// The caller may see the thing but not do this with it.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::Message(StatusCode::FORBIDDEN, "403 Forbidden".into())
    }

    /// As [`Self::forbidden`], with the reason: `403 Forbidden - <reason>`.
    #[must_use]
    pub fn forbidden_because(reason: &str) -> Self {
        Self::Message(StatusCode::FORBIDDEN, format!("403 Forbidden - {reason}").into())
    }
}

/// Refusals of the endpoints themselves (reference 5 and 6).
impl ApiError {
    /// A record that does not exist inside its project: note the small `f`.
    #[must_use]
    pub fn not_found() -> Self {
        Self::Message(StatusCode::NOT_FOUND, "404 Not found".into())
    }

    /// A project that does not exist or that the caller may not see.
    #[must_use]
    pub fn project_not_found() -> Self {
        Self::thing_not_found("Project")
    }

    /// A group that does not exist or that the caller may not see.
    #[must_use]
    pub fn group_not_found() -> Self {
        Self::thing_not_found("Group")
    }

    /// A thing that GitLab names in its answer: `404 <thing> Not Found`.
    #[must_use]
    pub fn thing_not_found(thing: &str) -> Self {
        Self::Message(StatusCode::NOT_FOUND, format!("404 {thing} Not Found").into())
    }

    /// A bad combination of good parameters: `400 Bad request - <reason>`.
    #[must_use]
    pub fn bad_request(reason: &str) -> Self {
        Self::Message(StatusCode::BAD_REQUEST, format!("400 Bad request - {reason}").into())
    }

    /// A comparison with another project.
    #[must_use]
    pub fn not_a_fork(target: i64, project: &str) -> Self {
        let text = format!("Target project id:{target} is not a fork of project id:{project}");
        Self::Message(StatusCode::BAD_REQUEST, text.into())
    }

    /// A common ancestor of less than two commits.
    #[must_use]
    pub fn too_few_refs() -> Self {
        Self::Message(StatusCode::BAD_REQUEST, "Provide at least 2 refs".into())
    }

    /// A common ancestor of commits that are not there.
    #[must_use]
    pub fn unknown_refs(names: &[String]) -> Self {
        let noun = if names.len() == 1 { "ref" } else { "refs" };
        let text = format!("Could not find {noun}: {}", names.join(", "));
        Self::Message(StatusCode::BAD_REQUEST, text.into())
    }

    /// One thing wrong with one field of a record, status 400.
    #[must_use]
    pub fn field(field: &'static str, text: impl Into<String>) -> Self {
        Self::Fields(StatusCode::BAD_REQUEST, vec![(field, vec![text.into()])])
    }

    /// Any method but GET on a project that has moved.
    #[must_use]
    pub fn method_moved() -> Self {
        Self::Message(
            StatusCode::METHOD_NOT_ALLOWED,
            "Non GET methods are not allowed for moved projects".into(),
        )
    }

    /// Keyset pagination with an order that it does not know.
    #[must_use]
    pub fn keyset_unavailable() -> Self {
        Self::Error(
            StatusCode::METHOD_NOT_ALLOWED,
            "Keyset pagination is not yet available for this type of request".into(),
        )
    }

    /// Two edits of one record at the same time.
    #[must_use]
    pub fn resource_lock() -> Self {
        Self::Message(StatusCode::CONFLICT, "409 Conflict: Resource lock".into())
    }

    /// `If-Unmodified-Since` is earlier than the record's last change.
    #[must_use]
    pub fn precondition_failed() -> Self {
        Self::Message(StatusCode::PRECONDITION_FAILED, "412 Precondition Failed".into())
    }

    /// An update that says nothing.
    #[must_use]
    pub fn no_parameters() -> Self {
        Self::Error(StatusCode::BAD_REQUEST, "No parameters provided".into())
    }

    /// A request that was understood and came to nothing, with what somebody else said about it.
    #[must_use]
    pub fn unprocessable(text: impl Into<Text>) -> Self {
        Self::Message(StatusCode::UNPROCESSABLE_ENTITY, text.into())
    }

    /// A failure that is ours. The source is kept for the log.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<landfall_store::Error> for ApiError {
    fn from(error: landfall_store::Error) -> Self {
        match error {
            landfall_store::Error::Busy(_) | landfall_store::Error::Unavailable(_) => {
                tracing::warn!(%error, "the store did not serve a request");
                Self::Unavailable { retry_after: 1 }
            }
            landfall_store::Error::Gone(Source::Project(_)) => Self::project_not_found(),
            landfall_store::Error::Gone(Source::Group(_)) => Self::group_not_found(),
            other => Self::internal(other),
        }
    }
}

impl From<landfall_git::Error> for ApiError {
    fn from(error: landfall_git::Error) -> Self {
        tracing::warn!(%error, "a repository did not answer");
        match error {
            landfall_git::Error::Busy | landfall_git::Error::Stopped => Self::Unavailable { retry_after: 1 },
            landfall_git::Error::TooMuch { .. } => Self::bad_request(error.public_text()),
            landfall_git::Error::NotFound { .. }
            | landfall_git::Error::NotARepository { .. }
            | landfall_git::Error::Unreadable { .. } => Self::field("base", error.public_text()),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::not_found(),
            Refusal::Forbidden | Refusal::Denied(_) => Self::forbidden(),
            Refusal::BadRequest(reason) => Self::bad_request(reason),
            Refusal::AlreadyExists(text) => Self::Message(StatusCode::CONFLICT, text.into()),
            Refusal::Conflict => Self::resource_lock(),
            Refusal::ForbiddenBecause(reason) => Self::forbidden_because(reason),
            Refusal::Field { field, text } => Self::field(field, text),
            Refusal::Environment(invalid) => Self::environment_fields(&invalid),
            Refusal::NotStopped(_) => {
                Self::bad_request("Attempted to stop the environment but failed to change the status")
            }
            Refusal::Transition(error) => Self::field("status", error.to_string()),
            Refusal::State(text) => Self::Message(StatusCode::BAD_REQUEST, text.into()),
            Refusal::ChangedSince => Self::precondition_failed(),
            Refusal::Webhook(Unfit::Url) => Self::Error(StatusCode::UNPROCESSABLE_ENTITY, "Invalid url given".into()),
            Refusal::Webhook(Unfit::Pair) => {
                Self::Error(StatusCode::UNPROCESSABLE_ENTITY, "Illegal key or value".into())
            }
            Refusal::Webhook(Unfit::Field(field, text)) => {
                Self::Fields(StatusCode::UNPROCESSABLE_ENTITY, vec![(field, vec![text])])
            }
            Refusal::Repository(error) => error.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests;
