//! The headers of a delivery as they are kept: without anything that opens something.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

/// Parts of names of headers that may carry secrets or what is made with them.
const SECRET: [&str; 10] = [
    "auth",
    "cookie",
    "credential",
    "password",
    "secret",
    "session",
    "signature",
    "token",
    "api-key",
    "apikey",
];

/// The headers as a JSON object of texts. A header that came several times is kept once, its values with commas between
/// them.
pub(super) fn to_json(headers: &HeaderMap) -> String {
    let mut kept: Map<String, Value> = Map::new();
    for name in headers.keys().filter(|name| !is_secret(name)) {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        kept.insert(name.as_str().to_owned(), Value::String(values.join(", ")));
    }
    Value::Object(kept).to_string()
}

fn is_secret(name: &HeaderName) -> bool {
    SECRET.iter().any(|part| name.as_str().contains(part))
}

/// Reads them back; `None` if the text is not what [`to_json`] makes.
pub(super) fn from_json(text: &str) -> Option<HeaderMap> {
    let kept: Map<String, Value> = serde_json::from_str(text).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in &kept {
        let value = HeaderValue::from_str(value.as_str()?).or_else(|_| HeaderValue::from_bytes(b"?"));
        headers.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value.ok()?);
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_and_the_rest_comes_back() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer x"),
            ("proxy-authorization", "x"),
            ("cookie", "x"),
            ("x-gitlab-token", "x"),
            ("private-token", "x"),
            ("x-hub-signature-256", "x"),
            ("x-hub-signature", "x"),
            ("x-signature", "x"),
            ("x-api-key", "x"),
            ("idempotency-key", "k"),
            ("x-github-event", "ping"),
            ("accept", "a"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.append("accept", HeaderValue::from_static("b"));
        headers.insert("x-name", HeaderValue::from_bytes("Ä".as_bytes()).unwrap());
        headers.insert("x-bytes", HeaderValue::from_bytes(&[0xff]).unwrap());
        let text = to_json(&headers);
        insta::assert_snapshot!(
            text,
            @r#"{"idempotency-key":"k","x-github-event":"ping","accept":"a, b","x-name":"Ä","x-bytes":"�"}"#
        );
        let back = from_json(&text).unwrap();
        assert_eq!(back.len(), 5);
        assert_eq!(back["x-name"].as_bytes(), "Ä".as_bytes());
        assert!(from_json("[]").is_none());
    }
}
