//! Listing, making, rotating and revoking personal access tokens.

use std::time::Duration;

use landfall_domain::token::Scope;
use serde_json::{Value, json};

use crate::support::each_engine;

fn ids(tokens: &Value) -> Vec<i64> {
    tokens
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["id"].as_i64().unwrap())
        .collect()
}

fn secret(token: &Value) -> String {
    token["token"].as_str().expect("a new token has a secret").to_owned()
}

each_engine!(
    async fn an_administrator_makes_a_token_for_a_user(server) {
        let root = server.root().await;
        server.user("ada").await;
        let body = json!({ "name": "ci", "description": "deploys", "scopes": ["api"], "expires_at": "2026-06-30" });
        let mut made = root.post("/users/2/personal_access_tokens").json(&body).await.json(201);
        let secret = secret(&made);
        made["token"] = "the secret".into();
        insta::assert_json_snapshot!(made, @r#"
        {
          "id": 3,
          "name": "ci",
          "revoked": false,
          "created_at": "2026-01-02T03:04:05.678Z",
          "description": "deploys",
          "scopes": [
            "api"
          ],
          "user_id": 2,
          "last_used_at": null,
          "active": true,
          "expires_at": "2026-06-30",
          "token": "the secret"
        }
        "#);
        let ada = server.bearer_of(&secret);
        assert_eq!(ada.get("/user").await.json(200)["username"], "ada");
        let body = json!({ "name": "defaults", "scopes": "read_api,read_user" });
        let made = root.post("/users/2/personal_access_tokens").json(&body).await.json(201);
        assert_eq!((&made["expires_at"], &made["scopes"]), (&json!("2027-01-02"), &json!(["read_api", "read_user"])));

        let mut lines = String::new();
        for (target, body) in [
            ("/users/2/personal_access_tokens", json!({})),
            ("/users/2/personal_access_tokens", json!({ "name": "x", "scopes": [] })),
            ("/users/2/personal_access_tokens", json!({ "name": "x", "scopes": ["all"] })),
            ("/users/2/personal_access_tokens", json!({ "name": "x", "scopes": ["api"], "expires_at": "2026-01-02" })),
            ("/users/2/personal_access_tokens", json!({ "name": "x", "scopes": ["api"], "expires_at": "2027-01-03" })),
            ("/users/9/personal_access_tokens", json!({ "name": "x", "scopes": ["api"] })),
            ("/user/personal_access_tokens", json!({ "name": "x", "scopes": ["api"] })),
        ] {
            let answer = root.post(target).json(&body).await;
            lines.push_str(&format!("{target} {body} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        insta::assert_snapshot!(lines, @r#"
        /users/2/personal_access_tokens {} -> 400 {"error":"name is missing, name is empty, scopes is missing, scopes is empty, scopes does not have a valid value"}
        /users/2/personal_access_tokens {"name":"x","scopes":[]} -> 400 {"error":"scopes is empty"}
        /users/2/personal_access_tokens {"name":"x","scopes":["all"]} -> 400 {"error":"scopes does not have a valid value"}
        /users/2/personal_access_tokens {"name":"x","scopes":["api"],"expires_at":"2026-01-02"} -> 422 {"message":"Expiration date can't be in the past"}
        /users/2/personal_access_tokens {"name":"x","scopes":["api"],"expires_at":"2027-01-03"} -> 422 {"message":"Expiration date must be before 2027-01-03"}
        /users/9/personal_access_tokens {"name":"x","scopes":["api"]} -> 404 {"message":"404 User Not Found"}
        /user/personal_access_tokens {"name":"x","scopes":["api"]} -> 400 {"error":"scopes does not have a valid value"}
        "#);
        let own = ada.post("/user/personal_access_tokens").json(&json!({ "name": "x", "scopes": ["self_rotate"] })).await;
        assert_eq!(own.json(201)["expires_at"], "2026-01-03");
    }
);

each_engine!(
    async fn everybody_sees_the_own_tokens_and_administrators_all(server) {
        let (root, ada) = (server.root().await, server.user("ada").await);
        server.token("ada", "second", &[Scope::Api], Some("2026-06-30")).await;
        server.token("ada", "expired", &[Scope::Api], Some("2026-01-02")).await;
        assert_eq!(ids(&ada.get("/personal_access_tokens").await.json(200)), [2, 3, 4]);
        assert_eq!(ids(&root.get("/personal_access_tokens").await.json(200)), [1, 2, 3, 4]);
        assert_eq!(ids(&root.get("/personal_access_tokens?user_id=2&sort=name_desc").await.json(200)), [4, 3, 2]);
        assert_eq!(ids(&ada.get("/personal_access_tokens?state=inactive").await.json(200)), [4]);
        assert_eq!(ids(&ada.get("/personal_access_tokens?expires_before=2026-02-01").await.json(200)), [4]);
        assert_eq!(ids(&ada.get("/personal_access_tokens?search=nothing").await.json(200)), [0; 0]);
        assert_eq!(ids(&ada.get("/personal_access_tokens?sort=expires_asc").await.json(200)), [4, 3, 2]);
        let page = ada.get("/personal_access_tokens?per_page=2").await;
        assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("3"), Some("2")));
        let unauthorized = (401, r#"{"message":"401 Unauthorized"}"#);
        assert_eq!(ada.get("/personal_access_tokens?user_id=1").await.told(), unauthorized);
        assert_eq!(ada.get("/personal_access_tokens/1").await.told(), unauthorized);
        assert_eq!(ada.get("/personal_access_tokens/99").await.told(), unauthorized);
        assert_eq!(root.get("/personal_access_tokens/99").await.told(), (404, r#"{"message":"404 Not found"}"#));
        assert_eq!(root.get("/personal_access_tokens/3").await.json(200)["user_id"], 2);

        assert_eq!(
            ada.delete("/personal_access_tokens/1").await.told(),
            (400, r#"{"message":"400 Bad request - Not permitted to revoke"}"#)
        );
        assert_eq!(ada.delete("/personal_access_tokens/99").await.told(), (404, r#"{"message":"404 Not found"}"#));
        assert_eq!(root.delete("/personal_access_tokens/3").await.status, 204);
        assert_eq!(ids(&ada.get("/personal_access_tokens?revoked=true").await.json(200)), [3]);
        assert_eq!(server.bearer_of("second").get("/user").await.status, 401);
        assert_eq!(ada.delete("/personal_access_tokens/self").await.status, 204);
        assert_eq!(ada.get("/user").await.status, 401);
    }
);

each_engine!(
    async fn a_token_is_rotated_and_whoever_uses_the_old_one_ends_the_family(server) {
        server.user("ada").await;
        server.token("ada", "first", &[Scope::SelfRotate], None).await;
        let first = server.bearer_of("first");
        let rotate = "/personal_access_tokens/self/rotate";
        let rotated = first.post(rotate).await.json(200);
        assert_eq!((&rotated["id"], &rotated["expires_at"]), (&json!(3), &json!("2026-01-09")));
        assert_eq!((&rotated["name"], &rotated["scopes"]), (&json!("test"), &json!(["self_rotate"])));
        let second = server.bearer_of(&secret(&rotated));
        let rotated = second.post(rotate).form(&[("expires_at", "2026-02-01")]).await.json(200);
        assert_eq!(rotated["expires_at"], "2026-02-01");
        let third = server.bearer_of(&secret(&rotated));
        let own = "/personal_access_tokens/self";
        assert_eq!(third.get(own).await.status, 200);
        assert_eq!(second.get(own).await.status, 401, "a look with an old token ends nothing");
        assert_eq!(third.get(own).await.status, 200);
        let reused = first.post(rotate).await;
        assert_eq!(reused.status, 401);
        assert_eq!(third.get(own).await.status, 401, "but a rotation does");
        assert_eq!(server.user("ada").await.get(own).await.status, 200, "tokens of other families live on");
    }
);

each_engine!(
    async fn tokens_are_rotated_by_their_owner_and_by_administrators(server) {
        let (root, ada, bob) = (server.root().await, server.user("ada").await, server.user("bob").await);
        server.token("ada", "second", &[Scope::Api], None).await;
        let rotate = "/personal_access_tokens/4/rotate";
        assert_eq!(bob.post(rotate).await.told(), (401, r#"{"message":"401 Unauthorized"}"#));
        assert_eq!(ada.post(rotate).await.json(200)["id"], 5);
        assert_eq!(
            ada.post(rotate).await.told(),
            (400, r#"{"message":"400 Bad request - Token already revoked"}"#)
        );
        assert_eq!(root.post("/personal_access_tokens/5/rotate").await.json(200)["user_id"], 2);
        assert_eq!(root.post("/personal_access_tokens/99/rotate").await.told(), (404, r#"{"message":"404 Not found"}"#));
        let late = ada.post("/personal_access_tokens/6/rotate").form(&[("expires_at", "2030-01-01")]).await;
        assert_eq!(
            late.told(),
            (400, r#"{"message":"400 Bad request - Expiration date must be before 2027-01-03"}"#)
        );
        server.token("bob", "reader", &[Scope::ReadApi], None).await;
        let reader = server.bearer_of("reader").post("/personal_access_tokens/self/rotate").await;
        assert_eq!(reader.json(403)["scope"], "api self_rotate");
        // A token is dead from the start of its last day.
        let rotated = bob.post("/personal_access_tokens/self/rotate").await.json(200);
        let bob = server.bearer_of(&secret(&rotated));
        server.clock.advance(Duration::from_hours(7 * 24 - 4));
        assert_eq!(bob.get("/user").await.status, 200);
        server.clock.advance(Duration::from_hours(1));
        assert_eq!(bob.get("/user").await.status, 401);
    }
);
