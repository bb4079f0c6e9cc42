//! Records of what happened elsewhere and earlier: the three times that maintainers may tell.

use std::time::Duration;

use super::*;
use crate::support::each_engine;

/// `created_at`, `updated_at` and `finished_at` of an answer, short of the day.
fn times(told: &Value) -> [Option<String>; 3] {
    [
        &told["created_at"],
        &told["updated_at"],
        &told["landfall"]["finished_at"],
    ]
    .map(|time| time.as_str().map(str::to_owned))
}

each_engine!(
    async fn what_is_told_counts_and_the_rest_follows_from_it(server) {
        let team = team(&server).await;
        let (eight, nine, ten, now) = (
            "2026-01-01T08:00:00.000Z",
            "2026-01-01T09:00:00.000Z",
            "2026-01-01T10:00:00.000Z",
            "2026-01-02T03:04:05.678Z",
        );
        for (status, told, expected) in [
            (
                "failed",
                json!({ "created_at": eight, "updated_at": ten, "finished_at": nine }),
                [eight, ten, nine],
            ),
            (
                "failed",
                json!({ "created_at": eight, "updated_at": ten }),
                [eight, ten, ten],
            ),
            ("failed", json!({ "created_at": eight }), [eight, eight, eight]),
            ("failed", json!({ "finished_at": nine }), [nine, nine, nine]),
            ("failed", json!({ "updated_at": ten }), [ten, ten, ten]),
            (
                "failed",
                json!({ "updated_at": ten, "finished_at": nine }),
                [nine, ten, nine],
            ),
            (
                "running",
                json!({ "created_at": eight, "updated_at": ten }),
                [eight, ten, ""],
            ),
            ("running", json!({ "created_at": eight }), [eight, eight, ""]),
            ("created", json!({ "updated_at": ten }), [ten, ten, ""]),
            ("failed", json!({}), [now, now, now]),
            (
                "failed",
                json!({ "created_at": "", "updated_at": null }),
                [now, now, now],
            ),
            (
                "failed",
                json!({ "created_at": "2026-01-01T10:00:00+02:00", "updated_at": "1 Jan 2026 09:00" }),
                [eight, nine, nine],
            ),
        ] {
            let body = with(report("production", 1, status), told.clone());
            let created = team.maintainer.post(DEPLOYMENTS).json(&body).await.json(201);
            let expected = expected.map(|time| Some(time.to_owned()).filter(|time| !time.is_empty()));
            assert_eq!(times(&created), expected, "{status} {told}");
            assert_eq!(created["environment"]["created_at"], now, "the environment is made now");
        }
    }
);

each_engine!(
    async fn only_maintainers_may_tell_times(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "created")).await;
        let text = r#"{"message":"403 Forbidden - Only maintainers can set created_at, updated_at and finished_at"}"#;
        for name in ["created_at", "updated_at", "finished_at"] {
            let told = json!({ name: "2026-01-01T08:00:00Z" });
            let create = with(report("production", 1, "failed"), told.clone());
            let update = with(json!({ "status": "failed" }), told.clone());
            assert_eq!(team.developer.post(DEPLOYMENTS).json(&create).await.told(), (403, text));
            assert_eq!(team.developer.put(&one(1)).json(&update).await.told(), (403, text));
            // Who may not even create or update is told that.
            assert_eq!(team.reporter.post(DEPLOYMENTS).json(&create).await.told(), FORBIDDEN);
            assert_eq!(team.reporter.put(&one(1)).json(&update).await.told(), FORBIDDEN);
            let nothing = with(report("production", 1, "failed"), json!({ name: "" }));
            assert_eq!(
                team.developer.post(DEPLOYMENTS).json(&nothing).await.status,
                201,
                "an empty time is none"
            );
            for caller in [&team.maintainer, &team.root] {
                assert_eq!(caller.post(DEPLOYMENTS).json(&create).await.status, 201);
            }
            let unreadable = with(report("production", 1, "failed"), json!({ name: "yesterday" }));
            let invalid = json!({ "error": format!("{name} is invalid") }).to_string();
            assert_eq!(
                team.developer.post(DEPLOYMENTS).json(&unreadable).await.told(),
                (400, invalid.as_str())
            );
        }
        assert_eq!(
            team.maintainer
                .put(&one(1))
                .json(&json!({ "status": "failed", "finished_at": "2026-01-02T03:04:05.7Z" }))
                .await
                .status,
            200
        );
    }
);

each_engine!(
    async fn the_future_begins_after_five_minutes(server) {
        let team = team(&server).await;
        for name in ["created_at", "updated_at", "finished_at"] {
            for (time, is_fine) in [
                ("2026-01-02T03:09:05.678901Z", true),
                ("2026-01-02T03:09:05.678902Z", false),
                ("9999-12-31", false),
                ("0001-01-01", true),
            ] {
                let body = with(report("production", 1, "failed"), json!({ name: time }));
                let answer = team.maintainer.post(DEPLOYMENTS).json(&body).await;
                if is_fine {
                    assert_eq!(answer.status, 201, "{name} {time}: {}", answer.body);
                } else {
                    let text =
                        json!({ "message": { name: ["can't be more than five minutes in the future"] } }).to_string();
                    assert_eq!(answer.told(), (400, text.as_str()), "{name} {time}");
                }
            }
        }
    }
);

each_engine!(
    async fn times_that_contradict_each_other_or_the_status_are_refused(server) {
        let team = team(&server).await;
        let unfinished = r#"{"message":{"finished_at":["can only be set once the deployment is finished"]}}"#;
        for status in ["created", "running"] {
            let body = with(report("production", 1, status), json!({ "finished_at": "2026-01-01" }));
            assert_eq!(
                team.maintainer.post(DEPLOYMENTS).json(&body).await.told(),
                (400, unfinished)
            );
        }
        for name in ["updated_at", "finished_at"] {
            let body = with(
                report("production", 1, "failed"),
                json!({ "created_at": "2026-01-01T08:00:00Z", name: "2026-01-01T07:59:59Z" }),
            );
            let text = json!({ "message": { name: ["can't be before created_at"] } }).to_string();
            assert_eq!(
                team.maintainer.post(DEPLOYMENTS).json(&body).await.told(),
                (400, text.as_str())
            );
        }
        assert_eq!(team.reporter.get(DEPLOYMENTS).await.told(), (200, "[]"));
    }
);

each_engine!(
    async fn an_update_may_tell_times_too(server) {
        let team = team(&server).await;
        let started = with(
            report("production", 1, "running"),
            json!({ "created_at": "2026-01-01T08:00:00Z" }),
        );
        record(&team.maintainer, &started).await;
        let put = async |body: Value| {
            let answer = team.maintainer.put(&one(1)).json(&body).await;
            match answer.status.as_u16() {
                200 => Ok(times(&answer.json(200)).map(Option::unwrap_or_default)),
                status => Err((status, answer.body)),
            }
        };
        let refused = |field: &str, text: &str| Err((400, json!({ "message": { field: [text] } }).to_string()));
        let told = |created: &str, updated: &str, finished: &str| Ok([created, updated, finished].map(str::to_owned));
        let (eight, nine, ten, now) = (
            "2026-01-01T08:00:00.000Z",
            "2026-01-01T09:00:00.000Z",
            "2026-01-01T10:00:00.000Z",
            "2026-01-02T03:04:05.678Z",
        );

        let finished_early = put(json!({ "status": "running", "finished_at": nine })).await;
        assert_eq!(
            finished_early,
            refused("finished_at", "can only be set once the deployment is finished")
        );
        let before_created = put(json!({ "status": "success", "finished_at": "2026-01-01T07:00:00Z" })).await;
        assert_eq!(
            before_created,
            refused("finished_at", "can't be before created_at"),
            "what is recorded counts as well"
        );
        let future = put(json!({ "status": "success", "finished_at": "2026-01-03" })).await;
        assert_eq!(
            future,
            refused("finished_at", "can't be more than five minutes in the future")
        );
        assert_eq!(
            put(json!({ "status": "success", "finished_at": nine })).await,
            told(eight, now, nine)
        );
        assert_eq!(
            put(json!({ "status": "success", "updated_at": ten })).await,
            told(eight, ten, nine)
        );
        let created_late = put(json!({ "status": "success", "created_at": "2026-01-01T09:30:00Z" })).await;
        assert_eq!(created_late, refused("finished_at", "can't be before created_at"));
        assert_eq!(
            put(json!({ "status": "success", "created_at": nine })).await,
            told(nine, now, nine)
        );
        server.clock.advance(Duration::from_mins(1));
        let minute_later = "2026-01-02T03:05:05.678Z";
        assert_eq!(
            put(json!({ "status": "failed", "created_at": eight })).await,
            told(eight, minute_later, minute_later),
            "it fails now"
        );
    }
);

each_engine!(
    async fn what_is_live_is_not_displaced_by_history(server) {
        let team = team(&server).await;
        let live = with(
            report("production", 1, "success"),
            json!({ "finished_at": "2026-01-01T12:00:00Z" }),
        );
        record(&team.maintainer, &live).await;
        let older = with(
            report("production", 2, "success"),
            json!({ "finished_at": "2026-01-01T11:00:00Z" }),
        );
        assert_eq!(record(&team.maintainer, &older).await, 2);
        // The first is still live: its repetition is no new record, and the later-told one can be deleted.
        assert_eq!(record(&team.developer, &report("production", 1, "success")).await, 1);
        assert_eq!(team.maintainer.delete(&one(1)).await.status, 400);
        assert_eq!(team.maintainer.delete(&one(2)).await.status, 204);
        // The same history told twice is two records, for nothing says that they are one …
        assert_eq!(record(&team.maintainer, &older).await, 3);
        // … and a success that finishes late by an update is live from then on.
        record(&team.developer, &report("production", 4, "running")).await;
        team.developer
            .put(&one(4))
            .form(&[("status", "success")])
            .await
            .json(200);
        assert_eq!(team.maintainer.delete(&one(1)).await.status, 204);
        let corrected =
            json!({ "status": "success", "finished_at": "2026-01-01T10:00:00Z", "created_at": "2026-01-01T09:00:00Z" });
        team.maintainer.put(&one(4)).json(&corrected).await.json(200);
        assert_eq!(
            team.maintainer.delete(&one(4)).await.status,
            204,
            "the corrected time counts"
        );
        assert_eq!(team.maintainer.delete(&one(3)).await.status, 400);
    }
);
