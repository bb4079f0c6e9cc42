//! POST `/projects/:id/environments` (neighbours, 1.3).

use super::*;

each_engine!(
    async fn an_environment_is_shown_with_its_project(server) {
        let team = team(&server).await;
        let body = json!({
            "name": "Review/Feature-1",
            "external_url": "https://feature-1.example.com",
            "tier": "testing",
            "description": "For the *feature*",
            "auto_stop_setting": "with_action",
            "auto_stop_at": "2026-02-03T04:05:06.789Z",
        });
        let created = team.developer.post(ENVIRONMENTS).json(&body).await.json(201);
        insta::assert_snapshot!(pretty(&created), @r#"
        {
          "id": 1,
          "name": "Review/Feature-1",
          "slug": "review-feature-1-t2i6j9",
          "external_url": "https://feature-1.example.com",
          "created_at": "2026-01-02T03:04:05.678Z",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "tier": "testing",
          "project": {
            "id": 1,
            "description": null,
            "name": "app",
            "name_with_namespace": "group / app",
            "path": "app",
            "path_with_namespace": "group/app",
            "created_at": "2026-01-02T03:04:05.678Z",
            "default_branch": "main",
            "tag_list": [],
            "topics": [],
            "ssh_url_to_repo": null,
            "http_url_to_repo": null,
            "web_url": "http://landfall.example/group/app",
            "readme_url": null,
            "forks_count": 0,
            "avatar_url": null,
            "star_count": 0,
            "last_activity_at": "2026-01-02T03:04:05.678Z",
            "visibility": "private",
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
          },
          "state": "available",
          "auto_stop_at": "2026-02-03T04:05:06.789Z",
          "description": "For the *feature*",
          "auto_stop_setting": "with_action"
        }
        "#);
        let plain = team.developer.post(ENVIRONMENTS).form(&[("name", "production")]).await.json(201);
        insta::assert_snapshot!(pretty(&with(plain, json!({ "project": "as above" }))), @r#"
        {
          "id": 2,
          "name": "production",
          "slug": "production",
          "external_url": null,
          "created_at": "2026-01-02T03:04:05.678Z",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "tier": "production",
          "project": "as above",
          "state": "available",
          "auto_stop_at": null,
          "description": null,
          "auto_stop_setting": "with_action"
        }
        "#);
    }
);

each_engine!(
    async fn tier_and_auto_stop_setting_follow_from_the_name_unless_they_are_told(server) {
        let team = team(&server).await;
        for (body, tier, setting) in [
            (json!({ "name": "production" }), "production", "with_action"),
            (json!({ "name": "staging" }), "staging", "with_action"),
            (json!({ "name": "test" }), "testing", "always"),
            (json!({ "name": "dev" }), "development", "always"),
            (json!({ "name": "canary" }), "other", "always"),
            (json!({ "name": "a", "tier": "production" }), "production", "with_action"),
            (json!({ "name": "prod-b", "tier": "other" }), "other", "always"),
            (json!({ "name": "prod-c", "tier": null, "auto_stop_setting": null }), "production", "with_action"),
            (json!({ "name": "prod-d", "auto_stop_setting": "always" }), "production", "always"),
            (json!({ "name": "e", "auto_stop_setting": "with_action" }), "other", "with_action"),
        ] {
            let created = team.developer.post(ENVIRONMENTS).json(&body).await.json(201);
            assert_eq!((&created["tier"], &created["auto_stop_setting"]), (&json!(tier), &json!(setting)), "{body}");
        }
    }
);

each_engine!(
    async fn parameters_are_checked_before_the_project(server) {
        let team = team(&server).await;
        for (body, error) in [
            (json!({}), "name is missing"),
            (json!({ "name": ["a"] }), "name is invalid"),
            (json!({ "name": "a", "slug": "a" }), "slug is automatically generated and cannot be changed"),
            (json!({ "name": "a", "slug": null }), "slug is automatically generated and cannot be changed"),
            (
                json!({ "tier": "prod", "auto_stop_setting": "never", "cluster_agent_id": "x" }),
                "name is missing, tier does not have a valid value, cluster_agent_id is invalid, auto_stop_setting does not have a valid value",
            ),
            (json!({ "name": "a", "tier": "" }), "tier does not have a valid value"),
            (json!({ "name": "a", "auto_stop_at": "soon" }), "auto_stop_at is invalid"),
        ] {
            let told = json!({ "error": error }).to_string();
            assert_eq!(team.developer.post(ENVIRONMENTS).json(&body).await.told(), (400, told.as_str()));
            let nowhere = team.developer.post("/projects/99/environments").json(&body).await;
            assert_eq!(nowhere.told(), (400, told.as_str()));
        }
        let fine = json!({ "name": "a" });
        assert_eq!(team.stranger.post(ENVIRONMENTS).json(&fine).await.told(), NO_PROJECT);
        assert_eq!(team.guest.post(ENVIRONMENTS).json(&fine).await.told(), FORBIDDEN);
        assert_eq!(team.reporter.post(ENVIRONMENTS).json(&fine).await.told(), FORBIDDEN);
        assert_eq!(server.nobody().post(ENVIRONMENTS).json(&fine).await.told(), UNAUTHORIZED);
        assert_eq!(team.reporter.get(ENVIRONMENTS).await.told(), (200, "[]"));
    }
);

each_engine!(
    async fn everything_that_is_wrong_is_told_in_sentences(server) {
        let team = team(&server).await;
        make(&team.developer, "taken").await;
        make(&team.developer, "foo").await;
        let long = "a".repeat(256);
        let much = "ä".repeat(10_001);
        let characters = "Name can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it \
                          cannot start or end with '/'";
        for (body, sentences) in [
            (json!({ "name": "" }), vec!["Name can't be blank"]),
            (json!({ "name": null }), vec!["Name can't be blank"]),
            (json!({ "name": "taken" }), vec!["Name has already been taken", "Slug has already been taken"]),
            (json!({ "name": "foo-" }), vec!["Slug has already been taken"]),
            (json!({ "name": "/a" }), vec![characters]),
            (json!({ "name": long }), vec!["Name is too long (maximum is 255 characters)"]),
            (json!({ "name": "a", "external_url": long }), vec!["External url is too long (maximum is 255 characters)"]),
            (json!({ "name": "a", "external_url": "http://${URL}" }), vec!["External url URI is invalid"]),
            (
                json!({ "name": "a", "external_url": "javascript:alert(1)" }),
                vec!["External url javascript scheme is not allowed"],
            ),
            (
                json!({ "name": "a", "kubernetes_namespace": "x", "flux_resource_path": "y" }),
                vec!["Kubernetes namespace cannot be set without a cluster agent"],
            ),
            (
                json!({ "name": "a", "flux_resource_path": "y" }),
                vec!["Flux resource path cannot be set without a kubernetes namespace"],
            ),
            (
                json!({ "name": "a", "description": much }),
                vec!["Description is too long (maximum is 10000 characters)"],
            ),
            (
                json!({ "name": "ä", "external_url": "data:x", "kubernetes_namespace": "x", "description": much }),
                vec![
                    characters,
                    "External url data scheme is not allowed",
                    "Kubernetes namespace cannot be set without a cluster agent",
                    "Description is too long (maximum is 10000 characters)",
                ],
            ),
        ] {
            let told = json!({ "message": sentences }).to_string();
            assert_eq!(team.developer.post(ENVIRONMENTS).json(&body).await.told(), (400, told.as_str()));
        }
        let agent = json!({ "name": "", "cluster_agent_id": 1 });
        assert_eq!(
            team.developer.post(ENVIRONMENTS).json(&agent).await.told(),
            (
                400,
                r#"{"message":"400 Bad request - cluster agent doesn't exist or cannot be associated with this environment"}"#
            )
        );
        let none = json!({
            "name": "Taken", "cluster_agent_id": null, "kubernetes_namespace": "", "flux_resource_path": null,
            "external_url": "", "description": "ä".repeat(10_000),
        });
        let created = team.developer.post(ENVIRONMENTS).json(&none).await.json(201);
        assert_eq!(created["external_url"], json!(null));
        assert_eq!(created.get("cluster_agent"), None);
        assert_eq!(team.reporter.get(ENVIRONMENTS).await.header("x-total"), Some("3"));
    }
);

each_engine!(
    async fn of_many_creates_at_once_one_wins(server) {
        let team = team(&server).await;
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let developer = team.developer.clone();
            tasks.push(tokio::spawn(async move {
                developer.post(ENVIRONMENTS).json(&json!({ "name": "production" })).await.status.as_u16()
            }));
        }
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
        // A deployment finds it, and leaves it as it is.
        record(&team.developer, &report("production", 1, "success")).await;
        let found = team.reporter.get(&one(1)).await.json(200);
        assert_eq!((&found["auto_stop_setting"], &found["last_deployment"]["id"]), (&json!("with_action"), &json!(1)));
    }
);
