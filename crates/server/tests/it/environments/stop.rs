//! POST `/projects/:id/environments/:environment_id/stop` (neighbours, 1.5), and environments whose time has come.

use std::time::Duration;

use landfall_domain::environment::{AutoStopSetting, State};

use super::*;

const NOT_STOPPED: (u16, &str) = (
    400,
    r#"{"message":"400 Bad request - Attempted to stop the environment but failed to change the status"}"#,
);

fn stop_of(id: i64) -> String {
    format!("{}/stop", one(id))
}

each_engine!(
    async fn an_available_environment_is_stopped_and_its_planned_stop_is_off(server) {
        let team = team(&server).await;
        make_with(&team.developer, json!({ "name": "qa", "auto_stop_at": "2026-02-01" })).await;
        let made = team.reporter.get(ENVIRONMENTS).await.json(200)[0].clone();
        server.clock.advance(Duration::from_secs(1));
        let stopped = team.developer.post(&stop_of(1)).await.json(200);
        let expected = json!({ "state": "stopped", "auto_stop_at": null, "updated_at": "2026-01-02T03:04:06.678Z" });
        assert_eq!(stopped, with(made, expected));
        server.clock.advance(Duration::from_secs(1));
        assert_eq!(team.developer.post(&stop_of(1)).await.json(200), stopped, "a second time it stays as it is");
        assert_eq!(stop(&team.developer, 1).await, stopped);
    }
);

each_engine!(
    async fn every_state_and_setting_is_stopped_as_gitlab_does(server) {
        let team = team(&server).await;
        let mut expected = Vec::new();
        for (state, setting) in [
            (State::Available, AutoStopSetting::Always),
            (State::Available, AutoStopSetting::WithAction),
            (State::Stopping, AutoStopSetting::Always),
            (State::Stopping, AutoStopSetting::WithAction),
            (State::Stopped, AutoStopSetting::WithAction),
        ] {
            for force in [false, true] {
                let id = make(&team.developer, &format!("{state}-{setting}-{force}")).await;
                change(&server, id, move |environment| {
                    environment.state = state;
                    environment.auto_stop_setting = setting;
                })
                .await;
                let answer = team.developer.post(&stop_of(id)).json(&json!({ "force": force })).await;
                let then = stored(&server, id).await.unwrap().state;
                if answer.status == 400 {
                    assert_eq!(answer.told(), NOT_STOPPED);
                    assert_eq!(then, state);
                } else {
                    assert_eq!(answer.json(200)["state"], then.as_str());
                }
                expected.push(format!("{state} {setting} {force}: {} {then}", answer.status.as_u16()));
            }
        }
        insta::assert_snapshot!(expected.join("\n"), @"
        available always false: 200 stopped
        available always true: 200 stopped
        available with_action false: 400 available
        available with_action true: 200 stopped
        stopping always false: 200 stopping
        stopping always true: 200 stopped
        stopping with_action false: 200 stopping
        stopping with_action true: 200 stopped
        stopped with_action false: 200 stopped
        stopped with_action true: 200 stopped
        ");
        let invalid = team.developer.post(&stop_of(1)).form(&[("force", "maybe")]).await;
        assert_eq!(invalid.told(), (400, r#"{"error":"force is invalid"}"#));
    }
);

each_engine!(
    async fn the_environment_is_looked_up_before_the_right_to_stop_it(server) {
        let team = team(&server).await;
        make(&team.developer, "qa").await;
        for (caller, existing, absent) in [
            (&server.nobody(), UNAUTHORIZED, UNAUTHORIZED),
            (&team.stranger, NO_PROJECT, NO_PROJECT),
            (&team.guest, FORBIDDEN, FORBIDDEN),
            (&team.reporter, FORBIDDEN, NOT_FOUND),
        ] {
            assert_eq!(caller.post(&stop_of(1)).await.told(), existing);
            assert_eq!(caller.post(&stop_of(2)).await.told(), absent);
        }
        assert_eq!(stored(&server, 1).await.unwrap().state, State::Available);
    }
);

each_engine!(
    async fn a_success_takes_back_all_that_was_planned(server) {
        let team = team(&server).await;
        for name in ["review/a", "review/b"] {
            let id = make(&team.developer, name).await;
            stop(&team.developer, id).await;
            change(&server, id, |environment| {
                environment.auto_stop_at = Some(NOW);
                environment.auto_delete_at = Some(NOW);
            })
            .await;
        }
        record(&team.developer, &report("review/a", 1, "failed")).await;
        let asleep = stored(&server, 1).await.unwrap();
        assert_eq!((asleep.state, asleep.auto_delete_at), (State::Stopped, Some(NOW)));
        server.clock.advance(Duration::from_secs(1));
        record(&team.developer, &report("review/a", 1, "success")).await;
        let awake = stored(&server, 1).await.unwrap();
        assert_eq!((awake.state, awake.auto_stop_at, awake.auto_delete_at), (State::Available, None, None));
        assert_eq!(awake.updated_at, NOW.plus(Duration::from_secs(1)));
        let other = stored(&server, 2).await.unwrap();
        assert_eq!((other.state, other.auto_delete_at), (State::Stopped, Some(NOW)));
    }
);
