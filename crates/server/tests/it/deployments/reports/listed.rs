//! The events of a deployment can be read.

use super::*;

each_engine!(
    async fn every_report_can_be_read_with_the_times_of_both_clocks(server) {
        let team = team(&server).await;
        let job = json!({ "deployable": { "name": "deploy", "user": { "username": "ada" } } });
        land(&team.developer, &with(past("a", "success", 60), job)).await;
        server.clock.advance(Duration::from_mins(1));
        land(
            &team.developer,
            &with(keyed("a", 1, "running"), json!({ "occurred_at": "2026-01-01T00:00:00.123456Z", "sequence": -2 })),
        )
        .await;
        land(&team.developer, &past("a", "failed", 90)).await;
        team.maintainer
            .put(&one(1))
            .form(&[("status", "failed")])
            .await
            .json(200);
        let events = team.reporter.get(&format!("{}/events", one(1))).await.json(200);
        insta::assert_json_snapshot!(events);
    }
);

each_engine!(
    async fn events_come_in_pages_to_those_who_may_read_the_deployment(server) {
        let team = team(&server).await;
        for sequence in 1..=5 {
            land(
                &team.developer,
                &with(keyed("a", 1, "running"), json!({ "sequence": sequence })),
            )
            .await;
        }
        record(&team.developer, &report("production", 2, "failed")).await;
        let events = format!("{}/events", one(1));
        let page = team.reporter.get(&format!("{events}?per_page=2&page=3")).await;
        let rows: Vec<Value> = page.json(200).as_array().unwrap().clone();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["data"]["sequence"], 4);
        let headers = ["x-page", "x-per-page", "x-next-page", "x-prev-page", "x-total", "x-total-pages"];
        assert_eq!(
            headers.map(|name| page.header(name).unwrap()),
            ["3", "2", "", "2", "6", "3"]
        );
        let without_key = team.reporter.get(&format!("{}/events", one(2))).await.json(200);
        let kinds: Vec<&Value> = without_key.as_array().unwrap().iter().map(|event| &event["kind"]).collect();
        assert_eq!(kinds, ["deployment_created"]);
        for (caller, path, expected) in [
            (&team.reporter, format!("{}/events", one(3)), NOT_FOUND),
            (&team.guest, events.clone(), FORBIDDEN),
            (&team.stranger, events, NO_PROJECT),
        ] {
            assert_eq!(caller.get(&path).await.told(), expected, "{path}");
        }
    }
);
