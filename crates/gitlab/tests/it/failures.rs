//! Answers that are none.

use std::time::Duration;

use landfall_gitlab::{Client, Error, RateLimit};

use crate::responder::Responder;

#[tokio::test]
async fn a_refusal_tells_status_place_and_message() {
    let server = Responder::new(&[("404 Not Found", &[], r#"{"message":"404 Project Not Found"}"#)]);
    let error = server.client().project("a/b").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "GET {}/api/v4/projects/a%2Fb answered 404: 404 Project Not Found",
            server.url
        )
    );
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.retry_after, refusal.rate_limit), (None, None));
}

#[tokio::test]
async fn a_throttle_tells_when_to_come_back() {
    let server = Responder::new(&[
        (
            "429 Too Many Requests",
            &[
                "Retry-After: 37",
                "RateLimit-Limit: 120",
                "RateLimit-Remaining: 0",
                "RateLimit-Reset: 1767323100",
            ],
            "Retry later\n",
        ),
        (
            "503 Service Unavailable",
            &["Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", "RateLimit-Remaining: x"],
            "",
        ),
    ]);
    let client = server.client();
    let error = client.version().await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.status, refusal.message.as_str()), (429, "Retry later"));
    assert_eq!(refusal.retry_after, Some(Duration::from_secs(37)));
    let rate_limit = RateLimit {
        limit: Some(120),
        remaining: 0,
        reset: Some(1_767_323_100),
    };
    assert_eq!(refusal.rate_limit, Some(rate_limit));
    let error = client.version().await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!(
        (refusal.message.as_str(), refusal.retry_after),
        ("Service Unavailable", None)
    );
    assert_eq!(refusal.rate_limit, None);
}

#[tokio::test]
async fn a_redirect_is_not_followed_but_told() {
    let told = "This resource has been moved permanently to http://elsewhere.example/api/v4/projects/7";
    let server = Responder::new(&[(
        "301 Moved Permanently",
        &["Location: http://elsewhere.example/api/v4/projects/7"],
        told,
    )]);
    let error = server.client().project("old/path").await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.status, refusal.message.as_str()), (301, told));
}

#[tokio::test]
async fn bodies_that_are_none_of_the_apis_are_errors() {
    for body in [
        "",
        "<html>",
        "[]",
        r#"{"id":"x"}"#,
        r#"{"id":1,"iid":1}"#,
        "\u{0}",
        "{\"id\":1",
    ] {
        let server = Responder::body(body);
        let got = server.client().deployments().get(1, 1).await;
        assert!(matches!(got, Err(Error::Body { .. })), "{body}: {got:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"version\":\"1\"".to_vec();
    for answer in [cut, b"nonsense\r\n\r\n".to_vec(), Vec::new()] {
        let server = Responder::raw(vec![answer]);
        let got = server.client().version().await;
        assert!(matches!(got, Err(Error::Transport { .. })), "{got:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_an_error_without_a_secret() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = Client::new(&format!("http://{closed}"), "secret").unwrap();
    let error = client.version().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("GET http://{closed}/api/v4/version did not answer")
    );
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    answer.resize(answer.len() + (65 << 20), b' ');
    let server = Responder::raw(vec![answer]);
    let got = server.client().version().await;
    assert!(matches!(got, Err(Error::TooLong { .. })), "{got:?}");
}
