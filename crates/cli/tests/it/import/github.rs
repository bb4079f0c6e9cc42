//! Importing from GitHub, played by a server.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use landfall_store::testing::Engine;
use serde_json::{Value, json};

use super::counts;
use crate::support::{Answer, World, finish};

/// What GitHub shows: deployments, newest first, and the statuses of each.
#[derive(Clone)]
pub(super) struct Github {
    url: String,
    shown: Arc<Mutex<(Vec<Value>, Vec<String>)>>,
}

impl Github {
    pub(super) fn new(deployments: Vec<Value>) -> Github {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let github = Github {
            url: format!("http://{}", listener.local_addr().unwrap()),
            shown: Arc::new(Mutex::new((deployments, Vec::new()))),
        };
        let serving = github.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                let token = lines.by_ref().take_while(|line| !line.is_empty());
                let token = token.filter(|line| line.starts_with("authorization: ")).last();
                let answer = serving.answer(&first, &token.unwrap_or_default());
                let _ = { &stream }.write_all(answer.as_bytes());
            }
        });
        github
    }

    /// From now on it shows these.
    pub(super) fn shows(&self, deployments: Vec<Value>) {
        self.shown.lock().unwrap().0 = deployments;
    }

    fn answer(&self, first: &str, token: &str) -> String {
        let target = first.split(' ').nth(1).unwrap_or_default();
        let mut shown = self.shown.lock().unwrap();
        shown.1.push(format!("{target} {token}"));
        if shown.1.len() == 2 {
            let limits =
                "Date: Wed, 21 Oct 2026 07:28:00 GMT\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1792567680\r\n";
            return say("403 Forbidden", limits, r#"{"message":"API rate limit exceeded"}"#);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let below = path.strip_prefix("/repos/acme/shop").unwrap_or("?");
        let page = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("page="))
            .map_or(1, |page| page.parse().unwrap());
        match below {
            "" => say("200 OK", "", &repository().to_string()),
            "/deployments" => {
                let all: Vec<&Value> = shown.0.iter().collect();
                let items: Vec<&&Value> = all.iter().skip((page - 1) * 2).take(2).collect();
                let next = format!(
                    "Link: <{}{path}?per_page=100&page={}>; rel=\"next\"\r\n",
                    self.url,
                    page + 1
                );
                let headers = if page * 2 < all.len() { next } else { String::new() };
                say("200 OK", &headers, &serde_json::to_string(&items).unwrap())
            }
            _ => {
                let id = below.split('/').nth(2).and_then(|id| id.parse::<i64>().ok());
                let found = shown
                    .0
                    .iter()
                    .find(|deployment| deployment["id"].as_i64() == id && id.is_some());
                match found {
                    Some(found) => say("200 OK", "", &found["test_statuses"].to_string()),
                    None => say("404 Not Found", "", r#"{"message":"Not Found"}"#),
                }
            }
        }
    }
}

fn say(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

pub(super) fn repository() -> Value {
    json!({ "id": 592, "name": "shop", "full_name": "acme/shop", "private": false, "visibility": "public",
        "html_url": "https://github.com/acme/shop", "description": null, "default_branch": "main" })
}

fn user(login: &str) -> Value {
    json!({ "login": login, "id": 7, "type": "User", "avatar_url": "https://avatars.example/7", "html_url": "https://github.com/x" })
}

/// A time, to the minute.
pub(super) fn minute(minute: i64) -> String {
    format!("2026-03-01T10:{minute:02}:00Z")
}

/// A deployment with its statuses, oldest first, each with the minute in which it was set.
pub(super) fn deployment(id: i64, environment: &str, statuses: &[(&str, i64)]) -> Value {
    let told = statuses.iter().rev().map(|(state, at)| {
        json!({ "id": id * 100 + at, "state": state, "creator": user("ada"), "description": format!("It is {state}"), "environment": environment,
            "environment_url": "https://shop.example.com", "target_url": "", "log_url": "https://ci.example.com/7",
            "created_at": minute(*at), "updated_at": minute(*at) })
    });
    let last = statuses.last().map_or(0, |(_, at)| *at);
    json!({
        "id": id, "sha": format!("{id:040x}"), "ref": "refs/tags/v1", "task": "deploy:web", "payload": r#"{"landfall_service":"checkout"}"#,
        "url": format!("https://api.github.com/repos/acme/shop/deployments/{id}"), "node_id": "x",
        "original_environment": environment, "environment": environment, "description": null, "creator": user("ada"),
        "created_at": minute(0), "updated_at": minute(last), "statuses_url": "https://api.github.com/x",
        "production_environment": environment == "production", "transient_environment": false,
        "test_statuses": told.collect::<Vec<_>>(),
    })
}

fn import(world: &World, github: &Github) -> Answer {
    let flags = [
        "import",
        "github",
        "--repo",
        "acme/shop",
        "--url",
        &github.url,
        "--format",
        "json",
    ];
    finish(world.command(&flags).env("GITHUB_TOKEN", "ghp_secret"))
}

pub(super) fn imported(world: &World, github: &Github) -> Value {
    let answer = import(world, github);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(!answer.stderr.contains("ghp_secret"));
    serde_json::from_str::<Value>(&answer.stdout).unwrap()[0].take()
}

#[test]
fn deployments_stand_where_their_statuses_say() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        let token = world.root_token();
        let github = Github::new(vec![
            deployment(905, "Preview – web", &[]),
            deployment(904, "production", &[("queued", 1), ("in_progress", 2)]),
            deployment(903, "production", &[("failure", 5)]),
            deployment(
                902,
                "production",
                &[("in_progress", 1), ("success", 3), ("inactive", 9)],
            ),
            deployment(901, "staging", &[("pending", 1), ("error", 2)]),
        ]);
        let summary = imported(&world, &github);
        assert_eq!(counts(&summary), (5, 0, 0));
        assert_eq!(
            (&summary["origin"], &summary["project"]),
            (&json!("github.com"), &json!("acme/shop"))
        );
        let (_, found) = server.get("/projects/acme%2Fshop/deployments", &token);
        let stands: Vec<Value> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                json!([
                    one["landfall"]["origin"]["id"],
                    one["iid"],
                    one["environment"]["name"],
                    one["status"],
                    one["landfall"]["finished_at"]
                ])
            })
            .collect();
        assert_eq!(
            json!(stands),
            json!([
                [901, 1, "staging", "failed", "2026-03-01T10:02:00.000Z"],
                [902, 2, "production", "success", "2026-03-01T10:03:00.000Z"],
                [903, 3, "production", "failed", "2026-03-01T10:05:00.000Z"],
                [904, 4, "production", "running", null],
                [905, 5, "Preview - web", "created", null],
            ])
        );
        let success = &found[1];
        assert_eq!(
            (&success["ref"], &success["landfall"]["tag"]),
            (&json!("v1"), &json!(true))
        );
        assert_eq!(success["user"]["username"], "ada");
        assert_eq!(
            (&success["deployable"]["name"], &success["deployable"]["web_url"]),
            (&json!("deploy:web"), &json!("https://ci.example.com/7"))
        );
        assert_eq!(success["environment"]["external_url"], "https://shop.example.com");
        let facts = |one: &Value| {
            let facts = &one["landfall"];
            json!([facts["service"], facts["description"], facts["notes"]])
        };
        assert_eq!(facts(success), json!(["checkout", "It is inactive", ["superseded"]]));
        assert_eq!(facts(&found[3]), json!(["checkout", "It is in_progress", null]));
        assert_eq!(
            success["landfall"]["external_id"],
            "github:github.com/592/deployments/902"
        );
        assert_eq!(
            success["landfall"]["origin"]["url"],
            "https://api.github.com/repos/acme/shop/deployments/902"
        );
        assert_eq!(
            server
                .request("PUT", "/projects/acme%2Fshop/deployments/4", &token, "status=success")
                .0,
            200
        );

        github.shown.lock().unwrap().0[1] =
            deployment(904, "production", &[("queued", 1), ("in_progress", 2), ("success", 8)]);
        let before = github.shown.lock().unwrap().1.len();
        assert_eq!(counts(&imported(&world, &github)), (0, 1, 4));
        let requests = github.shown.lock().unwrap().1.split_off(before);
        let asked = requests.iter().filter(|request| request.contains("/statuses")).count();
        assert_eq!(asked, 1, "only of the one that changed: {requests:?}");
        assert!(
            requests
                .iter()
                .all(|request| request.ends_with("authorization: Bearer ghp_secret"))
        );
    }
}

#[test]
fn what_is_not_there_is_told() {
    let world = World::new(Engine::Sqlite);
    let github = Github::new(Vec::new());
    let flags = ["import", "github", "--repo", "acme/none", "--url", &github.url];
    let answer = finish(&mut world.command(&flags));
    assert_eq!(answer.code, 1);
    assert!(
        answer
            .stderr
            .contains("answered 404: Not Found; it is not there, or the token may not read"),
        "{}",
        answer.stderr
    );
}
