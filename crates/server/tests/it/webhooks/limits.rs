//! Receivers that behave badly harm nobody else, and nothing is sent where nothing may be.

use std::time::Duration;

use landfall_domain::{
    ids::WebhookId,
    webhook::{BranchFilter, Health, Hidden, Owner, Trigger, Webhook},
};
use landfall_store::{testing::Engine, webhooks};

use super::*;
use crate::support::{NOW, Reaction, each_engine, logs, run};

/// Many hooks of one project, one host each; those that hang do so on a path of their own.
async fn many(server: &TestServer, receiver: &TestReceiver, good: usize, bad: usize) {
    let address = |number: usize| format!("127.{}.{}.1", number / 250 + 1, number % 250);
    let urls: Vec<String> = (0..good + bad)
        .map(|number| {
            // The bad ones first, so that they are in the way.
            let path = if number < bad {
                "/hang".to_owned()
            } else {
                format!("/{number}")
            };
            receiver.url_at(&address(number), &path)
        })
        .collect();
    server
        .write(move |tx| {
            for url in &urls {
                let hook = Webhook {
                    id: WebhookId(0),
                    owner: Owner::Instance,
                    url: Hidden::new(url.clone()),
                    name: None,
                    description: None,
                    token: None,
                    signing_secret: None,
                    ssl_verification: true,
                    triggers: [Trigger::Deployment].into_iter().collect(),
                    push_events_branch_filter: None,
                    branch_filter_strategy: BranchFilter::Wildcard,
                    custom_webhook_template: None,
                    custom_headers: Vec::new(),
                    url_variables: Vec::new(),
                    health: Health::GOOD,
                    created_at: NOW,
                };
                webhooks::insert(tx, &hook)?;
            }
            Ok(())
        })
        .await;
}

each_engine!(
    async fn a_receiver_that_hangs_hangs_up_or_never_ends_holds_up_nobody(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        receiver.reacts("/hang", &[Reaction::Hang]);
        receiver.reacts("/gone", &[Reaction::HangUp]);
        receiver.reacts("/endless", &[Reaction::Endless]);
        receiver.reacts("/away", &[Reaction::Answer(307, "Location: http://10.0.0.1/\r\n", String::new())]);
        for (host, path) in [("127.0.0.2", "/hang"), ("127.0.0.3", "/gone"), ("127.0.0.4", "/endless"), ("127.0.0.5", "/away"), ("127.0.0.6", "/good")] {
            hook(&mia, &receiver.url_at(host, path)).await;
        }
        deploy(&mia, 1, "success").await;
        // A node with less patience, so that the test has to have none.
        let node = server.node(|settings| settings.webhook_timeout = Duration::from_secs(3));
        landfall_server::jobs::run_all(&node).await.unwrap();
        let mut log = Vec::new();
        for id in 1..=5 {
            let row = mia.get(&format!("/projects/1/hooks/{id}/events")).await.json(200);
            let body = row[0]["response_body"].as_str().unwrap();
            let short: String = body.chars().take(20).collect();
            log.push((row[0]["response_status"].as_str().unwrap().to_owned(), short, body.len()));
        }
        let row = |status: &str, body: &str, length| (status.to_owned(), body.to_owned(), length);
        assert_eq!(log[0], row("internal error", "Net::ReadTimeout", 16));
        assert_eq!(log[1].0, "internal error");
        assert_eq!(log[2], row("200", "xxxxxxxxxxxxxxxxxxxx", 8192));
        assert_eq!(log[3], row("307", "", 0), "and nobody goes there");
        assert_eq!(log[4], row("200", "thanks", 6));
    }
);

/// Tells all hooks of a deployment. Nobody gives up on those that hang, so the others can only have been told beside them.
async fn told_beside(server: TestServer, good: usize, bad: usize) {
    let mia = maintainer(&server).await;
    let receiver = TestReceiver::new();
    receiver.reacts("/hang", &[Reaction::Hang]);
    many(&server, &receiver, good, bad).await;
    deploy(&mia, 1, "success").await;
    let node = server.node(|settings| settings.webhook_timeout = Duration::from_hours(1));
    let running = tokio::spawn(async move { landfall_server::jobs::run_all(&node).await });
    let mut told = 0;
    while told < good {
        tokio::task::yield_now().await;
        told += receiver.take().iter().filter(|came| came.path != "/hang").count();
    }
    running.abort();
}

each_engine!(
    async fn hooks_that_hang_leave_places_for_the_others(server) {
        told_beside(server, 90, 10).await;
    }
);

/// What docs/performance.md has the figure of.
#[test]
fn a_thousand_hooks_of_which_a_hundred_hang() {
    run(Engine::Sqlite, |server| told_beside(server, 900, 100));
}

each_engine!(
    async fn nothing_is_sent_into_a_network_that_nobody_opened(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        hook(&mia, &receiver.url("/").replace("127.0.0.1", "localhost")).await;
        deploy(&mia, 1, "success").await;
        let node = server.node(|settings| settings.allow_networks = Vec::new());
        landfall_server::jobs::run_all(&node).await.unwrap();
        assert_eq!(receiver.take(), []);
        for id in [1, 2] {
            let log = mia.get(&format!("/projects/1/hooks/{id}/events")).await.json(200);
            let text = "URL is blocked: Requests to the local network are not allowed";
            assert_eq!((&log[0]["response_status"], &log[0]["response_body"]), (&json!("internal error"), &json!(text)));
        }
    }
);

each_engine!(
    async fn secrets_are_neither_logged_nor_answered(server) {
        let logs = logs::capture();
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        receiver.reacts("/tell-url", &[Reaction::status(500)]);
        let more = json!({
            "token": "tell-token", "signing_secret": "whsec_dGVsbC1zaWduaW5nLXNlY3JldC10ZWxs",
            "custom_headers": [{ "key": "X-Key", "value": "tell-header" }],
            "url_variables": [{ "key": "v", "value": "tell-url" }],
        });
        let url = receiver.url("/{v}").replace("http://", "http://ann:tell-password@");
        hook_with(&mia, &url, more).await;
        deploy(&mia, 1, "success").await;
        server.run_jobs().await;
        let came = receiver.take().remove(0);
        assert_eq!((came.path.as_str(), came.header("x-key")), ("/tell-url", Some("tell-header")));
        let log = mia.get("/projects/1/hooks/1/events").await.body;
        for text in [log, logs.text()] {
            for secret in ["tell-", "whsec_", "dGVsbC1", "YW5uOnRlbGwt"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }
);
