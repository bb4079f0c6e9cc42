//! `/groups`, and what follows from groups for the projects in them.
#![expect(
    clippy::format_push_string,
    reason = "a table that is shown is made line by line, and it does not matter how fast"
)]

use landfall_domain::access::AccessLevel;
use serde_json::json;

use crate::support::each_engine;

each_engine!(
    async fn a_group_is_created_shown_and_changed(server) {
        let ada = server.user("ada").await;
        let body = json!({ "name": "The Team", "path": "team", "description": "us", "visibility": "internal" });
        let created = ada.post("/groups").json(&body).await.json(201);
        insta::assert_json_snapshot!(created, @r#"
        {
          "id": 1,
          "web_url": "http://landfall.example/groups/team",
          "name": "The Team",
          "path": "team",
          "description": "us",
          "visibility": "internal",
          "project_creation_level": "developer",
          "subgroup_creation_level": "maintainer",
          "avatar_url": null,
          "request_access_enabled": false,
          "full_name": "The Team",
          "full_path": "team",
          "created_at": "2026-01-02T03:04:05.678Z",
          "parent_id": null,
          "marked_for_deletion_on": null,
          "shared_with_groups": []
        }
        "#);
        assert_eq!(ada.get("/groups/team").await.json(200), created);
        assert_eq!(ada.get("/groups/1").await.json(200)["id"], 1);
        assert_eq!(server.user("bob").await.get("/groups/TEAM").await.json(200), created);
        let below = ada.post("/groups").json(&json!({ "name": "Web", "path": "web", "parent_id": 1 })).await.json(201);
        assert_eq!((&below["full_path"], &below["full_name"]), (&json!("team/web"), &json!("The Team / Web")));

        let wanted = json!({ "name": "Crew", "path": "crew", "description": "", "visibility": "private" });
        let changed = ada.put("/groups/team").json(&wanted).await.json(200);
        assert_eq!(
            [&changed["full_path"], &changed["full_name"], &changed["description"], &changed["visibility"]],
            ["crew", "Crew", "", "private"]
        );
        assert_eq!(ada.get("/groups/crew%2Fweb").await.json(200)["full_name"], "Crew / Web");
        let gone = ada.get("/groups/team").await;
        assert_eq!(gone.told(), (404, r#"{"message":"404 Group Not Found"}"#));
        assert_eq!(server.user("bob").await.get("/groups/crew").await.status, 404, "it is private now");
    }
);

each_engine!(
    async fn what_is_wrong_with_a_group_is_told(server) {
        let ada = server.user("ada").await;
        let ext = server.user_with("ext", |user| user.external = true).await;
        assert_eq!(ada.post("/groups").json(&json!({ "name": "x", "path": "taken" })).await.status, 201);
        let mut lines = String::new();
        for body in [
            json!({}),
            json!({ "name": "", "path": "" }),
            json!({ "name": "x", "path": "TAKEN" }),
            json!({ "name": "x", "path": "a/b" }),
            json!({ "name": "x", "path": "-a" }),
            json!({ "name": "x", "path": "y", "parent_id": 99 }),
            json!({ "name": "x", "path": "y", "visibility": "secret" }),
        ] {
            let answer = ada.post("/groups").json(&body).await;
            lines.push_str(&format!("{body} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        for body in [json!({ "name": " " }), json!({ "path": "" }), json!({ "path": "a/b" })] {
            let answer = ada.put("/groups/taken").json(&body).await;
            lines.push_str(&format!("PUT {body} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        insta::assert_snapshot!(lines, @r#"
        {} -> 400 {"error":"name is missing, name is empty, path is missing, path is empty"}
        {"name":"","path":""} -> 400 {"error":"name is empty, path is empty"}
        {"name":"x","path":"TAKEN"} -> 400 {"message":"Failed to save group {:path=>[\"has already been taken\"]}"}
        {"name":"x","path":"a/b"} -> 400 {"message":{"path":["has the segment 'a/b': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        {"name":"x","path":"-a"} -> 400 {"message":"Failed to save group {:path=>[\"has the segment '-a': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'\"]}"}
        {"name":"x","path":"y","parent_id":99} -> 404 {"message":"404 Group Not Found"}
        {"name":"x","path":"y","visibility":"secret"} -> 400 {"error":"visibility does not have a valid value"}
        PUT {"name":" "} -> 400 {"message":{"name":["can't be blank"]}}
        PUT {"path":""} -> 400 {"message":{"path":["can't be blank"]}}
        PUT {"path":"a/b"} -> 400 {"message":{"path":["has the segment 'a/b': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        "#);
        let external = ext.post("/groups").json(&json!({ "name": "x", "path": "y" })).await;
        assert_eq!(external.told(), (403, r#"{"message":"403 Forbidden"}"#));
    }
);

each_engine!(
    async fn groups_are_listed(server) {
        let ada = server.user("ada").await;
        let bob = server.user("bob").await;
        for (path, visibility) in [("one", "private"), ("two", "public"), ("three", "internal")] {
            let body = json!({ "name": path, "path": path, "visibility": visibility });
            assert_eq!(ada.post("/groups").json(&body).await.status, 201);
        }
        let below = json!({ "name": "below", "path": "below", "parent_id": 1 });
        assert_eq!(ada.post("/groups").json(&below).await.status, 201);
        let paths = |answer: serde_json::Value| -> Vec<String> {
            answer.as_array().unwrap().iter().map(|group| group["full_path"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(paths(ada.get("/groups").await.json(200)), ["one/below", "one", "three", "two"]);
        assert_eq!(paths(ada.get("/groups?top_level_only=true&sort=desc").await.json(200)), ["two", "three", "one"]);
        assert_eq!(paths(ada.get("/groups?skip_groups=1,2&order_by=id").await.json(200)), ["three", "one/below"]);
        assert_eq!(paths(ada.get("/groups/1/subgroups").await.json(200)), ["one/below"]);
        assert_eq!(paths(ada.get("/groups/1/descendant_groups").await.json(200)), ["one/below"]);
        assert_eq!(paths(bob.get("/groups").await.json(200)), [""; 0], "bob belongs to none");
        assert_eq!(paths(bob.get("/groups?all_available=true").await.json(200)), ["three", "two"]);
        assert_eq!(paths(server.nobody().get("/groups").await.json(200)), ["two"]);
        assert_eq!(paths(server.root().await.get("/groups?owned=true").await.json(200)), [""; 0]);
        assert_eq!(server.root().await.get("/groups?per_page=1").await.header("x-total"), Some("4"));
        let page = ada.get("/groups?per_page=1&page=2").await;
        assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("4"), Some("3")));
        let wrong = ada.get("/groups?min_access_level=7").await;
        assert_eq!(wrong.told(), (400, r#"{"error":"min_access_level does not have a valid value"}"#));
    }
);

each_engine!(
    async fn a_level_in_a_group_counts_in_its_projects(server) {
        let app = server.project("top/sub/app").await;
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let hidden = ada.get("/projects/top%2Fsub%2Fapp").await;
        assert_eq!(hidden.status, 404);
        server.member(landfall_domain::ids::NamespaceId(1), "ada", AccessLevel::Developer).await;
        server.member(landfall_domain::ids::NamespaceId(1), "bob", AccessLevel::Guest).await;
        let seen = ada.get("/projects/top%2Fsub%2Fapp").await.json(200);
        let group_access = json!({ "project_access": null, "group_access": { "access_level": 30, "notification_level": 3 } });
        assert_eq!(seen["permissions"], group_access);
        let listed = ada.get("/projects?membership=true").await.json(200);
        assert_eq!(listed[0]["permissions"], group_access);
        assert_eq!(ada.get("/groups/1/projects").await.json(200), json!([]));
        assert_eq!(ada.get("/groups/1/projects?include_subgroups=true").await.json(200)[0]["id"], 1);

        let form = [("environment", "qa"), ("sha", "a91957a858320c0e17f3a0eca7cfacbff50ea29a"), ("ref", "main"),
            ("tag", "false"), ("status", "success")];
        let deployments = format!("/projects/{}/deployments", app.id);
        assert_eq!(ada.post(&deployments).form(&form).await.status, 201);
        assert_eq!(bob.post(&deployments).form(&form).await.status, 403, "a guest");
        // The highest of all levels counts.
        server.member(app.id, "bob", AccessLevel::Developer).await;
        assert_eq!(bob.post(&deployments).form(&form).await.status, 201);
        server.member(app.id, "ada", AccessLevel::Guest).await;
        assert_eq!(ada.put(&format!("{deployments}/1")).form(&[("status", "failed")]).await.status, 200);

        // Developers make projects in their group, guests do not.
        let made = ada.post("/projects").json(&json!({ "name": "new", "namespace_id": 1 })).await.json(201);
        assert_eq!((&made["path_with_namespace"], &made["permissions"]), (&json!("top/new"), &group_access));
        let refused = bob.post("/projects").json(&json!({ "name": "other", "namespace_id": 1 })).await;
        assert_eq!(refused.told(), (400, r#"{"message":{"namespace":["is not valid"]}}"#));
    }
);

each_engine!(
    async fn a_group_is_marked_comes_back_and_ends_with_all_that_is_in_it(server) {
        let root = server.root().await;
        server.project("team/app").await;
        server.project("team/sub/tool").await;
        let marked = root.delete("/groups/team").await;
        assert_eq!(marked.told(), (202, r#"{"message":"202 Accepted"}"#));
        let shown = root.get("/groups/1").await.json(200);
        assert_eq!(
            [&shown["full_path"], &shown["marked_for_deletion_on"]],
            ["team-deletion_scheduled-1", "2026-01-02"]
        );
        assert_eq!(root.delete("/groups/1").await.told(), (400, r#"{"message":"Group has been already marked for deletion"}"#));
        assert_eq!(root.delete("/projects/1").await.status, 202, "nothing more is to be done");
        let moved = root.get("/projects/1").await.json(200);
        assert_eq!(moved["path_with_namespace"], "team-deletion_scheduled-1/app");
        let back = root.post("/groups/1/restore").await.json(201);
        assert_eq!([&back["full_path"], &back["name"]], ["team", "team"]);
        assert_eq!(root.get("/projects/team%2Fsub%2Ftool").await.status, 200);
        assert_eq!(
            root.post("/groups/1/restore").await.told(),
            (400, r#"{"message":"Group has not been marked for deletion"}"#)
        );
        let early = root.delete("/groups/1?permanently_remove=true&full_path=team").await;
        assert_eq!(early.told(), (400, r#"{"message":"Group must be marked for deletion first."}"#));

        root.delete("/groups/1").await;
        server.run_jobs().await;
        assert_eq!(root.get("/projects/1").await.status, 200, "the time has not come");
        server.clock.advance(std::time::Duration::from_hours(3 * 24));
        server.run_jobs().await;
        for gone in ["/groups/1", "/groups/2", "/projects/1", "/projects/2"] {
            assert_eq!(root.get(gone).await.status, 404, "{gone}");
        }
        let again = root.post("/groups").json(&json!({ "name": "team", "path": "team" })).await;
        assert_eq!(again.status, 201, "the path is free");
        root.delete("/groups/team").await;
        let wrong = root.delete("/groups/3?permanently_remove=true&full_path=team").await;
        assert_eq!(wrong.status, 400);
        let path = "team-deletion_scheduled-3";
        assert_eq!(root.delete(&format!("/groups/3?permanently_remove=true&full_path={path}")).await.status, 202);
        assert_eq!(root.get("/groups/3").await.status, 404);
    }
);
