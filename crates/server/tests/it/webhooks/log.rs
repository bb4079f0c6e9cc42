//! The log of attempts, and sending once more.

use std::time::Duration;

use super::*;
use crate::support::{Reaction, each_engine};

const EVENTS: &str = "/projects/1/hooks/1/events";

each_engine!(
    async fn every_attempt_is_listed_without_its_secrets(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        let bad = "a\u{0}b".to_owned() + &"x".repeat(9000);
        receiver.reacts("/", &[Reaction::Answer(418, "X-Said: no\r\n", bad), Reaction::status(200)]);
        hook_with(&mia, &receiver.url("/"), json!({ "token": "secret" })).await;
        deploy(&mia, 1, "running").await;
        deploy(&mia, 2, "running").await;
        server.run_jobs().await;
        let came = receiver.take();
        let log = mia.get(EVENTS).await;
        assert_eq!(log.header("x-total"), Some("2"));
        let log = log.json(200);
        let mut row = log[1].clone();
        assert_eq!(row["request_data"], came[0].json());
        assert_eq!(row["url"], receiver.url("/"));
        assert!(row["execution_duration"].as_f64().unwrap() > 0.0);
        let headers = row["request_headers"].as_object().unwrap();
        let names: Vec<&String> = headers.keys().collect();
        insta::assert_json_snapshot!(names, @r#"
        [
          "Content-Type",
          "User-Agent",
          "X-Gitlab-Event",
          "X-Gitlab-Webhook-UUID",
          "X-Gitlab-Instance",
          "X-Gitlab-Event-UUID",
          "Idempotency-Key",
          "X-Gitlab-Token"
        ]
        "#);
        assert_eq!(headers["X-Gitlab-Token"], "[REDACTED]");
        assert_eq!(headers["X-Gitlab-Webhook-UUID"], came[0].header("x-gitlab-webhook-uuid").unwrap());
        let body = row["response_body"].as_str().unwrap();
        assert_eq!((body.len(), &body[..5]), (8192 - 1 + 3, "a\u{fffd}b"));
        let keys = row.as_object_mut().unwrap();
        for key in ["request_data", "request_headers", "url", "execution_duration", "response_body"] {
            keys.shift_remove(key);
        }
        insta::assert_json_snapshot!(row, @r#"
        {
          "id": 1,
          "trigger": "deployment_hooks",
          "response_headers": {
            "content-length": "9003",
            "x-said": "no"
          },
          "response_status": "418",
          "created_at": "2026-01-02T03:04:05.678Z"
        }
        "#);

        let ids = async |query: &str| {
            let list = mia.get(&format!("{EVENTS}?{query}")).await.json(200);
            list.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ids("status=successful").await, [2]);
        assert_eq!(ids("status=client_failure").await, [1]);
        assert_eq!(ids("status=server_failure").await, [0; 0]);
        assert_eq!(ids("status=418").await, [1]);
        assert_eq!(ids("per_page=1&page=2").await, [1]);
        for (query, refusal) in [
            ("status=x", "status does not have a valid value"),
            ("status=99", "status does not have a valid value"),
            ("per_page=21", "per_page does not have a valid value"),
            ("per_page=0", "per_page does not have a valid value"),
        ] {
            let refused = mia.get(&format!("{EVENTS}?{query}")).await;
            assert_eq!(refused.told(), (400, json!({ "error": refusal }).to_string().as_str()));
        }
    }
);

each_engine!(
    async fn what_was_sent_can_be_sent_once_more_under_its_key(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "success").await;
        server.run_jobs().await;
        let first = receiver.take().remove(0);
        let resend = |id: i64| mia.post(&format!("{EVENTS}/{id}/resend"));
        assert_eq!(resend(1).await.told(), (201, r#"{"response_status":200}"#));
        receiver.reacts("/", &[Reaction::status(500)]);
        assert_eq!(resend(2).await.told(), (201, r#"{"response_status":500}"#));
        for again in receiver.take() {
            assert_eq!((&again.body, again.header("idempotency-key")), (&first.body, first.header("idempotency-key")));
        }
        assert_eq!(resend(9).await.told(), (404, r#"{"message":"404 Not found"}"#));
        receiver.reacts("/", &[Reaction::HangUp]);
        assert_eq!(resend(1).await.status.as_u16(), 422);
        for _ in 0..2 {
            resend(1).await;
        }
        assert_eq!(resend(1).await.status.as_u16(), 429);
        server.run_jobs().await;
        let hook = mia.get("/projects/1/hooks/1").await.json(200);
        assert_eq!(hook["alert_status"], "executable");
    }
);

each_engine!(
    async fn the_log_is_kept_for_seven_days(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "success").await;
        server.run_jobs().await;
        server.clock.advance(Duration::from_hours(24 * 7 - 1));
        server.run_jobs().await;
        assert_eq!(mia.get(EVENTS).await.json(200).as_array().unwrap().len(), 1);
        server.clock.advance(Duration::from_hours(2));
        assert_eq!(mia.get(EVENTS).await.json(200), json!([]), "also before it is cleared away");
        server.run_jobs().await;
        let left = "SELECT (SELECT count(*) FROM webhook_log) || ' ' || (SELECT count(*) FROM webhook_messages)";
        let left = server.write(move |tx| Ok(landfall_store::testing::first_column(tx, left)?)).await;
        assert_eq!(left, ["0 0"]);
    }
);

each_engine!(
    async fn what_waits_for_a_deleted_hook_is_cleared_away(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "success").await;
        mia.delete("/projects/1/hooks/1").await;
        server.run_jobs().await;
        server.clock.advance(Duration::from_hours(24 * 8));
        server.run_jobs().await;
        assert_eq!(receiver.take(), []);
        let left = "SELECT (SELECT count(*) FROM webhook_queue) || ' ' || (SELECT count(*) FROM webhook_messages)";
        let left = server.write(move |tx| Ok(landfall_store::testing::first_column(tx, left)?)).await;
        assert_eq!(left, ["0 0"]);
    }
);
