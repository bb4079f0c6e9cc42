//! What is missing in a job is filled from what is known, at once or later.

use super::*;
use crate::support::{TestRepository, each_engine};

each_engine!(
    async fn the_user_is_completed_from_the_one_of_that_name(server) {
        let team = team(&server).await;
        let known = shown(
            &team.developer,
            json!({ "name": "deploy", "user": { "id": 99, "username": "mia", "bio": "Builds ships" } }),
        )
        .await;
        insta::assert_json_snapshot!(known["user"], @r#"
        {
          "id": 99,
          "username": "mia",
          "public_email": "",
          "name": "mia",
          "state": "active",
          "locked": false,
          "avatar_url": "https://www.gravatar.com/avatar/99857fe111df1f77228c50bacc8acf00afc1516d7c38fe9089f02a1e7e0d512d?s=80&d=identicon",
          "web_url": "http://landfall.example/mia",
          "created_at": "2026-01-02T03:04:05.678Z",
          "bio": "Builds ships",
          "location": null,
          "skype": "",
          "linkedin": "",
          "twitter": "",
          "discord": "",
          "website_url": "",
          "github": "",
          "job_title": "",
          "pronouns": null,
          "organization": "",
          "bot": false,
          "work_information": null,
          "followers": 0,
          "following": 0,
          "is_followed": false,
          "local_time": null
        }
        "#);
        let by_case = shown(
            &team.developer,
            json!({ "name": "deploy", "user": { "username": "MIA" } }),
        )
        .await;
        assert_eq!(
            (&by_case["user"]["id"], &by_case["user"]["username"]),
            (&json!(2), &json!("MIA"))
        );
        let unknown = shown(
            &team.developer,
            json!({ "name": "deploy", "user": { "username": "zoe", "name": "Zoe" } }),
        )
        .await;
        assert_eq!(
            (
                &unknown["user"]["name"],
                &unknown["user"]["id"],
                &unknown["user"]["state"]
            ),
            (&json!("Zoe"), &Value::Null, &Value::Null)
        );
        let told_null = shown(
            &team.developer,
            json!({ "name": "deploy", "user": { "username": "mia", "state": null } }),
        )
        .await;
        assert_eq!(told_null["user"]["state"], Value::Null, "a null that is told is kept");
    }
);

each_engine!(
    async fn the_commit_is_completed_from_the_repository(server) {
        let repository = TestRepository::new(server.database.directory());
        let first = repository.commit("First\n\nCloses nothing\n\nReviewed-by: Grace\nReviewed-by: Ada\n");
        let second = repository.commit("Second");
        let directory = repository.directory();
        server
            .project_with("group/app", |new| new.repository = Some(directory.into()))
            .await;
        let root = server.root().await;
        let commit = async |sha: &str, keys: Value| {
            let job = with(json!({ "name": "deploy" }), keys);
            let body = with(by_job(&job), json!({ "sha": sha }));
            root.post(DEPLOYMENTS).json(&body).await.json(201)["deployable"]["commit"].clone()
        };
        let absent = commit(&first[..8], json!({})).await;
        insta::assert_json_snapshot!(absent, @r#"
        {
          "id": "e25e8e0d3ca9a2334d48115b8e961e08e5069ee1",
          "short_id": "e25e8e0d",
          "created_at": "2026-01-01T11:00:00.000+02:00",
          "parent_ids": [],
          "title": "First",
          "message": "First\n\nCloses nothing\n\nReviewed-by: Grace\nReviewed-by: Ada\n",
          "author_name": "Ada Lovelace",
          "author_email": "ada@example.com",
          "authored_date": "2026-01-01T10:00:00.000+02:00",
          "committer_name": "Ada Lovelace",
          "committer_email": "ada@example.com",
          "committed_date": "2026-01-01T11:00:00.000+02:00",
          "trailers": {
            "Reviewed-by": "Ada"
          },
          "extended_trailers": {
            "Reviewed-by": [
              "Grace",
              "Ada"
            ]
          },
          "web_url": "http://landfall.example/group/app/-/commit/e25e8e0d3ca9a2334d48115b8e961e08e5069ee1"
        }
        "#);
        assert_eq!(commit(&first, json!({ "commit": null })).await, absent);
        assert_eq!(commit(&first, json!({ "commit": {} })).await, absent);
        assert_eq!(
            commit(&second, json!({ "commit": { "id": first } })).await,
            absent,
            "the commit that is named"
        );
        let partial = commit(&first, json!({ "commit": { "title": "Told", "author_name": null } })).await;
        assert_eq!(
            partial,
            with(absent.clone(), json!({ "title": "Told", "author_name": null }))
        );
        for unknown in ["0".repeat(40), "x".to_owned(), first[..8].to_owned()] {
            let other = commit(&second, json!({ "commit": { "id": unknown, "title": "Elsewhere" } })).await;
            let told = [&other["id"], &other["title"], &other["message"]];
            assert_eq!(
                told,
                [&json!(unknown), &json!("Elsewhere"), &Value::Null],
                "nothing of another commit"
            );
        }
        // An update fills it as well, with the commit that was deployed.
        let body = with(report("production", 0, "running"), json!({ "sha": first }));
        let id = record(&root, &body).await;
        let updated = root
            .put(&one(id))
            .json(&json!({ "status": "success", "deployable": { "name": "deploy" } }))
            .await;
        assert_eq!(updated.json(200)["deployable"]["commit"], absent);
    }
);

each_engine!(
    async fn an_update_completes_the_job_when_it_ends(server) {
        let team = team(&server).await;
        let first = json!({
            "id": 657, "name": "deploy", "status": "running", "stage": "ship", "started_at": "2026-01-01T10:00:00Z",
            "pipeline": { "id": 36, "status": "running", "sha": sha(1) }, "runner": { "id": 3, "name": "gitlab-runner" },
            "user": { "username": "mia" }, "tag_list": ["docker"],
        });
        let before = shown(&team.developer, first).await;
        let end = json!({
            "status": "failed", "failure_reason": "script_failure", "finished_at": "2026-01-01T10:05:00Z", "duration": 300.5,
            "pipeline": { "status": "failed" }, "stage": null, "artifacts": [{ "file_type": "trace", "size": 7 }],
        });
        let after = team
            .developer
            .put(&one(1))
            .json(&json!({ "status": "failed", "deployable": end }))
            .await
            .json(200);
        let mut expected = with(
            before.clone(),
            json!({
                "status": "failed", "finished_at": "2026-01-01T10:05:00.000Z", "duration": 300.5, "stage": null,
                "failure_reason": "script_failure", "artifacts": [{ "file_type": "trace", "size": 7 }],
            }),
        );
        expected["pipeline"]["status"] = json!("failed");
        assert_eq!(after["deployable"], expected);
        assert_eq!(
            (&after["status"], &after["updated_at"]),
            (&json!("failed"), &json!("2026-01-02T03:04:05.678Z"))
        );
        assert_eq!(team.reporter.get(&one(1)).await.json(200), after);
        let other = json!({ "status": "failed", "deployable": { "id": 658, "name": "again", "pipeline": null } });
        let other = team.developer.put(&one(1)).json(&other).await.json(200);
        let told = [
            &other["deployable"]["id"],
            &other["deployable"]["name"],
            &other["deployable"]["pipeline"],
        ];
        assert_eq!(told, [&json!(658), &json!("again"), &Value::Null]);
        assert_eq!(
            stored_jobs(&server).await,
            "1 0 1",
            "the job was replaced, and its pipeline given up"
        );
        // An id of ours stays the job's id.
        let ours = shown(&team.developer, json!({ "name": "deploy" })).await["id"].clone();
        let completed = json!({ "status": "success", "deployable": { "status": "success" } });
        let completed = team.developer.put(&one(2)).json(&completed).await.json(200);
        assert_eq!(
            (&completed["deployable"]["id"], &completed["deployable"]["name"]),
            (&ours, &json!("deploy"))
        );
        // A job that is not there yet needs its name, and one that is refused changes nothing.
        let id = record(&team.developer, &report("production", 1, "running")).await;
        let nameless = json!({ "status": "success", "deployable": { "status": "success" } });
        assert_eq!(
            team.developer.put(&one(id)).json(&nameless).await.told(),
            (400, r#"{"error":"deployable[name] is missing"}"#)
        );
        let wrong = json!({ "status": "success", "deployable": { "name": "", "id": [] } });
        assert_eq!(
            team.developer.put(&one(id)).json(&wrong).await.told(),
            (
                400,
                r#"{"error":"deployable[id] is invalid, deployable[name] is empty"}"#
            )
        );
        let kept = team.reporter.get(&one(id)).await.json(200);
        assert_eq!(
            (&kept["status"], &kept["deployable"]),
            (&json!("running"), &Value::Null)
        );
    }
);
