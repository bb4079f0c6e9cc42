//! POST `/projects`.

use serde_json::{Value, json};

use crate::support::each_engine;

each_engine!(
    async fn a_project_is_created_in_ones_own_namespace(server) {
        let ada = server.user("ada").await;
        let body = json!({
            "name": "My Project!", "description": " What for ", "visibility": "internal", "default_branch": "trunk",
        });
        let created = ada.post("/projects").json(&body).await.json(201);
        insta::assert_json_snapshot!(created, @r#"
        {
          "id": 1,
          "description": "What for",
          "name": "My Project!",
          "name_with_namespace": "ada / My Project!",
          "path": "my-project",
          "path_with_namespace": "ada/my-project",
          "created_at": "2026-01-02T03:04:05.678Z",
          "default_branch": "trunk",
          "tag_list": [],
          "topics": [],
          "ssh_url_to_repo": null,
          "http_url_to_repo": null,
          "web_url": "http://landfall.example/ada/my-project",
          "readme_url": null,
          "forks_count": 0,
          "avatar_url": null,
          "star_count": 0,
          "last_activity_at": "2026-01-02T03:04:05.678Z",
          "visibility": "internal",
          "namespace": {
            "id": 1,
            "name": "ada",
            "path": "ada",
            "kind": "user",
            "full_path": "ada",
            "parent_id": null,
            "avatar_url": null,
            "web_url": "http://landfall.example/ada"
          },
          "_links": {
            "self": "http://landfall.example/api/v4/projects/1",
            "deployments": "http://landfall.example/api/v4/projects/1/deployments"
          },
          "empty_repo": true,
          "archived": false,
          "marked_for_deletion_at": null,
          "marked_for_deletion_on": null,
          "owner": {
            "id": 1,
            "username": "ada",
            "public_email": "",
            "name": "ada",
            "state": "active",
            "locked": false,
            "avatar_url": "https://www.gravatar.com/avatar/b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72?s=80&d=identicon",
            "web_url": "http://landfall.example/ada"
          },
          "creator_id": 1,
          "import_status": "none",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "repository_access_level": "enabled",
          "builds_access_level": "enabled",
          "environments_access_level": "enabled",
          "jobs_enabled": true,
          "permissions": {
            "project_access": {
              "access_level": 50,
              "notification_level": 3
            },
            "group_access": null
          }
        }
        "#);
        assert_eq!(ada.get("/projects/ada%2Fmy-project").await.json(200), created);
        // A path alone is enough, and forms are as good as JSON.
        let second = ada.post("/projects").form(&[("path", "other.thing")]).await.json(201);
        let part = |key: &str| second[key].clone();
        assert_eq!(
            [part("name"), part("path_with_namespace"), part("visibility"), second["namespace"]["id"].clone()],
            [json!("other.thing"), json!("ada/other.thing"), json!("private"), created["namespace"]["id"].clone()]
        );
        let features = [("name", "f"), ("builds_access_level", "disabled"), ("repository_access_level", "private")];
        let third = ada.post("/projects").form(&features).await.json(201);
        assert_eq!(
            [&third["jobs_enabled"], &third["builds_access_level"], &third["repository_access_level"]],
            [&json!(false), &json!("disabled"), &json!("private")]
        );
    }
);

each_engine!(
    async fn a_project_is_created_in_a_group_by_those_who_may(server) {
        let root = server.root().await;
        let ada = server.user("ada").await;
        let group = server.project("group/app").await.namespace.id.0;
        let in_group = json!({ "name": "new", "namespace_id": group });
        let created = root.post("/projects").json(&in_group).await.json(201);
        assert_eq!(created["path_with_namespace"], "group/new");
        assert_eq!(created.get("owner"), None);
        for id in [group, 99] {
            let refused = ada.post("/projects").json(&json!({ "name": "x", "namespace_id": id })).await;
            assert_eq!(refused.told(), (400, r#"{"message":{"namespace":["is not valid"]}}"#));
        }
        let own = ada.post("/projects").json(&json!({ "name": "x" })).await.json(201)["namespace"]["id"].clone();
        let again = ada.post("/projects").json(&json!({ "name": "y", "namespace_id": own })).await.json(201);
        assert_eq!(again["path_with_namespace"], "ada/y");
        // An administrator makes it for another: it is Ada's.
        let given = root.post("/projects").json(&json!({ "name": "z", "namespace_id": own })).await.json(201);
        assert_eq!(given["owner"]["username"], "ada");
        assert_eq!(given["permissions"]["project_access"], Value::Null);
    }
);

each_engine!(
    async fn projects_that_cannot_be_created(server) {
        server.root().await;
        let ada = server.user("ada").await;
        let ext = server.user_with("ext", |new| new.external = true).await;
        assert_eq!(ada.post("/projects").json(&json!({ "name": "Taken", "path": "taken" })).await.status, 201);
        let long = "x".repeat(256);
        let mut lines = String::new();
        for body in [
            json!({}),
            json!({ "name": "" }),
            json!({ "name": "", "path": "" }),
            json!({ "name": "!!!" }),
            json!({ "path": "taken" }),
            json!({ "name": "Another", "path": "TAKEN" }),
            json!({ "path": "a/b" }),
            json!({ "path": "-a" }),
            json!({ "path": "a.git" }),
            json!({ "path": "ü" }),
            json!({ "path": long }),
            json!({ "name": "a", "visibility": "secret" }),
            json!({ "name": "a", "builds_access_level": "on" }),
            json!({ "name": "a", "namespace_id": "x" }),
            json!({ "name": ["a"] }),
        ] {
            let answer = ada.post("/projects").json(&body).await;
            let shown = if body["path"] == json!(long) { json!({ "path": "256 letters" }) } else { body };
            lines.push_str(&format!("{shown} -> {} {}\n", answer.status.as_u16(), answer.body.replace(&long, "LONG")));
        }
        insta::assert_snapshot!(lines, @r#"
        {} -> 400 {"error":"name, path are missing, at least one parameter must be provided"}
        {"name":""} -> 400 {"message":{"name":["can't be blank"]}}
        {"name":"","path":""} -> 400 {"message":{"name":["can't be blank"]}}
        {"name":"!!!"} -> 400 {"message":{"path":["can't be blank"]}}
        {"path":"taken"} -> 400 {"message":{"project_namespace.name":["has already been taken"],"name":["has already been taken"],"path":["has already been taken"]}}
        {"name":"Another","path":"TAKEN"} -> 400 {"message":{"project_namespace.name":["has already been taken"],"name":["has already been taken"],"path":["has already been taken"]}}
        {"path":"a/b"} -> 400 {"message":{"path":["has the segment 'a/b': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        {"path":"-a"} -> 400 {"message":{"path":["has the segment '-a': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        {"path":"a.git"} -> 400 {"message":{"path":["has the segment 'a.git': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        {"path":"ü"} -> 400 {"message":{"path":["has the segment 'ü': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        {"path":"256 letters"} -> 400 {"message":{"path":["must not have a segment of more than 255 characters"]}}
        {"name":"a","visibility":"secret"} -> 400 {"error":"visibility does not have a valid value"}
        {"name":"a","builds_access_level":"on"} -> 400 {"error":"builds_access_level does not have a valid value"}
        {"name":"a","namespace_id":"x"} -> 400 {"error":"namespace_id is invalid"}
        {"name":["a"]} -> 400 {"error":"name is invalid"}
        "#);
        // Shown names, unlike GitLab's, may be had twice.
        assert_eq!(ada.post("/projects").json(&json!({ "name": "Taken", "path": "free" })).await.status, 201);
        let external = ext.post("/projects").json(&json!({ "name": "a" })).await;
        assert_eq!(external.told(), (403, r#"{"message":"403 Forbidden"}"#));
        let nobody = server.nobody().post("/projects").json(&json!({ "name": "a" })).await;
        assert_eq!(nobody.told(), (401, r#"{"message":"401 Unauthorized"}"#));
    }
);
