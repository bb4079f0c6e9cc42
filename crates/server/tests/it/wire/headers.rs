//! Reference section 12.1, 12.2 and 12.4.

use std::collections::HashSet;

use super::{JSON, ROOT, ledger};
use crate::support::{each_engine, raw};

const ONE: &str = "/api/v4/projects/1/deployments/1";

/// All headers of an answer, with the values that differ from run to run replaced.
fn shown(answer: &raw::RawAnswer) -> String {
    let mut lines = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        let value = match name.as_str() {
            "x-request-id" => {
                assert_eq!(value.len(), 26);
                assert!(
                    value
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()),
                    "{value}"
                );
                "ID"
            }
            "x-gitlab-meta" => &value.replace(answer.header("x-request-id").unwrap(), "ID"),
            "x-runtime" => {
                let (seconds, fraction) = value.split_once('.').unwrap();
                assert!(seconds.parse::<u64>().is_ok() && fraction.len() == 6 && fraction.parse::<u64>().is_ok());
                "SECONDS"
            }
            "date" => continue,
            _ => value,
        };
        lines += &format!("{name}: {value}\n");
    }
    lines
}

each_engine!(
    async fn every_answer_of_the_api_has_them(server) {
        ledger(&server).await;
        let success = raw::ask(&server, "GET", "/api/v4/user", &[ROOT, ("X-Request-Id", "mine")], b"");
        insta::assert_snapshot!(shown(&success), @r#"
        200
        content-type: application/json
        vary: Origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        content-security-policy: default-src 'none'
        cache-control: max-age=0, private, must-revalidate
        etag: W/"fa622d630e67ad3bfe1087255686aef4"
        x-request-id: ID
        x-gitlab-meta: {"correlation_id":"ID","version":"1"}
        x-runtime: SECONDS
        content-length: 1127
        "#);
        let failure = raw::ask(&server, "GET", "/api/v4/version", &[], b"");
        insta::assert_snapshot!(shown(&failure), @r#"
        401
        content-type: application/json
        vary: Origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        content-security-policy: default-src 'none'
        cache-control: no-cache
        x-request-id: ID
        x-gitlab-meta: {"correlation_id":"ID","version":"1"}
        x-runtime: SECONDS
        content-length: 30
        "#);
        let created = "environment=qa&sha=1111111111111111111111111111111111111111&ref=main&tag=false&status=failed";
        let created = raw::ask(&server, "POST", &format!("/api/v4/projects/1/deployments?{created}"), &[ROOT], b"");
        insta::assert_snapshot!(shown(&created), @r#"
        201
        content-type: application/json
        vary: Origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        content-security-policy: default-src 'none'
        cache-control: max-age=0, private, must-revalidate
        etag: W/"b5d62465abbe1700958381cf9462499c"
        x-request-id: ID
        x-gitlab-meta: {"correlation_id":"ID","version":"1"}
        x-runtime: SECONDS
        content-length: 823
        "#);
        let deleted = raw::ask(&server, "DELETE", "/api/v4/projects/1/deployments/2", &[ROOT], b"");
        insta::assert_snapshot!(shown(&deleted), @r#"
        204
        vary: Origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        content-security-policy: default-src 'none'
        cache-control: no-cache
        x-request-id: ID
        x-gitlab-meta: {"correlation_id":"ID","version":"1"}
        x-runtime: SECONDS
        "#);
        // Those that never reach an endpoint have them as well.
        for (method, target, headers, body) in [
            ("GET", "/api/v4/nothing", &[ROOT][..], ""),
            ("GET", "/api/v4/%00", &[], ""),
            ("GET", "/api/v4/version?format=xml", &[], ""),
            ("POST", "/api/v4/projects", &[JSON], "{"),
            ("GET", "/api/v3/projects", &[], ""),
        ] {
            let answer = raw::ask(&server, method, target, headers, body.as_bytes());
            let names: HashSet<&str> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
            let wanted = ["x-request-id", "x-gitlab-meta", "x-runtime", "vary", "cache-control", "x-frame-options"];
            assert!(wanted.iter().all(|name| names.contains(name)), "{target}: {names:?}");
            assert_eq!(answer.header("cache-control"), Some("no-cache"), "{target}");
        }
    }
);

each_engine!(
    async fn request_ids_differ(server) {
        let mut connection = raw::Raw::to(&server);
        let mut ids = HashSet::new();
        for _ in 0..100 {
            connection.request("GET", "/api/v4/nothing", &[], b"");
            ids.insert(connection.answer().header("x-request-id").unwrap().to_owned());
        }
        assert_eq!(ids.len(), 100);
    }
);

each_engine!(
    async fn what_has_not_changed_is_not_sent_again(server) {
        ledger(&server).await;
        let first = raw::ask(&server, "GET", ONE, &[ROOT], b"");
        let tag = first.header("etag").unwrap();
        assert!(tag.len() == 36 && tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}");
        assert_eq!(raw::ask(&server, "GET", ONE, &[ROOT], b"").header("etag"), Some(tag));

        let strong = tag.trim_start_matches("W/");
        let (first_of_two, last_of_two) = (format!("{tag}, \"a\""), format!("W/\"a\",{tag}"));
        for known in [tag, strong, "*", &first_of_two, &last_of_two] {
            for method in ["GET", "HEAD"] {
                let answer = raw::ask(&server, method, ONE, &[ROOT, ("If-None-Match", known)], b"");
                assert_eq!((answer.status, answer.header("etag")), (304, Some(tag)), "{method} {known}");
                assert_eq!(answer.header("content-type"), None);
            }
        }
        let answer = raw::ask(&server, "GET", ONE, &[ROOT, ("If-None-Match", tag)], b"");
        let without_tag = shown(&answer).replace(tag, "TAG");
        insta::assert_snapshot!(without_tag, @r#"
        304
        x-gitlab-meta: {"correlation_id":"ID","version":"1"}
        vary: Origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        content-security-policy: default-src 'none'
        cache-control: max-age=0, private, must-revalidate
        etag: TAG
        x-request-id: ID
        x-runtime: SECONDS
        "#);
        for other in ["W/\"0\"", "\"a\", \"b\"", tag.trim_matches('"'), "", "nonsense"] {
            let answer = raw::ask(&server, "GET", ONE, &[ROOT, ("If-None-Match", other)], b"");
            assert_eq!(answer.status, 200, "{other}");
        }
        // Changes, errors and refusals know no condition.
        let changed = raw::ask(&server, "PUT", &format!("{ONE}?status=success"), &[ROOT, ("If-None-Match", "*")], b"");
        assert_eq!((changed.status, changed.header("etag") == Some(tag)), (200, false));
        assert_eq!(raw::ask(&server, "GET", "/api/v4/nothing", &[ROOT, ("If-None-Match", "*")], b"").status, 404);
        assert_eq!(raw::ask(&server, "GET", ONE, &[("If-None-Match", "*")], b"").status, 401);
        // The record is another one now.
        assert_eq!(raw::ask(&server, "GET", ONE, &[ROOT, ("If-None-Match", tag)], b"").status, 200);
    }
);

each_engine!(
    async fn scripts_of_other_sites_may_call(server) {
        ledger(&server).await;
        let origin = ("Origin", "https://dash.example");
        let preflight = raw::ask(&server, "OPTIONS", ONE, &[
            origin,
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "private-token, content-type"),
        ], b"");
        insta::assert_snapshot!(shown(&preflight), @r#"
        200
        vary: Origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        content-security-policy: default-src 'none'
        cache-control: no-cache
        access-control-allow-origin: *
        access-control-allow-methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
        access-control-expose-headers: Link, X-Total, X-Total-Pages, X-Per-Page, X-Page, X-Next-Page, X-Prev-Page, X-Gitlab-Blob-Id, X-Gitlab-Commit-Id, X-Gitlab-Content-Sha256, X-Gitlab-Encoding, X-Gitlab-File-Name, X-Gitlab-File-Path, X-Gitlab-Last-Commit-Id, X-Gitlab-Ref, X-Gitlab-Size, X-Request-Id, ETag
        access-control-max-age: 7200
        access-control-allow-headers: private-token, content-type
        x-request-id: ID
        x-gitlab-meta: {"correlation_id":"ID","version":"1"}
        x-runtime: SECONDS
        content-length: 0
        "#);
        let simple = raw::ask(&server, "GET", "/api/v4/user", &[origin, ROOT], b"");
        insta::assert_snapshot!(shown(&simple), @r#"
        200
        content-type: application/json
        vary: Origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        content-security-policy: default-src 'none'
        cache-control: max-age=0, private, must-revalidate
        etag: W/"fa622d630e67ad3bfe1087255686aef4"
        access-control-allow-origin: *
        access-control-allow-methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
        access-control-expose-headers: Link, X-Total, X-Total-Pages, X-Per-Page, X-Page, X-Next-Page, X-Prev-Page, X-Gitlab-Blob-Id, X-Gitlab-Commit-Id, X-Gitlab-Content-Sha256, X-Gitlab-Encoding, X-Gitlab-File-Name, X-Gitlab-File-Path, X-Gitlab-Last-Commit-Id, X-Gitlab-Ref, X-Gitlab-Size, X-Request-Id, ETag
        access-control-max-age: 7200
        x-request-id: ID
        x-gitlab-meta: {"correlation_id":"ID","version":"1"}
        x-runtime: SECONDS
        content-length: 1127
        "#);
        // A refusal can be read by the script, too.
        for (target, status) in [("/api/v4/version", 401), ("/api/v4/nothing", 404), ("/api/v4/%00", 400)] {
            let answer = raw::ask(&server, "GET", target, &[origin], b"");
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, Some("*")), "{target}");
        }
        // Without an origin, or without a wish, OPTIONS is an ordinary request.
        assert_eq!(raw::ask(&server, "OPTIONS", ONE, &[origin], b"").status, 401);
        let no_origin = raw::ask(&server, "OPTIONS", ONE, &[("Access-Control-Request-Method", "PUT")], b"");
        assert_eq!((no_origin.status, no_origin.header("access-control-allow-origin")), (401, None));
    }
);
