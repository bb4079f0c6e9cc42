//! Hooks that were acknowledged are read after a kill between that and reading them.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
};

use landfall_gitlab::Query;
use landfall_store::testing::Engine;
use serde_json::{Value, json};

use crate::program::{Instance, Server, TOKEN, on_both_engines, only_path, run};

const PROJECT: &str = "team/app";
const SECRET: &str = "a-secret-of-the-hooks";
/// More than a node takes out of the inbox at once.
const DELIVERIES: usize = 6;

/// A git directory that can be made to keep its readers waiting, as one on a network that hangs.
struct Repository(PathBuf);

impl Repository {
    fn new(home: &Path) -> Repository {
        let directory = home.join("app.git");
        run(only_path(&mut Command::new("git"))
            .args(["init", "--quiet", "--bare"])
            .arg(&directory));
        Repository(directory)
    }

    /// Whoever opens it from now on waits for ever.
    fn hang(&self) {
        let config = self.0.join("config");
        fs::rename(&config, self.0.join("config.kept")).unwrap();
        run(only_path(&mut Command::new("mkfifo")).arg(&config));
    }

    fn go_on(&self) {
        fs::rename(self.0.join("config.kept"), self.0.join("config")).unwrap();
    }
}

/// Sends the hook of a job that has deployed, and answers the status.
fn deliver(server: &Server, number: usize) -> String {
    let job = json!({
        "object_kind": "build", "build_id": number + 1, "build_name": "deploy", "build_status": "success", "ref": "main",
        "sha": "a".repeat(40), "build_finished_at": "2026-03-02T10:06:41Z", "project_id": 77,
        "environment": { "name": "production", "action": "start" },
        "project": { "id": 77, "path_with_namespace": PROJECT, "web_url": "https://gitlab.example.com/team/app" },
    });
    let body = job.to_string();
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    write!(
        stream,
        "POST /hooks/gitlab HTTP/1.1\r\nHost: landfall\r\nConnection: close\r\nX-Gitlab-Event: Job Hook\r\n\
         X-Gitlab-Token: {SECRET}\r\nIdempotency-Key: {number}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

/// How often each delivery has been taken out of the inbox, and its state.
fn inbox(instance: &Instance) -> Vec<(i64, String)> {
    let text = instance.run(&["inbox", "list", "--format", "json"]);
    let listed: Vec<Value> = serde_json::from_str(&text).unwrap();
    let brief = listed.iter().map(|one| {
        (
            one["attempts"].as_i64().unwrap(),
            one["state"].as_str().unwrap().to_owned(),
        )
    });
    brief.collect()
}

async fn what_was_acknowledged_is_read_after_a_kill(engine: Engine) {
    let instance = Instance::new(engine);
    let repository = Repository::new(instance.home());
    let mut server = instance.serve();
    let directory = repository.0.display().to_string();
    instance.run(&["project", "create", PROJECT, "--repository", &directory]);
    instance.run(&[
        "hook-source",
        "create",
        "gitlab",
        "--project",
        PROJECT,
        "--secret",
        SECRET,
    ]);
    repository.hang();
    for number in 0..DELIVERIES {
        assert_eq!(deliver(&server, number), "HTTP/1.1 202 Accepted");
    }
    // Some of them may be held by the node, which waits for the repository; for none has anything been recorded.
    let before = inbox(&instance);
    assert_eq!(before.len(), DELIVERIES);
    assert!(before.iter().all(|(_, state)| state == "waiting"), "{before:?}");
    server.kill();
    let never_taken = inbox(&instance).iter().filter(|(attempts, _)| *attempts == 0).count();
    assert!(never_taken > 0, "{before:?}");
    repository.go_on();

    let server = instance.serve();
    let is_read = |(attempts, state): &(i64, String)| *attempts == 1 && state == "done";
    while inbox(&instance).iter().filter(|one| is_read(one)).count() < never_taken {}
    let client = server.client(TOKEN);
    let found = client
        .deployments()
        .list(PROJECT, &Query::default())
        .unwrap()
        .all()
        .await
        .unwrap();
    assert_eq!(found.len(), never_taken);
    // What the node held when it was killed is there, and due again a minute after it was taken.
    let held = inbox(&instance).iter().filter(|(_, state)| state == "waiting").count();
    assert_eq!(held + never_taken, DELIVERIES);
}

on_both_engines!(what_was_acknowledged_is_read_after_a_kill);
