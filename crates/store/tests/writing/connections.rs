//! Connections that break, and locks that other programs hold.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

use landfall_store::{
    DatabaseUrl, Error, Options, Store, deployments,
    testing::{Engine, run_sql},
};
use tokio::task::yield_now;

use crate::world::{ONE, begun, deploy, total};

/// Ends every other connection to the database and waits until they are gone.
fn terminate_all(url: &DatabaseUrl) {
    run_sql(
        url,
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
}

#[tokio::test]
async fn the_next_call_after_a_loss_of_all_connections_succeeds() {
    let (database, store) = begun(Engine::Postgres).await;
    for round in 1..=3 {
        for _ in 0..4 {
            total(&store, ONE).await;
        }
        terminate_all(database.url());
        assert_eq!(store.write(|tx| deploy(tx, ONE)).await.unwrap().0, round);
        for _ in 0..4 {
            assert_eq!(total(&store, ONE).await, round);
        }
    }
}

#[tokio::test]
async fn a_batch_whose_connection_breaks_before_the_commit_is_run_again() {
    let (database, store) = begun(Engine::Postgres).await;
    let runs = Arc::new(AtomicU32::new(0));
    let (counter, url) = (Arc::clone(&runs), database.url().clone());
    let written = store.write(move |tx| {
        let first = deploy(tx, ONE)?;
        if counter.fetch_add(1, Ordering::Relaxed) == 0 {
            terminate_all(&url);
        }
        deploy(tx, ONE)?;
        Ok::<_, Error>(first.0)
    });
    assert_eq!(written.await.unwrap(), 1);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert_eq!(total(&store, ONE).await, 2);
}

#[tokio::test]
async fn a_write_that_could_not_be_committed_is_not_acknowledged() {
    let (database, store) = begun(Engine::Postgres).await;
    let url = database.url().clone();
    let written = store.write(move |tx| {
        deploy(tx, ONE)?;
        terminate_all(&url);
        Ok::<_, Error>(())
    });
    let Err(Error::Unavailable(_)) = written.await else {
        panic!("the commit cannot have reached the server");
    };
    assert_eq!(total(&store, ONE).await, 0);
    assert_eq!(store.write(|tx| deploy(tx, ONE)).await.unwrap().0, 1);
}

#[tokio::test]
async fn a_read_whose_connection_breaks_fails_and_the_next_succeeds() {
    let (database, store) = begun(Engine::Postgres).await;
    let url = database.url().clone();
    let read = store.read(move |conn| {
        deployments::total(conn, ONE)?;
        terminate_all(&url);
        deployments::total(conn, ONE)
    });
    let Err(Error::Unavailable(_)) = read.await else {
        panic!("the read cannot have reached the server");
    };
    for _ in 0..4 {
        assert_eq!(total(&store, ONE).await, 0);
    }
}

#[tokio::test]
async fn a_server_that_comes_back_is_found_again() {
    let (database, store) = begun(Engine::Postgres).await;
    database.allow_connections(false);
    let refused = store.write(|tx| deploy(tx, ONE)).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
    let refused = store.read(|conn| deployments::total(conn, ONE)).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused}");
    database.allow_connections(true);
    assert_eq!(store.write(|tx| deploy(tx, ONE)).await.unwrap().0, 1);
    for _ in 0..4 {
        assert_eq!(total(&store, ONE).await, 1);
    }
}

/// A store with one reader, whose callers wait for almost nothing.
fn impatient(url: &DatabaseUrl) -> Store {
    let options = Options {
        readers: 1,
        patience: Some(Duration::from_millis(20)),
    };
    Store::open(url, options).unwrap()
}

#[tokio::test]
async fn callers_lose_patience_with_a_server_that_does_not_answer() {
    let (database, patient) = begun(Engine::Postgres).await;
    let store = impatient(database.url());
    let (end, ends) = mpsc::channel::<()>();
    let (end_read, read_ends) = mpsc::channel::<()>();
    let (second, read_behind) = mpsc::channel();
    let write = store.write(move |tx| {
        let _ = ends.recv();
        deploy(tx, ONE)
    });
    let read = store.read(move |conn| {
        let _ = read_ends.recv();
        deployments::total(conn, ONE)
    });
    let refusals = [
        write.await.unwrap_err(),
        store.write(|tx| deploy(tx, ONE)).await.unwrap_err(),
        read.await.unwrap_err(),
        store
            .read(move |conn| {
                second.send(()).unwrap();
                deployments::total(conn, ONE)
            })
            .await
            .unwrap_err(),
    ];
    for refused in refusals {
        let expected = "the database cannot be reached: PostgreSQL has not answered for 20ms";
        assert_eq!(refused.to_string(), expected);
    }
    // The end of the store does not wait for ever either.
    drop(store);
    drop((end, end_read));
    // Writes are done, also those behind.
    while total(&patient, ONE).await < 2 {}
    assert!(
        read_behind.recv().is_err(),
        "reads of which nobody wants to know are not"
    );
}

#[tokio::test]
async fn a_slow_disk_is_waited_for() {
    let (database, _) = begun(Engine::Sqlite).await;
    let store = impatient(database.url());
    let (end, ends) = mpsc::channel::<()>();
    let written = store.write(move |tx| {
        let _ = ends.recv();
        deploy(tx, ONE)
    });
    let later = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(end);
    };
    assert_eq!(tokio::join!(written, later).0.unwrap().0, 1);
}

#[tokio::test]
async fn a_write_waits_for_another_program_that_writes() {
    let (database, store) = begun(Engine::Sqlite).await;
    let DatabaseUrl::Sqlite(path) = database.url() else {
        panic!("it is SQLite");
    };
    let other = rusqlite::Connection::open(path).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; UPDATE deployment_counters SET last_iid = 41 WHERE project_id = 1")
        .unwrap();
    let writer = store.clone();
    let write = tokio::spawn(async move { writer.write(|tx| deploy(tx, ONE)).await.unwrap() });
    yield_now().await;
    while store.queued().1 > 0 {
        yield_now().await;
    }
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(write.await.unwrap().0, 42);
}
