//! A server that plays a GitLab: its pages, its headers, and whatever it does instead of answering.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use serde_json::{Value, json};

/// What the server does instead of answering a request.
#[derive(Clone, Debug)]
pub(crate) enum Instead {
    /// Answers this status with these header lines and this body.
    Say(&'static str, &'static str, &'static str),
    /// Breaks the connection in the middle of the answer.
    Cut,
    /// Says so and never answers.
    Hang(mpsc::Sender<()>),
}

#[derive(Default)]
struct Played {
    deployments: Vec<Value>,
    environments: Option<Vec<Value>>,
    projects: Vec<Value>,
    /// What happens instead, by the number of the request for deployments, from 1.
    instead: HashMap<usize, VecDeque<Instead>>,
    asked: usize,
    requests: Vec<String>,
    /// Deployments that are deleted once so many requests for deployments have been answered.
    deletions: Vec<(usize, i64)>,
}

/// The server. It ends with the test's process.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) url: String,
    played: Arc<Mutex<Played>>,
}

impl Origin {
    /// One with the project `team/app`, these deployments, and a list of environments if there is one.
    pub(crate) fn new(deployments: Vec<Value>, environments: Option<Vec<Value>>) -> Origin {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = Origin {
            url: format!("http://{}", listener.local_addr().unwrap()),
            played: Arc::new(Mutex::new(Played {
                deployments,
                environments,
                projects: vec![project(77, "team/app")],
                ..Played::default()
            })),
        };
        let serving = origin.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(&stream));
            }
        });
        origin
    }

    /// Does something else when the request for deployments with this number comes, from 1.
    pub(crate) fn instead(&self, number: usize, instead: Instead) {
        self.played().instead.entry(number).or_default().push_back(instead);
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Vec<Value>)) {
        change(&mut self.played().deployments);
    }

    /// Deletes a deployment after so many requests for deployments.
    pub(crate) fn delete_after(&self, requests: usize, id: i64) {
        self.played().deletions.push((requests, id));
    }

    pub(crate) fn add_project(&self, id: i64, path: &str) {
        self.played().projects.push(project(id, path));
    }

    /// The requests so far, with their tokens.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.played().requests.clone()
    }

    fn played(&self) -> std::sync::MutexGuard<'_, Played> {
        self.played.lock().unwrap()
    }

    fn serve(&self, stream: &TcpStream) {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        while let Some(first) = lines.next().filter(|line| !line.is_empty()) {
            let headers: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
            let target = first.split(' ').nth(1).unwrap().to_owned();
            let token = headers.iter().find_map(|line| line.strip_prefix("private-token: "));
            let answer = self.answer(&target, token.unwrap_or_default());
            let Some(answer) = answer else { return };
            if { stream }.write_all(answer.as_bytes()).is_err() {
                return;
            }
            if !answer.contains("keep-alive") {
                return;
            }
        }
    }

    /// `None` where none comes.
    fn answer(&self, target: &str, token: &str) -> Option<String> {
        let mut played = self.played();
        played.requests.push(format!("{target} {token}"));
        if token != super::TOKEN {
            return Some(say("401 Unauthorized", "", r#"{"message":"401 Unauthorized"}"#));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.strip_prefix("/api/v4/")?.to_owned();
        if !path.ends_with("/deployments") {
            return Some(played.other(&path));
        }
        played.asked += 1;
        let asked = played.asked;
        let instead = played.instead.get_mut(&asked).and_then(VecDeque::pop_front);
        match instead {
            None => {}
            Some(Instead::Say(status, headers, body)) => {
                return Some(say(status, headers, body));
            }
            Some(Instead::Cut) => {
                return Some("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[{\"id\":".to_owned());
            }
            Some(Instead::Hang(tell)) => {
                drop(played);
                let _ = tell.send(());
                loop {
                    thread::park();
                }
            }
        }
        let parameters = parameters(query);
        let answer = played.list(&path, &parameters, &self.url);
        let gone: Vec<i64> = played
            .deletions
            .iter()
            .filter(|(after, _)| *after == asked)
            .map(|(_, id)| *id)
            .collect();
        played
            .deployments
            .retain(|deployment| !gone.iter().any(|id| deployment["id"] == *id));
        Some(answer)
    }
}

impl Played {
    fn other(&self, path: &str) -> String {
        let path = path.replace("%2F", "/");
        let found = if let Some(group) = path
            .strip_prefix("groups/")
            .and_then(|rest| rest.strip_suffix("/projects"))
        {
            let below = format!("{group}/");
            let mine = self
                .projects
                .iter()
                .filter(|p| p["path_with_namespace"].as_str().unwrap().starts_with(&below));
            Some(Value::Array(mine.cloned().collect()))
        } else if path.ends_with("/environments") {
            self.environments.clone().map(Value::Array)
        } else {
            let named = path.strip_prefix("projects/").unwrap_or_default();
            let is_named =
                |p: &&Value| p["path_with_namespace"] == named || named.parse().is_ok_and(|id: i64| p["id"] == id);
            self.projects.iter().find(is_named).cloned()
        };
        match found {
            Some(found) => say("200 OK", "", &found.to_string()),
            None => say("404 Not Found", "", r#"{"message":"404 Not Found"}"#),
        }
    }

    /// A page of the list, as GitLab pages it (reference 10).
    fn list(&self, path: &str, parameters: &HashMap<String, String>, url: &str) -> String {
        let parameter = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
        let mut found: Vec<&Value> = self.deployments.iter().collect();
        if path.contains("78") {
            found.clear();
        }
        let since = parameter("updated_after");
        if !since.is_empty() {
            assert_eq!(parameter("order_by"), "updated_at", "GitLab refuses anything else");
            found.retain(|deployment| deployment["updated_at"].as_str().is_none_or(|at| at >= &since[..23]));
        }
        match parameter("order_by") {
            "updated_at" => found.sort_by_key(|d| (d["updated_at"].as_str().unwrap_or_default(), d["id"].as_i64())),
            _ => found.sort_by_key(|d| d["id"].as_i64()),
        }
        if parameter("sort") == "desc" {
            found.reverse();
        }
        let number = |name: &str, default: usize| parameter(name).parse().unwrap_or(default);
        let (page, per_page) = (number("page", 1), number("per_page", 20).min(100));
        let items: Vec<&Value> = found
            .iter()
            .skip((page - 1) * per_page)
            .take(per_page)
            .copied()
            .collect();
        let mut headers = format!("X-Page: {page}\r\nX-Per-Page: {per_page}\r\n");
        if found.len() <= 10_000 {
            let _ = write!(headers, "X-Total: {}\r\n", found.len());
        }
        if page * per_page < found.len() {
            let _ = write!(
                headers,
                "Link: <{url}/api/v4/{path}?page={}>; rel=\"next\"\r\n",
                page + 1
            );
        }
        say("200 OK", &headers, &serde_json::to_string(&items).unwrap())
    }
}

fn say(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nConnection: keep-alive\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn parameters(query: &str) -> HashMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.replace("%3A", ":")))
        .collect()
}

fn project(id: i64, path: &str) -> Value {
    json!({
        "id": id, "name": "App", "path": "app", "path_with_namespace": path, "visibility": "internal",
        "default_branch": "main", "description": "What it does", "web_url": format!("https://gitlab.example.com/{path}"),
    })
}

/// A time some minutes after the beginning of 2025.
pub(crate) fn at(minutes: i64) -> String {
    let (day, minute) = (minutes / 1440, minutes % 1440);
    format!(
        "2025-{:02}-{:02}T{:02}:{:02}:00.000Z",
        day / 28 + 1,
        day % 28 + 1,
        minute / 60,
        minute % 60
    )
}

/// A deployment of a CI job, in today's shape (reference 7).
pub(crate) fn deployment(id: i64) -> Value {
    let user = json!({
        "id": 5, "username": "ada", "public_email": "ada@example.com", "name": "Ada Lovelace", "state": "active",
        "locked": false, "avatar_url": "https://gitlab.example.com/ada.png", "web_url": "https://gitlab.example.com/ada",
    });
    let mut full = user.clone();
    full["bio"] = json!("Counts");
    full["organization"] = json!("Analytical Engines");
    full["local_time"] = json!("3:38 PM");
    let mut deployment = json!({
        "id": id, "iid": id - 1000, "ref": "main", "sha": format!("{id:040x}"),
        "created_at": at(id - 1001), "updated_at": at(id - 1000),
        "user": user,
        "environment": {
            "id": 9, "name": "production", "slug": "prod-abc123", "external_url": "https://shop.example.com",
            "created_at": at(0), "updated_at": at(0),
        },
        "deployable": {
            "id": id + 50_000, "status": "success", "stage": "deploy", "name": "deploy", "ref": "main", "tag": true,
            "coverage": null, "allow_failure": false, "created_at": at(id - 1001), "started_at": at(id - 1001),
            "finished_at": at(id - 1000), "erased_at": null, "duration": 60.0, "queued_duration": 0.5, "user": full,
            "web_url": "https://gitlab.example.com/team/app/-/jobs/1",
            "project": { "ci_job_token_scope_enabled": true },
            "artifacts": [], "artifacts_expire_at": null, "archived": false, "tag_list": ["docker"],
            "runner_manager": null,
        },
        "status": "success",
    });
    deployment["deployable"]["commit"] = json!({
        "id": format!("{id:040x}"), "short_id": "00000000", "created_at": "2025-01-01T01:00:00.000+01:00",
        "title": "Ship it", "message": "Ship it\n", "author_name": "Ada", "author_email": "ada@example.com",
    });
    deployment["deployable"]["pipeline"] = json!({
        "id": id + 90_000, "iid": 3, "project_id": 77, "sha": format!("{id:040x}"), "ref": "main", "status": "success",
        "source": "push", "created_at": at(0), "updated_at": at(0),
        "web_url": "https://gitlab.example.com/team/app/-/pipelines/1",
    });
    deployment["deployable"]["runner"] = json!({
        "id": 2, "description": "shared", "ip_address": null, "active": true, "paused": false, "is_shared": true,
        "runner_type": "instance_type", "name": "gitlab-runner", "online": true, "status": "online",
    });
    deployment
}

pub(crate) fn deployments(count: i64) -> Vec<Value> {
    (1001..=1000 + count).map(deployment).collect()
}

/// The environment of [`deployment`], out of the list of them.
pub(crate) fn production() -> Value {
    json!({
        "id": 9, "name": "production", "slug": "prod-abc123", "external_url": "https://shop.example.com",
        "created_at": at(0), "updated_at": at(0), "tier": "staging", "state": "stopped", "auto_stop_at": null,
        "description": "Not what it says", "auto_stop_setting": "with_action",
    })
}
