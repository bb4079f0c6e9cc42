//! POST `/projects/:id/environments/stop_stale` (neighbours, 1.5).

use landfall_domain::{environment::AutoStopSetting, time::Timestamp};
use landfall_store::deployments;

use super::*;

const STOP_STALE: &str = "/projects/1/environments/stop_stale";
const DONE: (u16, &str) = (
    200,
    r#"{"message":"Successfully requested stop for all stale environments"}"#,
);
const INVALID: (u16, &str) = (400, r#"{"message":"400 Bad request - Invalid Date"}"#);

fn time(text: &str) -> Timestamp {
    Timestamp::parse_wire(text).unwrap()
}

/// Makes an environment that last changed then.
async fn changed(server: &TestServer, developer: &Caller, name: &str, at: &'static str) -> i64 {
    let id = make(developer, name).await;
    change(server, id, move |environment| environment.updated_at = time(at)).await;
    id
}

/// Puts a deployment that last changed then into an environment.
async fn deployed(server: &TestServer, environment: i64, at: &'static str) {
    server
        .write(move |tx| {
            let mut new = plain_row(environment, NOW);
            new.updated_at = time(at);
            deployments::insert(tx, &new)?;
            Ok(())
        })
        .await;
}

each_engine!(
    async fn what_nobody_has_used_since_is_stopped(server) {
        let team = team(&server).await;
        let at = |name: &'static str, at: &'static str| changed(&server, &team.developer, name, at);
        at("old", "2025-11-30T23:59:59Z").await;
        at("new", "2025-12-01T00:00:00Z").await;
        let used = at("old-used", "2025-11-01T00:00:00Z").await;
        deployed(&server, used, "2025-12-01T00:00:00Z").await;
        deployed(&server, used, "2025-11-02T00:00:00Z").await;
        let unused = at("old-unused", "2025-11-01T00:00:00Z").await;
        deployed(&server, unused, "2025-11-30T00:00:00Z").await;
        let waits = at("waits", "2025-11-01T00:00:00Z").await;
        change(&server, waits, |environment| environment.auto_stop_setting = AutoStopSetting::WithAction).await;
        let elsewhere = server.project("group/other").await;
        team.root
            .post(&format!("/projects/{}/environments", elsewhere.id))
            .json(&json!({ "name": "old" }))
            .await
            .json(201);

        let before = [("before", "2025-12-01T00:00:00Z")];
        assert_eq!(team.maintainer.post(STOP_STALE).form(&before).await.told(), DONE);
        let stopped = team.reporter.get(&format!("{ENVIRONMENTS}?states=stopped")).await.json(200);
        assert_eq!(names(&stopped), ["old", "old-unused"]);
        assert_eq!(stopped[0]["updated_at"], "2026-01-02T03:04:05.678Z");
        assert_eq!(team.maintainer.post(STOP_STALE).form(&before).await.told(), DONE);
    }
);

each_engine!(
    async fn more_than_one_step_is_taken_where_there_are_many(server) {
        let team = team(&server).await;
        server
            .write(|tx| {
                for number in 0..250 {
                    let name = format!("old-{number}");
                    let new = Environment {
                        id: EnvironmentId(0),
                        project_id: ProjectId(1),
                        slug: name.clone(),
                        name,
                        external_url: None,
                        tier: landfall_domain::environment::Tier::Other,
                        state: landfall_domain::environment::State::Available,
                        description: None,
                        auto_stop_setting: AutoStopSetting::Always,
                        auto_stop_at: None,
                        auto_delete_at: None,
                        created_at: time("2025-01-01T00:00:00Z"),
                        updated_at: time("2025-01-01T00:00:00Z"),
                    };
                    environments::insert(tx, &new)?;
                }
                Ok(())
            })
            .await;
        team.maintainer.post(STOP_STALE).form(&[("before", "2025-12-01")]).await.json(200);
        let left = team.reporter.get(&format!("{ENVIRONMENTS}?states=available")).await;
        assert_eq!(left.header("x-total"), Some("0"));
    }
);

each_engine!(
    async fn the_time_must_lie_between_ten_years_and_a_week_ago(server) {
        let team = team(&server).await;
        for (before, expected) in [
            ("2025-12-26T03:04:05.678901Z", DONE),
            ("2025-12-26T03:04:05.678902Z", INVALID),
            ("2026-01-02", INVALID),
            ("2030-01-01", INVALID),
            ("2016-01-03", DONE),
            ("2015-12-30", INVALID),
        ] {
            let answer = team.maintainer.post(STOP_STALE).form(&[("before", before)]).await;
            assert_eq!(answer.told(), expected, "{before}");
        }
        for (form, error) in [
            (&[][..], "before is missing"),
            (&[("before", "yesterday")], "before is invalid"),
        ] {
            let told = json!({ "error": error }).to_string();
            assert_eq!(team.maintainer.post(STOP_STALE).form(form).await.told(), (400, told.as_str()));
        }
        let empty = team.maintainer.post(STOP_STALE).form(&[("before", "")]).await;
        assert_eq!(empty.told(), INVALID);
    }
);

each_engine!(
    async fn only_maintainers_may(server) {
        let team = team(&server).await;
        let form = [("before", "2025-12-01")];
        for caller in [&team.developer, &team.reporter, &team.guest] {
            assert_eq!(caller.post(STOP_STALE).form(&form).await.told(), FORBIDDEN);
        }
        assert_eq!(team.stranger.post(STOP_STALE).form(&form).await.told(), NO_PROJECT);
        // Before the time is looked at.
        assert_eq!(team.developer.post(STOP_STALE).form(&[("before", "2026-01-02")]).await.told(), FORBIDDEN);
    }
);
