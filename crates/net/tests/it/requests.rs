//! Requests to a server on this machine.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

use landfall_net::{Answer, Client, Error, Method, Patience, Reach, Request, Wait};

/// A server that gives these answers, each to one connection; an empty one is a connection that breaks.
fn play(answers: &'static [&'static str]) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            tell.send(lines.next().unwrap_or_default()).unwrap();
            let _ = lines.find(String::is_empty);
            (&stream).write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, told)
}

async fn patiently(address: SocketAddr, tries: u32) -> (Result<Answer, Error>, Vec<String>) {
    let waits = Mutex::new(Vec::new());
    let patience = Patience {
        tries,
        first: Duration::ZERO,
        ..Patience::default()
    };
    let request = Request::new(Method::GET, format!("http://{address}/").parse().unwrap());
    let client = Client::new(Reach::Anywhere).unwrap();
    let note = |wait: &Wait| waits.lock().unwrap().push(wait.why.clone());
    let answer = client.send_patiently(request, 100, &patience, &note).await;
    (answer, waits.into_inner().unwrap())
}

const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const LIMITED: &str =
    "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
const CUT: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 99\r\n\r\nhal";
const FINE: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
const GONE: &str = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn what_a_server_cannot_answer_now_is_asked_again() {
    let (address, told) = play(&[BUSY, LIMITED, CUT, "", FINE]);
    let (answer, waits) = patiently(address, 9).await;
    assert_eq!(answer.unwrap().body, b"hi");
    assert_eq!(told.try_iter().count(), 5);
    let no_answer = "the server did not answer";
    assert_eq!(
        waits,
        [
            "the server answered 503",
            "the server answered 429",
            no_answer,
            no_answer
        ]
    );
}

#[tokio::test]
async fn patience_ends_with_the_last_answer() {
    let (address, _told) = play(&[CUT, BUSY]);
    let (answer, waits) = patiently(address, 2).await;
    assert_eq!((answer.unwrap().status.as_u16(), waits.len()), (503, 1));
    let (address, _told) = play(&[GONE]);
    let (answer, waits) = patiently(address, 9).await;
    assert_eq!((answer.unwrap().status.as_u16(), waits.len()), (404, 0));
}

/// A server that gives one answer to each connection, and tells the first line of each request.
fn serve(answer: &'static [u8]) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            let _ = lines.find(String::is_empty);
            if tell.send(first).is_err() {
                break;
            }
            // A client that has read enough may be gone already.
            let _ = (&stream).write_all(answer);
        }
    });
    (address, told)
}

async fn get(reach: Reach, url: &str) -> Result<Answer, Error> {
    let request = Request::new(Method::GET, url.parse().unwrap());
    Client::new(reach).unwrap().send(request, 100).await
}

fn public() -> Reach {
    Reach::Public { and: Vec::new() }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";

#[tokio::test]
async fn the_machine_itself_is_reached_only_if_it_is_opened() {
    let (address, told) = serve(OK);
    let port = address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://0:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
    ] {
        let error = get(public(), &url).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{url}: {error:?}");
    }
    assert!(told.try_recv().is_err(), "a refused request was sent");
    let open = Reach::Public {
        and: vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
    };
    for reach in [open, Reach::Anywhere] {
        for url in [
            format!("http://127.0.0.1:{port}/a"),
            format!("http://localhost:{port}/a"),
        ] {
            let answer = get(reach.clone(), &url).await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (200, &b"hi"[..]));
            assert_eq!(told.recv().unwrap(), "GET /a HTTP/1.1");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (address, told) =
        serve(b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /secret\r\nContent-Length: 0\r\n\r\n");
    let answer = get(Reach::Anywhere, &format!("http://{address}/")).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["location"]),
        (302, &"/secret".parse().unwrap())
    );
    assert_eq!(told.iter().take(1).collect::<Vec<_>>(), ["GET / HTTP/1.1"]);
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn an_answer_has_a_longest_length() {
    let (address, _told) = serve(
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789012345678901234567890123456789012345678901234567890123456789\
          0123456789012345678901234567890123456789",
    );
    let error = get(Reach::Anywhere, &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(error, Error::TooLong(100)), "{error:?}");
}

#[tokio::test]
async fn other_schemes_and_passwords_are_refused() {
    for url in [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://user:secret@127.0.0.1/",
        "http://user@127.0.0.1/",
    ] {
        let error = get(Reach::Anywhere, url).await.unwrap_err();
        assert!(matches!(error, Error::Address), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn a_query_is_not_in_an_error() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = get(Reach::Anywhere, &format!("http://{closed}/?token=secret"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Transport(_)));
    assert!(!format!("{error:?}").contains("secret"));
}
