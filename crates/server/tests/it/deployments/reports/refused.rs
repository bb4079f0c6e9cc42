//! What is no report.

use super::*;

const FULL: &str =
    r#"{"message":{"external_id":["has too many reports: at most 1000, or 16 MiB, are kept of one deployment"]}}"#;

each_engine!(
    async fn what_cannot_be_is_refused_in_words(server) {
        let team = team(&server).await;
        land(&team.developer, &keyed("a", 1, "running")).await;
        let ahead = |seconds| NOW.plus(Duration::from_secs(seconds)).to_wire();
        let cases = [
            (json!({ "occurred_at": ahead(301) }), r#"{"message":{"occurred_at":["can't be more than five minutes in the future"]}}"#),
            (json!({ "occurred_at": "gestern" }), r#"{"error":"occurred_at is invalid"}"#),
            (json!({ "sequence": "x" }), r#"{"error":"sequence is invalid"}"#),
            (json!({ "external_id": " " }), r#"{"error":"external_id is empty"}"#),
            (json!({ "external_id": "x".repeat(256) }), r#"{"message":{"external_id":["is too long (maximum is 255 characters)"]}}"#),
            (json!({ "environment": "staging" }), r#"{"message":{"environment":["can't be changed: this deployment went to production"]}}"#),
            (json!({ "sha": "no" }), r#"{"message":{"sha":["The commit does not exist"]}}"#),
        ];
        for (keys, expected) in cases {
            let body = with(keyed("a", 1, "success"), keys);
            let answer = team.developer.post(DEPLOYMENTS).json(&body).await;
            assert_eq!(answer.told(), (400, expected), "{body}");
        }
        for keys in [json!({ "sequence": 1 }), json!({ "occurred_at": ago(1) })] {
            let body = with(report("production", 1, "success"), keys);
            let answer = team.developer.post(DEPLOYMENTS).json(&body).await;
            assert_eq!(answer.told(), (400, r#"{"error":"external_id is missing"}"#));
        }
        let history = with(keyed("a", 1, "success"), json!({ "finished_at": ago(1) }));
        let answer = team.developer.post(DEPLOYMENTS).json(&history).await;
        assert_eq!(
            answer.told(),
            (403, r#"{"message":"403 Forbidden - Only maintainers can set created_at, updated_at and finished_at"}"#)
        );
        assert_eq!(
            land(&team.developer, &keyed("a", 1, "running")).await,
            landed(200, 1, "running", Some("repeated")),
            "nothing has changed"
        );
        let environments = "SELECT CAST(count(*) AS TEXT) FROM environments";
        let count = server
            .write(move |tx| Ok(landfall_store::testing::first_column(tx, environments)?))
            .await;
        assert_eq!(count, ["1"]);
    }
);

each_engine!(
    async fn a_little_ahead_is_taken_as_it_was_told(server) {
        let team = team(&server).await;
        let ahead = NOW.plus(Duration::from_mins(5)).to_wire();
        let body = with(keyed("a", 1, "success"), json!({ "occurred_at": ahead }));
        let shown = team.developer.post(DEPLOYMENTS).json(&body).await.json(201);
        assert_eq!(shown["landfall"]["finished_at"], json!(ahead));
        let events = team.reporter.get(&format!("{}/events", one(1))).await.json(200);
        let data = &events[1]["data"];
        assert_eq!(
            (&data["occurred_at"], &data["received_at"]),
            (&json!("2026-01-02T03:09:05.678000Z"), &json!("2026-01-02T03:04:05.678901Z"))
        );
    }
);

each_engine!(
    async fn there_is_room_for_a_thousand_reports(server) {
        let team = team(&server).await;
        land(&team.developer, &keyed("a", 1, "running")).await;
        server
            .write(|tx| {
                let deployment = landfall_domain::ids::DeploymentId(1);
                let mut event = landfall_store::events::reports(tx, deployment)?.remove(0);
                let mut data: Value = serde_json::from_str(&event.data).unwrap();
                for sequence in 1..1000 {
                    data["sequence"] = json!(sequence);
                    event.data = data.to_string();
                    landfall_store::events::append(tx, &event)?;
                }
                Ok(())
            })
            .await;
        let answer = team.developer.post(DEPLOYMENTS).json(&keyed("a", 1, "success")).await;
        assert_eq!(answer.told(), (400, FULL));
        let answer = team.developer.put(&one(1)).form(&[("status", "success")]).await;
        assert_eq!(answer.told(), (400, FULL));
        assert_eq!(
            land(&team.developer, &keyed("a", 1, "running")).await,
            landed(200, 1, "running", Some("repeated"))
        );
    }
);

each_engine!(
    async fn there_is_room_for_sixteen_mebibytes_of_reports(server) {
        let team = team(&server).await;
        let long = |sequence: i64| {
            let job = json!({ "name": "deploy", "stage": "x".repeat(9 << 20) });
            with(
                keyed("a", 1, "running"),
                json!({ "sequence": sequence, "deployable": job }),
            )
        };
        assert_eq!(land(&team.developer, &long(1)).await, landed(201, 1, "running", None));
        assert_eq!(land(&team.developer, &long(2)).await, landed(200, 1, "running", None));
        let more = with(keyed("a", 1, "success"), json!({ "sequence": 3 }));
        assert_eq!(team.developer.post(DEPLOYMENTS).json(&more).await.told(), (400, FULL));
    }
);
