//! Access tokens of projects and groups, and their bots.

use landfall_domain::access::AccessLevel;
use serde_json::json;

use crate::support::each_engine;

each_engine!(
    async fn a_project_token_deploys_as_its_bot(server) {
        let mia = server.user("mia").await;
        let project = server.project("team/app").await;
        server.member(project.id, "mia", AccessLevel::Maintainer).await;
        let body = json!({ "name": "deployer", "scopes": ["api"], "access_level": 30, "expires_at": "2026-06-30" });
        let mut made = mia.post("/projects/1/access_tokens").json(&body).await.json(201);
        let bot = server.bearer_of(made["token"].as_str().unwrap());
        made["token"] = "the secret".into();
        insta::assert_json_snapshot!(made, @r#"
        {
          "id": 2,
          "name": "deployer",
          "revoked": false,
          "created_at": "2026-01-02T03:04:05.678Z",
          "description": null,
          "scopes": [
            "api"
          ],
          "user_id": 2,
          "last_used_at": null,
          "active": true,
          "expires_at": "2026-06-30",
          "access_level": 30,
          "resource_type": "project",
          "resource_id": 1,
          "token": "the secret"
        }
        "#);

        let form = [("environment", "qa"), ("sha", "a91957a858320c0e17f3a0eca7cfacbff50ea29a"), ("ref", "main"),
            ("tag", "false"), ("status", "success")];
        let deployed = bot.post("/projects/1/deployments").form(&form).await.json(201);
        let username = deployed["user"]["username"].as_str().unwrap();
        assert!(username.starts_with("project_1_bot_") && username.len() == 30, "{username}");
        assert_eq!(deployed["user"]["name"], "deployer");
        assert_eq!(bot.get("/user").await.json(200)["bot"], true);
        let members = mia.get("/projects/1/members").await.json(200);
        assert_eq!(members[1]["created_by"]["username"], "mia");

        // When it was used is noted behind the answer's back.
        let shown = |mut token: serde_json::Value| {
            token["last_used_at"].take();
            token
        };
        let listed = mia.get("/projects/1/access_tokens").await.json(200);
        assert_eq!((&listed[0]["id"], &listed[0]["access_level"], &listed[0]["token"]), (&json!(2), &json!(30), &json!(null)));
        assert_eq!(shown(mia.get("/projects/1/access_tokens/2").await.json(200)), shown(listed[0].clone()));
        let rotated = mia.post("/projects/1/access_tokens/2/rotate").await.json(200);
        assert_eq!((&rotated["id"], &rotated["access_level"], &rotated["user_id"]), (&json!(3), &json!(30), &json!(2)));
        assert_eq!(bot.get("/user").await.status, 401);
        let bot = server.bearer_of(rotated["token"].as_str().unwrap());
        assert_eq!(bot.get("/projects/1").await.status, 200);

        assert_eq!(mia.delete("/projects/1/access_tokens/3").await.status, 204);
        assert_eq!(bot.get("/projects/1").await.status, 401);
        assert_eq!(mia.get("/projects/1/members").await.json(200).as_array().unwrap().len(), 1, "the bot has left");
        let ended = mia.get("/projects/1/access_tokens/3").await.json(200);
        assert_eq!((&ended["revoked"], &ended["access_level"]), (&json!(true), &json!(null)));
        let kept = mia.get("/projects/1/deployments/1").await.json(200);
        assert_eq!(kept["user"]["name"], "deployer", "what it did stays its own");
    }
);

each_engine!(
    async fn what_is_refused_about_project_tokens(server) {
        let (mia, dev) = (server.user("mia").await, server.user("dev").await);
        let project = server.project("team/app").await;
        server.member(project.id, "mia", AccessLevel::Maintainer).await;
        server.member(project.id, "dev", AccessLevel::Developer).await;
        let good = json!({ "name": "x", "scopes": ["api"] });
        let made = mia.post("/projects/1/access_tokens").json(&good).await.json(201);
        assert_eq!((&made["access_level"], &made["expires_at"]), (&json!(40), &json!("2027-01-02")));
        let bot = server.bearer_of(made["token"].as_str().unwrap());
        let mut lines = String::new();
        for (who, caller, body) in [
            ("developer", &dev, good.clone()),
            ("bot", &bot, good.clone()),
            ("maintainer", &mia, json!({ "scopes": ["api"] })),
            ("maintainer", &mia, json!({ "name": "x", "scopes": ["api"], "access_level": 50 })),
            ("maintainer", &mia, json!({ "name": "x", "scopes": ["api"], "access_level": 7 })),
            ("maintainer", &mia, json!({ "name": "x", "scopes": ["api"], "expires_at": "2028-01-01" })),
        ] {
            let answer = caller.post("/projects/1/access_tokens").json(&body).await;
            lines.push_str(&format!("{who} {body} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        for target in ["/projects/1/access_tokens/1", "/projects/1/access_tokens/99", "/projects/1/access_tokens/x"] {
            let answer = mia.get(target).await;
            lines.push_str(&format!("GET {target} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        let answer = dev.delete("/projects/1/access_tokens/3").await;
        lines.push_str(&format!("developer DELETE -> {} {}\n", answer.status.as_u16(), answer.body));
        let answer = dev.get("/projects/1/access_tokens").await;
        lines.push_str(&format!("developer GET -> {} {}\n", answer.status.as_u16(), answer.body));
        insta::assert_snapshot!(lines, @r#"
        developer {"name":"x","scopes":["api"]} -> 400 {"message":"400 Bad request - User does not have permission to create project access token"}
        bot {"name":"x","scopes":["api"]} -> 400 {"message":"400 Bad request - User does not have permission to create project access token"}
        maintainer {"scopes":["api"]} -> 400 {"error":"name is missing, name is empty"}
        maintainer {"name":"x","scopes":["api"],"access_level":50} -> 400 {"message":"400 Bad request - Could not provision owner access to project access token"}
        maintainer {"name":"x","scopes":["api"],"access_level":7} -> 400 {"error":"access_level does not have a valid value"}
        maintainer {"name":"x","scopes":["api"],"expires_at":"2028-01-01"} -> 400 {"message":"400 Bad request - Expiration date must be before 2027-01-03"}
        GET /projects/1/access_tokens/1 -> 404 {"message":"404 Could not find project access token with token_id: 1 Not Found"}
        GET /projects/1/access_tokens/99 -> 404 {"message":"404 Could not find project access token with token_id: 99 Not Found"}
        GET /projects/1/access_tokens/x -> 400 {"error":"token_id is invalid"}
        developer DELETE -> 400 {"message":"400 Bad request - dev cannot delete x"}
        developer GET -> 401 {"message":"401 Unauthorized"}
        "#);
        let elsewhere = server.project("team/other").await;
        server.member(elsewhere.id, "mia", AccessLevel::Maintainer).await;
        let member = mia.post("/projects/2/members").json(&json!({ "user_id": made["user_id"], "access_level": 30 })).await;
        assert_eq!(
            member.told(),
            (400, r#"{"message":{"user":["project bots cannot be added to other groups / projects"]}}"#)
        );
    }
);

each_engine!(
    async fn a_group_token_works_in_all_its_projects(server) {
        let root = server.root().await;
        server.project("team/sub/app").await;
        let body = json!({ "name": "deployer", "scopes": ["api"], "access_level": 30 });
        let made = root.post("/groups/team/access_tokens").json(&body).await.json(201);
        assert_eq!((&made["resource_type"], &made["resource_id"]), (&json!("group"), &json!(1)));
        let bot = server.bearer_of(made["token"].as_str().unwrap());
        let form = [("environment", "qa"), ("sha", "a91957a858320c0e17f3a0eca7cfacbff50ea29a"), ("ref", "main"),
            ("tag", "false"), ("status", "success")];
        assert_eq!(bot.post("/projects/1/deployments").form(&form).await.json(201)["user"]["name"], "deployer");
        assert_eq!(bot.post("/groups").json(&json!({ "name": "x", "path": "x" })).await.status, 403);
        assert_eq!(root.delete("/groups/1/access_tokens/2").await.status, 204);
        assert_eq!(bot.get("/user").await.status, 401);
    }
);
