//! Many deliveries at once, several nodes, and nodes that go down.

use std::{num::NonZeroUsize, sync::Arc};

use landfall_domain::hook::DeliveryState;
use landfall_git::Git;
use landfall_server::{App, MirrorSettings, Settings, jobs};
use landfall_store::inbox as stored;
use tokio::task::JoinSet;

use super::*;
use crate::support::each_engine;

/// Another node on the same database.
fn node(server: &TestServer) -> Arc<App> {
    let settings = Settings {
        external_url: "http://landfall.example".to_owned(),
        rate_limit_authenticated: None,
        rate_limit_unauthenticated: None,
        inbox_retention: Duration::from_hours(24),
        allow_networks: Vec::new(),
        webhook_timeout: Settings::WEBHOOK_TIMEOUT,
        mirrors: MirrorSettings::in_directory(server.database.directory().join("mirrors-of-other")),
    };
    let git = Git::new(NonZeroUsize::MIN).unwrap();
    let clock = Arc::clone(&server.clock);
    Arc::new(App::new(server.database.open(), clock, git, &settings).unwrap())
}

/// Ten jobs' worth of the same pipeline.
fn many() -> Vec<Hook> {
    let mut hooks = Vec::new();
    for number in 0..10 {
        for name in [
            "job.created",
            "job.running",
            "job.success",
            "deployment.running",
            "deployment.success",
        ] {
            let hook = Hook::named(Sender::Gitlab, name).replaced("90412", &format!("9{number:04}"));
            let key = format!("{name} {number}");
            hooks.push(hook.with("idempotency-key", &key).proved(SECRET));
        }
    }
    hooks
}

each_engine!(
    async fn deliveries_at_the_same_moment_read_by_two_nodes_end_as_one_by_one(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        let nodes = [node(&server), node(&server)];
        let mut senders = JoinSet::new();
        let url = server.url.clone();
        for turn in 0..3 {
            let mut hooks = many();
            hooks.rotate_left(turn * 17);
            let (http, url) = (reqwest::Client::new(), url.clone());
            senders.spawn(async move {
                for hook in hooks {
                    let mut request = http.post(format!("{url}/hooks/gitlab")).body(hook.body);
                    for (name, value) in hook.headers {
                        request = request.header(name, value);
                    }
                    let status = request.send().await.unwrap().status();
                    assert!(status.is_success(), "{status}");
                }
            });
        }
        let readers = async {
            for _ in 0..20 {
                let (one, other) = tokio::join!(jobs::run_all(&nodes[0]), jobs::run_all(&nodes[1]));
                one.unwrap();
                other.unwrap();
            }
        };
        let (_, ()) = tokio::join!(senders.join_all(), readers);
        jobs::run_all(&nodes[1]).await.unwrap();
        let lines = inbox(&root).await;
        assert_eq!(lines, ["done"; 50], "three senders, and each delivery once");
        let rows = deployments(&root, &project).await;
        assert_eq!(rows.len(), 10);
        for row in &rows {
            let shown = json!([row["status"], row["created_at"], row["landfall"]["finished_at"], row["deployable"]["name"]]);
            assert_eq!(
                shown,
                json!(["success", "2026-03-02T10:03:05.000Z", "2026-03-02T10:06:41.000Z", "deploy production"])
            );
        }
    }
);

each_engine!(
    async fn what_a_node_left_behind_is_read_by_the_next_one(server) {
        let (project, root) = ready(&server, Sender::Gitlab).await;
        Hook::named(Sender::Gitlab, "job.success").deliver(&server).await;
        Hook::named(Sender::Gitlab, "pipeline.success").deliver(&server).await;
        // A node takes one of them and goes down before it has read it; it never comes to the other.
        let until = SENT.plus(Duration::from_mins(1));
        let held = server.write(move |tx| Ok(stored::lease(tx, SENT, until, 1)?)).await;
        assert_eq!(held.len(), 1);
        let next = node(&server);
        jobs::run_all(&next).await.unwrap();
        assert_eq!(inbox(&root).await, ["waiting", "done"], "one is still held");
        server.clock.set(until);
        jobs::run_all(&next).await.unwrap();
        assert_eq!(inbox(&root).await, ["done", "done"]);
        assert_eq!(deployments(&root, &project).await.len(), 2, "the pipeline has two jobs that deploy");
        // The first node was only slow: what it says of the delivery counts no longer.
        let late = stored::Finished { state: DeliveryState::Failed, note: None, project_id: None, at: until };
        assert!(!server.write(move |tx| Ok(stored::finish(tx, held[0], &late)?)).await);
        assert_eq!(inbox(&root).await, ["done", "done"]);
    }
);
