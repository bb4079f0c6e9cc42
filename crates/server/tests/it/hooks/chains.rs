//! Hooks that come in and lead to hooks that go out are one chain, so that no two systems can keep each other busy.

use super::*;
use crate::support::{TestReceiver, each_engine};

each_engine!(
    async fn a_hook_is_told_once_in_a_chain_that_came_in(server) {
        let (_, root) = ready(&server, Sender::Gitlab).await;
        let receiver = TestReceiver::new();
        let body = json!({ "url": receiver.url("/"), "deployment_events": true });
        root.post("/projects/1/hooks").json(&body).await.json(201);
        let deliver = async |hook: Hook, chain: &str| {
            hook.with("x-gitlab-event-uuid", chain).deliver(&server).await;
            server.clock.advance(Duration::from_millis(1));
            server.run_jobs().await;
            let came = receiver.take();
            came.iter()
                .map(|came| {
                    assert_eq!(came.header("x-gitlab-event-uuid"), Some(chain));
                    let body = came.json();
                    format!("{} {}", body["environment"].as_str().unwrap(), body["status"].as_str().unwrap())
                })
                .collect::<Vec<_>>()
        };
        let (one, other) = ("13792a34-cac6-4fda-95a8-c58e00a3954e", "a5461c4d-9c7f-4af9-add6-cddebe3c426f");
        let pipeline = Hook::named(Sender::Gitlab, "pipeline.success").replaced("\"manual\"", "\"success\"");
        let told = deliver(pipeline, one).await;
        assert_eq!(told, ["production success", "staging success"], "what came together is told, all of it");
        let failed = Hook::named(Sender::Gitlab, "deployment.failed_by_api");
        assert_eq!(deliver(failed.clone(), one).await, [""; 0], "it has been there");
        let later = failed.replaced("5190", "5191").with("idempotency-key", "later");
        assert_eq!(deliver(later, other).await, ["staging failed"]);
    }
);
