//! Hooks that come in: complete payloads of each sender, over HTTP, on both engines.

mod chains;
mod inbox;
mod refused;
mod senders;
mod sources;
mod streams;
mod together;

use std::{fs, path::PathBuf, time::Duration};

use hmac::{Hmac, KeyInit as _, Mac as _};
use landfall_domain::{
    hook::{Scope, Sender},
    ids::UserId,
    project::Project,
    time::Timestamp,
    token::Secret,
};
use landfall_server::ops::hook_source::{CreateHookSource, create_hook_source};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answer, Caller, TestServer};

/// The secret of every source of these tests.
const SECRET: &str = "It's a Secret to Everybody";

/// When the payloads were sent: 2026-03-02T15:00:00Z, after all that they tell.
const SENT: Timestamp = Timestamp(1_772_463_600_000_000);

/// One payload with the headers that come with it.
#[derive(Clone, Debug)]
struct Hook {
    sender: Sender,
    headers: Vec<(String, String)>,
    body: String,
}

impl Hook {
    /// A payload of `tests/hook_payloads`. Its name is its id, where the sender has ids.
    fn named(sender: Sender, name: &str) -> Hook {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/hook_payloads/{sender}/{name}.json"));
        let body = fs::read_to_string(file).unwrap();
        let mut hook = Hook {
            sender,
            headers: Vec::new(),
            body,
        };
        match sender {
            Sender::Gitlab => {
                let event = match name.split('.').next().unwrap() {
                    "deployment" => "Deployment Hook",
                    "job" => "Job Hook",
                    "pipeline" => "Pipeline Hook",
                    _ => "Push Hook",
                };
                hook = hook
                    .with("x-gitlab-event", event)
                    .with("x-gitlab-instance", "https://gitlab.example.com")
                    .with("idempotency-key", name);
            }
            Sender::Github => {
                hook = hook
                    .with("x-github-event", name.split('.').next().unwrap())
                    .with("x-github-delivery", name);
            }
            Sender::Argocd | Sender::Flux => {}
            Sender::Cdevents if name.starts_with("structured.") => {
                return hook.with("content-type", "application/cloudevents+json; charset=utf-8");
            }
            Sender::Cdevents => {
                let event: Value = serde_json::from_str(&hook.body).unwrap();
                let context = |key: &str| event["context"][key].as_str().unwrap().to_owned();
                hook = hook
                    .with("ce-specversion", "1.0")
                    .with("ce-id", &context("id"))
                    .with("ce-source", &context("source"))
                    .with("ce-type", &context("type"))
                    .with("ce-time", &context("timestamp"));
            }
        }
        hook.with("content-type", "application/json")
    }

    fn with(mut self, name: &str, value: &str) -> Hook {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with something else in its body.
    fn replaced(mut self, from: &str, to: &str) -> Hook {
        assert!(self.body.contains(from), "{from} is not in the body");
        self.body = self.body.replace(from, to);
        self
    }

    /// Proved with the secret in the sender's way.
    fn proved(self, secret: &str) -> Hook {
        match self.sender {
            Sender::Gitlab => self.with("x-gitlab-token", secret),
            Sender::Github => {
                let signature = signature(secret, &self.body);
                self.with("x-hub-signature-256", &signature)
            }
            Sender::Flux => {
                let signature = signature(secret, &self.body);
                self.with("x-signature", &signature)
            }
            Sender::Argocd | Sender::Cdevents => self.with("authorization", &format!("Bearer {secret}")),
        }
    }

    /// Sends it to its sender's address, as it is.
    async fn send(&self, server: &TestServer) -> Answer {
        self.send_to(server, &format!("/hooks/{}", self.sender)).await
    }

    async fn send_to(&self, server: &TestServer, path: &str) -> Answer {
        let mut request = server.nobody().outside(reqwest::Method::POST, path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(None, self.body.clone()).await
    }

    /// Sends it with the secret of these tests; it is new there.
    async fn deliver(self, server: &TestServer) {
        let hook = self.proved(SECRET);
        let answer = hook.send(server).await;
        assert_eq!(answer.status.as_u16(), 202, "{}", answer.body);
    }
}

fn signature(secret: &str, body: &str) -> String {
    let code = <Hmac<Sha256>>::new_from_slice(secret.as_bytes())
        .unwrap()
        .chain_update(body)
        .finalize()
        .into_bytes();
    let digits: Vec<String> = code.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={}", digits.concat())
}

/// Makes a source with the secret of these tests.
async fn source(server: &TestServer, sender: Sender, scope: Scope) -> i64 {
    source_with(server, sender, scope, |_| {}).await
}

async fn source_with(
    server: &TestServer,
    sender: Sender,
    scope: Scope,
    change: impl FnOnce(&mut CreateHookSource),
) -> i64 {
    let mut wanted = CreateHookSource {
        sender,
        scope,
        name: String::new(),
        user_id: None,
        projects: std::collections::BTreeMap::new(),
        secret: Secret::new(SECRET.to_owned()),
        actor_id: None,
        now: SENT,
    };
    change(&mut wanted);
    server.write(move |tx| create_hook_source(tx, &wanted)).await.id.0
}

/// The project that the payloads speak of, with a source for it, at the time of the payloads; and an administrator.
async fn ready(server: &TestServer, sender: Sender) -> (Project, Caller) {
    server.clock.set(SENT);
    let root = server.root().await;
    let project = server.project("acme/web/shop").await;
    source(server, sender, Scope::Project(project.id)).await;
    (project, root)
}

/// The deployments of a project, by when they were made, without what only says when and as which number they came here.
async fn deployments(root: &Caller, project: &Project) -> Vec<Value> {
    let path = format!("/projects/{}/deployments?per_page=100", project.id);
    let mut rows = root.get(&path).await.json(200).as_array().unwrap().clone();
    for row in &mut rows {
        leave_out(row, "", &["id", "iid", "updated_at"]);
        leave_out(row, "/environment", &["id"]);
        leave_out(row, "/user", &["id", "avatar_url"]);
        // A user of this instance completes what was told of the job's, with an id and a time of here.
        leave_out(row, "/deployable/user", &["id", "created_at", "avatar_url"]);
        if row["landfall"]["source"] == "hook" && row.pointer("/deployable/pipeline").is_none_or(Value::is_null) {
            // A job without an id of its own is shown with one of ours.
            leave_out(row, "/deployable", &["id"]);
        }
    }
    rows.sort_by_key(|row| (row["created_at"].to_string(), row.to_string()));
    rows
}

/// Takes keys out of an object, if there is one at that place.
fn leave_out(row: &mut Value, place: &str, keys: &[&str]) {
    if let Some(members) = row.pointer_mut(place).and_then(Value::as_object_mut) {
        members.retain(|key, _| !keys.contains(&key.as_str()));
    }
}

/// States and notes of all deliveries, oldest first.
async fn inbox(root: &Caller) -> Vec<String> {
    let rows = root.get("/inbox?per_page=100").await.json(200);
    let mut lines: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| match row["note"].as_str() {
            Some(note) => format!("{}: {note}", row["state"].as_str().unwrap()),
            None => row["state"].as_str().unwrap().to_owned(),
        })
        .collect();
    lines.reverse();
    lines
}

/// The state of each environment of a project, by name, with its tier and address.
async fn environments(server: &TestServer, project: &Project, names: &[&str]) -> Value {
    let (project, names): (_, Vec<String>) = (project.id, names.iter().map(ToString::to_string).collect());
    let found = server
        .write(move |tx| {
            let mut found = Vec::new();
            for name in &names {
                found.push(landfall_store::environments::by_name(tx, project, name)?);
            }
            Ok(found)
        })
        .await;
    found
        .into_iter()
        .flatten()
        .map(|found| {
            json!([
                found.name,
                found.state.as_str(),
                found.tier.as_str(),
                found.external_url
            ])
        })
        .collect()
}
