//! Crashes, and several nodes on one database.

use std::{collections::BTreeMap, time::Duration};

use landfall_server::jobs;

use super::*;
use crate::support::{Reaction, each_engine};

each_engine!(
    async fn what_was_committed_is_delivered_by_whoever_comes_next(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "success").await;
        // The server that took the request never runs a job.
        let other = server.node(|_| {});
        jobs::run_all(&other).await.unwrap();
        assert_eq!(told(&receiver), ["1 success"]);
    }
);

each_engine!(
    async fn a_node_that_dies_in_the_middle_is_replaced_when_its_time_is_over(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        receiver.reacts("/", &[Reaction::Hang, Reaction::status(200)]);
        hook(&mia, &receiver.url("/")).await;
        deploy(&mia, 1, "success").await;
        let dying = server.node(|_| {});
        // Given up in the middle of its request, as by a crash.
        let die = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::spawn(async move { jobs::run_all(&dying).await });
                loop {
                    if let Some(first) = receiver.take().pop() {
                        return first;
                    }
                    tokio::task::yield_now().await;
                }
            })
        };
        let first = std::thread::scope(|scope| scope.spawn(die).join().unwrap());
        server.run_jobs().await;
        assert_eq!(receiver.take(), [], "it may still be at it");
        server.clock.advance(Duration::from_secs(61));
        server.run_jobs().await;
        let again = receiver.take().remove(0);
        assert_eq!(again.header("idempotency-key"), first.header("idempotency-key"));
        assert_eq!(again.body, first.body);
    }
);

each_engine!(
    async fn nodes_share_the_work_and_make_each_delivery_once(server) {
        let mia = maintainer(&server).await;
        let receiver = TestReceiver::new();
        for number in 0..20 {
            hook(&mia, &receiver.url(&format!("/{number}"))).await;
        }
        for number in 1..=5 {
            deploy(&mia, number, "running").await;
        }
        let (one, other) = (server.node(|_| {}), server.node(|_| {}));
        let (left, right) = tokio::join!(jobs::run_all(&one), jobs::run_all(&other));
        left.unwrap();
        right.unwrap();
        server.run_jobs().await;
        let mut by_hook: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for came in receiver.take() {
            let id = came.json()["deployment_id"].as_i64().unwrap();
            by_hook.entry(came.path).or_default().push(id);
        }
        assert_eq!(by_hook.len(), 20);
        for (path, ids) in by_hook {
            assert_eq!(ids, [1, 2, 3, 4, 5], "{path}");
        }
    }
);
