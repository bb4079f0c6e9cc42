//! PUT and the times of records from elsewhere, on a deployment that has reports.

use super::*;

each_engine!(
    async fn no_late_report_undoes_an_update(server) {
        let team = team(&server).await;
        let counted = |sequence: i64, status| with(keyed("a", 1, status), json!({ "sequence": sequence }));
        land(&team.developer, &counted(4, "running")).await;
        let later = NOW.plus(Duration::from_mins(1));
        server.clock.set(later);
        let updated = team
            .maintainer
            .put(&one(1))
            .form(&[("status", "canceled")])
            .await
            .json(200);
        assert_eq!(updated["landfall"]["finished_at"], json!(later.to_wire()));
        assert_eq!(updated["updated_at"], json!(later.to_wire()));
        server.clock.advance(Duration::from_mins(1));
        assert_eq!(
            land(&team.developer, &counted(3, "success")).await,
            landed(200, 1, "canceled", Some("older"))
        );
        let behind = with(counted(4, "success"), json!({ "occurred_at": NOW.plus(Duration::from_secs(30)).to_wire() }));
        assert_eq!(
            land(&team.developer, &behind).await,
            landed(200, 1, "canceled", Some("older"))
        );
        assert_eq!(team.reporter.get(&one(1)).await.json(200), updated);
        assert_eq!(
            land(&team.developer, &counted(5, "success")).await,
            landed(200, 1, "success", None)
        );
        // What PUT refuses, it refuses here too.
        let same = team.maintainer.put(&one(1)).form(&[("status", "success")]).await;
        assert_eq!(same.status.as_u16(), 400);
    }
);

each_engine!(
    async fn an_update_comes_after_a_report_whose_clock_is_ahead(server) {
        let team = team(&server).await;
        let ahead = NOW.plus(Duration::from_mins(4));
        let body = with(keyed("a", 1, "failed"), json!({ "occurred_at": ahead.to_wire() }));
        land(&team.developer, &body).await;
        let updated = team
            .maintainer
            .put(&one(1))
            .form(&[("status", "success")])
            .await
            .json(200);
        assert_eq!(updated["status"], "success");
        assert_eq!(updated["landfall"]["finished_at"], json!(ahead.to_wire()));
    }
);

each_engine!(
    async fn a_job_told_by_an_update_stays(server) {
        let team = team(&server).await;
        let job = json!({ "deployable": { "name": "deploy", "stage": "ship", "status": "running" } });
        let first = with(past("a", "running", 60), job);
        land(&team.developer, &first).await;
        let completed = json!({ "status": "success", "deployable": { "status": "success" } });
        let updated = team.developer.put(&one(1)).json(&completed).await.json(200);
        let job = &updated["deployable"];
        assert_eq!(
            json!([job["id"], job["name"], job["stage"], job["status"]]),
            json!([1, "deploy", "ship", "success"])
        );
        let late = with(past("a", "running", 30), json!({ "deployable": { "name": "deploy", "status": "late", "coverage": 99.5 } }));
        land(&team.developer, &late).await;
        let shown = team.reporter.get(&one(1)).await.json(200);
        let job = &shown["deployable"];
        assert_eq!(
            json!([job["id"], job["name"], job["stage"], job["status"], job["coverage"]]),
            json!([1, "deploy", "ship", "success", 99.5])
        );
        assert_eq!(stored_jobs(&server).await, "1 0 0");
    }
);

each_engine!(
    async fn told_times_of_records_from_elsewhere_hold(server) {
        let team = team(&server).await;
        let times = json!({ "created_at": ago(900), "updated_at": ago(500), "finished_at": ago(600) });
        let first = team
            .maintainer
            .post(DEPLOYMENTS)
            .json(&with(keyed("a", 1, "success"), times))
            .await
            .json(201);
        let shown = |told: &Value| json!([told["created_at"], told["updated_at"], told["landfall"]["finished_at"]]);
        assert_eq!(shown(&first), json!([ago(900), ago(500), ago(600)]));
        let put = json!({ "status": "success", "finished_at": ago(700) });
        let updated = team.maintainer.put(&one(1)).json(&put).await.json(200);
        assert_eq!(shown(&updated), json!([ago(900), NOW.to_wire(), ago(700)]));
        let wrong = json!({ "status": "success", "finished_at": ago(901) });
        assert_eq!(
            team.maintainer.put(&one(1)).json(&wrong).await.told(),
            (400, r#"{"message":{"finished_at":["can't be before created_at"]}}"#)
        );
        land(&team.developer, &past("a", "running", 650)).await;
        let now = team.reporter.get(&one(1)).await.json(200);
        assert_eq!(shown(&now), shown(&updated), "an older report leaves told times alone");
    }
);
