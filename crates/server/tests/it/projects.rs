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
use serde_json::json;

use crate::support::{Answer, Caller, NOW, TestServer, each_engine};

mod change;
mod create;

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
          "marked_for_deletion_at": null,
          "marked_for_deletion_on": null,
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
        let hidden = [(&nobody, "/projects/2"), (&nobody, "/projects/3"), (&eve, "/projects/3"), (&nobody, "/projects/9")];
        for (caller, path) in hidden {
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
            let queries = ["", "?membership=true", "?owned=true", "?min_access_level=40"];
            for query in queries.into_iter().chain(["?membership=true&min_access_level=10"]) {
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
            "marked_for_deletion_at": null,
            "marked_for_deletion_on": null,
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
