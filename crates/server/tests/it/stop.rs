//! How the server ends, and how it ends with clients that do not end.

use std::{sync::atomic::Ordering, time::Duration};

use landfall_server::serve::Options;
use landfall_store::testing::Engine;

use crate::support::{TestServer, raw::Raw};

const AN_HOUR: Duration = Duration::from_hours(1);
const A_MOMENT: Duration = Duration::from_millis(500);
const FORM: &str = "environment=qa&sha=0123456789abcdef0123456789abcdef01234567&ref=main&tag=false&status=failed";

/// A server with one project, whose administrator is signed in.
fn server(options: Options) -> TestServer {
    let server = TestServer::start(Engine::Sqlite, options, |_| {});
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        server.root().await;
        server.project("group/app").await;
    });
    server
}

/// Nothing ends of itself.
fn patient() -> Options {
    Options {
        threads: 2,
        grace: AN_HOUR,
        header_timeout: AN_HOUR,
        body_timeout: AN_HOUR,
        jobs: true,
    }
}

/// A request that the server has begun to answer and whose body it waits for.
fn under_way(server: &TestServer) -> Raw {
    let mut connection = Raw::to(server);
    connection.send(format!(
        "POST /api/v4/projects/1/deployments HTTP/1.1\r\nHost: a\r\nPRIVATE-TOKEN: root-token\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        FORM.len()
    ));
    assert_eq!(connection.head().status, 100);
    connection
}

#[test]
fn a_gentle_stop_lets_requests_finish() {
    let mut server = server(patient());
    let mut busy = under_way(&server);
    let mut idle = Raw::to(&server);
    idle.request("GET", "/-/health", &[], b"");
    assert_eq!(idle.answer().status, 200);
    let mut silent = Raw::to(&server);

    server.stop.gentle.cancel();
    assert!(idle.is_hung_up_on());
    assert!(silent.is_hung_up_on());
    busy.send(FORM);
    let answer = busy.answer();
    assert_eq!((answer.status, answer.header("connection")), (201, Some("close")));
    assert!(busy.is_hung_up_on());
    server.wait();
    let address = server.url.trim_start_matches("http://");
    assert!(
        std::net::TcpStream::connect(address).is_err(),
        "nobody listens any more"
    );
}

#[test]
fn a_server_that_is_about_to_stop_says_so_and_goes_on() {
    let server = server(patient());
    let mut kept = Raw::to(&server);
    kept.request("GET", "/-/readiness", &[], b"");
    let answer = kept.answer();
    assert_eq!((answer.status, answer.header("connection")), (200, None));

    server.stop.leaving.store(true, Ordering::Relaxed);
    kept.request("GET", "/-/readiness?all=1", &[], b"");
    let answer = kept.answer();
    assert_eq!((answer.status, answer.header("connection")), (503, Some("close")));
    insta::assert_snapshot!(answer.body, @r#"{"status":"failed","master_check":[{"status":"failed","message":"the server is about to stop"}],"db_check":[{"status":"ok"}]}"#);
    assert!(kept.is_hung_up_on());
    let mut late = Raw::to(&server);
    late.request("GET", "/api/v4/user", &[("PRIVATE-TOKEN", "root-token")], b"");
    let answer = late.answer();
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert!(late.is_hung_up_on());
}

#[test]
fn a_hard_stop_waits_for_nobody() {
    let mut server = server(patient());
    let mut busy = under_way(&server);
    server.stop.gentle.cancel();
    server.stop.hard.cancel();
    server.wait();
    assert!(busy.is_hung_up_on());
}

#[test]
fn a_hard_stop_alone_is_enough() {
    let mut server = server(patient());
    let mut busy = under_way(&server);
    server.stop.hard.cancel();
    server.wait();
    assert!(busy.is_hung_up_on());
}

#[test]
fn patience_with_requests_under_way_ends() {
    let options = Options {
        grace: A_MOMENT,
        ..patient()
    };
    let mut server = server(options);
    let mut busy = under_way(&server);
    server.stop.gentle.cancel();
    server.wait();
    assert!(busy.is_hung_up_on());
}

#[test]
fn clients_that_do_not_finish_their_headers_are_hung_up_on() {
    let options = Options {
        header_timeout: A_MOMENT,
        ..patient()
    };
    let server = server(options);
    // `P` may become `POST` or the preface of HTTP/2.
    let beginnings = [
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "GET",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: a",
    ];
    let slow = beginnings.map(|beginning| {
        let mut connection = Raw::to(&server);
        connection.send(beginning);
        (beginning, connection)
    });
    for (beginning, mut connection) in slow {
        assert!(connection.is_hung_up_on(), "{beginning:?}");
    }
    // Between two requests as well.
    let mut connection = Raw::to(&server);
    connection.request("GET", "/-/health", &[], b"");
    assert_eq!(connection.answer().status, 200);
    assert!(connection.is_hung_up_on());
}

#[test]
fn clients_that_do_not_finish_their_body_are_told() {
    let options = Options {
        body_timeout: A_MOMENT,
        ..patient()
    };
    let server = server(options);
    let mut connection = under_way(&server);
    assert_eq!(connection.answer().brief(), r#"408 {"message":"408 Request Timeout"}"#);
    assert!(connection.is_hung_up_on());
}
