//! What can be set of a hook, and what is refused.

use super::*;
use crate::support::each_engine;

each_engine!(
    async fn a_hook_is_made_read_changed_and_deleted(server) {
        let mia = maintainer(&server).await;
        let made = mia
            .post(HOOKS)
            .json(&json!({
                "url": "https://chat.example/{room}?key={key}", "name": "chat", "token": "secret-token",
                "deployment_events": true, "push_events": false, "custom_webhook_template": "{\"text\":\"{{status}}\"}",
                "custom_headers": [{ "key": "X-Header", "value": "secret-header" }],
                "url_variables": [{ "key": "room", "value": "secret-room" }, { "key": "key", "value": "secret-key" }],
            }))
            .await;
        let made = made.json(201);
        insta::assert_json_snapshot!(made, @r#"
        {
          "id": 1,
          "url": "https://chat.example/{room}?key={key}",
          "name": "chat",
          "description": null,
          "created_at": "2026-01-02T03:04:05.678Z",
          "push_events": false,
          "tag_push_events": false,
          "merge_requests_events": false,
          "repository_update_events": false,
          "enable_ssl_verification": true,
          "alert_status": "executable",
          "disabled_until": null,
          "url_variables": [
            {
              "key": "room"
            },
            {
              "key": "key"
            }
          ],
          "push_events_branch_filter": null,
          "branch_filter_strategy": "wildcard",
          "custom_webhook_template": "{\"text\":\"{{status}}\"}",
          "custom_headers": [
            {
              "key": "X-Header"
            }
          ],
          "project_id": 1,
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
        assert_eq!(mia.get("/projects/1/hooks/1").await.json(200), made);
        let mut listed = made.clone();
        for key in ["url_variables", "custom_headers"] {
            listed.as_object_mut().unwrap().shift_remove(key);
        }
        let list = mia.get(HOOKS).await;
        assert_eq!(list.json(200), json!([listed]));
        assert_eq!(list.header("x-total"), Some("1"));

        let changed = mia
            .put("/projects/1/hooks/1")
            .form(&[("description", "of the team"), ("enable_ssl_verification", "false"), ("job_events", "true")])
            .await
            .json(200);
        let mut expected = made.clone();
        expected["description"] = json!("of the team");
        expected["enable_ssl_verification"] = json!(false);
        expected["job_events"] = json!(true);
        assert_eq!(changed, expected);
        for answer in [made.to_string(), list.body, changed.to_string()] {
            assert!(!answer.contains("secret"), "{answer}");
        }

        assert_eq!(mia.delete("/projects/1/hooks/1").await.status.as_u16(), 204);
        let gone = (404, r#"{"message":"404 Not found"}"#);
        assert_eq!(mia.get("/projects/1/hooks/1").await.told(), gone);
        assert_eq!(mia.delete("/projects/1/hooks/1").await.told(), gone);
        assert_eq!(mia.put("/projects/1/hooks/1").form(&[("name", "x")]).await.told(), gone);
        assert_eq!(mia.get(HOOKS).await.json(200), json!([]));
    }
);

each_engine!(
    async fn what_a_hook_cannot_be_is_refused(server) {
        let mia = maintainer(&server).await;
        hook(&mia, "https://one.example").await;
        let url = "https://two.example";
        let invalid_url = (422, r#"{"error":"Invalid url given"}"#);
        let illegal = (422, r#"{"error":"Illegal key or value"}"#);
        for (body, refusal) in [
            (json!({}), (400, r#"{"error":"url is missing"}"#)),
            (json!({ "url": "ftp://files.example" }), invalid_url),
            (json!({ "url": "no address" }), invalid_url),
            (json!({ "url": "" }), invalid_url),
            (json!({ "url": "https://{host}" }), invalid_url),
            (json!({ "url": "http://10.0.0.1/" }), invalid_url),
            (json!({ "url": "http://169.254.169.254/latest/meta-data" }), invalid_url),
            (json!({ "url": "http://[::1]/" }), invalid_url),
            (json!({ "url": "http://{host}/", "url_variables": [{ "key": "host", "value": "192.168.1.1" }] }), invalid_url),
            (json!({ "url": url, "token": "two\nlines" }), (422, r#"{"message":{"token":["is invalid"]}}"#)),
            (
                json!({ "url": url, "signing_secret": "short" }),
                (422, r#"{"message":{"signing_secret":["must be whsec_ and the Base64 of 24 to 64 bytes"]}}"#),
            ),
            (json!({ "url": url, "custom_headers": [{ "key": "two words", "value": "x" }] }), illegal),
            (json!({ "url": url, "custom_headers": [{ "key": "Host", "value": "x" }] }), illegal),
            (json!({ "url": url, "custom_headers": [{ "key": "key" }] }), illegal),
            (json!({ "url": url, "custom_headers": "x" }), (400, r#"{"error":"custom_headers is invalid"}"#)),
            (
                json!({ "url": url, "branch_filter_strategy": "x", "push_events": "maybe" }),
                (400, r#"{"error":"push_events is invalid, branch_filter_strategy does not have a valid value"}"#),
            ),
        ] {
            assert_eq!(mia.post(HOOKS).json(&body).await.told(), refusal, "{body}");
        }
        let nothing = (400, r#"{"error":"No parameters provided"}"#);
        assert_eq!(mia.put("/projects/1/hooks/1").await.told(), nothing);
        assert_eq!(mia.get("/projects/1/hooks/x").await.told(), (400, r#"{"error":"hook_id is invalid"}"#));
        assert_eq!(mia.get(HOOKS).await.json(200).as_array().unwrap().len(), 1);
    }
);

each_engine!(
    async fn a_project_has_a_hundred_hooks_at_most(server) {
        let mia = maintainer(&server).await;
        for _ in 0..100 {
            hook(&mia, "https://one.example").await;
        }
        let refused = mia.post(HOOKS).form(&[("url", "https://one.example")]).await;
        assert_eq!(
            refused.told(),
            (422, r#"{"message":{"base":["Maximum number of project hooks (100) exceeded"]}}"#)
        );
    }
);

each_engine!(
    async fn headers_and_variables_are_set_one_by_one_and_never_shown(server) {
        let mia = maintainer(&server).await;
        hook(&mia, "https://one.example/{room}").await;
        let set = |path: &str, value: &str| mia.put(&format!("/projects/1/hooks/1{path}")).form(&[("value", value)]);
        assert_eq!(set("/custom_headers/X-Key", "secret").await.status.as_u16(), 204);
        assert_eq!(set("/custom_headers/X-Key", "secret again").await.status.as_u16(), 204);
        assert_eq!(set("/url_variables/room", "secret").await.status.as_u16(), 204);
        let shown = mia.get("/projects/1/hooks/1").await;
        assert!(!shown.body.contains("secret"));
        let shown = shown.json(200);
        assert_eq!(shown["custom_headers"], json!([{ "key": "X-Key" }]));
        assert_eq!(shown["url_variables"], json!([{ "key": "room" }]));
        let illegal = (422, r#"{"error":"Illegal key or value"}"#);
        assert_eq!(set("/custom_headers/X-Key", "").await.told(), illegal);
        assert_eq!(set("/custom_headers/1", "x").await.told(), illegal);
        assert_eq!(set("/custom_headers/Content-Length", "5").await.told(), illegal);
        let missing = mia.put("/projects/1/hooks/1/url_variables/room").await;
        assert_eq!(missing.told(), (400, r#"{"error":"value is missing"}"#));
        let remove = |path: &str| mia.delete(&format!("/projects/1/hooks/1{path}"));
        assert_eq!(remove("/custom_headers/X-Key").await.status.as_u16(), 204);
        assert_eq!(remove("/custom_headers/X-Key").await.told(), (404, r#"{"message":"404 Not found"}"#));
        assert_eq!(mia.get("/projects/1/hooks/1").await.json(200)["custom_headers"], json!([]));
    }
);

each_engine!(
    async fn a_signing_secret_that_is_made_here_is_shown_once(server) {
        let mia = maintainer(&server).await;
        let body = json!({ "url": "https://one.example", "signing_secret": "generate" });
        let made = mia.post(HOOKS).json(&body).await.json(201);
        let secret = made["landfall"]["signing_secret"].as_str().unwrap();
        assert!(secret.starts_with("whsec_"), "{secret}");
        let signed = json!({ "signed": true });
        assert_eq!(mia.get("/projects/1/hooks/1").await.json(200)["landfall"], signed);
        let told = json!({ "signing_secret": secret });
        assert_eq!(mia.put("/projects/1/hooks/1").json(&told).await.json(200)["landfall"], signed);
        let cleared = json!({ "signing_secret": "" });
        let shown = mia.put("/projects/1/hooks/1").json(&cleared).await.json(200);
        assert_eq!(shown["landfall"], json!({ "signed": false }));
    }
);

each_engine!(
    async fn a_new_address_gets_none_of_the_old_ones_secrets(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        let secrets = json!({
            "token": "secret", "custom_headers": [{ "key": "X-Key", "value": "secret" }],
            "url_variables": [{ "key": "a", "value": "secret" }],
        });
        hook_with(&mia, &receiver.url("/old"), secrets).await;
        let moved = json!({ "url": receiver.url("/new") });
        mia.put("/projects/1/hooks/1").json(&moved).await.json(200);
        deploy(&mia, 1, "success").await;
        server.run_jobs().await;
        let came = receiver.take().remove(0);
        assert_eq!((came.path.as_str(), came.header("x-gitlab-token")), ("/new", None));
        assert_eq!(came.header("x-key"), None);
        let shown = mia.get("/projects/1/hooks/1").await.json(200);
        assert_eq!((&shown["custom_headers"], &shown["url_variables"]), (&json!([]), &json!([])));
    }
);
