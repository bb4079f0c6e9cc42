//! Reference 12.3. The clock stands still at 03:04:05, 55 seconds before the end of a window of a minute.
#![expect(
    clippy::format_push_string,
    reason = "a table that is shown is made line by line, and it does not matter how fast"
)]

use std::{num::NonZeroUsize, time::Duration};

use landfall_domain::token::Scope;
use landfall_server::{RateLimit, Settings};
use landfall_store::testing::Engine;

use crate::support::{TestServer, raw};

const USER: &str = "/api/v4/user";

/// Runs a body with these settings on each engine.
fn on_each<F: Future<Output = ()>>(change: fn(&mut Settings), body: impl Fn(TestServer) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    insta::allow_duplicates! {
        for engine in Engine::ALL {
            runtime.block_on(body(TestServer::with(engine, change)));
        }
    }
}

fn limit(requests: u64, seconds: usize) -> RateLimit {
    let period = NonZeroUsize::new(seconds).unwrap();
    RateLimit { requests, period }
}

/// Status, body and the headers of the throttle in one line.
fn shown(answer: &raw::RawAnswer) -> String {
    let mut line = format!("{} {:?}", answer.status, answer.body.get(..30).unwrap_or(&answer.body));
    for (name, value) in &answer.headers {
        if name.starts_with("ratelimit") || name == "retry-after" {
            line += &format!(" | {name}: {value}");
        }
    }
    line + "\n"
}

fn get(server: &TestServer, token: &str) -> raw::RawAnswer {
    raw::ask(server, "GET", USER, &[("PRIVATE-TOKEN", token)], b"")
}

#[test]
fn users_and_addresses_are_counted_apart() {
    let limits = |settings: &mut Settings| {
        settings.rate_limit_authenticated = Some(limit(2, 60));
        settings.rate_limit_unauthenticated = Some(limit(3, 60));
    };
    on_each(limits, async |server| {
        server.user("ada").await;
        server.user("bob").await;
        server.token("ada", "ada-2", &[Scope::Api], None).await;
        let mut lines = String::new();
        for (what, token) in [
            ("ada", "ada-token"),
            ("ada, another token", "ada-2"),
            ("ada, too many", "ada-token"),
            ("bob", "bob-token"),
            ("a bad token", "nonsense"),
        ] {
            lines += &format!("{what} -> {}", shown(&get(&server, token)));
        }
        for (what, target) in [
            ("no token", USER),
            ("no route", "/api/v4/nothing"),
            ("too many", "/api/v4/projects"),
        ] {
            lines += &format!("{what} -> {}", shown(&raw::ask(&server, "GET", target, &[], b"")));
        }
        insta::assert_snapshot!(lines, @r#"
        ada -> 200 "{\"id\":1,\"username\":\"ada\",\"publ" | ratelimit-name: throttle_authenticated_api | ratelimit-limit: 2 | ratelimit-observed: 1 | ratelimit-remaining: 1 | ratelimit-reset: 1767323100
        ada, another token -> 200 "{\"id\":1,\"username\":\"ada\",\"publ" | ratelimit-name: throttle_authenticated_api | ratelimit-limit: 2 | ratelimit-observed: 2 | ratelimit-remaining: 0 | ratelimit-reset: 1767323100
        ada, too many -> 429 "Retry later\n" | retry-after: 55 | ratelimit-resettime: Fri, 02 Jan 2026 03:05:00 GMT | ratelimit-name: throttle_authenticated_api | ratelimit-limit: 2 | ratelimit-observed: 3 | ratelimit-remaining: 0 | ratelimit-reset: 1767323100
        bob -> 200 "{\"id\":2,\"username\":\"bob\",\"publ" | ratelimit-name: throttle_authenticated_api | ratelimit-limit: 2 | ratelimit-observed: 1 | ratelimit-remaining: 1 | ratelimit-reset: 1767323100
        a bad token -> 401 "{\"message\":\"401 Unauthorized\"}" | ratelimit-name: throttle_unauthenticated_api | ratelimit-limit: 3 | ratelimit-observed: 1 | ratelimit-remaining: 2 | ratelimit-reset: 1767323100
        no token -> 401 "{\"message\":\"401 Unauthorized\"}" | ratelimit-name: throttle_unauthenticated_api | ratelimit-limit: 3 | ratelimit-observed: 2 | ratelimit-remaining: 1 | ratelimit-reset: 1767323100
        no route -> 404 "{\"error\":\"404 Not Found\"}" | ratelimit-name: throttle_unauthenticated_api | ratelimit-limit: 3 | ratelimit-observed: 3 | ratelimit-remaining: 0 | ratelimit-reset: 1767323100
        too many -> 429 "Retry later\n" | retry-after: 55 | ratelimit-resettime: Fri, 02 Jan 2026 03:05:00 GMT | ratelimit-name: throttle_unauthenticated_api | ratelimit-limit: 3 | ratelimit-observed: 4 | ratelimit-remaining: 0 | ratelimit-reset: 1767323100
        "#);
        let refused = get(&server, "ada-token");
        assert_eq!(refused.body, "Retry later\n");
        assert_eq!(refused.header("content-type"), Some("text/plain"));
        assert_eq!(refused.header("cache-control"), Some("no-cache"));
        assert_eq!(refused.header("x-request-id").map(str::len), Some(26));

        // To the last moment of the window, and not beyond.
        server.clock.advance(Duration::from_micros(54_321_098));
        assert_eq!(shown(&get(&server, "ada-token")).split(' ').next(), Some("429"));
        assert_eq!(get(&server, "ada-token").header("retry-after"), Some("1"));
        server.clock.advance(Duration::from_micros(1));
        insta::assert_snapshot!(shown(&get(&server, "ada-token")), @r#"200 "{\"id\":1,\"username\":\"ada\",\"publ" | ratelimit-name: throttle_authenticated_api | ratelimit-limit: 2 | ratelimit-observed: 1 | ratelimit-remaining: 1 | ratelimit-reset: 1767323160"#);
    });
}

#[test]
fn the_shown_limit_is_that_of_a_minute() {
    let limits = |settings: &mut Settings| {
        settings.rate_limit_authenticated = Some(limit(7200, 3600));
        settings.rate_limit_unauthenticated = Some(limit(100, 7));
    };
    on_each(limits, async |server| {
        server.user("ada").await;
        insta::assert_snapshot!(shown(&get(&server, "ada-token")), @r#"200 "{\"id\":1,\"username\":\"ada\",\"publ" | ratelimit-name: throttle_authenticated_api | ratelimit-limit: 120 | ratelimit-observed: 1 | ratelimit-remaining: 7199 | ratelimit-reset: 1767326400"#);
        insta::assert_snapshot!(shown(&raw::ask(&server, "GET", USER, &[], b"")), @r#"401 "{\"message\":\"401 Unauthorized\"}" | ratelimit-name: throttle_unauthenticated_api | ratelimit-limit: 858 | ratelimit-observed: 1 | ratelimit-remaining: 99 | ratelimit-reset: 1767323047"#);
    });
}

#[test]
fn what_is_no_request_to_the_api_is_not_counted() {
    let limits = |settings: &mut Settings| settings.rate_limit_unauthenticated = Some(limit(1, 60));
    on_each(limits, async |server| {
        server.user("ada").await;
        let preflight = [("Origin", "http://a.example"), ("Access-Control-Request-Method", "GET")];
        for (method, target, headers, body) in [
            ("POST", USER, &[("Content-Type", "application/json")][..], "{"),
            ("GET", "/api/v4/%00", &[], ""),
            ("OPTIONS", USER, &preflight, ""),
            ("GET", "/-/liveness", &[], ""),
            ("GET", "/-/metrics", &[], ""),
        ] {
            let answer = raw::ask(&server, method, target, headers, body.as_bytes());
            assert_eq!(answer.header("ratelimit-observed"), None, "{target}");
        }
        // Users have no limit here.
        for _ in 0..3 {
            let answer = get(&server, "ada-token");
            assert_eq!((answer.status, answer.header("ratelimit-limit")), (200, None));
        }
        assert_eq!(raw::ask(&server, "GET", USER, &[], b"").status, 401);
        assert_eq!(raw::ask(&server, "GET", USER, &[], b"").status, 429);
        // The throttle comes before the route, and after strings and preflights.
        for (method, target, headers, status) in [
            ("GET", "/api/v4/nothing", &[][..], 429),
            ("GET", "/api/v4/user?format=xml", &[], 429),
            ("GET", "/api/v4/%00", &[], 400),
            ("OPTIONS", "/api/v4/nothing", &preflight, 200),
        ] {
            assert_eq!(
                raw::ask(&server, method, target, headers, b"").status,
                status,
                "{target}"
            );
        }
        assert_eq!(get(&server, "ada-token").status, 200);
    });
}

#[test]
fn without_a_limit_nothing_is_told() {
    on_each(
        |_| {},
        async |server| {
            server.user("ada").await;
            let answer = get(&server, "ada-token");
            assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("ratelimit")));
        },
    );
}
