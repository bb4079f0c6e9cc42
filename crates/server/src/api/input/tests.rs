//! Tests of the merge and of the checks around it (reference 2.1 and 2.2).

use proptest::prelude::*;
use serde_json::json;

use super::*;

const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const MULTIPART: Option<&str> = Some("multipart/form-data; boundary=XX");

/// Guard, merge and string check, as the pipeline runs them.
fn read(
    method: &Method,
    query: Option<&str>,
    content_type: Option<&str>,
    body: impl AsRef<[u8]>,
) -> Result<Value, String> {
    let body = body.as_ref();
    let raw = RawInput {
        method,
        query,
        content_type,
        body,
    };
    json_guard(content_type, body)
        .and_then(|json| merge(&raw, json))
        .and_then(|params| check_strings("/", [], &params).map(|()| Value::Object(params)))
        .map_err(|error| error.to_string())
}

fn bad_request() -> Result<Value, String> {
    Err("400 Bad Request: Bad Request".to_owned())
}

#[test]
fn sources_merge_and_the_body_wins() {
    let post = &Method::POST;
    let cases = [
        (
            read(post, Some("a=1&b=2"), FORM, "b=3&c=4"),
            json!({"a": "1", "b": "3", "c": "4"}),
        ),
        (
            read(post, Some("a=1&b=2"), JSON, r#"{"b":3}"#),
            json!({"a": "1", "b": 3}),
        ),
        (read(post, Some("b[x]=1"), FORM, "b[y]=2"), json!({"b": {"y": "2"}})),
        (
            read(post, Some("a=1&a=2"), FORM, "b=1&b=2"),
            json!({"a": "2", "b": "2"}),
        ),
        (
            read(post, Some("tag=false&sha=abc"), None, ""),
            json!({"tag": "false", "sha": "abc"}),
        ),
        (read(post, None, None, ""), json!({})),
        (read(post, Some(""), FORM, "&&a=1&"), json!({"a": "1"})),
        (
            read(post, None, FORM, "a&b=&c==&d=1=2"),
            json!({"a": null, "b": "", "c": "=", "d": "1=2"}),
        ),
        (
            read(post, None, FORM, "a+b=c+d%2Be&f=%C3%A9"),
            json!({"a b": "c d+e", "f": "é"}),
        ),
        (read(post, None, FORM, "a=100%&b=%zz"), json!({"a": "100%", "b": "%zz"})),
        (
            read(post, None, FORM, "d%5Bp%5D%5Bid%5D=36&s[]=x"),
            json!({"d": {"p": {"id": "36"}}, "s": ["x"]}),
        ),
        (
            read(post, None, FORM, r#"{"sha":"abc"}"#),
            json!({r#"{"sha":"abc"}"#: null}),
        ),
        (read(post, None, JSON, "[1,2]"), json!({})),
        (read(post, None, JSON, "null"), json!({})),
        (read(post, None, JSON, "\"sha\""), json!({})),
        (read(post, None, Some("text/plain"), "a=1"), json!({})),
        (read(post, None, None, "a=1"), json!({})),
    ];
    for (got, expected) in cases {
        assert_eq!(got, Ok(expected));
    }
}

#[test]
fn json_is_read_where_a_body_is_read() {
    for (method, read_there) in [
        (Method::POST, true),
        (Method::PUT, true),
        (Method::PATCH, true),
        (Method::DELETE, true),
        (Method::GET, false),
        (Method::HEAD, false),
        (Method::OPTIONS, false),
    ] {
        let expected = if read_there { json!({"a": 1}) } else { json!({}) };
        assert_eq!(read(&method, None, JSON, r#"{"a":1}"#), Ok(expected), "{method}");
        assert!(
            read(&method, None, JSON, "{").is_err(),
            "the guard comes first: {method}"
        );
    }
    assert_eq!(read(&Method::GET, None, FORM, "a=1"), Ok(json!({"a": "1"})));
}

#[test]
fn broken_text_is_a_bad_request() {
    let post = &Method::POST;
    for query in [
        "a=%00",
        "a=%FF",
        "a=%C3",
        "%FF=a",
        "a[b]=%00",
        "a[]=%00",
        "a=1&a[b]=2",
        "a=b%00c",
    ] {
        assert_eq!(read(post, Some(query), None, ""), bad_request(), "{query}");
        assert_eq!(read(post, None, FORM, query), bad_request(), "{query}");
    }
    assert_eq!(read(post, None, FORM, b"a=\xff"), bad_request());
    for body in [r#"{"a":"\u0000"}"#, r#"{"a":[{"b":"x\u0000"}]}"#] {
        assert_eq!(read(post, None, JSON, body), bad_request(), "{body}");
    }
}

#[test]
fn path_and_headers_are_checked_too() {
    let none = Map::new();
    assert!(check_strings("/projects/a%2Fb/deployments", [b"https://x/%C3%A9".as_slice()], &none).is_ok());
    assert!(check_strings("/projects/%00", [], &none).is_err());
    assert!(check_strings("/projects/%FF/deployments", [], &none).is_err());
    assert!(check_strings("/", [b"https://x/%00".as_slice()], &none).is_err());
    assert!(check_strings("/", [b"fine".as_slice(), b"Bearer \xff".as_slice()], &none).is_err());
}

#[test]
fn media_types() {
    let refused = |name: &str| {
        Err(format!(
            "415 Unsupported Media Type: The provided content-type '{name}' is not supported."
        ))
    };
    let cases = [
        ("POST", JSON, "{}", Ok(())),
        ("POST", Some("Application/JSON; charset=UTF-8"), "{}", Ok(())),
        ("POST", FORM, "a=1", Ok(())),
        ("POST", MULTIPART, "--XX--", Ok(())),
        ("POST", None, "", Ok(())),
        ("POST", Some("text/plain"), "", Ok(())),
        ("POST", Some("text/plain; charset=utf-8"), "a", refused("text/plain")),
        ("POST", Some("Text/Plain"), "a", refused("text/plain")),
        ("POST", Some("application/xml"), "<a/>", refused("application/xml")),
        (
            "POST",
            Some("application/vnd.api+json"),
            "{}",
            refused("application/vnd.api+json"),
        ),
        ("POST", None, "a", refused("")),
        ("PUT", None, "a", refused("")),
        ("PUT", Some(""), "a", refused("")),
        ("DELETE", JSON, "", Ok(())),
        ("DELETE", JSON, "{}", Ok(())),
        ("DELETE", FORM, "", Ok(())),
        ("DELETE", None, "", Ok(())),
        ("DELETE", Some("text/plain"), "a", refused("text/plain")),
        ("GET", JSON, "", Ok(())),
        ("GET", FORM, "", Ok(())),
        ("GET", Some("text/plain"), "a", Ok(())),
        ("HEAD", None, "a", Ok(())),
    ];
    for (method, content_type, body, expected) in cases {
        let method = &method.parse().unwrap();
        let raw = RawInput {
            method,
            query: None,
            content_type,
            body: body.as_bytes(),
        };
        let got = check_media_type(&raw).map_err(|error| error.to_string());
        assert_eq!(got, expected, "{method} {content_type:?} {body}");
    }
}

fn multipart(parts: &[&str]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| format!("--XX\r\nContent-Disposition: form-data; {part}\r\n"))
        .collect();
    parts.concat() + "--XX--\r\n"
}

#[test]
fn multipart_fields_are_parameters() {
    let body = multipart(&[
        "name=\"sha\"\r\n\r\nabc",
        "name=\"d[p][id]\"\r\n\r\n36",
        "name=\"s[]\"\r\n\r\nx",
        "name=\"s[]\"\r\n\r\ny",
        "name=\"lines\"\r\nContent-Type: text/plain\r\n\r\none\r\ntwo é",
        "name=\"file\"; filename=\"a.txt\"\r\n\r\n\0binary",
        "name=\"empty\"\r\n\r\n",
    ]);
    let expected = json!({
        "q": "1", "sha": "abc", "d": {"p": {"id": "36"}}, "s": ["x", "y"],
        "lines": "one\r\ntwo é", "file": {"filename": "a.txt"}, "empty": "",
    });
    assert_eq!(read(&Method::POST, Some("q=1&sha=no"), MULTIPART, &body), Ok(expected));
    assert_eq!(read(&Method::POST, None, MULTIPART, ""), Ok(json!({})));
    assert_eq!(read(&Method::POST, None, MULTIPART, "--XX--\r\n"), Ok(json!({})));
}

#[test]
fn a_large_multipart_field_arrives_whole() {
    let text = "0123456789abcdef".repeat(20_000);
    let body = multipart(&[&format!("name=\"a\"\r\n\r\n{text}"), "name=\"b\"\r\n\r\n2"]);
    assert_eq!(
        read(&Method::POST, None, MULTIPART, body),
        Ok(json!({"a": text, "b": "2"}))
    );
}

#[test]
fn broken_multipart_is_a_bad_request() {
    let whole = multipart(&["name=\"sha\"\r\n\r\nabc"]);
    for end in 1..whole.len() - "--\r\n".len() {
        assert_eq!(
            read(&Method::POST, None, MULTIPART, &whole[..end]),
            bad_request(),
            "cut at {end}"
        );
    }
    assert_eq!(
        read(&Method::POST, None, Some("multipart/form-data"), &whole),
        bad_request()
    );
    assert_eq!(
        read(&Method::POST, None, Some("multipart/form-data; boundary=YY"), &whole),
        bad_request()
    );
    assert_eq!(
        read(&Method::POST, None, MULTIPART, multipart(&["name=\"a\"\r\n\r\n\0"])),
        bad_request()
    );
    let mut latin1 = multipart(&["name=\"a\"\r\n\r\n?"]).into_bytes();
    latin1
        .iter_mut()
        .filter(|byte| **byte == b'?')
        .for_each(|byte| *byte = 0xff);
    assert_eq!(read(&Method::POST, None, MULTIPART, latin1), bad_request());
}

proptest! {
    #[test]
    fn pairs_survive_the_form(pairs in prop::collection::hash_map("[a-zé &=+%]{1,6}", "[^\\x00]{0,12}", 0..5)) {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let expected: Map<String, Value> = pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
        prop_assert_eq!(read(&Method::POST, None, FORM, text), Ok(Value::Object(expected)));
    }

    #[test]
    fn no_body_breaks_the_merge(
        query in "\\PC{0,40}",
        body in prop::collection::vec(any::<u8>(), 0..80),
        content_type in prop::sample::select(vec![JSON, FORM, MULTIPART, None]),
    ) {
        let _ = read(&Method::POST, Some(&query), content_type, body);
    }

    #[test]
    fn no_multipart_breaks_the_merge(parts in prop::collection::vec("[ -~\r\n\"=;\\[\\]X-]{0,30}", 0..4)) {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let _ = read(&Method::POST, None, MULTIPART, multipart(&parts));
    }
}
