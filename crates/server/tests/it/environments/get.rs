//! GET `/projects/:id/environments/:environment_id` (neighbours, section 1).

use super::*;

each_engine!(
    async fn an_environment_alone_is_shown_with_its_last_deployment_and_without_its_project(server) {
        let team = team(&server).await;
        make(&team.developer, "qa").await;
        let without = team.reporter.get(&one(1)).await.json(200);
        insta::assert_snapshot!(pretty(&without), @r#"
        {
          "id": 1,
          "name": "qa",
          "slug": "qa",
          "external_url": null,
          "created_at": "2026-01-02T03:04:05.678Z",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "tier": "testing",
          "last_deployment": null,
          "state": "available",
          "auto_stop_at": null,
          "description": null,
          "auto_stop_setting": "always"
        }
        "#);
        record(&team.developer, &report("qa", 1, "running")).await;
        record(&team.developer, &report("qa", 2, "failed")).await;
        assert_eq!(team.reporter.get(&one(1)).await.json(200), without, "none of them was a success");
        record(&team.developer, &report("qa", 3, "success")).await;
        let older = json!({ "finished_at": "2025-01-01", "created_at": "2025-01-01" });
        record(&team.maintainer, &with(report("qa", 4, "success"), older)).await;
        let shown = team.reporter.get(&one(1)).await.json(200);
        insta::assert_snapshot!(pretty(&shown["last_deployment"]), @r#"
        {
          "id": 3,
          "iid": 3,
          "ref": "main",
          "sha": "0000000000000000000000000000000000000003",
          "created_at": "2026-01-02T03:04:05.678Z",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "user": {
            "id": 3,
            "username": "ada",
            "public_email": "",
            "name": "ada",
            "state": "active",
            "locked": false,
            "avatar_url": "https://www.gravatar.com/avatar/b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72?s=80&d=identicon",
            "web_url": "http://landfall.example/ada"
          },
          "deployable": null,
          "status": "success",
          "landfall": {
            "tag": false,
            "commit": null,
            "verified": false,
            "finished_at": "2026-01-02T03:04:05.678Z",
            "source": "api",
            "external_id": null
          }
        }
        "#);
        assert_eq!(with(shown, json!({ "last_deployment": null })), without);
    }
);

each_engine!(
    async fn only_the_projects_own_environments_are_found(server) {
        let team = team(&server).await;
        make(&team.developer, "qa").await;
        server.project("group/other").await;
        assert_eq!(team.root.get("/projects/2/environments/1").await.told(), NOT_FOUND);
        for missing in ["2", "0", "-1"] {
            assert_eq!(team.reporter.get(&format!("{ENVIRONMENTS}/{missing}")).await.told(), NOT_FOUND);
        }
        let invalid = (400, r#"{"error":"environment_id is invalid"}"#);
        for wrong in ["abc", "1abc"] {
            let target = format!("{ENVIRONMENTS}/{wrong}");
            assert_eq!(team.reporter.get(&target).await.told(), invalid);
            assert_eq!(team.developer.put(&target).await.told(), invalid);
            assert_eq!(team.developer.delete(&target).await.told(), invalid);
            assert_eq!(team.developer.post(&format!("{target}/stop")).await.told(), invalid);
        }
        for id in [1, 2] {
            assert_eq!(team.guest.get(&one(id)).await.told(), FORBIDDEN);
            assert_eq!(team.stranger.get(&one(id)).await.told(), NO_PROJECT);
            assert_eq!(server.nobody().get(&one(id)).await.told(), UNAUTHORIZED);
        }
    }
);
