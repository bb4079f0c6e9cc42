//! Clients that create and read without a pause, and remember what was acknowledged.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;
use tokio::{
    sync::{Mutex, watch},
    task::JoinSet,
};

use super::api::{Answer, Api, DEPLOYMENTS, assert_iids_without_gaps};

const CLIENTS: usize = 4;

/// What has become of requests so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Creates that were acknowledged.
    pub(super) created: usize,
    /// Reads that were answered.
    pub(super) read: usize,
    /// Requests that were answered 503.
    pub(super) unavailable: usize,
}

/// A load that goes on until it is ended.
pub(super) struct Load {
    clients: JoinSet<()>,
    shared: Arc<Shared>,
}

struct Shared {
    /// Which node is next; several clients ask it in turn.
    nodes: Vec<String>,
    is_over: AtomicBool,
    counts: watch::Sender<Counts>,
    /// Ids by ref, as they were acknowledged.
    acknowledged: Mutex<BTreeMap<String, Value>>,
}

impl Load {
    /// Starts it on these addresses.
    pub(super) fn on(nodes: Vec<String>) -> Load {
        let shared = Arc::new(Shared {
            nodes,
            is_over: AtomicBool::new(false),
            counts: watch::Sender::default(),
            acknowledged: Mutex::default(),
        });
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(ask(client, Arc::clone(&shared)));
        }
        Load { clients, shared }
    }

    /// The counts of this moment.
    pub(super) fn counts(&self) -> Counts {
        *self.shared.counts.borrow()
    }

    /// Waits until as many have been created and read since these counts.
    pub(super) async fn has_gone_on_since(&mut self, before: Counts) {
        let enough = |counts: &Counts| counts.created >= before.created + 20 && counts.read >= before.read + 20;
        self.wait_for(enough).await;
    }

    /// Waits until the counts are so. A client that has failed is the end of the test.
    pub(super) async fn wait_for(&mut self, enough: impl FnMut(&Counts) -> bool) {
        let mut counts = self.shared.counts.subscribe();
        tokio::select! {
            waited = counts.wait_for(enough) => drop(waited.unwrap()),
            ended = self.clients.join_next() => panic!("a client ended: {ended:?}"),
        }
    }

    /// Ends it, and checks on a node that nothing acknowledged is missing, and that the iids have no gaps.
    pub(super) async fn end_and_check(mut self, node: &str) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap();
        }
        let all = Api::new().all(node).await;
        assert_iids_without_gaps(&all);
        let there: BTreeMap<&str, &Value> = all
            .iter()
            .map(|row| (row["ref"].as_str().unwrap(), &row["id"]))
            .collect();
        for (git_ref, id) in &*self.shared.acknowledged.lock().await {
            assert_eq!(there.get(git_ref.as_str()), Some(&id), "{git_ref} was acknowledged");
        }
        assert_eq!(there.len(), all.len(), "a create was done twice");
    }
}

/// A client's life: a create, a list and a single deployment, over and over. After each of its creates it sees it.
async fn ask(client: usize, shared: Arc<Shared>) {
    let api = Api::new();
    let environment = format!("client-{client}");
    let nodes = shared.nodes.iter().cycle().skip(client);
    for (number, node) in nodes.enumerate() {
        if shared.is_over.load(Ordering::Relaxed) {
            return;
        }
        let git_ref = format!("{environment}-{number}");
        let created = shared.noted(api.create(node, &environment, &git_ref).await, 201, |counts| {
            &mut counts.created
        });
        if let Some(created) = &created {
            shared.acknowledged.lock().await.insert(git_ref, created["id"].clone());
        }
        let list = format!("{DEPLOYMENTS}?environment={environment}&order_by=id&sort=desc");
        let listed = shared.noted(api.get(node, &list).await, 200, |counts| &mut counts.read);
        if let (Some(created), Some(listed)) = (created, listed) {
            assert_eq!(listed[0]["id"], created["id"]);
            let path = format!("{DEPLOYMENTS}/{}", created["id"]);
            let one = shared.noted(api.get(node, &path).await, 200, |counts| &mut counts.read);
            assert!(one.is_none_or(|one| one["ref"] == created["ref"]));
        }
    }
}

impl Shared {
    /// Counts an answer: what was asked for, or that it is to be had later, and when. There is no third.
    fn noted(&self, answer: Answer, good: u16, count: fn(&mut Counts) -> &mut usize) -> Option<Value> {
        if answer.status == 503 {
            assert_eq!(answer.retry_after.as_deref(), Some("1"), "{answer:?}");
            self.counts.send_modify(|counts| counts.unavailable += 1);
            return None;
        }
        let body = answer.json(good);
        self.counts.send_modify(|counts| *count(counts) += 1);
        Some(body)
    }
}
