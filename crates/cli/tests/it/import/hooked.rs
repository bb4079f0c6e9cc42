//! Imports and hooks about the same deployments.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use landfall_store::testing::Engine;
use serde_json::{Value, json};

use super::{
    counts, deployments as listed, ids_there, imported,
    origin::{Origin, at, deployment, deployments},
};
use crate::support::{Server, World};

const SECRET: &str = "a-secret-of-the-hooks";

/// Sends the Deployment Hook of a deployment of [`deployment`].
fn hook(server: &Server, id: i64, status: &str) {
    let project = json!({ "id": 77, "name": "App", "path_with_namespace": "team/app", "default_branch": "main",
        "web_url": "https://gitlab.example.com/team/app" });
    let body = json!({
        "object_kind": "deployment", "status": status, "status_changed_at": "2026-03-02 11:06:41 +0100",
        "deployment_id": id, "deployable_id": id + 50_000, "deployable_url": null, "environment": "production",
        "environment_tier": "production", "environment_slug": "production", "environment_external_url": "",
        "project": project, "short_sha": "00000000", "ref": "main", "commit_title": "Ship it",
        "commit_url": format!("https://gitlab.example.com/team/app/-/commit/{id:040x}"),
        "user": { "id": 5, "name": "Ada", "username": "ada", "email": "[REDACTED]" },
    });
    let body = body.to_string();
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = format!(
        "POST /hooks/gitlab HTTP/1.1\r\nHost: landfall\r\nConnection: close\r\nX-Gitlab-Event: Deployment Hook\r\n\
         X-Gitlab-Instance: https://gitlab.example.com\r\nX-Gitlab-Token: {SECRET}\r\nIdempotency-Key: {id}-{status}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    write!(stream, "{head}{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
}

fn wait_until(server: &Server, token: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    loop {
        let found = listed(server, token);
        if is_so(&found) {
            return found;
        }
        std::thread::yield_now();
    }
}

#[test]
fn hooks_and_imports_are_about_the_same_deployments() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        let token = world.root_token();
        let mut all = deployments(2);
        all[1]["status"] = json!("running");
        all[1]["deployable"]["finished_at"] = json!(null);
        let origin = Origin::new(all, None);
        assert_eq!(counts(&imported(&world, &origin.url, &[])), (2, 0, 0));
        world.done(&[
            "hook-source",
            "create",
            "gitlab",
            "--project",
            "team/app",
            "--secret",
            SECRET,
        ]);

        hook(&server, 1002, "success");
        let found = wait_until(&server, &token, |found| {
            found.iter().all(|one| one["status"] == "success")
        });
        assert_eq!(found.len(), 2, "it is the deployment that was imported");
        let second = &found[1];
        assert_eq!(second["landfall"]["finished_at"], "2026-03-02T10:06:41.000Z");
        assert_eq!((&second["created_at"], &second["iid"]), (&json!(at(1)), &json!(2)));
        assert_eq!(
            second["deployable"]["pipeline"]["id"], 91_002,
            "what the import knows of it stays"
        );

        hook(&server, 1003, "running");
        wait_until(&server, &token, |found| found.len() == 3);
        origin.change(|all| all.push(deployment(1003)));
        let (created, _, _) = counts(&imported(&world, &origin.url, &["--since", &at(3)]));
        assert_eq!(created, 0, "it is the deployment that the hook has made");
        let found = listed(&server, &token);
        assert_eq!(ids_there(&found), [1001, 1002, 1003]);
        assert_eq!(
            (&found[2]["status"], &found[2]["created_at"]),
            (&json!("success"), &json!(at(2)))
        );
        hook(&server, 1003, "failed");
        let found = wait_until(&server, &token, |found| found[2]["status"] == "failed");
        assert_eq!(found.len(), 3);
        assert_eq!(found[2]["deployable"]["pipeline"]["id"], 91_003);
    }
}
