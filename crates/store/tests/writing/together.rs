//! Many callers, several processes.

use std::{slice, sync::mpsc};

use landfall_domain::{
    deployment::DeploymentQuery,
    event::{Event, Kind},
    ids::DeploymentId,
};
use landfall_store::{
    Error, Store,
    deployment_list::{self, Part},
    deployments, events,
    testing::{Engine, first_column, run_sql},
};
use tokio::task::{JoinSet, yield_now};

use crate::world::{ONE, TWO, at, begun, deploy, total};

/// Lets every task hand in a write and waits for all of them.
async fn deploy_at_once(stores: &[Store], writes: usize) -> Vec<i64> {
    let mut tasks = JoinSet::new();
    for number in 0..writes {
        let store = stores[number % stores.len()].clone();
        tasks.spawn(async move { store.write(|tx| deploy(tx, ONE)).await.unwrap().0 });
    }
    let mut iids = tasks.join_all().await;
    iids.sort_unstable();
    iids
}

#[tokio::test]
async fn a_thousand_creates_at_once_get_a_thousand_numbers() {
    for engine in Engine::ALL {
        let (_database, store) = begun(engine).await;
        let expected: Vec<i64> = (1..=1000).collect();
        assert_eq!(
            deploy_at_once(slice::from_ref(&store), 1000).await,
            expected,
            "{engine:?}"
        );
        assert_eq!(total(&store, ONE).await, 1000, "{engine:?}");
        let page = store.read(|conn| {
            let part = Part::After {
                last_seen: None,
                rows: 2000,
            };
            deployment_list::ids(conn, ONE, &DeploymentQuery::default(), part)
        });
        let ids: Vec<DeploymentId> = (1..=1000).map(DeploymentId).collect();
        assert_eq!(page.await.unwrap(), ids, "{engine:?}");
    }
}

#[tokio::test]
async fn two_processes_write_to_one_project_without_a_gap() {
    for engine in Engine::ALL {
        let (database, store) = begun(engine).await;
        let other = database.open();
        let expected: Vec<i64> = (1..=400).collect();
        assert_eq!(deploy_at_once(&[store, other], 400).await, expected, "{engine:?}");
    }
}

#[tokio::test]
async fn two_processes_that_write_to_two_projects_crosswise_both_end() {
    for engine in Engine::ALL {
        let (database, store) = begun(engine).await;
        let stores = [store.clone(), database.open()];
        let mut tasks = JoinSet::new();
        for number in 0..200_usize {
            let store = stores[number % 2].clone();
            // Each process takes the projects in another order, in one job and across its jobs.
            let projects = if number % 2 == 0 { [ONE, TWO] } else { [TWO, ONE] };
            tasks.spawn(async move {
                let written = store.write(move |tx| {
                    deploy(tx, projects[0])?;
                    deploy(tx, projects[1])
                });
                written.await.unwrap();
            });
        }
        tasks.join_all().await;
        assert_eq!(
            (total(&store, ONE).await, total(&store, TWO).await),
            (200, 200),
            "{engine:?}"
        );
    }
}

/// Whether a batch waits for another one to end.
const WAITING: &str = "SELECT CAST(pid AS TEXT) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A reader that goes by the last number it saw must miss nothing, so no event may show before one with a lower number.
#[tokio::test]
async fn events_show_in_the_order_of_their_numbers() {
    let (database, first) = begun(Engine::Postgres).await;
    let second = database.open();
    let (begun, has_begun) = mpsc::channel();
    let (go, gone) = mpsc::channel();
    let slow = {
        let first = first.clone();
        tokio::spawn(async move {
            let written = first.write(move |tx| {
                events::append(tx, &event())?;
                begun.send(()).unwrap();
                gone.recv().unwrap();
                Ok::<_, Error>(())
            });
            written.await.unwrap();
        })
    };
    yield_now().await;
    has_begun.recv().unwrap();
    let quick = tokio::spawn(async move { second.write(|tx| events::append(tx, &event())).await.unwrap() });
    loop {
        let look = first.read(|conn| Ok::<_, Error>((events::after(conn, 0, 10)?, first_column(conn, WAITING)?)));
        let (seen, waiting) = look.await.unwrap();
        assert_eq!(seen, [], "the quick one must not overtake the slow one");
        if !waiting.is_empty() {
            break;
        }
    }
    go.send(()).unwrap();
    slow.await.unwrap();
    quick.await.unwrap();
    let seen = first.read(|conn| events::after(conn, 0, 10)).await.unwrap();
    let numbers: Vec<i64> = seen.into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [1, 2]);
}

fn event() -> Event {
    Event {
        kind: Kind::UserCreated,
        project_id: None,
        deployment_id: None,
        environment_id: None,
        actor_id: None,
        data: "{}".to_owned(),
        at: at(1),
    }
}

#[tokio::test]
async fn a_failing_or_panicking_job_leaves_nothing_and_harms_no_neighbour() {
    for engine in Engine::ALL {
        let (_database, store) = begun(engine).await;
        let good = || store.write(|tx| deploy(tx, ONE).map(|iid| iid.0));
        let refused = store.write(|tx| {
            deploy(tx, ONE)?;
            Err::<(), _>(Error::Refused("no".to_owned()))
        });
        let panicking = store.write(|tx| {
            deploy(tx, ONE)?;
            assert!(deploy(tx, TWO).is_err(), "on purpose");
            Ok::<_, Error>(())
        });
        let conflict = store.write(|tx| {
            deploy(tx, ONE)?;
            crate::world::make_project(tx, "one").map(drop)
        });
        let (first, refused, panicking, conflict, last) = tokio::join!(good(), refused, panicking, conflict, good());
        assert_eq!(first.unwrap(), 1, "{engine:?}");
        assert_eq!(refused.unwrap_err().to_string(), "no", "{engine:?}");
        let text = "the database engine failed: a write job panicked";
        assert_eq!(panicking.unwrap_err().to_string(), text, "{engine:?}");
        assert!(conflict.unwrap_err().is_conflict_on("projects_full_path"), "{engine:?}");
        assert_eq!(last.unwrap(), 2, "{engine:?}");
        assert_eq!(
            (total(&store, ONE).await, total(&store, TWO).await),
            (2, 0),
            "{engine:?}"
        );
        let panicked: Result<(), Error> = store.read(|_| panic!("on purpose")).await;
        let text = "the database engine failed: a read job panicked";
        assert_eq!(panicked.unwrap_err().to_string(), text, "{engine:?}");
        for _ in 0..4 {
            assert_eq!(total(&store, ONE).await, 2, "{engine:?}: every reader works on");
        }
    }
}

#[tokio::test]
async fn a_read_is_of_one_moment_while_others_write() {
    for engine in Engine::ALL {
        let (_database, store) = begun(engine).await;
        let (begun, has_begun) = mpsc::channel();
        let (written, was_written) = mpsc::channel();
        let reader = store.clone();
        let read = tokio::spawn(async move {
            let read = reader.read(move |conn| {
                let before = deployments::total(conn, ONE)?;
                begun.send(()).unwrap();
                was_written.recv().unwrap();
                Ok::<_, Error>((before, deployments::total(conn, ONE)?))
            });
            read.await.unwrap()
        });
        yield_now().await;
        has_begun.recv().unwrap();
        store.write(|tx| deploy(tx, ONE)).await.unwrap();
        assert_eq!(total(&store, ONE).await, 1, "{engine:?}");
        written.send(()).unwrap();
        assert_eq!(read.await.unwrap(), (0, 0), "{engine:?}");
    }
}

#[tokio::test]
async fn a_full_queue_answers_busy_at_once() {
    let (_database, store) = begun(Engine::Sqlite).await;
    let (release, released) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let mut tasks = JoinSet::new();
    let writer = store.clone();
    tasks.spawn(async move {
        let held = writer.write(move |tx| {
            begun.send(()).unwrap();
            released.recv().unwrap();
            deploy(tx, ONE)
        });
        held.await.unwrap();
    });
    yield_now().await;
    has_begun.recv().unwrap();
    for _ in 0..1024 {
        let store = store.clone();
        tasks.spawn(async move {
            store.write(|tx| deploy(tx, ONE)).await.unwrap();
        });
    }
    while store.queued().1 < 1024 {
        yield_now().await;
    }
    let refused = store.write(|tx| deploy(tx, ONE)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the database is busy: 1024 requests are waiting already"
    );
    release.send(()).unwrap();
    tasks.join_all().await;
    assert_eq!(total(&store, ONE).await, 1025);
    assert_eq!(store.queued(), (0, 0));
}

#[tokio::test]
async fn what_was_answered_is_there_after_opening_again() {
    for engine in Engine::ALL {
        let (database, store) = begun(engine).await;
        deploy_at_once(slice::from_ref(&store), 50).await;
        drop(store);
        let store = database.open();
        assert_eq!(total(&store, ONE).await, 50, "{engine:?}");
        assert_eq!(store.write(|tx| deploy(tx, ONE)).await.unwrap().0, 51, "{engine:?}");
    }
}

#[tokio::test]
async fn what_another_program_writes_shows_in_the_next_answer() {
    for engine in Engine::ALL {
        let (database, store) = begun(engine).await;
        assert_eq!(total(&store, ONE).await, 0);
        run_sql(
            database.url(),
            "UPDATE deployment_counters SET total = 7 WHERE project_id = 1",
        );
        assert_eq!(total(&store, ONE).await, 7, "{engine:?}");
    }
}
