//! From the bytes of a request to one map of parameters (reference section 2, steps 1, 2 and 8, and 2.1).
//!
//! The steps are separate functions because others come between them: the pipeline calls [`json_guard`], then [`merge`]
//! and [`check_strings`], and [`check_media_type`] only once the route is known. [`merge`] therefore reads what it can
//! and leaves it to the later step to complain about a body in a format that nobody reads.

mod json_guard;
mod multipart;

use std::borrow::Cow;

use http::Method;
use serde_json::{Map, Value};

pub use self::json_guard::json_guard;
use super::bracket;
use super::error::ApiError;
use super::path::{Malformed, decode_segment};

impl From<Malformed> for ApiError {
    fn from(_: Malformed) -> Self {
        Self::malformed()
    }
}

/// The parts of a request that parameters come from.
#[derive(Clone, Copy, Debug)]
pub struct RawInput<'a> {
    /// The method decides whether a body is read at all.
    pub method: &'a Method,
    /// The query as sent, without `?`.
    pub query: Option<&'a str>,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The complete body; whoever reads it from the network bounds its size.
    pub body: &'a [u8],
}

/// The format of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// Anything else, in lower case and without its parameters; empty if there is no `Content-Type`.
    Other(String),
}

impl MediaType {
    /// Reads a `Content-Type` header: letter case and parameters do not matter (reference 2.2).
    #[must_use]
    pub fn of(content_type: Option<&str>) -> Self {
        let essence = content_type
            .unwrap_or_default()
            .split([';', ','])
            .next()
            .unwrap_or_default();
        match essence.trim().to_ascii_lowercase() {
            text if text == "application/json" => Self::Json,
            text if text == "application/x-www-form-urlencoded" => Self::Form,
            text if text == "multipart/form-data" => Self::Multipart,
            text => Self::Other(text),
        }
    }
}

/// Whether GitLab reads a JSON body, and minds a foreign one, on this method.
fn reads_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
}

/// Step 8: refuses a body in a format that the API does not read (reference 2.2).
///
/// Clients send `Content-Type: application/json` without a body on GET and DELETE, a form type without a body on
/// anything, `{}` on DELETE, and POST with neither: an empty body is therefore always fine, and so is whatever stands in
/// a body that is not read.
pub fn check_media_type(raw: &RawInput<'_>) -> Result<(), ApiError> {
    match MediaType::of(raw.content_type) {
        MediaType::Other(name) if reads_body(raw.method) && !raw.body.is_empty() => {
            Err(ApiError::unsupported_media_type(&name))
        }
        _ => Ok(()),
    }
}

/// Step 2: refuses a NUL byte or invalid UTF-8 in the path, in the given headers (`Referer` and `Authorization`) and in
/// the values of the merged parameters. The query and form bodies have been through this in [`merge`] already.
pub fn check_strings<'a>(
    raw_path: &str,
    headers: impl IntoIterator<Item = &'a [u8]>,
    params: &Map<String, Value>,
) -> Result<(), ApiError> {
    decode_segment(raw_path)?;
    for header in headers {
        decode_segment(std::str::from_utf8(header).map_err(|_| Malformed)?)?;
    }
    if params.values().any(has_nul) {
        Err(ApiError::malformed())
    } else {
        Ok(())
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(entries) => entries.iter().any(has_nul),
        Value::Object(members) => members.values().any(has_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// All parameters of a request but those of the path, which the caller adds: the query, and over it the form, multipart
/// or JSON body. A name in the body replaces the whole value from the query; of equal names in one place the last wins.
///
/// `json` is what [`json_guard`] returned. It counts only if it is an object and the method has a body to read.
///
/// Fails with the plain `Bad Request` of step 2: text that is not UTF-8 or holds a NUL byte, names that contradict each
/// other, multipart that does not follow its own boundary.
pub fn merge(raw: &RawInput<'_>, json: Option<Value>) -> Result<Map<String, Value>, ApiError> {
    let mut params = Map::new();
    if let Some(query) = raw.query {
        read_form(query, &mut params)?;
    }
    let body = match MediaType::of(raw.content_type) {
        MediaType::Form => {
            let mut form = Map::new();
            read_form(std::str::from_utf8(raw.body).map_err(|_| Malformed)?, &mut form)?;
            form
        }
        MediaType::Multipart if !raw.body.is_empty() => {
            multipart::read(raw.content_type.unwrap_or_default(), raw.body)?
        }
        MediaType::Json if reads_body(raw.method) => match json {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        },
        MediaType::Json | MediaType::Multipart | MediaType::Other(_) => Map::new(),
    };
    params.extend(body);
    Ok(params)
}

/// Reads `name=value&name=value`. A name without `=` is `null`, as Rack has it.
fn read_form(text: &str, into: &mut Map<String, Value>) -> Result<(), Malformed> {
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.split_once('=') {
            Some((name, value)) => (name, Value::String(decode_form(value)?)),
            None => (pair, Value::Null),
        };
        bracket::insert(into, &decode_form(name)?, value)?;
    }
    Ok(())
}

/// As a path segment, but `+` is a blank.
fn decode_form(text: &str) -> Result<String, Malformed> {
    let text = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    decode_segment(&text)
}

#[cfg(test)]
mod tests;
