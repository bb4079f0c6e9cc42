//! A create that only repeats what is live stores nothing (reference 6.3.3).

use std::time::Duration;

use super::*;
use crate::support::each_engine;

each_engine!(
    async fn a_repeated_success_is_answered_with_what_is_live(server) {
        let team = team(&server).await;
        let production = |commit, status| report("production", commit, status);
        let first = team
            .developer
            .post(DEPLOYMENTS)
            .json(&production(1, "success"))
            .await
            .json(201);
        server.clock.advance(Duration::from_mins(1));
        // Nothing is stored, and the user is not compared.
        let again = team
            .maintainer
            .post(DEPLOYMENTS)
            .json(&production(1, "success"))
            .await
            .json(201);
        assert_eq!(again, first);
        let steps = [
            // What differs in anything is new; each is told by the id it gets.
            (production(1, "failed"), 2),
            (production(1, "failed"), 3),
            (production(1, "running"), 4),
            (production(1, "running"), 5),
            (production(1, "success"), 1),
            (with(production(1, "success"), json!({ "tag": true })), 6),
            (with(production(1, "success"), json!({ "tag": "yes" })), 6),
            (production(1, "success"), 7),
            (with(production(1, "success"), json!({ "ref": "refs/heads/main" })), 8),
            (production(2, "success"), 9),
            (production(1, "success"), 10),
            (production(2, "failed"), 11),
            (production(1, "success"), 10),
            (report("staging", 1, "success"), 12),
            (production(1, "success"), 10),
            (with(production(0xabc, "success"), json!({})), 13),
            (
                with(
                    production(0xabc, "success"),
                    json!({ "sha": sha(0xabc).to_uppercase() }),
                ),
                14,
            ),
        ];
        for (number, (body, id)) in steps.iter().enumerate() {
            server.clock.advance(Duration::from_secs(1));
            assert_eq!(record(&team.developer, body).await, *id, "step {number}");
        }
        let last = team.reporter.get(&one(14)).await.json(200);
        assert_eq!(last["iid"], 14, "a repeated report takes no iid");
    }
);

each_engine!(
    async fn only_what_is_told_of_times_and_job_makes_a_repeated_success_new(server) {
        let team = team(&server).await;
        let history = json!({ "created_at": "2026-01-01T08:00:00Z", "updated_at": "2026-01-01T09:00:00Z", "finished_at": "2026-01-01T08:30:00Z" });
        let told = |keys: Value| with(report("production", 1, "success"), keys);
        let job = json!({ "deployable": { "id": 7, "name": "deploy" } });
        let steps = [
            (with(told(history.clone()), job.clone()), 1),
            (told(json!({})), 1),
            (told(history), 1),
            (told(json!({ "finished_at": "2026-01-01T10:30:00+02:00" })), 1),
            (told(job), 1),
            (told(json!({ "deployable": { "name": "deploy" } })), 1),
            (told(json!({ "deployable": { "id": 7, "name": "other" } })), 1),
            (
                told(json!({ "deployable": { "name": "other" }, "finished_at": "2026-01-01T08:30:01Z" })),
                2,
            ),
            (
                told(json!({ "deployable": { "name": "deploy" }, "finished_at": "2026-01-01T08:30:02Z" })),
                3,
            ),
            (
                told(json!({ "deployable": { "id": 8, "name": "deploy" }, "finished_at": "2026-01-01T08:30:03Z" })),
                4,
            ),
            (told(json!({ "updated_at": "2026-01-01T09:00:00Z" })), 5),
            (told(json!({ "created_at": "2026-01-01T09:00:01Z" })), 6),
            (told(json!({ "deployable": { "name": "deploy" } })), 7),
        ];
        for (number, (body, id)) in steps.iter().enumerate() {
            assert_eq!(record(&team.maintainer, body).await, *id, "step {number}");
        }
    }
);

each_engine!(
    async fn a_success_that_was_reached_step_by_step_is_repeated_all_the_same(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "running")).await;
        team.developer
            .put(&one(1))
            .form(&[("status", "success")])
            .await
            .json(200);
        assert_eq!(record(&team.developer, &report("production", 1, "success")).await, 1);
        team.developer
            .put(&one(1))
            .form(&[("status", "failed")])
            .await
            .json(200);
        assert_eq!(
            record(&team.developer, &report("production", 1, "success")).await,
            2,
            "nothing is live"
        );
    }
);
