//! The probes, the metrics and the front page.

use landfall_store::{
    Store, Tx,
    testing::{Engine, TestDatabase, first_column},
};

use crate::support::{TestServer, each_engine, raw, run};

/// Status, content type and body.
fn told(server: &TestServer, method: &str, target: &str) -> String {
    let answer = raw::ask(server, method, target, &[], b"");
    format!(
        "{} {} {}",
        answer.status,
        answer.header("content-type").unwrap_or("-"),
        answer.body
    )
}

each_engine!(
    async fn a_server_that_is_well(server) {
        assert_eq!(told(&server, "GET", "/-/health"), "200 text/plain GitLab OK");
        assert_eq!(told(&server, "GET", "/-/liveness"), r#"200 application/json {"status":"ok"}"#);
        assert_eq!(
            told(&server, "GET", "/-/readiness"),
            r#"200 application/json {"status":"ok","master_check":[{"status":"ok"}]}"#
        );
        assert_eq!(
            told(&server, "GET", "/-/readiness?x&all=1"),
            r#"200 application/json {"status":"ok","master_check":[{"status":"ok"}],"db_check":[{"status":"ok"}]}"#
        );
        assert_eq!(told(&server, "HEAD", "/-/readiness"), "200 application/json ");
        assert_eq!(told(&server, "POST", "/-/health"), "404 text/plain 404 Not Found\n");
        assert_eq!(told(&server, "GET", "/-/nothing"), "404 text/plain 404 Not Found\n");
        let front = told(&server, "GET", "/");
        let front = front.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(front, @r#"
        200 text/plain Landfall VERSION

        GitLab's Deployments API: http://landfall.example/api/v4
        Its description: http://landfall.example/api/v4/openapi.json
        "#);
    }
);

/// The number at the end of a line of the metrics.
fn figure(text: &str, line: &str) -> f64 {
    let found = text.lines().find_map(|each| each.strip_prefix(line)).unwrap_or("0");
    found.trim().parse().unwrap()
}

each_engine!(
    async fn requests_are_counted_by_route(server) {
        server.root().await;
        server.project("countable/thing").await;
        let metrics = || raw::ask(&server, "GET", "/-/metrics", &[], b"");
        let ok = r#"landfall_http_requests_total{method="GET",route="/projects/{id}/deployments",status="2xx"}"#;
        let refused = r#"landfall_http_requests_total{method="GET",route="/projects/{id}/deployments",status="4xx"}"#;
        let other = r#"landfall_http_requests_total{method="other",route="other",status="4xx"}"#;
        let took = r#"landfall_http_request_duration_seconds_count{method="GET",route="/projects/{id}/deployments"}"#;
        let lines = [ok, refused, other, took];
        let before = metrics();
        assert_eq!(
            before.header("content-type"),
            Some("text/plain; version=0.0.4; charset=utf-8")
        );
        let root = [("PRIVATE-TOKEN", "root-token")];
        let list = "/api/v4/projects/countable%2Fthing/deployments?environment=uncountable";
        raw::ask(&server, "GET", list, &root, b"");
        raw::ask(&server, "GET", list, &[], b"");
        raw::ask(&server, "BREW", "/api/v4/uncountable", &[], b"");
        let after = metrics();
        // Other tests count into the same figures.
        for (line, least) in lines.into_iter().zip([1.0, 1.0, 1.0, 2.0]) {
            assert!(figure(&after.body, line) >= figure(&before.body, line) + least, "{line}");
        }
        assert!(!after.body.contains("countable"), "what clients write is no label");
        assert!(after.body.contains(r#"landfall_store_queued_jobs{kind="read"} 0"#));
    }
);

/// Runs SQL in another database of the same PostgreSQL.
async fn order(store: &Store, sql: String) {
    let done: Result<_, landfall_store::Error> = store
        .write(move |tx: &mut Tx<'_>| first_column(tx, &sql).map(drop))
        .await;
    done.unwrap();
}

#[test]
fn a_database_that_is_gone_is_told_and_comes_back() {
    run(Engine::Postgres, async |server| {
        server.root().await;
        let elsewhere = TestDatabase::new(Engine::Postgres);
        let operator = elsewhere.open();
        let shown = server.database.url().to_string();
        let name = shown.rsplit('/').next().unwrap().to_owned();
        let root = [("PRIVATE-TOKEN", "root-token")];
        assert_eq!(raw::ask(&server, "GET", "/api/v4/user", &root, b"").status, 200);

        order(&operator, format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
        // The inner query is fenced off: otherwise sessions of other databases might be ended first and filtered then.
        let sessions = format!("SELECT pid FROM pg_stat_activity WHERE datname = '{name}' OFFSET 0");
        let end = format!("SELECT CAST(pg_terminate_backend(pid, 30000) AS TEXT) FROM ({sessions}) AS sessions");
        order(&operator, end).await;
        let answer = raw::ask(&server, "GET", "/api/v4/user", &root, b"");
        assert_eq!(answer.brief(), r#"503 {"message":"503 Service Unavailable"}"#);
        assert_eq!(answer.header("retry-after"), Some("1"));
        let post = raw::ask(&server, "POST", "/api/v4/projects?name=a", &root, b"");
        assert_eq!(post.status, 503);
        assert_eq!(
            told(&server, "GET", "/-/readiness"),
            r#"503 application/json {"status":"failed","master_check":[{"status":"ok"}]}"#
        );
        insta::assert_snapshot!(told(&server, "GET", "/-/readiness?all=1"), @r#"503 application/json {"status":"failed","master_check":[{"status":"ok"}],"db_check":[{"status":"failed","message":"the database does not answer"}]}"#);
        // What needs no database goes on.
        assert_eq!(
            told(&server, "GET", "/-/liveness"),
            r#"200 application/json {"status":"ok"}"#
        );
        assert_eq!(raw::ask(&server, "GET", "/api/v4/user", &[], b"").status, 401);
        assert_eq!(raw::ask(&server, "GET", "/api/v4/nothing", &[], b"").status, 404);

        order(&operator, format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
        assert_eq!(raw::ask(&server, "GET", "/api/v4/user", &root, b"").status, 200);
        assert_eq!(
            raw::ask(&server, "POST", "/api/v4/projects?name=a", &root, b"").status,
            201
        );
        assert_eq!(raw::ask(&server, "GET", "/-/readiness", &[], b"").status, 200);
    });
}
