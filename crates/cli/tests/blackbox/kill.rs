//! Whatever was acknowledged is there after a kill at any moment, and nothing is there by half.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use landfall_gitlab::{Client, Deployment, Error, NewDeployment, Pagination, Query, Status, UpdateDeployment};
use landfall_store::testing::{Engine, first_column};
use serde_json::{Map, json};

use crate::program::{Instance, Server, TOKEN, on_both_engines};

const PROJECT: &str = "team/app";
const WRITERS: u64 = 16;
const ROUNDS: u64 = 5;
/// Acknowledged writes of a round lie between the two.
const WRITES: std::ops::Range<u64> = 40..400;

/// What is known of a deployment. Its ref is what it is known by, because a create may be cut off before its id is told.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Number and own number, once told.
    ids: Option<(i64, i64)>,
    /// The last status that was acknowledged.
    acknowledged: Option<Status>,
    /// A status that was asked for without an answer.
    asked: Option<Status>,
}

type Ledger = Arc<Mutex<BTreeMap<String, Known>>>;

/// A deployment that can be told from all others by its ref. Every other one has a job.
fn new_deployment(git_ref: &str, with_job: bool) -> NewDeployment {
    let mut other = Map::new();
    if with_job {
        other.insert(
            "deployable".to_owned(),
            json!({"name": git_ref, "pipeline": {"id": 7, "sha": sha(git_ref)}}),
        );
    }
    NewDeployment {
        environment: format!("review/{git_ref}"),
        sha: sha(git_ref),
        git_ref: git_ref.to_owned(),
        tag: false,
        status: Status::Running,
        other,
    }
}

/// Forty digits that follow from the ref.
fn sha(git_ref: &str) -> String {
    let hex = git_ref
        .bytes()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    format!("{hex:0>40}")
}

/// Counts acknowledged writes and kills the server at a certain one.
struct Trap {
    left: AtomicU64,
    server: Mutex<Server>,
}

impl Trap {
    fn acknowledged(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.server.lock().unwrap().kill();
        }
    }
}

/// Creates deployments and ends them, one after the other, until the server is gone.
async fn write(client: Client, name: String, ledger: Ledger, trap: Arc<Trap>) {
    for number in 0_u64.. {
        let git_ref = format!("{name}-{number}");
        let note = |change: &dyn Fn(&mut Known)| change(ledger.lock().unwrap().entry(git_ref.clone()).or_default());
        note(&|known| known.asked = Some(Status::Running));
        let new = new_deployment(&git_ref, number % 2 == 1);
        let Some(created) = unless_gone(client.deployments().create(PROJECT, &new).await) else {
            return;
        };
        note(&|known| {
            *known = Known {
                ids: Some((created.id, created.iid)),
                acknowledged: Some(Status::Running),
                asked: None,
            };
        });
        trap.acknowledged();
        let status = if number % 3 == 0 {
            Status::Failed
        } else {
            Status::Success
        };
        note(&|known| known.asked = Some(status.clone()));
        let change = UpdateDeployment {
            status: status.clone(),
            other: Map::new(),
        };
        if unless_gone(client.deployments().update(PROJECT, created.id, &change).await).is_none() {
            return;
        }
        note(&|known| known.acknowledged = known.asked.take());
        trap.acknowledged();
    }
}

/// `None` where the server did not live to answer; any answer but a success fails the test.
fn unless_gone<T>(answer: Result<T, Error>) -> Option<T> {
    match answer {
        Ok(told) => Some(told),
        Err(Error::Transport { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Compares what is there with what is known, and takes over what has become of the writes without an answer.
async fn check(client: &Client, ledger: &Ledger) {
    let query = Query {
        pagination: Pagination::Keyset,
        per_page: Some(100),
        ..Query::default()
    };
    let there = client.deployments().list(PROJECT, &query).unwrap().all().await.unwrap();
    let mut ledger = ledger.lock().unwrap();
    for deployment in &there {
        let known = ledger.get(&deployment.git_ref);
        check_one(
            deployment,
            known.unwrap_or_else(|| panic!("nobody asked for {deployment:?}")),
        );
    }
    let by_ref: BTreeMap<&str, &Deployment> = there.iter().map(|d| (d.git_ref.as_str(), d)).collect();
    assert_eq!(by_ref.len(), there.len(), "a write was done twice");
    for (git_ref, known) in ledger.iter() {
        let lost = known.acknowledged.is_some() && !by_ref.contains_key(git_ref.as_str());
        assert!(!lost, "{git_ref} was acknowledged and is not there: {known:?}");
    }
    // Iids are given out in the transaction of the create, so none is missing and none is there twice.
    let mut iids: Vec<i64> = there.iter().map(|deployment| deployment.iid).collect();
    iids.sort_unstable();
    assert!(
        iids.iter().copied().eq(1..=i64::try_from(there.len()).unwrap()),
        "{iids:?}"
    );
    *ledger = there
        .iter()
        .map(|deployment| {
            let known = Known {
                ids: Some((deployment.id, deployment.iid)),
                acknowledged: deployment.status.clone(),
                asked: None,
            };
            (deployment.git_ref.clone(), known)
        })
        .collect();
}

/// A deployment is as it was acknowledged, or as it was asked to be, and whole.
fn check_one(deployment: &Deployment, known: &Known) {
    let told = Some((deployment.id, deployment.iid));
    assert!(known.ids.is_none() || known.ids == told, "{known:?}: {deployment:?}");
    let expected = [&known.acknowledged, &known.asked];
    assert!(
        deployment.status.is_some() && expected.contains(&&deployment.status),
        "{known:?}: {deployment:?}"
    );
    let finished = !deployment.other["landfall"]["finished_at"].is_null();
    assert_eq!(finished, deployment.status != Some(Status::Running), "{deployment:?}");
    assert_eq!(deployment.sha, sha(&deployment.git_ref));
    let environment = deployment.environment.as_ref().unwrap();
    assert_eq!(environment.name, format!("review/{}", deployment.git_ref));
    let (_, number) = deployment.git_ref.rsplit_once('-').unwrap();
    let has_job = number.parse::<u64>().unwrap() % 2 == 1;
    let pipeline = deployment
        .deployable
        .as_ref()
        .map(|job| job.pipeline.as_ref().unwrap().id);
    assert_eq!(pipeline, has_job.then_some(7), "{deployment:?}");
}

/// A number that depends on the round alone, so that a failure can be had again.
fn writes_of(round: u64) -> u64 {
    let mixed = (round + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    WRITES.start + (mixed >> 33) % (WRITES.end - WRITES.start)
}

async fn nothing_acknowledged_is_lost(engine: Engine) {
    let instance = Instance::new(engine);
    let mut server = instance.serve();
    instance.run(&["project", "create", PROJECT]);
    let ledger = Ledger::default();
    for round in 0..ROUNDS {
        let client = server.client(TOKEN);
        let trap = Arc::new(Trap {
            left: AtomicU64::new(writes_of(round)),
            server: Mutex::new(server),
        });
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let name = format!("r{round}-w{writer}");
            writers.spawn(write(client.clone(), name, Arc::clone(&ledger), Arc::clone(&trap)));
        }
        while let Some(ended) = writers.join_next().await {
            ended.unwrap();
        }
        server = instance.serve();
        check(&server.client(TOKEN), &ledger).await;
        check_total(&server.client(TOKEN), &ledger).await;
    }
    drop(server);
    if engine == Engine::Sqlite {
        let store = instance.database.open();
        let told = store
            .read(|conn| first_column(conn, "PRAGMA integrity_check"))
            .await
            .unwrap();
        assert_eq!(told, ["ok"]);
    }
}

/// The counter that pages show is the number of rows.
async fn check_total(client: &Client, ledger: &Ledger) {
    let page = client
        .deployments()
        .list(PROJECT, &Query::default())
        .unwrap()
        .next_page()
        .await
        .unwrap()
        .unwrap();
    let rows = ledger.lock().unwrap().len();
    assert_eq!(page.total, Some(u64::try_from(rows).unwrap()));
}

on_both_engines!(nothing_acknowledged_is_lost);
