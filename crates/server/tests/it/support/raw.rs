//! Bytes on a socket, for requests that a client library would tidy up or refuse to send.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write as _},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use serde_json::Value;

use super::TestServer;

/// A test that waits this long for the server has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection. It blocks, which does not matter: the server runs on threads of its own.
pub(crate) struct Raw {
    stream: BufReader<TcpStream>,
}

impl Raw {
    pub(crate) fn to(server: &TestServer) -> Raw {
        let stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Raw {
            stream: BufReader::new(stream),
        }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Says that nothing more will be sent.
    pub(crate) fn end(&mut self) {
        self.stream.get_mut().shutdown(Shutdown::Write).unwrap();
    }

    /// Sends a request as it is written here: nothing in the target is escaped or normalised.
    pub(crate) fn request(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: somewhere.example\r\n");
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        head.push_str("\r\n");
        self.send([head.as_bytes(), body].concat());
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> RawAnswer {
        let mut answer = self.head();
        let length = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// The next answer, which has a length but no body because the request was HEAD.
    pub(crate) fn head(&mut self) -> RawAnswer {
        let status = self.line();
        let status = status.split(' ').nth(1).expect("a status line").parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').expect("a header line");
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        RawAnswer {
            status,
            headers,
            body: String::new(),
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(line.ends_with("\r\n"), "the server hung up after {line:?}");
        line.trim_end().to_owned()
    }

    /// Waits for the server to hang up; true if it did so without another byte.
    pub(crate) fn is_hung_up_on(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => rest.is_empty(),
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    /// Names in lower case, in the order in which they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl RawAnswer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other == name);
        let first = found.next();
        assert!(found.next().is_none(), "{name} came twice");
        first.map(|(_, value)| value.as_str())
    }

    /// Status and body in one line. Of a record that was found only the id is shown.
    pub(crate) fn brief(&self) -> String {
        brief(self.status, &self.body)
    }
}

/// One request on a connection of its own.
pub(crate) fn ask(server: &TestServer, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> RawAnswer {
    let mut raw = Raw::to(server);
    raw.request(method, target, headers, body);
    if method == "HEAD" { raw.head() } else { raw.answer() }
}

/// Status and body in one line. Of a record that was found only the id is shown.
pub(crate) fn brief(status: u16, body: &str) -> String {
    let id = |value: &Value| value.get("id").map(|id| format!("id {id}"));
    let text = match serde_json::from_str(body) {
        Ok(Value::Array(rows)) if rows.iter().all(|row| row.get("id").is_some()) => {
            format!("[{}]", rows.iter().filter_map(id).collect::<Vec<_>>().join(", "))
        }
        Ok(object) => id(&object).unwrap_or_else(|| body.to_owned()),
        Err(_) => format!("{body:?}"),
    };
    format!("{status} {text}")
}
