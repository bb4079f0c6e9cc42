//! Hooks of groups and of the instance.

use super::*;
use crate::support::{Received, each_engine};

each_engine!(
    async fn a_groups_hook_is_told_of_all_projects_below_it(server) {
        server.project("top/middle/app").await;
        server.project("elsewhere/app").await;
        let root = server.root().await;
        let receiver = TestReceiver::new();
        let body = json!({ "url": receiver.url("/top"), "deployment_events": true, "token": "secret" });
        let made = root.post("/groups/top/hooks").json(&body).await.json(201);
        let mut shown = made.clone();
        shown["url"] = json!("(url)");
        insta::assert_json_snapshot!(shown, @r#"
        {
          "id": 1,
          "url": "(url)",
          "name": null,
          "description": null,
          "created_at": "2026-01-02T03:04:05.678Z",
          "push_events": true,
          "tag_push_events": false,
          "merge_requests_events": false,
          "repository_update_events": false,
          "enable_ssl_verification": true,
          "alert_status": "executable",
          "disabled_until": null,
          "url_variables": [],
          "push_events_branch_filter": null,
          "branch_filter_strategy": "wildcard",
          "custom_webhook_template": null,
          "custom_headers": [],
          "group_id": 1,
          "issues_events": false,
          "confidential_issues_events": false,
          "note_events": false,
          "confidential_note_events": false,
          "pipeline_events": false,
          "wiki_page_events": false,
          "deployment_events": true,
          "feature_flag_events": false,
          "job_events": false,
          "releases_events": false,
          "milestone_events": false,
          "emoji_events": false,
          "resource_access_token_events": false,
          "vulnerability_events": false,
          "landfall": {
            "signed": false
          }
        }
        "#);
        assert_eq!(root.get("/groups/top/hooks/1").await.json(200), made);
        let body = json!({ "url": receiver.url("/middle"), "deployment_events": true });
        root.post("/groups/top%2Fmiddle/hooks").json(&body).await.json(201);
        for project in [1, 2] {
            let body = json!({
                "environment": "production", "sha": sha(1), "ref": "main", "tag": false, "status": "success",
            });
            root.post(&format!("/projects/{project}/deployments")).json(&body).await.json(201);
        }
        server.run_jobs().await;
        let mut told: Vec<(String, Value)> = receiver
            .take()
            .iter()
            .map(|came| (came.path.clone(), came.json()["project"]["path_with_namespace"].clone()))
            .collect();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        let app = json!("top/middle/app");
        assert_eq!(told, [("/middle".to_owned(), app.clone()), ("/top".to_owned(), app)]);
        let log = root.get("/groups/top/hooks/1/events").await.json(200);
        assert_eq!(log.as_array().unwrap().len(), 1);
        let resend = format!("/groups/top/hooks/1/events/{}/resend", log[0]["id"]);
        let again = root.post(&resend).await;
        assert_eq!(again.status.as_u16(), 201);
        let changed = root.put("/groups/top/hooks/1").form(&[("name", "all")]).await.json(200);
        assert_eq!(changed["name"], "all");
        let set = root.put("/groups/top/hooks/1/custom_headers/X-Key").form(&[("value", "x")]).await;
        assert_eq!(set.status.as_u16(), 204);
        assert_eq!(root.delete("/groups/top/hooks/1").await.status.as_u16(), 204);
    }
);

each_engine!(
    async fn a_groups_hooks_are_its_owners(server) {
        let ada = server.user("ada").await;
        let below = json!({ "name": "below", "path": "below", "parent_id": 1 });
        ada.post("/groups").json(&json!({ "name": "top", "path": "top" })).await.json(201);
        ada.post("/groups").json(&below).await.json(201);
        let body = json!({ "url": "https://receiver.example", "deployment_events": true });
        let made = ada.post("/groups/top%2Fbelow/hooks").json(&body).await.json(201);
        assert_eq!((&made["id"], &made["group_id"]), (&json!(1), &json!(2)));
        assert_eq!(ada.get("/groups/2/hooks").await.json(200)[0]["id"], 1);
        assert_eq!(ada.get("/groups/top/hooks").await.json(200), json!([]), "that of the group below is its own");
        assert_eq!(ada.get("/groups/top/hooks/1").await.told(), (404, r#"{"message":"404 Not found"}"#));
        let mia = server.user("mia").await;
        let no_group = (404, r#"{"message":"404 Group Not Found"}"#);
        assert_eq!(mia.get("/groups/2/hooks").await.told(), no_group);
        let level = |level: i64| json!({ "user_id": 2, "access_level": level });
        ada.post("/groups/top/members").json(&level(40)).await.json(201);
        assert_eq!(mia.get("/groups/2/hooks").await.told(), (403, r#"{"message":"403 Forbidden"}"#));
        assert_eq!(mia.post("/groups/2/hooks").json(&body).await.status.as_u16(), 403);
        ada.put("/groups/top/members/2").json(&level(50)).await.json(200);
        assert_eq!(mia.delete("/groups/2/hooks/1").await.status.as_u16(), 204);
        assert_eq!(server.root().await.get("/groups/nowhere/hooks").await.told(), no_group);
        assert_eq!(server.nobody().get("/groups/2/hooks").await.status.as_u16(), 401);
    }
);

each_engine!(
    async fn the_instances_hook_is_told_of_everything(server) {
        let mia = maintainer(&server).await;
        let root = server.root().await;
        let receiver = TestReceiver::new();
        let made = root.post("/hooks").form(&[("url", receiver.url("/").as_str())]).await.json(201);
        let mut shown = made.clone();
        shown["url"] = json!("(url)");
        insta::assert_json_snapshot!(shown, @r#"
        {
          "id": 1,
          "url": "(url)",
          "name": null,
          "description": null,
          "created_at": "2026-01-02T03:04:05.678Z",
          "push_events": false,
          "tag_push_events": false,
          "merge_requests_events": false,
          "repository_update_events": false,
          "enable_ssl_verification": true,
          "alert_status": "executable",
          "disabled_until": null,
          "url_variables": [],
          "push_events_branch_filter": null,
          "branch_filter_strategy": "wildcard",
          "custom_webhook_template": null,
          "custom_headers": [],
          "deployment_events": true,
          "landfall": {
            "signed": false
          }
        }
        "#);
        assert_eq!(root.get("/hooks").await.json(200).as_array().unwrap().len(), 1);
        assert_eq!(root.get("/hooks/1").await.json(200), made);
        deploy(&mia, 1, "success").await;
        server.run_jobs().await;
        let came: Vec<Received> = receiver.take();
        assert_eq!(came[0].header("x-gitlab-event"), Some("System Hook"));
        assert_eq!(came[0].json()["object_kind"], "deployment");
        assert_eq!(root.post("/hooks/1").await.told(), (201, r#"{"message":"201 Created"}"#));
        assert_eq!(root.put("/hooks/1").form(&[("deployment_events", "false")]).await.json(200)["deployment_events"], false);
        let forbidden = (403, r#"{"message":"403 Forbidden"}"#);
        assert_eq!(mia.get("/hooks").await.told(), forbidden);
        assert_eq!(mia.delete("/hooks/1").await.told(), forbidden);
        assert_eq!(root.delete("/hooks/1").await.status.as_u16(), 204);
        assert_eq!(root.get("/hooks/1").await.told(), (404, r#"{"message":"404 Not found"}"#));
    }
);
