//! PUT `/projects/:id/deployments/:deployment_id` (reference 6.4, 8.1 to 8.3).

use std::time::Duration;

use landfall_store::deployments;

use super::*;
use crate::support::each_engine;

const STATUSES: [&str; 4] = ["running", "success", "failed", "canceled"];

each_engine!(
    async fn the_whole_table_of_transitions(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "created")).await;
        #[rustfmt::skip]
        let table: [(Status, [Option<&str>; 4]); 7] = [
            // to:                running       success          failed        canceled
            (Status::Created,  [None,        None,            None,         None]),
            (Status::Blocked,  [None,        None,            None,         None]),
            (Status::Running,  [Some("run"), None,            None,         None]),
            (Status::Success,  [Some("run"), Some("succeed"), None,         None]),
            (Status::Failed,   [Some("run"), None,            Some("drop"), None]),
            (Status::Canceled, [Some("run"), None,            None,         Some("cancel")]),
            (Status::Skipped,  [Some("run"), None,            None,         None]),
        ];
        for (from, row) in table {
            for (to, refusal) in STATUSES.into_iter().zip(row) {
                let id = server
                    .write(move |tx| {
                        let mut new = plain_row(1, NOW);
                        new.status = from;
                        new.finished_at = from.is_finished().then_some(NOW);
                        Ok(deployments::insert(tx, &new)?.0)
                    })
                    .await;
                server.clock.advance(Duration::from_secs(1));
                let before = team.reporter.get(&one(id.0)).await.json(200);
                let answer = team.developer.put(&one(id.0)).form(&[("status", to)]).await;
                match refusal {
                    None => {
                        let after = answer.json(200);
                        assert_eq!(after["status"], to);
                        assert_ne!(after["updated_at"], before["updated_at"], "{from} to {to}");
                        let finishes = to != "running";
                        assert_eq!(
                            finishes,
                            after["landfall"]["finished_at"] == after["updated_at"],
                            "{from} to {to}"
                        );
                    }
                    Some(event) => {
                        let text = format!(r#"{{"message":{{"status":["cannot transition via \"{event}\""]}}}}"#);
                        assert_eq!(answer.told(), (400, text.as_str()), "{from} to {to}");
                        assert_eq!(team.reporter.get(&one(id.0)).await.json(200), before, "{from} to {to}");
                    }
                }
            }
        }
    }
);

each_engine!(
    async fn each_entry_into_an_end_moves_the_finish_and_nothing_clears_it(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "created")).await;
        let mut seen = Vec::new();
        for status in ["running", "failed", "success", "canceled"] {
            server.clock.advance(Duration::from_mins(1));
            let after = team
                .developer
                .put(&one(1))
                .json(&json!({ "status": status }))
                .await
                .json(200);
            seen.push((after["updated_at"].clone(), after["landfall"]["finished_at"].clone()));
        }
        let at = |minutes: u32| json!(format!("2026-01-02T03:{:02}:05.678Z", 4 + minutes));
        assert_eq!(
            seen,
            [(at(1), Value::Null), (at(2), at(2)), (at(3), at(3)), (at(4), at(4))]
        );
    }
);

each_engine!(
    async fn the_answer_is_the_whole_extended_deployment(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "running")).await;
        server.clock.advance(Duration::from_mins(1));
        let updated = team
            .maintainer
            .put(&one(1))
            .form(&[("status", "success"), ("sha", "x"), ("environment", "y")])
            .await;
        insta::assert_json_snapshot!(updated.json(200), @r#"
        {
          "id": 1,
          "iid": 1,
          "ref": "main",
          "sha": "0000000000000000000000000000000000000001",
          "created_at": "2026-01-02T03:04:05.678Z",
          "updated_at": "2026-01-02T03:05:05.678Z",
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
            "commit": null,
            "verified": false,
            "finished_at": "2026-01-02T03:05:05.678Z",
            "source": "api",
            "external_id": null
          }
        }
        "#);
        assert_eq!(
            team.reporter.get(&one(1)).await.json(200),
            updated.json(200),
            "and its user stays"
        );
    }
);

each_engine!(
    async fn the_status_is_checked_first_then_the_deployment_then_the_right(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "running")).await;
        let missing = r#"{"error":"status is missing, status does not have a valid value"}"#;
        let wrong = r#"{"error":"status does not have a valid value"}"#;
        assert_eq!(
            team.stranger.put("/projects/99/deployments/1").await.told(),
            (400, missing)
        );
        for status in ["", "created", "skipped", "blocked", "Success"] {
            let answer = team.developer.put(&one(1)).form(&[("status", status)]).await;
            assert_eq!(answer.told(), (400, wrong), "{status}");
        }
        let success = [("status", "success")];
        for (caller, existing, absent) in [
            (&server.nobody(), UNAUTHORIZED, UNAUTHORIZED),
            (&team.stranger, NO_PROJECT, NO_PROJECT),
            (&team.guest, FORBIDDEN, NOT_FOUND),
            (&team.reporter, FORBIDDEN, NOT_FOUND),
        ] {
            assert_eq!(caller.put(&one(1)).form(&success).await.told(), existing);
            assert_eq!(caller.put(&one(2)).form(&success).await.told(), absent);
        }
        assert_eq!(team.developer.put(&one(2)).form(&success).await.told(), NOT_FOUND);
        assert_eq!(team.reporter.get(&one(1)).await.json(200)["status"], "running");
    }
);

each_engine!(
    async fn the_id_in_the_path_is_not_validated(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "created")).await;
        for nothing in ["abc", "-1", "0", "99999999999999999999", "%20"] {
            let answer = team
                .developer
                .put(&format!("{DEPLOYMENTS}/{nothing}"))
                .form(&[("status", "running")])
                .await;
            assert_eq!(answer.told(), NOT_FOUND, "{nothing}");
        }
        for (path, status) in [
            ("1abc", "running"),
            ("1.5", "success"),
            ("01", "failed"),
            ("+1", "canceled"),
        ] {
            let answer = team
                .developer
                .put(&format!("{DEPLOYMENTS}/{path}"))
                .form(&[("status", status)])
                .await;
            assert_eq!(answer.json(200)["status"], status);
        }
        server.project("group/other").await;
        let elsewhere = team
            .root
            .put("/projects/2/deployments/1")
            .form(&[("status", "failed")])
            .await;
        assert_eq!(elsewhere.told(), NOT_FOUND);
    }
);

each_engine!(
    async fn a_deployment_whose_job_a_gitlab_owns_is_left_to_it(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "running")).await;
        let id = server
            .write(|tx| {
                let mut new = plain_row(1, NOW);
                new.owned_by_gitlab = true;
                new.source = Source::Import;
                Ok(deployments::insert(tx, &new)?.0)
            })
            .await;
        let text =
            r#"{"message":"403 Forbidden - Deployments created using GitLab CI can not be updated using the API"}"#;
        for caller in [&team.developer, &team.maintainer, &team.root] {
            for status in STATUSES {
                assert_eq!(
                    caller.put(&one(id.0)).form(&[("status", status)]).await.told(),
                    (403, text)
                );
            }
        }
        assert_eq!(
            team.reporter
                .put(&one(id.0))
                .form(&[("status", "success")])
                .await
                .told(),
            FORBIDDEN
        );
        assert_eq!(
            team.maintainer.delete(&one(id.0)).await.status,
            204,
            "but it can be deleted"
        );
    }
);

each_engine!(
    async fn the_same_status_again_is_refused_unless_the_job_or_the_times_come_with_it(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "success")).await;
        server.clock.advance(Duration::from_mins(1));
        let succeed = r#"{"message":{"status":["cannot transition via \"succeed\""]}}"#;
        assert_eq!(
            team.maintainer.put(&one(1)).form(&[("status", "success")]).await.told(),
            (400, succeed)
        );
        let job = json!({ "status": "success", "deployable": { "name": "deploy" } });
        let with_job = team.developer.put(&one(1)).json(&job).await.json(200);
        assert_eq!(
            with_job["landfall"]["finished_at"], "2026-01-02T03:04:05.678Z",
            "it finished when it did"
        );
        assert_eq!(with_job["updated_at"], "2026-01-02T03:05:05.678Z");
        let times = json!({ "status": "success", "finished_at": "2026-01-01T08:00:00Z", "created_at": "2026-01-01" });
        let with_times = team.maintainer.put(&one(1)).json(&times).await.json(200);
        assert_eq!(with_times["landfall"]["finished_at"], "2026-01-01T08:00:00.000Z");
        assert_eq!(with_times["deployable"]["name"], "deploy");
        // What is refused for another reason stays refused.
        let back = json!({ "status": "running", "deployable": { "name": "deploy" } });
        let run = r#"{"message":{"status":["cannot transition via \"run\""]}}"#;
        assert_eq!(team.developer.put(&one(1)).json(&back).await.told(), (400, run));
    }
);
