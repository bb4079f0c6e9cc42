//! A git server on this machine: smart HTTP in front of `git upload-pack`, and whatever else a server may do.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
};

/// What the server does with requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Serves the repository.
    Serve,
    /// Serves it to whoever sends exactly this `Authorization`.
    ServeTo(String),
    /// Sends whoever comes to another address, to which the rest of the path is added.
    Redirect(String),
    /// Answers a status.
    Status(u16),
    /// Takes requests and says nothing.
    Hang,
    /// Serves so many bytes of a pack and closes.
    Cut(usize),
    /// Answers with a page, as a web server does that knows no git.
    Page,
    /// Lists refs without end.
    Endless,
    /// Serves nobody until another manner is set.
    Hold,
}

/// The server. Its threads end with the process of the test.
pub(crate) struct Remote {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    repository: PathBuf,
    manner: Mutex<Manner>,
    changed: Condvar,
    requests: Mutex<Vec<Request>>,
    came: Condvar,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Method and path: `GET /app.git/info/refs?service=git-upload-pack`.
    pub(crate) line: String,
    /// `Authorization`.
    pub(crate) authorization: Option<String>,
}

impl Remote {
    /// Serves the repository in a directory, under whatever path.
    pub(crate) fn serve(repository: &Path) -> Remote {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            repository: repository.to_owned(),
            manner: Mutex::new(Manner::Serve),
            changed: Condvar::new(),
            requests: Mutex::default(),
            came: Condvar::new(),
        });
        let server = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&server);
                // A client that goes away is no failure of the test.
                thread::spawn(move || shared.answer(&stream));
            }
        });
        Remote { address, shared }
    }

    /// The server's address, without a slash at the end.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The repository's address.
    pub(crate) fn url(&self) -> String {
        format!("{}/app.git", self.base())
    }

    /// Changes what it does from now on.
    pub(crate) fn set(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
        self.shared.changed.notify_all();
    }

    /// Everything that was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// How often somebody asked for the refs.
    pub(crate) fn visits(&self) -> usize {
        let requests = self.requests();
        requests
            .iter()
            .filter(|request| request.line.starts_with("GET "))
            .count()
    }

    /// Waits until somebody has asked so often.
    pub(crate) fn wait_for_visits(&self, number: usize) {
        let mut requests = self.shared.requests.lock().unwrap();
        while requests
            .iter()
            .filter(|request| request.line.starts_with("GET "))
            .count()
            < number
        {
            requests = self.shared.came.wait(requests).unwrap();
        }
    }
}

impl Shared {
    fn answer(&self, mut stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let (mut length, mut protocol, mut authorization) = (0, None, None);
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim().split_once(':') else {
                break;
            };
            let value = value.trim().to_owned();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "git-protocol" => protocol = Some(value),
                "authorization" => authorization = Some(value),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let mut words = line.split(' ');
        let (method, path) = (words.next()?, words.next()?);
        let request = Request {
            line: format!("{method} {path}"),
            authorization: authorization.clone(),
        };
        self.requests.lock().unwrap().push(request);
        self.came.notify_all();
        let manner = self.wait_while(|manner| *manner == Manner::Hold);
        let answer = match &manner {
            Manner::Serve | Manner::Cut(_) => self.serve(path, &body, protocol.as_deref()),
            Manner::ServeTo(wanted) if authorization.as_ref() == Some(wanted) => {
                self.serve(path, &body, protocol.as_deref())
            }
            Manner::ServeTo(_) => head("401 Unauthorized", "WWW-Authenticate: Basic realm=\"git\"", b"no"),
            Manner::Redirect(to) => {
                let (_, tail) = path.split_once(".git").unwrap_or_default();
                head("301 Moved Permanently", &format!("Location: {to}{tail}"), b"")
            }
            Manner::Status(status) => head(&format!("{status} Something"), "X-Nothing: 1", b"nothing"),
            Manner::Page => head("200 OK", "Content-Type: text/html", b"<html>Hello</html>"),
            Manner::Endless => return endless(stream),
            Manner::Hang | Manner::Hold => {
                self.wait_while(|manner| *manner == Manner::Hang);
                return None;
            }
        };
        let is_cut = method == "POST" && String::from_utf8_lossy(&body).contains("command=fetch");
        match manner {
            Manner::Cut(bytes) if is_cut => stream.write_all(answer.get(..bytes).unwrap_or(&answer)).ok(),
            _ => stream.write_all(&answer).ok(),
        }
    }

    fn serve(&self, path: &str, body: &[u8], protocol: Option<&str>) -> Vec<u8> {
        if let Some((_, query)) = path.split_once("/info/refs?") {
            assert_eq!(query, "service=git-upload-pack");
            let refs = self.upload_pack(&["--advertise-refs"], b"", protocol);
            let body = [b"001e# service=git-upload-pack\n0000", &refs[..]].concat();
            return head(
                "200 OK",
                "Content-Type: application/x-git-upload-pack-advertisement",
                &body,
            );
        }
        assert!(path.ends_with("/git-upload-pack"), "{path}");
        let answer = self.upload_pack(&[], body, protocol);
        head("200 OK", "Content-Type: application/x-git-upload-pack-result", &answer)
    }

    fn upload_pack(&self, options: &[&str], input: &[u8], protocol: Option<&str>) -> Vec<u8> {
        let mut child = Command::new("git")
            .args(["upload-pack", "--stateless-rpc"])
            .args(options)
            .arg(&self.repository)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(protocol.map(|protocol| ("GIT_PROTOCOL", protocol)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // Its end may come before all of it was read.
        let writer = thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join();
        output.stdout
    }

    /// The manner, once it is another one.
    fn wait_while(&self, is_so: impl Fn(&Manner) -> bool) -> Manner {
        let manner = self.manner.lock().unwrap();
        self.changed.wait_while(manner, |manner| is_so(manner)).unwrap().clone()
    }
}

fn head(status: &str, header: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{header}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn endless(mut stream: &TcpStream) -> Option<()> {
    let header =
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nConnection: close\r\n\r\n";
    stream.write_all(header.as_bytes()).ok()?;
    let id = "1".repeat(40);
    stream.write_all(b"001e# service=git-upload-pack\n0000").ok()?;
    let packet = |line: String| format!("{:04x}{line}", line.len() + 4);
    let first = packet(format!("{id} refs/heads/a\0agent=git/endless\n"));
    stream.write_all(first.as_bytes()).ok()?;
    let lines = packet(format!("{id} refs/heads/{}\n", "x".repeat(1000))).repeat(100);
    loop {
        stream.write_all(lines.as_bytes()).ok()?;
    }
}
