//! Imports and hooks about the same deployments.

use hmac::{Hmac, KeyInit as _, Mac as _};
use landfall_store::testing::Engine;
use serde_json::json;
use sha2::Sha256;

use super::{
    counts, deliver, deployments as listed,
    github::{self, Github, minute, repository},
    ids_there, imported,
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
    let key = format!("{id}-{status}");
    let headers = [
        ("X-Gitlab-Event", "Deployment Hook"),
        ("X-Gitlab-Instance", "https://gitlab.example.com"),
        ("X-Gitlab-Token", SECRET),
        ("Idempotency-Key", &key),
    ];
    deliver(server, "/hooks/gitlab", &headers, &body);
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
        let read = || {
            world.wait_until_read();
            listed(&server, &token)
        };
        let found = read();
        assert_eq!(found.len(), 2, "it is the deployment that was imported");
        assert!(found.iter().all(|one| one["status"] == "success"), "{found:?}");
        let second = &found[1];
        assert_eq!(second["landfall"]["finished_at"], "2026-03-02T10:06:41.000Z");
        assert_eq!((&second["created_at"], &second["iid"]), (&json!(at(1)), &json!(2)));
        assert_eq!(
            second["deployable"]["pipeline"]["id"], 91_002,
            "what the import knows of it stays"
        );

        hook(&server, 1003, "running");
        assert_eq!(read().len(), 3);
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
        let found = read();
        assert_eq!((found.len(), &found[2]["status"]), (3, &json!("failed")));
        assert_eq!(found[2]["deployable"]["pipeline"]["id"], 91_003);

        // One that is deleted is forgotten with what hooks have told of it.
        let path = format!("/projects/team%2Fapp/deployments/{}", found[2]["id"]);
        assert_eq!(server.request("DELETE", &path, &token, "").0, 204);
        hook(&server, 1003, "created");
        let found = read();
        assert_eq!((found.len(), &found[2]["status"]), (3, &json!("created")));
    }
}

/// Sends the event of a job of GitHub Actions that has made a deployment.
fn workflow_job(server: &Server, deployment: i64, status: &str, at: i64) {
    let body = json!({
        "action": status,
        "workflow_job": {
            "id": 71, "run_id": 5, "run_attempt": 1, "head_branch": "main", "head_sha": format!("{deployment:040x}"),
            "status": status, "conclusion": if status == "completed" { json!("success") } else { json!(null) },
            "created_at": minute(0), "started_at": minute(1), "completed_at": minute(at), "name": "ship it", "steps": [],
            "labels": ["k8s"], "runner_id": 7, "runner_name": "runner-7",
        },
        "deployment": github::deployment(deployment, "production", &[]),
        "repository": repository(),
    });
    let code = <Hmac<Sha256>>::new_from_slice(SECRET.as_bytes()).unwrap();
    let code = code.chain_update(body.to_string()).finalize().into_bytes();
    let digits: Vec<String> = code.iter().map(|byte| format!("{byte:02x}")).collect();
    let (signature, id) = (format!("sha256={}", digits.concat()), format!("{deployment} {status}"));
    let headers = [
        ("X-GitHub-Event", "workflow_job"),
        ("X-GitHub-Delivery", &*id),
        ("X-Hub-Signature-256", &*signature),
    ];
    deliver(server, "/hooks/github", &headers, &body);
}

#[test]
fn what_githubs_hooks_tell_of_a_job_stays_when_its_api_is_read() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        let token = world.root_token();
        let origin = Github::new(vec![github::deployment(904, "production", &[("queued", 1)])]);
        assert_eq!(counts(&github::imported(&world, &origin)), (1, 0, 0));
        let create = [
            "hook-source",
            "create",
            "github",
            "--project",
            "acme/shop",
            "--secret",
            SECRET,
        ];
        world.done(&create);

        workflow_job(&server, 904, "completed", 4);
        let only = || {
            world.wait_until_read();
            let (_, found) = server.get("/projects/acme%2Fshop/deployments", &token);
            assert_eq!(
                found.as_array().unwrap().len(),
                1,
                "it is the deployment that was imported"
            );
            found[0].clone()
        };
        let hooked = only();
        assert_eq!(hooked["status"], "success");
        assert_eq!(
            (&hooked["deployable"]["name"], &hooked["deployable"]["runner"]["id"]),
            (&json!("ship it"), &json!(7))
        );
        origin.shows(vec![github::deployment(
            904,
            "production",
            &[("queued", 1), ("success", 5), ("inactive", 9)],
        )]);
        assert_eq!(counts(&github::imported(&world, &origin)), (0, 1, 0));
        let read = only();
        assert_eq!(
            (&read["status"], &read["landfall"]["notes"]),
            (&json!("success"), &json!(["superseded"]))
        );
        assert_eq!(
            (&read["deployable"]["name"], &read["deployable"]["runner"]["id"]),
            (&json!("ship it"), &json!(7)),
            "its API does not know the job"
        );
    }
}
