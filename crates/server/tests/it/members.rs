//! The members of projects and groups.
#![expect(
    clippy::format_push_string,
    reason = "a table that is shown is made line by line, and it does not matter how fast"
)]

use landfall_domain::{access::AccessLevel, ids::NamespaceId};
use serde_json::{Value, json};

use crate::support::{TestServer, each_engine};

const TOP: NamespaceId = NamespaceId(1);

/// `top/sub/app` with the maintainer mia; ada is a developer of `top`.
async fn begun(server: &TestServer) {
    server.root().await;
    for name in ["ada", "mia", "bob"] {
        server.user(name).await;
    }
    let app = server.project("top/sub/app").await;
    server.member(TOP, "ada", AccessLevel::Developer).await;
    server.member(app.id, "mia", AccessLevel::Maintainer).await;
}

fn levels(members: &Value) -> Vec<(String, i64)> {
    let level = |member: &Value| {
        (
            member["username"].as_str().unwrap().to_owned(),
            member["access_level"].as_i64().unwrap(),
        )
    };
    members.as_array().unwrap().iter().map(level).collect()
}

each_engine!(
    async fn members_are_added_changed_listed_and_removed(server) {
        begun(&server).await;
        let mia = server.user("mia").await;
        let body = json!({ "user_id": 4, "access_level": 20, "expires_at": "2026-06-30" });
        let added = mia.post("/projects/1/members").json(&body).await.json(201);
        insta::assert_json_snapshot!(added, @r#"
        {
          "id": 4,
          "username": "bob",
          "public_email": "",
          "name": "bob",
          "state": "active",
          "locked": false,
          "avatar_url": "https://www.gravatar.com/avatar/5ff860bf1190596c7188ab851db691f0f3169c453936e9e1eba2f9a47f7a0018?s=80&d=identicon",
          "web_url": "http://landfall.example/bob",
          "access_level": 20,
          "created_at": "2026-01-02T03:04:05.678Z",
          "created_by": {
            "id": 3,
            "username": "mia",
            "public_email": "",
            "name": "mia",
            "state": "active",
            "locked": false,
            "avatar_url": "https://www.gravatar.com/avatar/99857fe111df1f77228c50bacc8acf00afc1516d7c38fe9089f02a1e7e0d512d?s=80&d=identicon",
            "web_url": "http://landfall.example/mia"
          },
          "expires_at": "2026-06-30",
          "membership_state": "active"
        }
        "#);
        assert_eq!(mia.get("/projects/1/members/4").await.json(200), added);
        assert_eq!(
            mia.post("/projects/1/members").json(&body).await.told(),
            (409, r#"{"message":"Member already exists"}"#)
        );
        let kept = mia.put("/projects/1/members/4").json(&json!({ "access_level": 30 })).await.json(200);
        assert_eq!((&kept["access_level"], &kept["expires_at"]), (&json!(30), &json!("2026-06-30")));
        let cleared = json!({ "access_level": 30, "expires_at": "" });
        assert_eq!(mia.put("/projects/1/members/4").json(&cleared).await.json(200)["expires_at"], Value::Null);

        let direct = mia.get("/projects/1/members").await.json(200);
        assert_eq!(levels(&direct), [("mia".to_owned(), 40), ("bob".to_owned(), 30)]);
        let all = mia.get("/projects/1/members/all").await.json(200);
        assert_eq!(levels(&all), [("ada".to_owned(), 30), ("mia".to_owned(), 40), ("bob".to_owned(), 30)]);
        assert_eq!(mia.get("/projects/1/members/2").await.told(), (404, r#"{"message":"404 Not found"}"#));
        assert_eq!(mia.get("/projects/1/members/all/2").await.json(200)["access_level"], 30);
        let found = mia.get("/projects/1/members/all?query=MIA").await.json(200);
        assert_eq!(levels(&found), [("mia".to_owned(), 40)]);
        let found = mia.get("/projects/1/members/all?user_ids[]=2&user_ids[]=4&skip_users=4").await.json(200);
        assert_eq!(levels(&found), [("ada".to_owned(), 30)]);
        let page = mia.get("/projects/1/members/all?per_page=2").await;
        assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("3"), Some("2")));

        assert_eq!(mia.delete("/projects/1/members/4").await.status, 204);
        assert_eq!(mia.delete("/projects/1/members/4").await.told(), (404, r#"{"message":"404 Not found"}"#));
        assert_eq!(server.user("bob").await.get("/projects/1").await.status, 404);
        let by_name = json!({ "username": "bob", "access_level": 10 });
        assert_eq!(mia.post("/projects/1/members").json(&by_name).await.json(201)["id"], 4);
    }
);

each_engine!(
    async fn what_is_wrong_with_a_membership_is_told(server) {
        begun(&server).await;
        let mia = server.user("mia").await;
        let mut lines = String::new();
        for body in [
            json!({ "access_level": 30 }),
            json!({ "user_id": 4 }),
            json!({ "user_id": 4, "username": "bob", "access_level": 30 }),
            json!({ "user_id": "x", "access_level": 30 }),
            json!({ "user_id": 99, "access_level": 30 }),
            json!({ "username": "nobody", "access_level": 30 }),
            json!({ "user_id": 99, "access_level": 31 }),
            json!({ "user_id": 3, "access_level": 31 }),
            json!({ "user_id": 4, "access_level": 31 }),
            json!({ "user_id": 4, "access_level": 5 }),
            json!({ "user_id": 4, "access_level": 50 }),
            json!({ "user_id": 4, "access_level": 30, "expires_at": "2026-01-02" }),
            json!({ "user_id": 4, "access_level": 30, "expires_at": "soon" }),
            json!({ "user_id": 2, "access_level": 20 }),
        ] {
            let answer = mia.post("/projects/1/members").json(&body).await;
            lines.push_str(&format!("{body} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        insta::assert_snapshot!(lines, @r#"
        {"access_level":30} -> 400 {"error":"user_id, username are missing, at least one parameter must be provided"}
        {"user_id":4} -> 400 {"error":"access_level is missing"}
        {"user_id":4,"username":"bob","access_level":30} -> 400 {"error":"user_id, username are mutually exclusive"}
        {"user_id":"x","access_level":30} -> 400 {"error":"user_id is invalid"}
        {"user_id":99,"access_level":30} -> 404 {"message":"404 User Not Found"}
        {"username":"nobody","access_level":30} -> 404 {"message":"404 User Not Found"}
        {"user_id":99,"access_level":31} -> 404 {"message":"404 User Not Found"}
        {"user_id":3,"access_level":31} -> 409 {"message":"Member already exists"}
        {"user_id":4,"access_level":31} -> 400 {"message":{"access_level":["is not included in the list"]}}
        {"user_id":4,"access_level":5} -> 400 {"message":{"access_level":["is not included in the list"]}}
        {"user_id":4,"access_level":50} -> 403 {"message":"403 Forbidden"}
        {"user_id":4,"access_level":30,"expires_at":"2026-01-02"} -> 400 {"message":{"expires_at":["cannot be a date in the past"]}}
        {"user_id":4,"access_level":30,"expires_at":"soon"} -> 400 {"error":"expires_at is invalid"}
        {"user_id":2,"access_level":20} -> 400 {"message":{"access_level":["should be greater than or equal to Developer inherited membership from group top"]}}
        "#);
        let missing = mia.put("/projects/1/members/99").json(&json!({ "access_level": 31 })).await;
        assert_eq!(missing.told(), (404, r#"{"message":"404 Not found"}"#));
        let several = json!({ "user_id": "2,4,99", "access_level": 20 });
        let answer = mia.post("/projects/1/members").json(&several).await;
        insta::assert_snapshot!(answer.body, @r#"{"status":"error","message":{"99":"User not found","ada":"Access level should be greater than or equal to Developer inherited membership from group top"}}"#);
        let several = json!({ "user_id": "3,4", "access_level": 40 });
        assert_eq!(mia.post("/projects/1/members").json(&several).await.told(), (201, r#"{"status":"success"}"#));
    }
);

each_engine!(
    async fn owners_are_made_by_owners_and_a_group_keeps_one(server) {
        begun(&server).await;
        let (root, mia, ada) = (server.root().await, server.user("mia").await, server.user("ada").await);
        let forbidden = (403, r#"{"message":"403 Forbidden"}"#);
        let owner = json!({ "user_id": 4, "access_level": 50 });
        assert_eq!(root.post("/projects/1/members").json(&owner).await.status, 201);
        assert_eq!(mia.put("/projects/1/members/4").json(&json!({ "access_level": 30 })).await.told(), forbidden);
        assert_eq!(mia.delete("/projects/1/members/4").await.told(), forbidden);
        assert_eq!(ada.get("/projects/1/members").await.status, 200);
        assert_eq!(ada.post("/projects/1/members").json(&owner).await.told(), forbidden);
        assert_eq!(mia.delete("/projects/1/members/3").await.status, 204, "everybody may leave");

        assert_eq!(root.post("/groups/top/members").json(&owner).await.status, 201);
        let bob = server.user("bob").await;
        assert_eq!(bob.put("/groups/1/members/4").json(&json!({ "access_level": 40 })).await.told(), forbidden);
        let ends = json!({ "access_level": 50, "expires_at": "2026-06-30" });
        assert_eq!(bob.put("/groups/1/members/4").json(&ends).await.told(), forbidden);
        assert_eq!(root.delete("/groups/1/members/4").await.told(), forbidden, "also for administrators");
        let second = json!({ "user_id": 3, "access_level": 50 });
        assert_eq!(bob.post("/groups/1/members").json(&second).await.status, 201);
        assert_eq!(bob.delete("/groups/1/members/4").await.status, 204);

        // Who is an owner of the group above need not be named again below.
        assert_eq!(levels(&ada.get("/groups/2/members").await.json(200)), []);
        let all = ada.get("/groups/2/members/all").await.json(200);
        assert_eq!(levels(&all), [("ada".to_owned(), 30), ("mia".to_owned(), 50)]);
    }
);

each_engine!(
    async fn a_personal_project_keeps_its_owner(server) {
        let (root, ada) = (server.root().await, server.user("ada").await);
        ada.post("/projects").json(&json!({ "name": "own" })).await.json(201);
        let members = ada.get("/projects/1/members").await.json(200);
        assert_eq!(levels(&members), [("ada".to_owned(), 50)]);
        let forbidden = (403, r#"{"message":"403 Forbidden"}"#);
        assert_eq!(root.put("/projects/1/members/2").json(&json!({ "access_level": 30 })).await.told(), forbidden);
        assert_eq!(ada.delete("/projects/1/members/2").await.told(), forbidden);
    }
);
