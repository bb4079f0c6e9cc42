//! What the command line changes shows in the running server's next answer.

use landfall_gitlab::{Client, Error, NewDeployment, Query, Status};
use landfall_store::testing::Engine;

use crate::program::{Instance, Server, TOKEN, on_both_engines};

async fn refused<T: std::fmt::Debug>(call: impl Future<Output = Result<T, Error>>) -> (u16, String) {
    let error = call.await.unwrap_err();
    let refusal = error.refusal().unwrap_or_else(|| panic!("{error}"));
    (refusal.status, refusal.message.clone())
}

/// A running server with the project `team/app` and a member of it.
fn with_member(engine: Engine) -> (Instance, Server, Client) {
    let instance = Instance::new(engine);
    let server = instance.serve();
    instance.run(&["user", "create", "alice", "--email", "alice@example.com"]);
    instance.run(&["project", "create", "team/app"]);
    instance.run(&["member", "set", "team/app", "alice", "developer"]);
    let token = instance.run(&["token", "create", "--user", "alice", "--name", "ci"]);
    let client = server.client(&token);
    (instance, server, client)
}

async fn a_revoked_token_ends(engine: Engine) {
    let (instance, _server, alice) = with_member(engine);
    assert_eq!(alice.current_user().await.unwrap().username, "alice");
    let listed = instance.run(&["token", "list", "--user", "alice", "--format", "json"]);
    let tokens: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    instance.run(&["token", "revoke", &tokens[0]["id"].to_string()]);
    let expected = "invalid_token: Token was revoked. You have to re-authorize from the user.";
    assert_eq!(refused(alice.current_user()).await, (401, expected.to_owned()));
}

async fn a_changed_member_has_other_rights(engine: Engine) {
    let (instance, _server, alice) = with_member(engine);
    let deployments = || async {
        alice
            .deployments()
            .list("team/app", &Query::default())
            .unwrap()
            .all()
            .await
    };
    assert_eq!(deployments().await.unwrap(), []);
    instance.run(&["member", "set", "team/app", "alice", "guest"]);
    assert_eq!(refused(deployments()).await, (403, "403 Forbidden".to_owned()));
    instance.run(&["member", "remove", "team/app", "alice"]);
    assert_eq!(refused(deployments()).await, (404, "404 Project Not Found".to_owned()));
    instance.run(&["member", "set", "team/app", "alice", "reporter"]);
    assert_eq!(deployments().await.unwrap(), []);
}

async fn a_blocked_user_is_refused(engine: Engine) {
    let (instance, _server, alice) = with_member(engine);
    assert_eq!(alice.current_user().await.unwrap().state.as_deref(), Some("active"));
    instance.run(&["user", "update", "alice", "--state", "blocked"]);
    let expected = "403 Forbidden - Your account has been blocked.";
    assert_eq!(refused(alice.current_user()).await, (403, expected.to_owned()));
    instance.run(&["user", "update", "alice", "--state", "active"]);
    assert_eq!(alice.current_user().await.unwrap().username, "alice");
}

/// Also answers that a server might keep ready show what another process changed.
async fn a_changed_name_shows_in_old_deployments(engine: Engine) {
    let (instance, server, _) = with_member(engine);
    let root = server.client(TOKEN);
    let new = NewDeployment {
        environment: "production".to_owned(),
        sha: "a91957a858320c0e17f3a0eca7cfacbff50ea29a".to_owned(),
        git_ref: "main".to_owned(),
        tag: false,
        status: Status::Success,
        other: serde_json::Map::new(),
    };
    let id = root.deployments().create("team/app", &new).await.unwrap().id;
    let name = || async { root.deployments().get("team/app", id).await.unwrap().user.unwrap().name };
    assert_eq!(name().await, "Administrator");
    instance.run(&["user", "update", "root", "--name", "Grace Hopper"]);
    assert_eq!(name().await, "Grace Hopper");
    let listed = root
        .deployments()
        .list("team/app", &Query::default())
        .unwrap()
        .all()
        .await
        .unwrap();
    assert_eq!(listed[0].user.as_ref().unwrap().name, "Grace Hopper");
}

on_both_engines!(
    a_revoked_token_ends,
    a_changed_member_has_other_rights,
    a_blocked_user_is_refused,
    a_changed_name_shows_in_old_deployments,
);
