//! Backups: the way there and back again, on both engines.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use std::{
    fmt::Debug,
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use landfall_store::{
    DatabaseUrl, Error, Store,
    backup::{backup, restore},
    events, projects,
    testing::{Engine, TestDatabase, run_sql},
    users,
};

use self::world::{PROJECT, begun, deploy, empty, event, rows};

#[tokio::test]
async fn everything_comes_back_from_either_engine_on_either_engine() {
    for first in Engine::ALL {
        for second in Engine::ALL {
            let (source, _store) = begun(first).await;
            let there = source.directory().join("there.db");
            let made = backup(source.url(), &there).unwrap();
            assert_eq!(made.bytes, fs::metadata(&there).unwrap().len());

            let target = empty(second);
            let restored = restore(&there, target.url()).unwrap();
            assert_eq!(restored.tables, made.tables);
            let back = source.directory().join("back.db");
            let again = backup(target.url(), &back).unwrap();
            assert_eq!(again.tables, made.tables);
            assert_eq!(rows(&there), rows(&back), "{first:?} to {second:?}");

            let store = target.open();
            let next = store.write(|tx| Ok::<_, Error>((deploy(tx)?, users::any(tx)?)));
            assert_eq!(
                next.await.unwrap(),
                ((4, 4), true),
                "ids and numbers go on after the deleted ones"
            );
        }
    }
}

#[tokio::test]
async fn a_backup_is_one_file_for_its_owner_that_opens_by_itself() {
    for engine in Engine::ALL {
        let (database, _store) = begun(engine).await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("backup.db");
        let made = backup(database.url(), &file).unwrap();
        let tables: Vec<String> = made
            .tables
            .iter()
            .map(|(name, rows)| format!("{name} {rows}"))
            .collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(tables.join(", "), @"deployment_counters 1, deployment_merge_requests 1, deployments 2, environments 1, events 1, group_members 1, hook_sources 1, inbox 1, inbox_contents 1, jobs 2, leases 1, linked_deployments 1, members 1, merge_requests 1, mirrors 1, namespace_ancestors 4, namespaces 3, observations 1, origins 1, pipelines 2, projects 2, purges 1, redirects 1, runners 2, tokens 1, users 1, webhook_log 1, webhook_messages 1, webhook_queue 1, webhooks 1");
        }
        let names: Vec<_> = fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["backup.db"]);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let store = Store::open(&DatabaseUrl::Sqlite(file), landfall_store::Options::default()).unwrap();
        let found = store
            .read(|conn| projects::by_path(conn, "group/sub/renamed"))
            .await
            .unwrap();
        assert_eq!(found.map(|project| project.id), Some(PROJECT), "{engine:?}");
        store.write(deploy).await.unwrap();
    }
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_a_server_writes() {
    for engine in Engine::ALL {
        let (database, store) = begun(engine).await;
        let writer = store.clone();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        // A thread of its own: the backup holds this one.
        let writing = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            while !stopped.load(Ordering::Relaxed) {
                // Both or neither.
                let write = writer.write(|tx| {
                    deploy(tx)?;
                    events::append(tx, &event())
                });
                runtime.block_on(write).unwrap();
            }
        });
        for number in 0..5 {
            let file = database.directory().join(format!("backup{number}.db"));
            let made = backup(database.url(), &file).unwrap();
            let rows = |table: &str| made.tables.iter().find(|(name, _)| name == table).unwrap().1;
            assert_eq!(rows("deployments"), rows("events") + 1, "{engine:?}");
            assert_eq!(rows("deployments"), rows("jobs"), "{engine:?}");
        }
        stop.store(true, Ordering::Relaxed);
        writing.join().unwrap();
    }
}

#[tokio::test]
async fn what_exists_is_never_replaced() {
    let (database, _store) = begun(Engine::Sqlite).await;
    let file = database.directory().join("backup.db");
    fs::write(&file, "precious").unwrap();
    let refused = refusal(backup(database.url(), &file));
    assert_eq!(refused, format!("{} exists already", file.display()));
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    let target = DatabaseUrl::Sqlite(file.clone());
    assert_eq!(refusal(backup(&target, &file)), refused, "nor is the database itself");

    // What an interrupted run has left is replaced.
    let other = database.directory().join("other.db");
    let partial = database.directory().join("other.db.partial");
    fs::write(&partial, "half").unwrap();
    backup(database.url(), &other).unwrap();
    assert!(!partial.exists());
}

#[tokio::test]
async fn only_an_empty_database_is_filled() {
    let (source, _store) = begun(Engine::Sqlite).await;
    let file = source.directory().join("backup.db");
    backup(source.url(), &file).unwrap();
    for engine in Engine::ALL {
        let (target, _store) = begun(engine).await;
        let before = target.directory().join("before.db");
        backup(target.url(), &before).unwrap();
        let refused = refusal(restore(&file, target.url()));
        let expected = " is not empty (its table deployment_counters has rows); a backup can be restored only into an empty database";
        assert!(refused.ends_with(expected), "{engine:?}: {refused}");
        let after = target.directory().join("after.db");
        backup(target.url(), &after).unwrap();
        assert_eq!(rows(&before), rows(&after), "{engine:?}");

        let migrated = empty(engine);
        landfall_store::migrate(migrated.url()).unwrap();
        restore(&file, migrated.url()).unwrap();
    }
}

#[tokio::test]
async fn what_is_no_backup_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name);
    let refused = |from: &str| {
        let to = DatabaseUrl::Sqlite(place("target.db"));
        refusal(restore(&place(from), &to))
    };
    assert_eq!(
        refused("missing"),
        format!("there is no file {}", place("missing").display())
    );
    fs::write(place("text"), "dear diary, ".repeat(1000)).unwrap();
    assert_eq!(
        refused("text"),
        format!("{}: file is not a database", place("text").display())
    );
    run_sql(
        &DatabaseUrl::Sqlite(place("foreign")),
        "CREATE TABLE letters (id BIGINT)",
    );
    assert_eq!(
        refused("foreign"),
        format!(
            "{}: the file is not one of Landfall's: it has no table that lists Landfall's migrations",
            place("foreign").display()
        )
    );
    let newer = DatabaseUrl::Sqlite(place("newer"));
    landfall_store::migrate(&newer).unwrap();
    run_sql(
        &newer,
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'later', '', '1')",
    );
    assert!(refused("newer").contains("it has schema 99, and this version of Landfall works with schema "));
    assert!(!place("target.db").exists(), "the target is not touched");
    let damaged = DatabaseUrl::Sqlite(place("damaged"));
    landfall_store::migrate(&damaged).unwrap();
    run_sql(
        &damaged,
        "PRAGMA foreign_keys = OFF; INSERT INTO members (project_id, user_id, access_level, created_at) VALUES (1, 2, 30, 0)",
    );
    let Err(Error::Corrupt { what }) = restore(&place("damaged"), &DatabaseUrl::Sqlite(place("target.db"))) else {
        panic!("rows that refer to nothing are no good backup");
    };
    assert_eq!(what, "2 rows refer to rows that do not exist");
}

#[tokio::test]
async fn what_cannot_be_backed_up_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup.db");
    let missing = DatabaseUrl::Sqlite(directory.path().join("missing.db"));
    let Err(Error::Unavailable(_)) = backup(&missing, &file) else {
        panic!("there is no database");
    };
    let foreign = TestDatabase::without_schema(Engine::Postgres);
    run_sql(foreign.url(), "CREATE TABLE letters (id BIGINT)");
    let refused = refusal(backup(foreign.url(), &file));
    assert_eq!(
        refused,
        "the database is not one of Landfall's: it has no table that lists Landfall's migrations"
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    let nowhere = directory.path().join("missing").join("backup.db");
    let refused = refusal(backup(foreign.url(), &nowhere));
    assert!(refused.starts_with("cannot write "), "{refused}");
}

fn refusal<T: Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Refused(text)) => text,
        other => panic!("refused was expected, not {other:?}"),
    }
}
