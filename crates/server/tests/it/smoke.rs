//! The shortest path through everything.

use landfall_domain::access::AccessLevel;
use serde_json::json;

use crate::support::{TestRepository, each_engine};

each_engine!(
    async fn a_deployment_is_recorded_and_read_back(server) {
        let repository = TestRepository::new(server.database.directory());
        let sha = repository.commit("First");
        let directory = repository.directory();
        let project = server.project_with("group/app", |new| new.repository = Some(directory.into())).await;
        let ada = server.user("ada").await;
        server.member(project.id, "ada", AccessLevel::Developer).await;

        let form = [("environment", "production"), ("sha", &sha), ("ref", "main"), ("tag", "false"), ("status", "success")];
        let created = ada.post("/projects/1/deployments").form(&form).await.json(201);
        insta::assert_json_snapshot!(created, @r#"
        {
          "id": 1,
          "iid": 1,
          "ref": "main",
          "sha": "402573d8321b75f72860daf02dbab243681d0f3d",
          "created_at": "2026-01-02T03:04:05.678Z",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "user": {
            "id": 1,
            "username": "ada",
            "public_email": "",
            "name": "ada",
            "state": "active",
            "locked": false,
            "avatar_url": "https://www.gravatar.com/avatar/b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72?s=80&d=identicon",
            "web_url": "http://landfall.example/ada"
          },
          "environment": {
            "id": 1,
            "name": "production",
            "slug": "production",
            "external_url": null,
            "created_at": "2026-01-02T03:04:05.678Z",
            "updated_at": "2026-01-02T03:04:05.678Z"
          },
          "deployable": null,
          "status": "success",
          "pending_approval_count": 0,
          "approvals": [],
          "approval_summary": {
            "rules": []
          },
          "landfall": {
            "tag": false,
            "commit": "402573d8321b75f72860daf02dbab243681d0f3d",
            "verified": true,
            "finished_at": "2026-01-02T03:04:05.678Z",
            "source": "api",
            "external_id": null
          }
        }
        "#);

        let got = ada.get("/projects/group%2Fapp/deployments/1").await.json(200);
        assert_eq!(got, created);
        let listed = ada.get("/projects/1/deployments").await.json(200);
        assert_eq!(listed[0]["id"], json!(1));
    }
);
