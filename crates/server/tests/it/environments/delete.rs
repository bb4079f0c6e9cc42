//! DELETE `/projects/:id/environments/:environment_id` (neighbours, 1.5).

use super::*;

const CHANGED: (u16, &str) = (412, r#"{"message":"412 Precondition Failed"}"#);
const GONE: (u16, &str) = (204, "");

each_engine!(
    async fn a_stopped_environment_goes_with_everything_that_was_deployed_to_it(server) {
        let team = team(&server).await;
        let job = json!({ "deployable": { "name": "deploy", "pipeline": {}, "runner": {} } });
        for (commit, status) in [(1, "running"), (2, "failed"), (3, "success")] {
            record(&team.developer, &with(report("qa", commit, status), job.clone())).await;
        }
        record(&team.developer, &report("staging", 4, "success")).await;
        assert_eq!(team.developer.delete(&one(1)).await.told(), FORBIDDEN, "it is not stopped");
        stop(&team.developer, 1).await;
        let gone = team.developer.delete(&one(1)).await;
        assert_eq!((gone.told(), gone.header("content-type")), (GONE, None));
        assert_eq!(team.developer.delete(&one(1)).await.told(), NOT_FOUND);
        let left = team.reporter.get(DEPLOYMENTS).await;
        assert_eq!((left.json(200)[0]["id"].clone(), left.header("x-total")), (json!(4), Some("1")));
        assert_eq!(stored_jobs(&server).await, "0 0 0");
        // The name is free again; ids and iids are not.
        assert_eq!(make(&team.developer, "qa").await, 3);
        let next = team.developer.post(DEPLOYMENTS).json(&report("qa", 1, "running")).await.json(201);
        assert_eq!((&next["id"], &next["iid"]), (&json!(5), &json!(5)));
    }
);

each_engine!(
    async fn only_stopped_is_stopped(server) {
        let team = team(&server).await;
        make(&team.developer, "qa").await;
        change(&server, 1, |environment| environment.state = landfall_domain::environment::State::Stopping).await;
        for caller in [&team.developer, &team.maintainer, &team.root] {
            assert_eq!(caller.delete(&one(1)).await.told(), FORBIDDEN);
        }
    }
);

each_engine!(
    async fn the_environment_is_looked_up_before_the_right_to_delete_it(server) {
        let team = team(&server).await;
        make(&team.developer, "qa").await;
        stop(&team.developer, 1).await;
        for (caller, existing, absent) in [
            (&server.nobody(), UNAUTHORIZED, UNAUTHORIZED),
            (&team.stranger, NO_PROJECT, NO_PROJECT),
            (&team.guest, FORBIDDEN, FORBIDDEN),
            (&team.reporter, FORBIDDEN, NOT_FOUND),
            (&team.developer, GONE, NOT_FOUND),
        ] {
            assert_eq!(caller.delete(&one(2)).await.told(), absent);
            assert_eq!(caller.delete(&one(1)).await.told(), existing);
        }
    }
);

each_engine!(
    async fn a_change_after_if_unmodified_since_stands_against_it(server) {
        let team = team(&server).await;
        for (since, expected) in [
            ("Fri, 02 Jan 2026 03:04:05 GMT", CHANGED),
            ("2026-01-02T03:04:05.678901Z", GONE),
            ("Fri, 02 Jan 2026 03:04:06 GMT", GONE),
            ("yesterday", GONE),
        ] {
            let id = make(&team.developer, &format!("review/{}", since.len())).await;
            let delete = || team.developer.delete(&one(id)).header("If-Unmodified-Since", since);
            assert_eq!(delete().await.told(), FORBIDDEN, "the state is told first");
            stop(&team.developer, id).await;
            assert_eq!(delete().await.told(), expected, "{since}");
            if expected == CHANGED {
                assert_eq!(team.developer.delete(&one(id)).await.told(), GONE);
            }
        }
    }
);

each_engine!(
    async fn an_environment_with_many_deployments_goes_in_steps(server) {
        let team = team(&server).await;
        make(&team.developer, "qa").await;
        make(&team.developer, "canary").await;
        insert_many(&server, 1, 1_000).await;
        insert_many(&server, 2, 1).await;
        stop(&team.developer, 1).await;
        assert_eq!(team.developer.delete(&one(1)).await.told(), GONE);
        assert_eq!(team.reporter.get(DEPLOYMENTS).await.header("x-total"), Some("1"));
        assert_eq!(stored(&server, 1).await, None);
    }
);
