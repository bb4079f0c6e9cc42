//! PUT `/projects/:id/environments/:environment_id` (neighbours, 1.4).

use std::time::Duration;

use super::*;

each_engine!(
    async fn what_is_told_is_changed_and_nothing_else(server) {
        let team = team(&server).await;
        make_with(&team.developer, json!({ "name": "qa", "description": "old", "external_url": "https://a" })).await;
        server.clock.advance(Duration::from_secs(1));
        let before = team.developer.put(&one(1)).await.json(200);
        assert_eq!((&before["updated_at"], &before["description"]), (&before["created_at"], &json!("old")));
        let same = team.developer.put(&one(1)).form(&[("description", "old"), ("name", "other")]).await;
        assert_eq!(same.json(200), before, "no change, and no other name");

        let body = json!({
            "external_url": "https://b",
            "tier": "production",
            "description": "new",
            "auto_stop_setting": "with_action",
            "auto_stop_at": "2026-02-03T04:05:06Z",
        });
        let updated = team.developer.put(&one(1)).json(&body).await.json(200);
        let expected = json!({ "auto_stop_at": "2026-02-03T04:05:06.000Z", "updated_at": "2026-01-02T03:04:06.678Z" });
        assert_eq!(updated, with(with(before.clone(), body), expected));

        let nothing = json!({
            "external_url": null, "tier": null, "description": null, "auto_stop_setting": null, "auto_stop_at": null,
        });
        let cleared = team.developer.put(&one(1)).json(&nothing).await.json(200);
        assert_eq!(cleared, with(updated, json!({
            "external_url": null, "tier": "testing", "description": null, "auto_stop_at": null,
        })));
        let empty = team.developer.put(&one(1)).form(&[("external_url", ""), ("description", "")]).await.json(200);
        assert_eq!((&empty["external_url"], &empty["description"]), (&json!(null), &json!("")));
    }
);

each_engine!(
    async fn what_is_wrong_is_told_by_field(server) {
        let team = team(&server).await;
        let id = make(&team.developer, "qa").await;
        for (body, fields) in [
            (json!({ "external_url": "http://${URL}" }), json!({ "external_url": ["URI is invalid"] })),
            (
                json!({ "kubernetes_namespace": "x" }),
                json!({ "kubernetes_namespace": ["cannot be set without a cluster agent"] }),
            ),
            (
                json!({ "flux_resource_path": "x", "description": "x".repeat(10_001) }),
                json!({
                    "flux_resource_path": ["cannot be set without a kubernetes namespace"],
                    "description": ["is too long (maximum is 10000 characters)"],
                }),
            ),
        ] {
            let told = json!({ "message": fields }).to_string();
            assert_eq!(team.developer.put(&one(id)).json(&body).await.told(), (400, told.as_str()));
        }
        let agent = r#"{"message":"400 Bad request - cluster agent doesn't exist or cannot be associated with this environment"}"#;
        assert_eq!(team.developer.put(&one(id)).form(&[("cluster_agent_id", "1")]).await.told(), (400, agent));
        let slug = r#"{"error":"slug is automatically generated and cannot be changed"}"#;
        assert_eq!(team.developer.put(&one(id)).form(&[("slug", "x")]).await.told(), (400, slug));
        stop(&team.developer, id).await;
        let stopped = team.developer.put(&one(id)).form(&[("auto_stop_at", "2026-03-01")]).await;
        let told = r#"{"message":{"auto_stop_at":["can only be set while the environment is available"]}}"#;
        assert_eq!(stopped.told(), (400, told));
        assert_eq!(stored(&server, id).await.unwrap().updated_at, NOW);
    }
);

each_engine!(
    async fn the_right_comes_before_the_environment(server) {
        let team = team(&server).await;
        make(&team.developer, "qa").await;
        for id in [1, 2] {
            assert_eq!(team.stranger.put(&one(id)).await.told(), NO_PROJECT);
            assert_eq!(team.guest.put(&one(id)).await.told(), FORBIDDEN);
            assert_eq!(team.reporter.put(&one(id)).await.told(), FORBIDDEN);
        }
        assert_eq!(team.developer.put(&one(2)).await.told(), NOT_FOUND);
        server.project("group/other").await;
        assert_eq!(team.root.put("/projects/2/environments/1").await.told(), NOT_FOUND);
    }
);
