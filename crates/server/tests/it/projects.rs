//! Projects (neighbours, section 4).
#![expect(
    clippy::format_push_string,
    reason = "a table that is shown is made line by line, and it does not matter how fast"
)]

use std::time::Duration;

use landfall_domain::{
    access::AccessLevel,
    ids::ProjectId,
    project::{FeatureAccess, Project, Visibility},
};
use landfall_store::projects;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, NOW, TestServer, each_engine};

/// Changes a project behind the API's back.
async fn change(server: &TestServer, project: ProjectId, change: fn(&mut Project)) {
    server
        .write(move |tx| {
            let mut project = projects::by_id(tx, project)?.unwrap();
            change(&mut project);
            Ok(projects::update(tx, &project)?)
        })
        .await;
}

each_engine!(
    async fn a_project_as_its_members_see_it(server) {
        let ada = server.user("ada").await;
        server
            .project_with("tools/build/app", |new| {
                new.name = Some("The App".to_owned());
                new.description = Some("Does it".to_owned());
            })
            .await;
        server.member(ProjectId(1), "ada", AccessLevel::Developer).await;
        insta::assert_json_snapshot!(ada.get("/projects/tools%2Fbuild%2Fapp").await.json(200), @r#"
        {
          "id": 1,
          "description": "Does it",
          "name": "The App",
          "name_with_namespace": "tools / build / The App",
          "path": "app",
          "path_with_namespace": "tools/build/app",
          "created_at": "2026-01-02T03:04:05.678Z",
          "default_branch": "main",
          "tag_list": [],
          "topics": [],
          "ssh_url_to_repo": null,
          "http_url_to_repo": null,
          "web_url": "http://landfall.example/tools/build/app",
          "readme_url": null,
          "forks_count": 0,
          "avatar_url": null,
          "star_count": 0,
          "last_activity_at": "2026-01-02T03:04:05.678Z",
          "visibility": "private",
          "namespace": {
            "id": 2,
            "name": "build",
            "path": "build",
            "kind": "group",
            "full_path": "tools/build",
            "parent_id": 1,
            "avatar_url": null,
            "web_url": "http://landfall.example/groups/tools/build"
          },
          "_links": {
            "self": "http://landfall.example/api/v4/projects/1",
            "deployments": "http://landfall.example/api/v4/projects/1/deployments"
          },
          "empty_repo": true,
          "archived": false,
          "creator_id": null,
          "import_status": "none",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "repository_access_level": "enabled",
          "builds_access_level": "enabled",
          "environments_access_level": "enabled",
          "jobs_enabled": true,
          "permissions": {
            "project_access": {
              "access_level": 30,
              "notification_level": 3
            },
            "group_access": null
          }
        }
        "#);
    }
);

each_engine!(
    async fn a_project_as_strangers_see_it(server) {
        let eve = server.user("eve").await;
        let root = server.root().await;
        let open = server.project_with("group/open", |new| new.visibility = Visibility::Public).await;
        server.project_with("group/inner", |new| new.visibility = Visibility::Internal).await;
        server.project("group/secret").await;
        let nobody = server.nobody();
        insta::assert_json_snapshot!(nobody.get("/projects/1").await.json(200), @r#"
        {
          "id": 1,
          "description": null,
          "name": "open",
          "name_with_namespace": "group / open",
          "path": "open",
          "path_with_namespace": "group/open",
          "created_at": "2026-01-02T03:04:05.678Z",
          "default_branch": "main",
          "tag_list": [],
          "topics": [],
          "ssh_url_to_repo": null,
          "http_url_to_repo": null,
          "web_url": "http://landfall.example/group/open",
          "readme_url": null,
          "forks_count": 0,
          "avatar_url": null,
          "star_count": 0,
          "last_activity_at": "2026-01-02T03:04:05.678Z",
          "visibility": "public",
          "namespace": {
            "id": 1,
            "name": "group",
            "path": "group",
            "kind": "group",
            "full_path": "group",
            "parent_id": null,
            "avatar_url": null,
            "web_url": "http://landfall.example/groups/group"
          }
        }
        "#);
        let permissions = |answer: &Answer| answer.json(200)["permissions"].clone();
        let none = json!({ "project_access": null, "group_access": null });
        assert_eq!(permissions(&eve.get("/projects/1").await), none);
        assert_eq!(permissions(&eve.get("/projects/2").await), none);
        assert_eq!(permissions(&root.get("/projects/3").await), none);
        for (caller, path) in [(&nobody, "/projects/2"), (&nobody, "/projects/3"), (&eve, "/projects/3"), (&nobody, "/projects/9")] {
            assert_eq!(caller.get(path).await.told(), (404, r#"{"message":"404 Project Not Found"}"#), "{path}");
        }
        // Whoever may not read the code is not told the default branch.
        change(&server, open.id, |project| project.repository_access = FeatureAccess::Private).await;
        for caller in [&nobody, &eve] {
            let shown = caller.get("/projects/1").await.json(200);
            assert_eq!(shown.get("default_branch"), None);
        }
        let shown = root.get("/projects/1").await.json(200);
        assert_eq!(shown["default_branch"], "main");
    }
);

each_engine!(
    async fn permissions_tell_the_callers_level(server) {
        let ada = server.user("ada").await;
        server.project("group/app").await;
        for level in AccessLevel::ALL.iter().filter(|level| **level >= AccessLevel::Guest) {
            server.member(ProjectId(1), "ada", *level).await;
            let permissions = ada.get("/projects/1").await.json(200)["permissions"].clone();
            let access = json!({ "access_level": level.number(), "notification_level": 3 });
            assert_eq!(permissions, json!({ "project_access": access, "group_access": null }));
        }
        server.member(ProjectId(1), "ada", AccessLevel::Minimal).await;
        assert_eq!(ada.get("/projects/1").await.status, 404);
    }
);

/// The ids of a list, in its order.
async fn ids(caller: &Caller, query: &str) -> String {
    let answer = caller.get(&format!("/projects{query}")).await;
    match answer.status.as_u16() {
        200 => {
            let rows = answer.json(200);
            let ids: Vec<String> = rows
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].to_string())
                .collect();
            let shown = if ids.is_empty() { "none" } else { &ids.join(" ") };
            format!("{query} -> {shown}\n")
        }
        status => format!("{query} -> {status} {}\n", answer.body),
    }
}

/// Five projects: each with another visibility, level of ada, name, time and state.
async fn five(server: &TestServer) {
    server.root().await;
    server.user("ada").await;
    server.user_with("ext", |new| new.external = true).await;
    let make = async |path: &str, name: &str, visibility, minutes| {
        let (name, now) = (name.to_owned(), NOW.plus(Duration::from_mins(minutes)));
        server
            .project_with(path, |new| {
                new.name = Some(name);
                new.visibility = visibility;
                new.now = now;
            })
            .await
            .id
    };
    let one = make("zoo/apple", "Banana", Visibility::Private, 50).await;
    make("zoo/berry", "apple pie", Visibility::Private, 40).await;
    make("zoo/cherry", "Date", Visibility::Internal, 30).await;
    make("farm/date", "100%_cherry", Visibility::Public, 20).await;
    let five = make("farm/elder", "Elder", Visibility::Private, 10).await;
    server.member(one, "ada", AccessLevel::Guest).await;
    server.member(one, "ext", AccessLevel::Owner).await;
    server.member(five, "ada", AccessLevel::Maintainer).await;
    change(server, five, |project| {
        project.archived = true;
        project.updated_at = NOW.plus(Duration::from_hours(5));
    })
    .await;
}

each_engine!(
    async fn everybody_lists_what_it_may_see(server) {
        five(&server).await;
        let mut lines = String::new();
        for name in ["", "ada", "ext", "root"] {
            let caller = if name.is_empty() { server.nobody() } else { server.bearer_of(&format!("{name}-token")) };
            for query in ["", "?membership=true", "?owned=true", "?min_access_level=40", "?membership=true&min_access_level=10"] {
                lines.push_str(&format!("{name} {}", ids(&caller, query).await));
            }
        }
        insta::assert_snapshot!(lines, @r#"
          -> 4
         ?membership=true -> none
         ?owned=true -> none
         ?min_access_level=40 -> none
         ?membership=true&min_access_level=10 -> none
        ada  -> 1 3 4 5
        ada ?membership=true -> 1 5
        ada ?owned=true -> none
        ada ?min_access_level=40 -> 5
        ada ?membership=true&min_access_level=10 -> 1 5
        ext  -> 1 4
        ext ?membership=true -> 1
        ext ?owned=true -> 1
        ext ?min_access_level=40 -> 1
        ext ?membership=true&min_access_level=10 -> 1
        root  -> 1 2 3 4 5
        root ?membership=true -> none
        root ?owned=true -> none
        root ?min_access_level=40 -> none
        root ?membership=true&min_access_level=10 -> none
        "#);
    }
);

each_engine!(
    async fn the_list_is_filtered_and_ordered(server) {
        five(&server).await;
        let root = server.root().await;
        let mut lines = String::new();
        for query in [
            "?search=apple",
            "?search=APP",
            "?search=zoo",
            "?search=zoo&search_namespaces=true",
            "?search=farm/da&search_namespaces=true",
            "?search=%25_",
            "?search=",
            "?visibility=private",
            "?visibility=internal",
            "?visibility=public",
            "?visibility=secret",
            "?archived=true",
            "?archived=false",
            "?starred=true",
            "?id_after=3",
            "?id_before=3",
            "?id_after=1&id_before=4&sort=asc",
            "?updated_after=2026-01-02T03:34:05.678901Z",
            "?updated_before=2026-01-02T03:34:05.678901Z",
            "?updated_after=2026-01-02T03:34:05Z&order_by=updated_at",
            "?updated_after=2026-01-02T03:34:05Z&order_by=id",
            "?last_activity_after=2026-01-02T04:00:00Z&order_by=id",
            "?order_by=id",
            "?order_by=id&sort=asc",
            "?order_by=name",
            "?order_by=name&sort=asc",
            "?order_by=path",
            "?order_by=path&sort=asc",
            "?order_by=created_at",
            "?order_by=created_at&sort=asc",
            "?order_by=updated_at",
            "?order_by=updated_at&sort=asc",
            "?order_by=last_activity_at",
            "?order_by=similarity",
            "?order_by=star_count&sort=asc",
            "?order_by=size",
            "?sort=up",
            "?min_access_level=7",
            "?min_access_level=x",
            "?membership=x",
            "?topic=any&with_issues_enabled=true",
        ] {
            lines.push_str(&ids(&root, query).await);
        }
        insta::assert_snapshot!(lines, @r#"
        ?search=apple -> 1 2
        ?search=APP -> 1 2
        ?search=zoo -> none
        ?search=zoo&search_namespaces=true -> 1 2 3
        ?search=farm/da&search_namespaces=true -> 4
        ?search=%25_ -> 4
        ?search= -> 1 2 3 4 5
        ?visibility=private -> 1 2 5
        ?visibility=internal -> 3
        ?visibility=public -> 4
        ?visibility=secret -> 400 {"error":"visibility does not have a valid value"}
        ?archived=true -> 5
        ?archived=false -> 1 2 3 4
        ?starred=true -> none
        ?id_after=3 -> 4 5
        ?id_before=3 -> 1 2
        ?id_after=1&id_before=4&sort=asc -> 3 2
        ?updated_after=2026-01-02T03:34:05.678901Z -> 1 2 3 5
        ?updated_before=2026-01-02T03:34:05.678901Z -> 3 4
        ?updated_after=2026-01-02T03:34:05Z&order_by=updated_at -> 5 1 2 3
        ?updated_after=2026-01-02T03:34:05Z&order_by=id -> 400 {"message":"400 Bad request - `updated_at` filter and `updated_at` sorting must be paired"}
        ?last_activity_after=2026-01-02T04:00:00Z&order_by=id -> 5
        ?order_by=id -> 5 4 3 2 1
        ?order_by=id&sort=asc -> 1 2 3 4 5
        ?order_by=name -> 2 5 3 1 4
        ?order_by=name&sort=asc -> 4 1 3 5 2
        ?order_by=path -> 5 4 3 2 1
        ?order_by=path&sort=asc -> 1 2 3 4 5
        ?order_by=created_at -> 1 2 3 4 5
        ?order_by=created_at&sort=asc -> 5 4 3 2 1
        ?order_by=updated_at -> 5 1 2 3 4
        ?order_by=updated_at&sort=asc -> 4 3 2 1 5
        ?order_by=last_activity_at -> 5 1 2 3 4
        ?order_by=similarity -> 5 4 3 2 1
        ?order_by=star_count&sort=asc -> 1 2 3 4 5
        ?order_by=size -> 400 {"error":"order_by does not have a valid value"}
        ?sort=up -> 400 {"error":"sort does not have a valid value"}
        ?min_access_level=7 -> 400 {"error":"min_access_level does not have a valid value"}
        ?min_access_level=x -> 400 {"error":"min_access_level is invalid"}
        ?membership=x -> 400 {"error":"membership is invalid"}
        ?topic=any&with_issues_enabled=true -> 1 2 3 4 5
        "#);
    }
);

each_engine!(
    async fn the_list_has_two_forms(server) {
        five(&server).await;
        let ada = server.user("ada").await;
        let full = ada.get("/projects?search=berry&search=elder").await.json(200);
        insta::assert_json_snapshot!(full, @r#"
        [
          {
            "id": 5,
            "description": null,
            "name": "Elder",
            "name_with_namespace": "farm / Elder",
            "path": "elder",
            "path_with_namespace": "farm/elder",
            "created_at": "2026-01-02T03:14:05.678Z",
            "default_branch": "main",
            "tag_list": [],
            "topics": [],
            "ssh_url_to_repo": null,
            "http_url_to_repo": null,
            "web_url": "http://landfall.example/farm/elder",
            "readme_url": null,
            "forks_count": 0,
            "avatar_url": null,
            "star_count": 0,
            "last_activity_at": "2026-01-02T08:04:05.678Z",
            "visibility": "private",
            "namespace": {
              "id": 2,
              "name": "farm",
              "path": "farm",
              "kind": "group",
              "full_path": "farm",
              "parent_id": null,
              "avatar_url": null,
              "web_url": "http://landfall.example/groups/farm"
            },
            "_links": {
              "self": "http://landfall.example/api/v4/projects/5",
              "deployments": "http://landfall.example/api/v4/projects/5/deployments"
            },
            "empty_repo": true,
            "archived": true,
            "creator_id": null,
            "import_status": "none",
            "updated_at": "2026-01-02T08:04:05.678Z",
            "repository_access_level": "enabled",
            "builds_access_level": "enabled",
            "environments_access_level": "enabled",
            "jobs_enabled": true,
            "permissions": {
              "project_access": {
                "access_level": 40,
                "notification_level": 3
              },
              "group_access": null
            }
          }
        ]
        "#);
        // What is listed is what is got alone.
        assert_eq!(full[0], ada.get("/projects/5").await.json(200));
        let simple = ada.get("/projects?simple=true&search=elder").await.json(200);
        let basic: Vec<&String> = simple[0].as_object().unwrap().keys().collect();
        let public = server.nobody().get("/projects").await.json(200);
        assert_eq!(public.as_array().map(Vec::len), Some(1));
        assert_eq!(public[0].as_object().unwrap().keys().collect::<Vec<_>>(), basic);
        assert!(!basic.iter().any(|key| *key == "permissions"));
    }
);

each_engine!(
    async fn a_project_is_created_in_ones_own_namespace(server) {
        let ada = server.user("ada").await;
        let body = json!({ "name": "My Project!", "description": " What for ", "visibility": "internal", "default_branch": "trunk" });
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
        assert_eq!([&given["owner"]["username"], &given["permissions"]["project_access"]], [&json!("ada"), &Value::Null]);
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
