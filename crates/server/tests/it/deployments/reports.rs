//! Reports under the sender's own key (our own addition): repeated at will, in any order, by many at once.

use std::time::Duration;

use super::*;
use crate::support::each_engine;

mod listed;
mod order;
mod refused;
mod streams;
mod updates;

/// A report of a deployment to `production`, with its key.
fn keyed(key: &str, commit: u64, status: &str) -> Value {
    with(report("production", commit, status), json!({ "external_id": key }))
}

/// A time this many seconds before the first moment of a test.
fn ago(seconds: u64) -> String {
    NOW.minus(Duration::from_secs(seconds)).to_wire()
}

/// A report of something that happened some seconds ago.
fn past(key: &str, status: &str, seconds: u64) -> Value {
    with(keyed(key, 1, status), json!({ "occurred_at": ago(seconds) }))
}

/// Sends a report and answers what became of it: the answer's status, the deployment's id and status, and the reason
/// why the report was not applied.
async fn land(caller: &Caller, body: &Value) -> (u16, i64, String, Option<String>) {
    let answer = caller.post(DEPLOYMENTS).json(body).await;
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let landing = &told["landfall"]["report"];
    assert_eq!(
        landing["applied"].as_bool(),
        Some(landing["reason"].is_null()),
        "{told}"
    );
    (
        answer.status.as_u16(),
        told["id"].as_i64().unwrap(),
        text(&told["status"]).unwrap(),
        text(&landing["reason"]),
    )
}

/// The same, to compare with.
fn landed(status: u16, id: i64, stands: &str, reason: Option<&str>) -> (u16, i64, String, Option<String>) {
    (status, id, stands.to_owned(), reason.map(str::to_owned))
}

each_engine!(
    async fn the_first_report_creates_and_later_ones_update(server) {
        let team = team(&server).await;
        let first = team
            .developer
            .post(DEPLOYMENTS)
            .json(&keyed("run 7", 1, "running"))
            .await
            .json(201);
        insta::assert_json_snapshot!(first, @r#"
        {
          "id": 1,
          "iid": 1,
          "ref": "main",
          "sha": "0000000000000000000000000000000000000001",
          "created_at": "2026-01-02T03:04:05.678Z",
          "updated_at": "2026-01-02T03:04:05.678Z",
          "user": {
            "id": 3,
            "username": "ada",
            "public_email": "",
            "name": "ada",
            "state": "active",
            "locked": false,
            "avatar_url": "https://www.gravatar.com/avatar/b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72?s=80&d=identicon",
            "web_url": "http://landfall.example/ada"
          },
          "environment": {
            "id": 1,
            "name": "production",
            "slug": "production",
            "external_url": null,
            "created_at": "2026-01-02T03:04:05.678Z",
            "updated_at": "2026-01-02T03:04:05.678Z"
          },
          "deployable": null,
          "status": "running",
          "pending_approval_count": 0,
          "approvals": [],
          "approval_summary": {
            "rules": []
          },
          "landfall": {
            "tag": false,
            "commit": null,
            "verified": false,
            "finished_at": null,
            "source": "api",
            "external_id": "run 7",
            "report": {
              "applied": true,
              "reason": null
            }
          }
        }
        "#);
        server.clock.advance(Duration::from_mins(1));
        let then = team
            .developer
            .post(DEPLOYMENTS)
            .json(&keyed("run 7", 1, "success"))
            .await
            .json(200);
        insta::assert_json_snapshot!(then["landfall"], @r#"
        {
          "tag": false,
          "commit": null,
          "verified": false,
          "finished_at": "2026-01-02T03:05:05.678Z",
          "source": "api",
          "external_id": "run 7",
          "report": {
            "applied": true,
            "reason": null
          }
        }
        "#);
        assert_eq!(
            (&then["status"], &then["created_at"], &then["updated_at"]),
            (
                &json!("success"),
                &first["created_at"],
                &json!(NOW.plus(Duration::from_mins(1)).to_wire())
            )
        );
    }
);

each_engine!(
    async fn only_the_answer_to_a_report_says_what_became_of_it(server) {
        let team = team(&server).await;
        let told = team
            .developer
            .post(DEPLOYMENTS)
            .json(&keyed("run 7", 1, "running"))
            .await
            .json(201);
        let mut shown = told.clone();
        shown["landfall"].as_object_mut().unwrap().remove("report");
        assert_eq!(team.reporter.get(&one(1)).await.json(200), shown);
        assert_eq!(ids(&team.reporter.get(DEPLOYMENTS).await.json(200)), [1]);
    }
);

each_engine!(
    async fn an_identical_repeat_changes_nothing(server) {
        let team = team(&server).await;
        let bodies = [
            keyed("a", 1, "running"),
            with(keyed("b", 1, "failed"), json!({ "sequence": 3 })),
            past("c", "success", 60),
            with(
                past("d", "success", 60),
                json!({ "deployable": { "id": 7, "name": "deploy", "duration": 0.1, "user": { "username": "ada" } } }),
            ),
            // Whatever is kept must be read back as it was.
            with(
                past("\u{1f680} \"e\"", "running", 60),
                json!({
                    "sequence": i64::MIN,
                    "occurred_at": "0000-01-01T00:00:00.000001Z",
                    "deployable": {
                        "name": "deploy", "coverage": 1e300, "queued_duration": -0.0, "duration": "0.30000000000000004",
                        "artifacts": [18_446_744_073_709_551_615_u64, 1e-300, { "a": [null, [[["x"]]]] }],
                        "commit": { "trailers": { "b": 0.1, "a": "\n" } }, "created_at": "2026-01-01T10:00:00.123456789+02:00",
                    },
                }),
            ),
        ];
        for body in &bodies {
            team.developer.post(DEPLOYMENTS).json(body).await.json(201);
        }
        let list = format!("{DEPLOYMENTS}?per_page=100");
        let before = team.reporter.get(&list).await.json(200);
        let events = team.reporter.get(&format!("{}/events", one(4))).await.json(200);
        server.clock.advance(Duration::from_mins(1));
        for (body, id) in bodies.iter().zip(1..) {
            let status = body["status"].as_str().unwrap();
            assert_eq!(
                land(&team.developer, body).await,
                landed(200, id, status, Some("repeated"))
            );
        }
        assert_eq!(team.reporter.get(&list).await.json(200), before);
        assert_eq!(
            team.reporter.get(&format!("{}/events", one(4))).await.json(200),
            events
        );
    }
);

each_engine!(
    async fn the_header_is_a_key_and_the_parameter_wins(server) {
        let team = team(&server).await;
        let send = async |header: &str, body: Value| {
            let request = team.developer.post(DEPLOYMENTS).header("Idempotency-Key", header);
            let told = request.json(&body).await;
            let body: Value = serde_json::from_str(&told.body).unwrap();
            (told.status.as_u16(), body["id"].clone(), body["landfall"]["external_id"].clone())
        };
        let plain = |status| report("production", 1, status);
        assert_eq!(send("run 7", plain("running")).await, (201, json!(1), json!("run 7")));
        assert_eq!(send("run 7", plain("success")).await, (200, json!(1), json!("run 7")));
        assert_eq!(send("run 7", keyed("run 8", 1, "running")).await, (201, json!(2), json!("run 8")));
        assert_eq!(send("rün", plain("failed")).await, (201, json!(3), json!("rün")));
        assert_eq!(send(" run 8 ", plain("failed")).await, (200, json!(2), json!("run 8")));
        assert_eq!(
            land(&team.developer, &keyed("run 7", 1, "failed")).await,
            landed(200, 1, "failed", None)
        );
        let empty = team.developer.post(DEPLOYMENTS).header("Idempotency-Key", " ");
        assert_eq!(
            empty.json(&plain("running")).await.told(),
            (400, r#"{"error":"external_id is empty"}"#)
        );
    }
);

each_engine!(
    async fn two_keys_are_two_deployments_and_one_key_is_two_in_two_projects(server) {
        let team = team(&server).await;
        let other = server.project("group/other").await;
        server.member(other.id, "ada", AccessLevel::Developer).await;
        record(&team.developer, &report("production", 1, "success")).await;
        for (key, id) in [("a", 2), ("b", 3), ("A", 4)] {
            let sent = land(&team.developer, &keyed(key, 1, "success")).await;
            assert_eq!(sent, landed(201, id, "success", None), "{key}");
        }
        let elsewhere = team.developer.post("/projects/2/deployments");
        elsewhere.json(&keyed("a", 1, "success")).await.json(201);
        // Without a key the rule of the repeated success holds as ever.
        assert_eq!(record(&team.developer, &report("production", 1, "success")).await, 4);
    }
);

each_engine!(
    async fn a_deleted_deployment_is_made_anew(server) {
        let team = team(&server).await;
        land(&team.developer, &keyed("a", 1, "failed")).await;
        team.maintainer.delete(&one(1)).await;
        assert_eq!(
            land(&team.developer, &keyed("a", 1, "failed")).await,
            landed(201, 2, "failed", None)
        );
    }
);
