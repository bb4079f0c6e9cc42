//! What administrators do with accounts.

use serde_json::json;

use crate::support::each_engine;

each_engine!(
    async fn an_administrator_makes_and_changes_a_user(server) {
        let root = server.root().await;
        let body = json!({
            "email": "ada@example.com", "name": "Ada Lovelace", "username": "ada", "force_random_password": true,
            "job_title": "Countess", "organization": "Analytical Engines", "bio": "wrote programs", "external": true,
        });
        let made = root.post("/users").json(&body).await.json(201);
        insta::assert_json_snapshot!(made, @r#"
        {
          "id": 2,
          "username": "ada",
          "public_email": "",
          "name": "Ada Lovelace",
          "state": "active",
          "locked": false,
          "avatar_url": "https://www.gravatar.com/avatar/b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72?s=80&d=identicon",
          "web_url": "http://landfall.example/ada",
          "created_at": "2026-01-02T03:04:05.678Z",
          "bio": "wrote programs",
          "location": null,
          "skype": "",
          "linkedin": "",
          "twitter": "",
          "discord": "",
          "website_url": "",
          "github": "",
          "job_title": "Countess",
          "pronouns": null,
          "organization": "Analytical Engines",
          "bot": false,
          "work_information": "Countess at Analytical Engines",
          "followers": 0,
          "following": 0,
          "is_followed": false,
          "local_time": null,
          "last_sign_in_at": null,
          "confirmed_at": "2026-01-02T03:04:05.678Z",
          "last_activity_on": null,
          "email": "ada@example.com",
          "theme_id": 1,
          "color_scheme_id": 1,
          "projects_limit": 100000,
          "current_sign_in_at": null,
          "identities": [],
          "can_create_group": false,
          "can_create_project": false,
          "two_factor_enabled": false,
          "external": true,
          "private_profile": false,
          "commit_email": "ada@example.com",
          "preferred_language": "en",
          "shared_runners_minutes_limit": null,
          "extra_shared_runners_minutes_limit": null,
          "scim_identities": [],
          "is_admin": false,
          "note": null,
          "namespace_id": null,
          "created_by": null
        }
        "#);
        server.token("ada", "ada-token", &[landfall_domain::token::Scope::Api], None).await;
        let ada = server.user("ada").await;
        assert_eq!(root.put("/users/2").json(&json!({ "external": false })).await.json(200)["external"], false);
        ada.post("/projects").json(&json!({ "name": "engine" })).await.json(201);
        let wanted = json!({ "username": "countess", "name": "Countess", "bio": "", "public_email": "a@example.com" });
        let changed = root.put("/users/2").json(&wanted).await.json(200);
        assert_eq!(
            [&changed["username"], &changed["name"], &changed["bio"], &changed["public_email"]],
            [&json!("countess"), &json!("Countess"), &json!(null), &json!("a@example.com")]
        );
        let moved = ada.get("/projects/1").await.json(200);
        assert_eq!(
            [&moved["path_with_namespace"], &moved["name_with_namespace"]],
            ["countess/engine", "Countess / engine"]
        );
        assert_eq!(ada.get("/projects/ada%2Fengine").await.status, 301);
        assert_eq!(ada.post("/projects").json(&json!({ "name": "second" })).await.json(201)["path_with_namespace"], "countess/second");
    }
);

each_engine!(
    async fn what_is_wrong_with_an_account_is_told(server) {
        let (root, ada) = (server.root().await, server.user("ada").await);
        let user = |email: &str, username: &str| {
            json!({ "email": email, "name": "x", "username": username, "reset_password": true })
        };
        let mut lines = String::new();
        for body in [
            json!({}),
            json!({ "email": "x@example.com", "name": "x", "username": "x" }),
            user("ADA@example.com", "other"),
            user("x@example.com", "ADA"),
            user("nonsense", "other"),
            user("x@example.com", "-"),
            user("x@example.com", "a/b"),
        ] {
            let answer = root.post("/users").json(&body).await;
            lines.push_str(&format!("{body} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        for (target, body) in [
            ("/users/2", json!({ "username": "root" })),
            ("/users/2", json!({ "email": "admin@example.com" })),
            ("/users/2", json!({ "name": "" })),
            ("/users/9", json!({ "name": "x" })),
            ("/users/x", json!({ "name": "x" })),
        ] {
            let answer = root.put(target).json(&body).await;
            lines.push_str(&format!("PUT {target} {body} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        insta::assert_snapshot!(lines, @r#"
        {} -> 400 {"error":"email is missing, email is empty, name is missing, name is empty, username is missing, username is empty, password, reset_password, force_random_password are missing, at least one parameter must be provided"}
        {"email":"x@example.com","name":"x","username":"x"} -> 400 {"error":"password, reset_password, force_random_password are missing, at least one parameter must be provided"}
        {"email":"ADA@example.com","name":"x","username":"other","reset_password":true} -> 409 {"message":"Email has already been taken"}
        {"email":"x@example.com","name":"x","username":"ADA","reset_password":true} -> 409 {"message":"Username has already been taken"}
        {"email":"nonsense","name":"x","username":"other","reset_password":true} -> 400 {"message":{"email":["is invalid"]}}
        {"email":"x@example.com","name":"x","username":"-","reset_password":true} -> 400 {"message":{"username":["is too short (minimum is 2 characters)"]}}
        {"email":"x@example.com","name":"x","username":"a/b","reset_password":true} -> 400 {"message":{"username":["can contain only letters, digits, '_', '-' and '.'; it cannot start with '-' or end in '.', '.git' or '.atom'"]}}
        PUT /users/2 {"username":"root"} -> 409 {"message":"Username has already been taken"}
        PUT /users/2 {"email":"admin@example.com"} -> 409 {"message":"Email has already been taken"}
        PUT /users/2 {"name":""} -> 400 {"message":{"name":["can't be blank"]}}
        PUT /users/9 {"name":"x"} -> 404 {"message":"404 User Not Found"}
        PUT /users/x {"name":"x"} -> 400 {"error":"id is invalid"}
        "#);
        assert_eq!(ada.put("/users/2").json(&json!({ "name": "x" })).await.told(), (403, r#"{"message":"403 Forbidden"}"#));
    }
);

each_engine!(
    async fn accounts_are_shut_out_and_let_in(server) {
        let (root, ada) = (server.root().await, server.user("ada").await);
        let mut lines = String::new();
        for change in [
            "unblock", "activate", "unban", "block", "block", "activate", "deactivate", "ban", "unblock", "deactivate",
            "deactivate", "unblock", "ban", "activate", "ban", "ban", "block", "deactivate", "unban",
        ] {
            let answer = root.post(&format!("/users/2/{change}")).await;
            let state = root.get("/users/2").await.json(200)["state"].as_str().unwrap().to_owned();
            let told = ada.get("/user").await.status.as_u16();
            lines.push_str(&format!("{change} -> {} {} ({state}: {told})\n", answer.status.as_u16(), answer.body));
        }
        insta::assert_snapshot!(lines, @r#"
        unblock -> 201 false (active: 200)
        activate -> 201 true (active: 200)
        unban -> 403 {"message":"403 Forbidden - You cannot unban active users."} (active: 200)
        block -> 201 true (blocked: 403)
        block -> 201 null (blocked: 403)
        activate -> 403 {"message":"403 Forbidden - A blocked user must be unblocked to be activated"} (blocked: 403)
        deactivate -> 403 {"message":"403 Forbidden - A blocked user cannot be deactivated by the API"} (blocked: 403)
        ban -> 403 {"message":"403 Forbidden - You cannot ban blocked users."} (blocked: 403)
        unblock -> 201 true (active: 200)
        deactivate -> 201 true (deactivated: 403)
        deactivate -> 201 null (deactivated: 403)
        unblock -> 403 {"message":"403 Forbidden - Deactivated users cannot be unblocked by the API"} (deactivated: 403)
        ban -> 403 {"message":"403 Forbidden - You cannot ban deactivated users."} (deactivated: 403)
        activate -> 201 true (active: 200)
        ban -> 201 true (banned: 403)
        ban -> 201 null (banned: 403)
        block -> 403 {"message":"403 Forbidden - Banned users cannot be blocked by the API"} (banned: 403)
        deactivate -> 403 {"message":"403 Forbidden - A blocked user cannot be deactivated by the API"} (banned: 403)
        unban -> 201 true (active: 200)
        "#);
        assert_eq!(root.get("/users/2").await.json(200)["state"], json!("active"));
        let itself = root.post("/users/1/block").await;
        assert_eq!(
            itself.told(),
            (403, r#"{"message":"403 Forbidden - The API initiating user cannot be blocked by the API"}"#)
        );
        assert_eq!(root.post("/users/9/block").await.told(), (404, r#"{"message":"404 User Not Found"}"#));
    }
);
