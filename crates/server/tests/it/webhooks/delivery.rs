//! Failures: when it is tried again, when it is given up, and when a hook is disabled.

use std::time::Duration;

use landfall_domain::time::Timestamp;

use super::*;
use crate::support::{NOW, Reaction, each_engine};

const MINUTE: Duration = Duration::from_mins(1);

/// The statuses in the log of the first hook, oldest first.
async fn statuses(caller: &Caller) -> Vec<String> {
    let log = caller.get("/projects/1/hooks/1/events").await.json(200);
    let rows = log.as_array().unwrap().iter().rev();
    rows.map(|row| row["response_status"].as_str().unwrap().to_owned())
        .collect()
}

/// Moves the clock on in small steps, with the jobs running at each.
async fn pass(server: &TestServer, time: Duration, step: Duration) {
    let end = server.app.clock.now().plus(time);
    while server.app.clock.now() < end {
        server.clock.advance(step);
        server.run_jobs().await;
    }
}

async fn status_of(caller: &Caller) -> (String, Value) {
    let hook = caller.get("/projects/1/hooks/1").await.json(200);
    (
        hook["alert_status"].as_str().unwrap().to_owned(),
        hook["disabled_until"].clone(),
    )
}

each_engine!(
    async fn a_failed_delivery_is_tried_again_with_the_same_key(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        receiver.reacts("/", &[Reaction::status(500), Reaction::HangUp, Reaction::status(302)]);
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "success").await;
        server.run_jobs().await;
        let first = receiver.take().remove(0);
        pass(&server, Duration::from_secs(7), Duration::from_secs(7)).await;
        assert_eq!(receiver.take(), [], "not so soon");
        pass(&server, 2 * MINUTE, Duration::from_secs(2)).await;
        let again = receiver.take();
        assert_eq!(again.len(), 2, "until it arrives");
        for later in again {
            assert_eq!(later.body, first.body);
            for name in ["idempotency-key", "x-gitlab-event-uuid"] {
                assert_eq!(later.header(name), first.header(name), "{name}");
            }
            assert_ne!(later.header("x-gitlab-webhook-uuid"), first.header("x-gitlab-webhook-uuid"));
        }
        assert_eq!(statuses(&mia).await, ["500", "internal error", "302"]);
        assert_eq!(status_of(&mia).await, ("executable".to_owned(), json!(null)));
    }
);

each_engine!(
    async fn later_deliveries_do_not_wait_for_one_that_fails(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        receiver.reacts("/", &[Reaction::status(500), Reaction::status(200)]);
        hook(&mia, &receiver.url("/")).await;
        for (number, status) in [(1, "running"), (2, "running"), (3, "running")] {
            deploy(&mia, number, status).await;
        }
        server.run_jobs().await;
        assert_eq!(told(&receiver), ["1 running", "2 running", "3 running"], "in the order of the changes");
        pass(&server, MINUTE, Duration::from_secs(5)).await;
        assert_eq!(told(&receiver), ["1 running"]);
    }
);

each_engine!(
    async fn a_receiver_that_asks_for_time_gets_it(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        let busy = |header| Reaction::Answer(429, header, String::new());
        let date = "Retry-After: Fri, 02 Jan 2026 03:30:00 GMT\r\n";
        receiver.reacts("/", &[busy("Retry-After: 300\r\n"), busy(date), Reaction::status(200)]);
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "running").await;
        server.run_jobs().await;
        deploy(&mia, 2, "running").await;
        pass(&server, 4 * MINUTE, MINUTE).await;
        assert_eq!(told(&receiver), ["1 running"], "and nothing else meanwhile");
        pass(&server, 2 * MINUTE, MINUTE).await;
        assert_eq!(told(&receiver), ["1 running"]);
        server.clock.set(Timestamp::parse_wire("2026-01-02T03:29:00Z").unwrap());
        server.run_jobs().await;
        assert_eq!(told(&receiver), [""; 0]);
        pass(&server, 2 * MINUTE, MINUTE).await;
        assert_eq!(told(&receiver), ["1 running", "2 running"]);
    }
);

each_engine!(
    async fn a_delivery_is_given_up_after_a_day(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        receiver.reacts("/", &[Reaction::status(500)]);
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "success").await;
        pass(&server, Duration::from_hours(30), 5 * MINUTE).await;
        let attempts = receiver.take().len();
        assert!((10..40).contains(&attempts), "{attempts}");
        receiver.reacts("/", &[Reaction::status(200)]);
        pass(&server, Duration::from_hours(30), Duration::from_hours(1)).await;
        assert_eq!(receiver.take(), []);
    }
);

each_engine!(
    async fn the_fourth_failure_disables_a_hook_for_a_minute_and_a_success_brings_it_back(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        receiver.reacts("/", &[Reaction::status(404)]);
        hook(&mia, &receiver.url("/")).await;
        for number in 1..=4 {
            assert_eq!(status_of(&mia).await.0, "executable");
            deploy(&mia, number, "running").await;
            server.run_jobs().await;
        }
        let until = json!(NOW.plus(MINUTE).to_wire());
        assert_eq!(status_of(&mia).await, ("temporarily_disabled".to_owned(), until));
        assert_eq!(receiver.take().len(), 4);
        receiver.reacts("/", &[Reaction::status(200)]);
        deploy(&mia, 5, "running").await;
        pass(&server, Duration::from_secs(55), Duration::from_secs(5)).await;
        assert_eq!(receiver.take(), []);
        pass(&server, MINUTE, Duration::from_secs(5)).await;
        assert_eq!(told(&receiver), ["1 running", "2 running", "3 running", "4 running", "5 running"]);
        assert_eq!(status_of(&mia).await, ("executable".to_owned(), json!(null)));
    }
);

each_engine!(
    async fn the_fortieth_failure_disables_for_good_and_a_test_brings_the_hook_back(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        receiver.reacts("/", &[Reaction::status(500)]);
        hook(&mia, &receiver.url("/")).await;
        for number in 1..=40 {
            deploy(&mia, number, "running").await;
            server.run_jobs().await;
            server.clock.advance(Duration::from_hours(25));
        }
        assert_eq!(status_of(&mia).await, ("disabled".to_owned(), json!(null)));
        receiver.take();
        deploy(&mia, 41, "running").await;
        server.run_jobs().await;
        assert_eq!(receiver.take(), []);
        let test = || mia.post("/projects/1/hooks/1/test/deployment_events");
        assert_eq!(test().await.told(), (422, r#"{"message":"thanks"}"#));
        assert_eq!(status_of(&mia).await.0, "disabled");
        receiver.reacts("/", &[Reaction::status(200)]);
        assert_eq!(test().await.told(), (201, r#"{"message":"201 Created"}"#));
        assert_eq!(status_of(&mia).await.0, "executable");
        deploy(&mia, 42, "running").await;
        server.run_jobs().await;
        assert_eq!(told(&receiver), ["41 running", "41 running", "42 running"]);
    }
);

each_engine!(
    async fn a_test_needs_a_deployment_and_is_allowed_five_times_a_minute(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        let test = |trigger: &str| mia.post(&format!("/projects/1/hooks/1/test/{trigger}"));
        assert_eq!(test("x").await.told(), (400, r#"{"error":"trigger does not have a valid value"}"#));
        let nothing = |text: &str| (422, format!(r#"{{"message":"Ensure the project has {text}."}}"#));
        for (trigger, text) in [("push_events", "at least one commit"), ("deployment_events", "deployments")] {
            let (status, body) = nothing(text);
            assert_eq!(test(trigger).await.told(), (status, body.as_str()));
        }
        deploy(&mia, 1, "created").await;
        for _ in 0..3 {
            test("deployment_events").await.json(201);
        }
        let refused = test("deployment_events").await;
        let too_many = r#"{"message":{"error":"This endpoint has been requested too many times. Try again later."}}"#;
        assert_eq!(refused.told(), (429, too_many));
        assert_eq!(receiver.take().len(), 3);
        server.clock.advance(MINUTE);
        test("deployment_events").await.json(201);
    }
);
