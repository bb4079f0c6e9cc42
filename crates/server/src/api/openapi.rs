//! The description of the API, made from the endpoint table.

use serde_json::{Value, json};

use crate::urls::Urls;

/// The OpenAPI 3.1 document.
#[must_use]
pub fn document(urls: &Urls) -> Value {
    json!({ "openapi": "3.1.0", "servers": [{ "url": urls.api("") }] })
}
