//! Environments that are stopped and deleted in their time, by background jobs.

use std::time::Duration;

use landfall_domain::environment::State;

use super::*;

/// A moment less than a week.
const NEARLY_A_WEEK: Duration = Duration::from_micros(7 * 24 * 3_600_000_000 - 1);

/// The states of all environments of the first project, by name.
async fn states(team: &Team) -> Vec<String> {
    let list = team.reporter.get(ENVIRONMENTS).await.json(200);
    let rows = list.as_array().unwrap();
    rows.iter()
        .map(|row| format!("{} {}", row["name"].as_str().unwrap(), row["state"].as_str().unwrap()))
        .collect()
}

each_engine!(
    async fn an_environment_is_stopped_when_its_time_has_come(server) {
        let team = team(&server).await;
        for (name, at, setting) in [
            ("today", Some("2026-01-02T04:00:00Z"), "always"),
            ("tomorrow", Some("2026-01-03T04:00:00Z"), "always"),
            ("never", None, "always"),
            ("waits", Some("2026-01-02T04:00:00Z"), "with_action"),
        ] {
            let body = json!({ "name": name, "auto_stop_at": at, "auto_stop_setting": setting });
            make_with(&team.developer, body).await;
        }
        server.run_jobs().await;
        let all = ["today available", "tomorrow available", "never available", "waits available"];
        assert_eq!(states(&team).await, all);
        server.clock.advance(Duration::from_hours(1));
        server.run_jobs().await;
        let one = ["today stopped", "tomorrow available", "never available", "waits available"];
        assert_eq!(states(&team).await, one);
        let today = team.reporter.get(&super::one(1)).await.json(200);
        let expected = (&json!(null), &json!("2026-01-02T04:04:05.678Z"));
        assert_eq!((&today["auto_stop_at"], &today["updated_at"]), expected);
        // The one that waits for a stop job can still be asked not to.
        team.developer.put(&super::one(4)).form(&[("auto_stop_setting", "always")]).await.json(200);
        server.run_jobs().await;
        assert_eq!(states(&team).await[3], "waits stopped");
    }
);

each_engine!(
    async fn a_review_app_is_deleted_a_week_after_that_was_planned_unless_it_is_back(server) {
        let team = team(&server).await;
        for name in ["review/a", "review/b", "review/c"] {
            record(&team.developer, &report(name, 1, "success")).await;
        }
        for id in [1, 2] {
            stop(&team.developer, id).await;
        }
        let plan = format!("{ENVIRONMENTS}/review_apps?before=2026-02-01&dry_run=false");
        team.developer.delete(&plan).await.json(200);
        record(&team.developer, &report("review/b", 2, "success")).await;
        server.clock.advance(NEARLY_A_WEEK);
        server.run_jobs().await;
        assert_eq!(states(&team).await, ["review/a stopped", "review/b available", "review/c available"]);
        server.clock.advance(Duration::from_micros(1));
        server.run_jobs().await;
        assert_eq!(states(&team).await, ["review/b available", "review/c available"]);
        let left = team.reporter.get(DEPLOYMENTS).await;
        assert_eq!(left.header("x-total"), Some("3"), "its deployment went with it");
        // Stopped once more, it has to be planned once more.
        stop(&team.developer, 2).await;
        server.run_jobs().await;
        assert_eq!(states(&team).await, ["review/b stopped", "review/c available"]);
    }
);

each_engine!(
    async fn a_deletion_that_a_server_did_not_live_to_end_is_ended(server) {
        let team = team(&server).await;
        make(&team.developer, "qa").await;
        make(&team.developer, "canary").await;
        insert_many(&server, 1, 450).await;
        insert_many(&server, 2, 1).await;
        change(&server, 1, |environment| {
            environment.state = State::Stopped;
            environment.auto_delete_at = Some(NOW);
        })
        .await;
        server.run_jobs().await;
        assert_eq!(states(&team).await, ["canary available"]);
        assert_eq!(team.reporter.get(DEPLOYMENTS).await.header("x-total"), Some("1"));
    }
);
