//! What the command line changes shows in the running server's next answer.

use landfall_store::testing::Engine;
use serde_json::json;

use crate::support::World;

const SHA: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";

fn record(environment: &str) -> String {
    format!("environment={environment}&sha={SHA}&ref=main&tag=false&status=success")
}

#[test]
fn rights_tokens_and_states() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        world.done(&["user", "create", "alice"]);
        let token = world.done(&["token", "create", "--user", "alice"]);
        let token = token.trim();
        let id = world.done(&["project", "create", "team/app", "--visibility", "internal"]);
        let deployments = format!("/projects/{}/deployments", id.trim());

        assert_eq!(server.post(&deployments, token, &record("a")).0, 403, "{engine:?}");
        world.done(&["member", "set", "team/app", "alice", "developer"]);
        assert_eq!(server.post(&deployments, token, &record("a")).0, 201, "{engine:?}");
        world.done(&["member", "remove", "team/app", "alice"]);
        assert_eq!(server.post(&deployments, token, &record("b")).0, 403, "{engine:?}");

        world.done(&["user", "update", "alice", "--state", "blocked"]);
        assert_eq!(server.get("/user", token).0, 403, "{engine:?}");
        world.done(&["user", "update", "alice", "--state", "active"]);
        assert_eq!(server.get("/user", token).0, 200, "{engine:?}");

        let tokens = world.json(&["token", "list", "--user", "alice"]);
        world.done(&["token", "revoke", &tokens[0]["id"].to_string()]);
        let (status, body) = server.get("/user", token);
        assert_eq!(
            (status, &body["error_description"]),
            (
                401,
                &json!("Token was revoked. You have to re-authorize from the user.")
            )
        );
    }
}

#[test]
fn settings_and_paths_of_projects() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        let server = world.serve();
        let root = world.root_token();
        world.done(&["project", "create", "team/app"]);
        world.done(&["user", "create", "alice"]);
        let alice = world.done(&["token", "create", "--user", "alice"]);
        let alice = alice.trim();

        assert_eq!(server.get("/projects/team%2Fapp", alice).0, 404);
        world.done(&[
            "project",
            "update",
            "team/app",
            "--visibility",
            "internal",
            "--description",
            "The app",
        ]);
        let (status, project) = server.get("/projects/team%2Fapp", alice);
        assert_eq!(
            (status, &project["description"]),
            (200, &json!("The app")),
            "{engine:?}"
        );

        world.done(&["project", "move", "team/app", "platform/web/app"]);
        let (status, moved) = server.get("/projects/platform%2Fweb%2Fapp", &root);
        assert_eq!((status, &moved["id"]), (200, &project["id"]), "{engine:?}");
        let (status, _) = server.get("/projects/team%2Fapp", &root);
        assert_eq!(status, 301, "the old path leads to it");

        world.done(&["project", "update", "platform/web/app", "--archived", "true"]);
        let (_, archived) = server.get("/projects/platform%2Fweb%2Fapp", &root);
        assert_eq!(archived["archived"], true);
    }
}
