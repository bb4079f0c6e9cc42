//! DELETE `/projects/:id/deployments/:deployment_id` (reference 6.5).

use std::time::Duration;

use landfall_domain::event::Kind;
use landfall_store::{deployments, events};

use super::*;
use crate::support::each_engine;

const RUNNING: (u16, &str) = (400, r#"{"message":"Cannot destroy running deployment"}"#);
const LIVE: (u16, &str) = (400, r#"{"message":"Deployment currently deployed to environment"}"#);
const CHANGED: (u16, &str) = (412, r#"{"message":"412 Precondition Failed"}"#);
const GONE: (u16, &str) = (204, "");

each_engine!(
    async fn all_but_the_running_and_the_live_one_can_be_deleted(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "created")).await;
        for (status, expected) in [
            (Status::Created, GONE),
            (Status::Running, RUNNING),
            (Status::Failed, GONE),
            (Status::Canceled, GONE),
            (Status::Skipped, GONE),
            (Status::Blocked, GONE),
            (Status::Success, LIVE),
        ] {
            let id = server
                .write(move |tx| {
                    let mut new = plain_row(1, NOW);
                    new.status = status;
                    Ok(deployments::insert(tx, &new)?.0)
                })
                .await;
            let answer = team.maintainer.delete(&one(id.0)).await;
            assert_eq!(answer.told(), expected, "{status}");
            let then = if expected == GONE { 404 } else { 200 };
            assert_eq!(team.maintainer.get(&one(id.0)).await.status, then, "{status}");
        }
    }
);

each_engine!(
    async fn the_live_one_is_the_success_with_the_newest_finish(server) {
        let team = team(&server).await;
        let success = |commit: u64, finished: &str| {
            with(
                report("production", commit, "success"),
                json!({ "finished_at": finished }),
            )
        };
        record(&team.maintainer, &success(1, "2026-01-01T10:00:00Z")).await;
        record(&team.maintainer, &success(2, "2026-01-01T12:00:00Z")).await;
        record(&team.maintainer, &success(3, "2026-01-01T11:00:00Z")).await;
        record(&team.maintainer, &success(4, "2026-01-01T12:00:00Z")).await;
        record(&team.developer, &report("staging", 1, "success")).await;
        record(&team.developer, &report("production", 5, "failed")).await;
        // Of equal finishes the highest id counts; another environment has a live one of its own.
        let tell = async |id: i64| {
            let answer = team.maintainer.delete(&one(id)).await;
            (answer.status.as_u16(), answer.body)
        };
        let is = |expected: (u16, &str)| (expected.0, expected.1.to_owned());
        assert_eq!(tell(4).await, is(LIVE));
        assert_eq!(tell(5).await, is(LIVE));
        assert_eq!(tell(2).await, is(GONE));
        assert_eq!(tell(3).await, is(GONE));
        assert_eq!(tell(3).await, is(NOT_FOUND));
        // Once the live one has failed, the one before it is live again.
        team.developer
            .put(&one(4))
            .form(&[("status", "failed")])
            .await
            .json(200);
        assert_eq!(tell(1).await, is(LIVE));
        assert_eq!(tell(4).await, is(GONE));
    }
);

each_engine!(
    async fn the_deployment_is_looked_up_before_the_right(server) {
        let team = team(&server).await;
        record(&team.developer, &report("production", 1, "failed")).await;
        for (caller, existing, absent) in [
            (&server.nobody(), UNAUTHORIZED, UNAUTHORIZED),
            (&team.stranger, NO_PROJECT, NO_PROJECT),
            (&team.guest, FORBIDDEN, NOT_FOUND),
            (&team.reporter, FORBIDDEN, NOT_FOUND),
            (&team.developer, FORBIDDEN, NOT_FOUND),
        ] {
            assert_eq!(caller.delete(&one(1)).await.told(), existing);
            assert_eq!(caller.delete(&one(2)).await.told(), absent);
        }
        let invalid = team.maintainer.delete(&format!("{DEPLOYMENTS}/abc")).await;
        assert_eq!(invalid.told(), (400, r#"{"error":"deployment_id is invalid"}"#));
        server.project("group/other").await;
        assert_eq!(team.root.delete("/projects/2/deployments/1").await.told(), NOT_FOUND);
        let gone = team.maintainer.delete(&one(1)).await;
        assert_eq!((gone.told(), gone.header("content-type")), (GONE, None));
    }
);

each_engine!(
    async fn a_change_after_if_unmodified_since_stands_against_it(server) {
        let team = team(&server).await;
        let changed = json!({ "updated_at": "2026-01-01T10:00:00.5Z", "created_at": "2026-01-01T09:00:00Z" });
        for (since, expected) in [
            ("Thu, 01 Jan 2026 10:00:00 GMT", CHANGED),
            ("Thu, 01 Jan 2026 10:00:01 GMT", GONE),
            ("2026-01-01T10:00:00.4Z", CHANGED),
            ("2026-01-01T10:00:00.5Z", GONE),
            ("Wed, 01 Jan 2025 10:00:00 GMT", CHANGED),
            ("Fri, 02 Jan 2099 10:00:00 GMT", GONE),
            ("yesterday", GONE),
            ("", GONE),
        ] {
            let id = record(
                &team.maintainer,
                &with(report("production", 1, "failed"), changed.clone()),
            )
            .await;
            let answer = team
                .maintainer
                .delete(&one(id))
                .header("If-Unmodified-Since", since)
                .await;
            assert_eq!(answer.told(), expected, "{since}");
        }
        // The precondition is told before the state, and the right before the precondition.
        let id = record(&team.developer, &report("production", 1, "running")).await;
        let delete = |caller: &Caller| {
            caller
                .delete(&one(id))
                .header("If-Unmodified-Since", "Thu, 01 Jan 2026 10:00:00 GMT")
        };
        assert_eq!(delete(&team.maintainer).await.told(), CHANGED);
        assert_eq!(delete(&team.developer).await.told(), FORBIDDEN);
    }
);

each_engine!(
    async fn the_environment_stays_and_the_deletion_is_told_in_the_events(server) {
        let team = team(&server).await;
        let body = with(
            report("production", 1, "failed"),
            json!({ "deployable": { "name": "deploy", "pipeline": {}, "runner": {} } }),
        );
        record(&team.developer, &body).await;
        assert_eq!(stored_jobs(&server).await, "1 1 1");
        server.clock.advance(Duration::from_secs(1));
        assert_eq!(team.maintainer.delete(&one(1)).await.told(), GONE);
        assert_eq!(stored_jobs(&server).await, "0 0 0", "its job went with it");
        let listed = team.reporter.get(DEPLOYMENTS).await;
        assert_eq!((listed.told(), listed.header("x-total")), ((200, "[]"), Some("0")));
        assert_eq!(record(&team.developer, &report("production", 1, "failed")).await, 2);
        let again = team.reporter.get(&one(2)).await.json(200);
        assert_eq!((&again["environment"]["id"], &again["iid"]), (&json!(1), &json!(2)));
        let told = server
            .write(|tx| {
                let all = events::after(tx, 0, 100)?;
                Ok(all
                    .into_iter()
                    .find(|(_, event)| event.kind == Kind::DeploymentDeleted)
                    .unwrap()
                    .1)
            })
            .await;
        let data = r#"{"iid":1,"environment":"production","status":"failed","sha":"0000000000000000000000000000000000000001","ref":"main"}"#;
        assert_eq!(
            (told.deployment_id.unwrap().0, told.actor_id, told.data.as_str()),
            (1, Some(UserId(2)), data)
        );
    }
);
