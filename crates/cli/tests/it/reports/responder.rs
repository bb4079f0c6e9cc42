//! A server with a script: it answers each request with the next line of it, and keeps what it was asked.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

/// Method and target, and the JSON that was sent.
pub(super) type Request = (String, Value);

pub(super) struct Responder {
    pub(super) address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Responder {
    pub(super) fn new(script: &[(&str, Value)]) -> Responder {
        Responder::on("127.0.0.1:0", script)
    }

    pub(super) fn on(address: &str, script: &[(&str, Value)]) -> Responder {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let script: Vec<(String, Value)> = script.iter().map(|(s, body)| ((*s).to_owned(), body.clone())).collect();
        thread::spawn(move || {
            for (status, body) in script {
                let (stream, _) = listener.accept().unwrap();
                let request = read(&stream);
                seen.lock().unwrap().push(request);
                let body = body.to_string();
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
                write!(&stream, "{head}{body}").unwrap();
            }
        });
        Responder { address, requests }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Method and target of each request, with the status that was reported.
    pub(super) fn told(&self) -> Vec<(String, String)> {
        let requests = self.requests();
        let told = requests
            .iter()
            .map(|(line, body)| (line.clone(), body["status"].as_str().unwrap().to_owned()));
        told.collect()
    }
}

/// A deployment as GitLab answers it.
pub(super) fn deployment(id: i64) -> Value {
    json!({
        "id": id, "iid": 1, "ref": "main", "sha": "a".repeat(40), "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z", "status": "running", "user": null, "environment": null,
        "deployable": null,
    })
}

/// A deployment as a server answers it that knows it by its key.
pub(super) fn deployment_with_key(id: i64) -> Value {
    let mut deployment = deployment(id);
    deployment["landfall"] = json!({ "external_id": "key:production" });
    deployment
}

fn read(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (line, serde_json::from_slice(&body).unwrap())
}
