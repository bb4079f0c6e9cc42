//! What an answer promises about the disk, and what else the engines are told to keep. No test can take the power away,
//! so this looks at what they were told.

use std::{ffi::OsString, path::Path};

use landfall_store::{
    DatabaseUrl, Options, Store, Tx,
    testing::{Engine, first_column, run_sql},
};

use crate::world::{ONE, begun, deploy, total};

/// What the connection that writes is set to.
async fn setting(store: &landfall_store::Store, sql: &'static str) -> String {
    let told: Result<_, landfall_store::Error> = store.write(move |tx: &mut Tx<'_>| first_column(tx, sql)).await;
    told.unwrap().concat()
}

#[tokio::test]
async fn sqlite_flushes_before_a_commit_ends() {
    let (_database, store) = begun(Engine::Sqlite).await;
    // In WAL mode only FULL (2) flushes at each commit; NORMAL (1) does so at checkpoints alone.
    let sql = "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous";
    assert_eq!(setting(&store, sql).await, "2");
    assert_eq!(
        setting(&store, "SELECT journal_mode FROM pragma_journal_mode").await,
        "wal"
    );
}

#[tokio::test]
async fn postgresql_flushes_before_a_commit_ends_whatever_its_default() {
    let (database, store) = begun(Engine::Postgres).await;
    let sql = "SELECT current_setting('synchronous_commit')";
    assert_eq!(setting(&store, sql).await, "on");
    for (default, used) in [("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")] {
        let change = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = {default}', current_database()); END $$"
        );
        run_sql(database.url(), &change);
        assert_eq!(
            setting(&database.open(), sql).await,
            used,
            "where the default is {default}"
        );
    }
}

#[tokio::test]
async fn references_are_kept_and_no_wait_is_for_ever() {
    let (_database, store) = begun(Engine::Sqlite).await;
    let sql = "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys";
    assert_eq!(setting(&store, sql).await, "1");
    let (_database, store) = begun(Engine::Postgres).await;
    assert_eq!(setting(&store, "SELECT current_setting('lock_timeout')").await, "5s");
    let sql = "SELECT current_setting('idle_in_transaction_session_timeout')";
    assert_eq!(setting(&store, sql).await, "1min");
}

/// Whether there is a journal beside a database.
fn has_journal(file: &Path) -> bool {
    let mut name = OsString::from(file);
    name.push("-wal");
    Path::new(&name).exists()
}

#[tokio::test]
async fn a_store_that_ends_leaves_everything_in_one_file() {
    let (database, store) = begun(Engine::Sqlite).await;
    let DatabaseUrl::Sqlite(file) = database.url() else {
        panic!("it is SQLite");
    };
    assert!(has_journal(file));
    drop(store);
    // Connections that close at the same moment, none of them the last, would leave it only now and then.
    for round in 0..50 {
        assert!(!has_journal(file), "round {round}");
        let store = Store::open(database.url(), Options::with_readers(8)).unwrap();
        store.write(|tx| deploy(tx, ONE)).await.unwrap();
        drop(store);
    }
    assert_eq!(total(&database.open(), ONE).await, 50);
}
