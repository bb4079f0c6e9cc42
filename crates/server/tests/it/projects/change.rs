//! PUT, archive, unarchive, DELETE and restore of projects; the projects of a user.

use std::time::Duration;

use landfall_domain::{
    access::AccessLevel,
    deployment::{GivenTimes, Source, Status},
    environment,
    ids::{ProjectId, UserId},
    time::Clock as _,
};
use landfall_server::{
    api::error::ApiError,
    ops::{
        create_deployment::{CreateDeployment, create_deployment},
        create_environment::{CreateEnvironment, create_environment},
    },
};
use landfall_store::environments;
use serde_json::json;

use crate::support::each_engine;

each_engine!(
    async fn a_project_is_changed_and_its_old_path_leads_to_it(server) {
        let ada = server.user("ada").await;
        let project = server.project("team/app").await;
        server.member(project.id, "ada", AccessLevel::Owner).await;
        server.clock.advance(Duration::from_mins(1));
        let body = json!({
            "name": "The App", "path": "application", "description": "What for", "visibility": "internal",
            "default_branch": "trunk", "repository_access_level": "private", "builds_access_level": "enabled",
            "environments_access_level": "private", "merge_method": "ff",
        });
        let changed = ada.put("/projects/team%2Fapp").json(&body).await.json(200);
        insta::assert_json_snapshot!(changed, @r#"
        {
          "id": 1,
          "description": "What for",
          "name": "The App",
          "name_with_namespace": "team / The App",
          "path": "application",
          "path_with_namespace": "team/application",
          "created_at": "2026-01-02T03:04:05.678Z",
          "default_branch": "trunk",
          "tag_list": [],
          "topics": [],
          "ssh_url_to_repo": null,
          "http_url_to_repo": null,
          "web_url": "http://landfall.example/team/application",
          "readme_url": null,
          "forks_count": 0,
          "avatar_url": null,
          "star_count": 0,
          "last_activity_at": "2026-01-02T03:05:05.678Z",
          "visibility": "internal",
          "namespace": {
            "id": 1,
            "name": "team",
            "path": "team",
            "kind": "group",
            "full_path": "team",
            "parent_id": null,
            "avatar_url": null,
            "web_url": "http://landfall.example/groups/team"
          },
          "_links": {
            "self": "http://landfall.example/api/v4/projects/1",
            "deployments": "http://landfall.example/api/v4/projects/1/deployments"
          },
          "empty_repo": true,
          "archived": false,
          "marked_for_deletion_at": null,
          "marked_for_deletion_on": null,
          "creator_id": null,
          "import_status": "none",
          "updated_at": "2026-01-02T03:05:05.678Z",
          "repository_access_level": "private",
          "builds_access_level": "enabled",
          "environments_access_level": "private",
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
        assert_eq!(ada.get("/projects/team%2Fapplication").await.json(200), changed);
        let moved = ada.get("/projects/team%2Fapp").await;
        assert_eq!(moved.status, 301);
        let refused = ada.put("/projects/team%2Fapp").json(&json!({ "description": "x" })).await;
        assert_eq!(refused.told(), (405, r#"{"message":"Non GET methods are not allowed for moved projects"}"#));
        let cleared = ada.put("/projects/1").json(&json!({ "description": "", "default_branch": null })).await.json(200);
        assert_eq!((&cleared["description"], &cleared["default_branch"]), (&json!(null), &json!(null)));
        assert_eq!(ada.put("/projects/1").json(&json!({})).await.status, 200, "nothing to change is fine");
    }
);

each_engine!(
    async fn what_a_maintainer_may_not_change_and_what_is_wrong_is_told(server) {
        let (mia, root) = (server.user("mia").await, server.root().await);
        let project = server.project("team/app").await;
        server.project("team/taken").await;
        server.member(project.id, "mia", AccessLevel::Maintainer).await;
        let mut lines = String::new();
        for (who, caller) in [("maintainer", &mia), ("root", &root)] {
            for body in [
                json!({ "name": "x" }),
                json!({ "visibility": "public" }),
                json!({ "path": "taken" }),
                json!({ "path": "a/b" }),
                json!({ "path": "" }),
                json!({ "path": "-a" }),
                json!({ "name": " " }),
                json!({ "visibility": "secret" }),
                json!({ "builds_access_level": "public" }),
            ] {
                let answer = caller.put("/projects/1").json(&body).await;
                let text = if answer.status == 200 { "" } else { &answer.body };
                lines.push_str(&format!("{who} {body} -> {} {text}\n", answer.status.as_u16()));
            }
        }
        insta::assert_snapshot!(lines, @r#"
        maintainer {"name":"x"} -> 403 {"message":"403 Forbidden"}
        maintainer {"visibility":"public"} -> 403 {"message":"403 Forbidden"}
        maintainer {"path":"taken"} -> 400 {"message":{"path":["has already been taken"]}}
        maintainer {"path":"a/b"} -> 400 {"message":{"path":["has the segment 'a/b': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        maintainer {"path":""} -> 400 {"message":{"path":["can't be blank"]}}
        maintainer {"path":"-a"} -> 400 {"message":{"path":["has the segment '-a': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        maintainer {"name":" "} -> 403 {"message":"403 Forbidden"}
        maintainer {"visibility":"secret"} -> 400 {"error":"visibility does not have a valid value"}
        maintainer {"builds_access_level":"public"} -> 400 {"error":"builds_access_level does not have a valid value"}
        root {"name":"x"} -> 200 
        root {"visibility":"public"} -> 200 
        root {"path":"taken"} -> 400 {"message":{"path":["has already been taken"]}}
        root {"path":"a/b"} -> 400 {"message":{"path":["has the segment 'a/b': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        root {"path":""} -> 400 {"message":{"path":["can't be blank"]}}
        root {"path":"-a"} -> 400 {"message":{"path":["has the segment '-a': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and cannot end in '.', '.git' or '.atom'"]}}
        root {"name":" "} -> 400 {"message":{"name":["can't be blank"]}}
        root {"visibility":"secret"} -> 400 {"error":"visibility does not have a valid value"}
        root {"builds_access_level":"public"} -> 400 {"error":"builds_access_level does not have a valid value"}
        "#);
    }
);

each_engine!(
    async fn a_project_is_archived_and_brought_back(server) {
        let root = server.root().await;
        server.project("team/app").await;
        assert_eq!(root.post("/projects/1/archive").await.json(201)["archived"], json!(true));
        assert_eq!(root.post("/projects/1/archive").await.json(201)["archived"], true);
        let form = [("environment", "qa"), ("sha", "a91957a858320c0e17f3a0eca7cfacbff50ea29a"), ("ref", "main"),
            ("tag", "false"), ("status", "success")];
        assert_eq!(root.post("/projects/1/deployments").form(&form).await.status, 403);
        assert_eq!(root.post("/projects/1/unarchive").await.json(201)["archived"], false);
        assert_eq!(root.post("/projects/1/deployments").form(&form).await.status, 201);
    }
);

each_engine!(
    async fn a_project_is_marked_comes_back_and_ends(server) {
        let root = server.root().await;
        server.project("team/app").await;
        let form = [("environment", "qa"), ("sha", "a91957a858320c0e17f3a0eca7cfacbff50ea29a"), ("ref", "main"),
            ("tag", "false"), ("status", "success")];
        assert_eq!(root.post("/projects/1/deployments").form(&form).await.status, 201);
        assert_eq!(root.delete("/projects/team%2Fapp").await.told(), (202, r#"{"message":"202 Accepted"}"#));
        let marked = root.get("/projects/1").await.json(200);
        assert_eq!(
            [&marked["path_with_namespace"], &marked["name"], &marked["archived"], &marked["marked_for_deletion_on"]],
            [
                &json!("team/app-deletion_scheduled-1"),
                &json!("app-deletion_scheduled-1"),
                &json!(true),
                &json!("2026-01-02")
            ]
        );
        let mut lines = String::new();
        for (method, target) in [
            ("delete", "/projects/1"),
            ("delete", "/projects/1?permanently_remove=true"),
            ("delete", "/projects/1?permanently_remove=true&full_path=team/app"),
            ("post", "/projects/1/unarchive"),
        ] {
            let answer = if method == "post" { root.post(target).await } else { root.delete(target).await };
            lines.push_str(&format!("{method} {target} -> {} {}\n", answer.status.as_u16(), answer.body));
        }
        insta::assert_snapshot!(lines, @r#"
        delete /projects/1 -> 400 {"message":"Project has been already marked for deletion"}
        delete /projects/1?permanently_remove=true -> 400 {"message":"`full_path` is incorrect. You must enter the complete path for the project."}
        delete /projects/1?permanently_remove=true&full_path=team/app -> 400 {"message":"`full_path` is incorrect. You must enter the complete path for the project."}
        post /projects/1/unarchive -> 400 {"message":"Project has been already marked for deletion"}
        "#);
        let back = root.post("/projects/1/restore").await.json(201);
        assert_eq!(
            [&back["path_with_namespace"], &back["name"], &back["archived"], &back["marked_for_deletion_on"]],
            [&json!("team/app"), &json!("app"), &json!(false), &json!(null)]
        );
        assert_eq!(
            root.post("/projects/1/restore").await.told(),
            (400, r#"{"message":"Project has not been marked for deletion"}"#)
        );
        let early = root.delete("/projects/1?permanently_remove=true&full_path=team/app").await;
        assert_eq!(early.told(), (400, r#"{"message":"Project must be marked for deletion first."}"#));

        // Another one takes the path: there is no way back under it.
        root.delete("/projects/1").await;
        server.project("team/app").await;
        let taken = root.post("/projects/1/restore").await;
        assert_eq!(taken.told(), (400, r#"{"message":{"path":["has already been taken"]}}"#));

        server.clock.advance(Duration::from_hours(3 * 24) - Duration::from_secs(1));
        server.run_jobs().await;
        assert_eq!(root.get("/projects/1/deployments").await.json(200).as_array().unwrap().len(), 1);
        server.clock.advance(Duration::from_secs(1));
        server.run_jobs().await;
        assert_eq!(root.get("/projects/1").await.told(), (404, r#"{"message":"404 Project Not Found"}"#));
        assert_eq!(root.get("/projects/2").await.status, 200);
    }
);

each_engine!(
    async fn whoever_insists_deletes_at_once(server) {
        let root = server.root().await;
        server.project("team/app").await;
        root.delete("/projects/1").await;
        let path = "team%2Fapp-deletion_scheduled-1";
        let answer = root.delete(&format!("/projects/1?permanently_remove=true&full_path={path}")).await;
        assert_eq!(answer.status, 202);
        assert_eq!(root.get("/projects/1").await.status, 404);
        assert_eq!(root.get("/projects").await.json(200), json!([]));
        server.run_jobs().await;
        let left = server.store.read(landfall_store::purges::next).await.unwrap();
        assert_eq!(left, None);
    }
);

each_engine!(
    // Requests that were let in before the project ended come to their writing after it.
    async fn nothing_is_recorded_in_a_project_that_has_ended_meanwhile(server) {
        let root = server.root().await;
        let project = server.project("team/app").await;
        root.delete("/projects/1").await;
        let path = "team%2Fapp-deletion_scheduled-1";
        root.delete(&format!("/projects/1?permanently_remove=true&full_path={path}")).await;
        server.run_jobs().await;
        let deployment = CreateDeployment {
            project: project.clone().into(),
            user_id: UserId(1),
            environment: "production".to_owned(),
            external_url: None,
            sha: "a91957a858320c0e17f3a0eca7cfacbff50ea29a".to_owned(),
            git_ref: "main".to_owned(),
            tag: false,
            status: Status::Success,
            times: GivenTimes::default(),
            job: None,
            source: Source::Api,
            now: server.clock.now(),
            event_chain: None,
            allowed_in: None,
        };
        let environment = CreateEnvironment {
            project_id: project.id,
            user_id: UserId(1),
            name: "qa".to_owned(),
            settings: environment::Settings::default(),
            now: server.clock.now(),
        };
        let refused = create_deployment(&server.app, deployment).await.unwrap_err();
        assert_eq!(ApiError::from(refused).to_string(), "404 Not Found: 404 Project Not Found");
        let refused = server.store.write(move |tx| create_environment(tx, &environment)).await.unwrap_err();
        assert_eq!(ApiError::from(refused).to_string(), "404 Not Found: 404 Project Not Found");
        let left = server.store.read(|conn| environments::by_name(conn, ProjectId(1), "production")).await.unwrap();
        assert_eq!(left, None, "the environment went with its deployment");
    }
);

each_engine!(
    async fn the_projects_of_a_user_are_those_in_its_namespace(server) {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        for (name, visibility) in [("one", "private"), ("two", "public"), ("three", "internal")] {
            let body = json!({ "name": name, "visibility": visibility });
            assert_eq!(ada.post("/projects").json(&body).await.status, 201);
        }
        let project = server.project("team/app").await;
        server.member(project.id, "ada", AccessLevel::Owner).await;
        let names = |answer: serde_json::Value| -> Vec<String> {
            answer.as_array().unwrap().iter().map(|found| found["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(ada.get("/users/1/projects").await.json(200)), ["three", "two", "one"]);
        assert_eq!(names(bob.get("/users/ada/projects?order_by=name&sort=asc").await.json(200)), ["three", "two"]);
        assert_eq!(names(server.nobody().get("/users/1/projects").await.json(200)), ["two"]);
        assert_eq!(names(bob.get("/users/2/projects").await.json(200)), [""; 0]);
        assert_eq!(bob.get("/users/9/projects").await.told(), (404, r#"{"message":"404 User Not Found"}"#));
        let page = ada.get("/users/1/projects?per_page=2&simple=true").await;
        assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("3"), Some("2")));
    }
);
