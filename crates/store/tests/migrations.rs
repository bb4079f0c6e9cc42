//! Migrating: fresh and repeated, all at once, and what is refused.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path, thread};

use landfall_store::{
    DatabaseUrl, Error, Migrated, Options, Store, database_in, migrate,
    testing::{Engine, TestDatabase, run_sql},
};

fn fresh(engine: Engine) -> TestDatabase {
    match engine {
        Engine::Sqlite => TestDatabase::new(engine),
        Engine::Postgres => TestDatabase::without_schema(engine),
    }
}

/// The names of all migrations, in order, and the number of the last one.
fn migrations() -> (Vec<String>, i64) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut numbered: Vec<(i64, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .map(|name| {
            (
                name.trim_start_matches('V')
                    .split_once("__")
                    .unwrap()
                    .0
                    .parse()
                    .unwrap(),
                name,
            )
        })
        .collect();
    numbered.sort();
    let newest = numbered.last().unwrap().0;
    (numbered.into_iter().map(|(_, name)| name).collect(), newest)
}

#[test]
fn a_fresh_database_gets_everything_once() {
    for engine in Engine::ALL {
        let database = fresh(engine);
        let (names, version) = migrations();
        let first = migrate(database.url()).unwrap();
        assert_eq!((first.applied, first.version), (names, version), "{engine:?}");
        let second = migrate(database.url()).unwrap();
        assert_eq!((second.applied, second.version), (Vec::new(), version), "{engine:?}");
    }
}

#[test]
fn processes_that_start_at_once_take_turns() {
    for engine in Engine::ALL {
        let database = fresh(engine);
        let runs: Vec<Migrated> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| migrate(database.url()).unwrap()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let applied = runs.iter().filter(|run| !run.applied.is_empty()).count();
        assert_eq!(applied, 1, "{engine:?}");
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    for engine in Engine::ALL {
        let database = fresh(engine);
        migrate(database.url()).unwrap();
        let later = migrations().1 + 1;
        run_sql(
            database.url(),
            &format!(
                "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
                 VALUES ({later}, 'later', '2026-01-01T00:00:00Z', '1')"
            ),
        );
        assert_eq!(
            refusal(migrate(database.url())),
            format!(
                "the database was changed by a newer version of Landfall (migration V{later}__later); run that version, \
                 or restore a backup made before it"
            ),
            "{engine:?}"
        );
    }
}

#[test]
fn a_database_whose_history_is_another_is_refused() {
    for engine in Engine::ALL {
        let database = fresh(engine);
        migrate(database.url()).unwrap();
        run_sql(
            database.url(),
            "UPDATE refinery_schema_history SET name = 'other', checksum = '1'",
        );
        let refusal = refusal(migrate(database.url()));
        assert!(
            refusal.starts_with("the database was not made by this program: "),
            "{engine:?}: {refusal}"
        );
    }
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    for engine in Engine::ALL {
        let database = fresh(engine);
        run_sql(database.url(), "CREATE TABLE letters (id BIGINT)");
        let before = files(&database);
        let refusal = refusal(migrate(database.url()));
        assert!(
            refusal.ends_with(
                " was not made by Landfall: it has a table letters, but none that lists Landfall's migrations"
            ),
            "{engine:?}: {refusal}"
        );
        assert_eq!(files(&database), before, "{engine:?}");
    }
}

/// The database files of an SQLite database with their contents.
fn files(database: &TestDatabase) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(database.directory()).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .filter(|(name, _)| !name.ends_with("-lock"))
        .collect();
    files.sort();
    files
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("landfall.db");
    let text = "dear diary, ".repeat(1000);
    fs::write(&path, &text).unwrap();
    let refusal = refusal(migrate(&DatabaseUrl::Sqlite(path.clone())));
    assert_eq!(refusal, format!("{}: file is not a database", path.display()));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_lock_is_a_file_of_its_own_whatever_the_database_is_called() {
    let directory = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(directory.path().join("ledger.lock"));
    migrate(&url).unwrap();
    assert_eq!(migrate(&url).unwrap().applied, Vec::<String>::new());
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    let expected = format!(
        "cannot write {}: No such file or directory (os error 2)",
        missing.join("landfall.db-lock").display()
    );
    assert_eq!(refusal(migrate(&database_in(&missing))), expected);

    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let expected = format!(
        "cannot write {}: Not a directory (os error 20)",
        file.join("landfall.db-lock").display()
    );
    assert_eq!(refusal(migrate(&database_in(&file))), expected);
    assert_eq!(
        refusal(Store::open(&database_in(&file), Options::default()).map(drop)),
        expected
    );

    let folder = directory.path().join("folder.db");
    fs::create_dir(&folder).unwrap();
    let expected = format!("{0}: unable to open database file: {0}", folder.display());
    assert_eq!(refusal(migrate(&DatabaseUrl::Sqlite(folder))), expected);
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    let url = DatabaseUrl::parse("postgres://nobody@localhost/nothing?host=/nonexistent").unwrap();
    let Err(Error::Unavailable(text)) = migrate(&url) else {
        panic!("there is no server");
    };
    assert!(text.contains("No such file or directory"), "{text}");
}

#[test]
fn addresses_are_checked_and_shown_without_a_password() {
    let shown = |text: &str| {
        DatabaseUrl::parse(text)
            .map(|url| url.to_string())
            .map_err(|e| e.to_string())
    };
    assert_eq!(shown("sqlite:ledger.db"), Ok("sqlite:ledger.db".to_owned()));
    assert_eq!(shown("sqlite:///srv/ledger.db"), Ok("sqlite:/srv/ledger.db".to_owned()));
    assert_eq!(
        shown("postgres://me:se@cret@host:1/db?sslmode=disable"),
        Ok("postgres://host:1/db".to_owned())
    );
    assert_eq!(
        shown("postgresql://host/db?password=secret"),
        Ok("postgres://host/db".to_owned())
    );
    let debug = format!("{:?}", DatabaseUrl::parse("postgres://me:secret@host/db").unwrap());
    assert_eq!(debug, "postgres://host/db");
    assert_eq!(
        shown("sqlite:"),
        Err("the database address sqlite: names no file".to_owned())
    );
    assert_eq!(
        shown("sqlite::memory:"),
        Err("a database in memory cannot be shared between connections; name a file".to_owned())
    );
    assert_eq!(
        shown("mysql://host/db"),
        Err("a database address is sqlite:PATH or postgres://USER@HOST/DATABASE".to_owned())
    );
    assert!(shown("postgres://host:port/db").is_err());
    assert_eq!(database_in(Path::new("/srv")).to_string(), "sqlite:/srv/landfall.db");
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Refused(text)) => text,
        other => panic!("refused was expected, not {other:?}"),
    }
}
