//! Somebody who is sent webhooks, and behaves well or badly.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    /// Answers with a status, a header line more and a body.
    Answer(u16, &'static str, String),
    /// Says nothing until the receiver goes.
    Hang,
    /// Hangs up.
    HangUp,
    /// Begins an answer that never ends.
    Endless,
}

impl Reaction {
    pub(crate) fn status(status: u16) -> Reaction {
        Reaction::Answer(status, "", "thanks".to_owned())
    }
}

/// A request that came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Received {
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A server on every loopback address; it ends with this value.
pub(crate) struct TestReceiver {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    reactions: Mutex<HashMap<String, Vec<Reaction>>>,
    open: Mutex<Vec<TcpStream>>,
}

impl TestReceiver {
    pub(crate) fn new() -> TestReceiver {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::<Shared>::default();
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), Arc::clone(&serving));
                thread::spawn(move || serve(stream, &shared));
            }
        });
        TestReceiver { port, shared }
    }

    /// An address of it.
    pub(crate) fn url(&self, path: &str) -> String {
        self.url_at("127.0.0.1", path)
    }

    /// An address of it on another loopback host.
    pub(crate) fn url_at(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// What it does with the next requests to a path; the last one stays.
    pub(crate) fn reacts(&self, path: &str, reactions: &[Reaction]) {
        let mut reversed = reactions.to_vec();
        reversed.reverse();
        self.shared.reactions.lock().unwrap().insert(path.to_owned(), reversed);
    }

    /// What has come since the last call.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.shared.received.lock().unwrap())
    }
}

impl Drop for TestReceiver {
    fn drop(&mut self) {
        for stream in self.shared.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Serves a connection until either side has had enough.
fn serve(stream: TcpStream, shared: &Shared) {
    let mut writer = stream.try_clone().unwrap();
    shared.open.lock().unwrap().push(stream.try_clone().unwrap());
    let mut reader = BufReader::new(stream);
    while let Some(received) = read(&mut reader) {
        let reaction = {
            let mut reactions = shared.reactions.lock().unwrap();
            match reactions.get_mut(&received.path) {
                Some(left) if left.len() > 1 => left.pop().unwrap(),
                Some(left) => left.first().cloned().unwrap_or_else(|| Reaction::status(200)),
                None => Reaction::status(200),
            }
        };
        shared.received.lock().unwrap().push(received);
        match reaction {
            Reaction::Answer(status, header, body) => {
                let length = body.len();
                let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\n{header}\r\n{body}");
                if writer.write_all(head.as_bytes()).is_err() {
                    return;
                }
            }
            // The other side gives up, or the receiver goes.
            Reaction::Hang => {
                let _ = reader.read(&mut [0]);
                return;
            }
            Reaction::HangUp => {
                let _ = writer.shutdown(Shutdown::Both);
                return;
            }
            Reaction::Endless => {
                let _ = writer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n");
                while writer.write_all(&[b'x'; 4096]).is_ok() {}
                return;
            }
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Received> {
    let mut line = String::new();
    let mut next = |reader: &mut dyn BufRead| {
        line.clear();
        let read = reader.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    };
    let path = next(reader)?.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let line = next(reader)?;
        let Some((name, value)) = line.split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received {
        path,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
