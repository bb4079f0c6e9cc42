//! From one Landfall to another.

use landfall_store::testing::Engine;
use serde_json::{Value, json};

use super::{body, counts, deliver, deployments, imported};
use crate::support::{Server, World, finish};

const SECRET: &str = "a-secret-of-the-hooks";
const EXTERNAL: [&str; 2] = ["--external-url", "https://ledger.example"];

/// Deployments of every kind: with a job, with a key and its reports, in several environments, of several statuses.
fn fill(world: &World, server: &Server) {
    let token = world.root_token();
    world.done(&["project", "create", "team/app", "--visibility", "internal"]);
    let sha = |digit: char| String::from(digit).repeat(40);
    let job = concat!(
        "&deployable[id]=77&deployable[name]=deploy&deployable[status]=success&deployable[stage]=ship&deployable[tag]=true",
        "&deployable[pipeline][id]=5&deployable[pipeline][status]=success&deployable[runner][id]=3",
        "&deployable[user][username]=root&deployable[commit][title]=Ship%20it&deployable[coverage]=81.25",
        "&deployable[finished_at]=2025-01-02T03:04:05.678Z",
    );
    let path = "/projects/team%2Fapp/deployments";
    let post = |text: String| {
        let (status, made) = server.post(path, &token, &text);
        assert!(matches!(status, 200 | 201), "{made}");
        made
    };
    let plain = |environment: &str, status: &str, digit: char| {
        format!(
            "environment={environment}&sha={}&ref=main&tag=false&status={status}",
            sha(digit)
        )
    };
    for (number, status) in ["success", "running", "failed", "created", "canceled"]
        .iter()
        .enumerate()
    {
        let times = format!("&created_at=2025-01-01T00:00:0{number}.123Z&updated_at=2025-02-01T00:00:0{number}.456Z");
        post(format!("{}{job}{times}", plain("production", status, 'a')));
        post(format!("{}&external_id=run-{number}", plain("review%2Fx", status, 'b')));
    }
    post(format!(
        "{}&external_id=run-1&sequence=2",
        plain("review%2Fx", "success", 'c')
    ));
    let (status, _) = server.request("PUT", &format!("{path}/3"), &token, "status=success");
    assert_eq!(status, 200);
    world.done(&[
        "hook-source",
        "create",
        "flux",
        "--project",
        "team/app",
        "--secret",
        SECRET,
    ]);
    rolled_back(server, "2025-03-01T00:00:10Z");
    world.wait_until_read();
}

/// Sends an event of Flux, with all that GitLab has no place for.
fn rolled_back(server: &Server, at: &str) {
    let event = json!({
        "involvedObject": { "kind": "HelmRelease", "namespace": "shop", "name": "shop", "uid": "7d0c" },
        "severity": "info", "reason": "RollbackSucceeded", "message": "Helm rollback to previous release succeeded",
        "timestamp": at,
        "metadata": {
            "helm.toolkit.fluxcd.io/revision": "6.5.0", "helm.toolkit.fluxcd.io/oci-digest": format!("sha256:{:064}", 7),
            "landfall_environment": "production", "landfall_service": "checkout",
        },
    });
    deliver(
        server,
        "/hooks/flux",
        &[("Authorization", &format!("Bearer {SECRET}"))],
        &event,
    );
}

#[test]
fn the_lists_of_a_copy_are_equal_byte_by_byte() {
    for (there, here) in [(Engine::Sqlite, Engine::Postgres), (Engine::Postgres, Engine::Sqlite)] {
        let (old, new) = (World::new(there), World::new(here));
        let (origin, copy) = (old.serve_with(&EXTERNAL, &[]), new.serve_with(&EXTERNAL, &[]));
        fill(&old, &origin);
        let mut command = super::command(&new, &format!("http://{}", origin.address), &["--format", "json"]);
        let answer = finish(command.env("ORIGIN_TOKEN", old.root_token()));
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let summary: Value = serde_json::from_str(&answer.stdout).unwrap();
        assert_eq!(counts(&summary[0]), (11, 0, 0));
        for query in [
            "per_page=100",
            "order_by=finished_at&sort=desc&status=success",
            "environment=review%2Fx&page=2&per_page=2",
        ] {
            let path = format!("/projects/team%2Fapp/deployments?{query}");
            let expected = body(&origin, &path, &old.root_token());
            let found = body(&copy, &path, &new.root_token());
            assert_eq!(without_origins(&found), expected, "{query}");
        }
        let told = deployments(&copy, &new.root_token()).pop().unwrap();
        let told = ["service", "description", "notes", "artifacts"].map(|fact| told["landfall"][fact].clone());
        let expected = json!([
            "checkout",
            "Helm rollback to previous release succeeded",
            ["rollback"],
            [format!("sha256:{:064}", 7)]
        ]);
        assert_eq!(json!(told), expected);
        let (_, copied) = copy.get("/projects/team%2Fapp/deployments/3", &new.root_token());
        let url = format!("http://{}/api/v4/projects/1/deployments/3", origin.address);
        assert_eq!(copied["landfall"]["origin"], json!({ "id": 3, "url": url }));
        let mut again = super::command(&new, &format!("http://{}", origin.address), &["--format", "json"]);
        let again = finish(again.env("ORIGIN_TOKEN", old.root_token()));
        let again: Value = serde_json::from_str(&again.stdout).unwrap();
        let (created, updated, _) = counts(&again[0]);
        assert_eq!((created, updated), (0, 0));
        // An event that comes late: the deployment has another key now.
        rolled_back(&origin, "2025-03-01T00:00:05Z");
        old.wait_until_read();
        let late = deployments(&origin, &old.root_token());
        assert_eq!(late[10]["created_at"], "2025-03-01T00:00:05.000Z");
        let mut third = super::command(&new, &format!("http://{}", origin.address), &["--format", "json"]);
        assert_eq!(finish(third.env("ORIGIN_TOKEN", old.root_token())).code, 0);
        let copied = deployments(&copy, &new.root_token());
        assert_eq!(
            copied[10]["landfall"]["external_id"],
            late[10]["landfall"]["external_id"]
        );
        reports_go_on(&copy, &new.root_token());
    }
}

/// The body without what only a copy has.
fn without_origins(body: &str) -> String {
    let mut parts = body.split(",\"origin\":{");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        text.push_str(part.split_once('}').unwrap().1);
    }
    text
}

/// A sender that reports to the copy from now on reports about the same deployment.
fn reports_go_on(copy: &Server, token: &str) {
    let before = deployments(copy, token);
    let known = before.iter().find(|d| d["landfall"]["external_id"] == "run-3").unwrap();
    let text = format!(
        "environment=review%2Fx&sha={}&ref=main&tag=false&status=success&external_id=run-3",
        "b".repeat(40)
    );
    let (status, reported) = copy.post("/projects/team%2Fapp/deployments", token, &text);
    assert_eq!(
        (status, &reported["id"], &reported["status"]),
        (200, &known["id"], &json!("success"))
    );
    assert_eq!(
        reported["created_at"], known["created_at"],
        "what was imported counts as its first report"
    );
}

#[test]
fn what_is_reported_here_is_no_more_the_origins_business() {
    let (old, new) = (World::new(Engine::Sqlite), World::new(Engine::Sqlite));
    let (origin, copy) = (old.serve(), new.serve());
    fill(&old, &origin);
    let run = || {
        let mut command = super::command(&new, &format!("http://{}", origin.address), &[]);
        finish(command.env("ORIGIN_TOKEN", old.root_token())).code
    };
    assert_eq!(run(), 0);
    reports_go_on(&copy, &new.root_token());
    let text = format!(
        "environment=review%2Fx&sha={}&ref=main&tag=false&status=failed&external_id=run-3",
        "d".repeat(40)
    );
    assert_eq!(
        origin
            .post("/projects/team%2Fapp/deployments", &old.root_token(), &text)
            .0,
        200
    );
    assert_eq!(run(), 0);
    let found = deployments(&copy, &new.root_token());
    let known = found.iter().find(|d| d["landfall"]["external_id"] == "run-3").unwrap();
    assert_eq!(known["status"], "success");
    assert_eq!(imported_project(&new), "team/app");
}

fn imported_project(world: &World) -> String {
    let projects = world.json(&["project", "list"]);
    projects[0]["path_with_namespace"].as_str().unwrap().to_owned()
}

#[test]
fn private_networks_are_reached_unless_only_others_are_opened() {
    let world = World::new(Engine::Sqlite);
    let origin = super::origin::Origin::new(super::origin::deployments(1), None);
    let answer = super::import(&world, &origin.url, &["--allow-networks", "10.0.0.0/8"]);
    assert_eq!(answer.code, 1);
    assert!(
        answer
            .stderr
            .contains("127.0.0.1, which is not a public address; --allow-networks can open its network"),
        "{}",
        answer.stderr
    );
    assert_eq!(
        counts(&imported(&world, &origin.url, &["--allow-networks", "127.0.0.0/8"])),
        (1, 0, 0)
    );
}
