//! Where webhooks are sent to.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::Value;

/// How long a delivery may take before the test is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Takes every request and answers 200, for as long as the test goes on.
pub(crate) struct WebhookReceiver {
    pub(crate) url: String,
    deliveries: Receiver<Delivery>,
}

/// What a webhook has sent.
#[derive(Debug, PartialEq)]
pub(crate) struct Delivery {
    pub(crate) event: String,
    pub(crate) token: String,
    pub(crate) environment: Value,
    pub(crate) status: Value,
}

impl WebhookReceiver {
    pub(crate) fn start() -> WebhookReceiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, deliveries) = mpsc::channel();
        thread::spawn(move || {
            // Ends with the test, which drops the other end.
            while let Ok((connection, _)) = listener.accept() {
                if sender.send(receive(connection)).is_err() {
                    break;
                }
            }
        });
        WebhookReceiver { url, deliveries }
    }

    /// The next ones, in the order in which they came.
    pub(crate) fn next(&self, count: usize) -> Vec<Delivery> {
        let next = || self.deliveries.recv_timeout(PATIENCE).expect("a webhook was not sent");
        (0..count).map(|_| next()).collect()
    }

    /// Whether there is none that was not asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.deliveries.try_recv().is_err()
    }
}

/// Reads one request from a connection and answers it.
fn receive(mut connection: TcpStream) -> Delivery {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    let mut body = vec![0; header("content-length").parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    connection
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    Delivery {
        event: header("x-gitlab-event"),
        token: header("x-gitlab-token"),
        environment: body["environment"].clone(),
        status: body["status"].clone(),
    }
}
