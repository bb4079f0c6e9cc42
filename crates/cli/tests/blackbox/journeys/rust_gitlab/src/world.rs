//! Where the journey goes, and how it is judged.

use std::{env, error::Error, fmt::Debug};

use chrono::{Days, NaiveDate, Utc};
use gitlab::{Gitlab, GitlabBuilder, RestError, api::ApiError};
use serde_json::Value;

pub const PATH: &str = "team/web/app.one";
pub const SHA: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";

/// What a part of the journey comes to.
pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

pub fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is missing"))
}

/// A client with somebody's token.
pub fn client(token: &str) -> Outcome<Gitlab> {
    let url = variable("URL");
    let host = url.strip_prefix("http://").ok_or("the server is asked without TLS")?;
    Ok(GitlabBuilder::new(host, token).insecure().build()?)
}

/// The answer must be a refusal with this status and message.
pub fn refused<T: Debug>(status: u16, message: impl Into<Value>, answer: Result<T, ApiError<RestError>>) {
    let (refused_with, found) = match answer {
        Err(ApiError::GitlabWithStatus { status, msg }) => (status, Value::String(msg)),
        Err(ApiError::GitlabObjectWithStatus { status, obj }) => (status, obj),
        other => panic!("this is no refusal: {other:?}"),
    };
    assert_eq!((refused_with.as_u16(), found), (status, message.into()));
}

/// A day on which a token or a membership may end.
pub fn soon() -> NaiveDate {
    Utc::now().date_naive() + Days::new(30)
}
