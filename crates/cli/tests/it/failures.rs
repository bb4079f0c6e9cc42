//! What is said where a command fails: one sentence, and what to do next.

use std::{fs, net::TcpListener};

use landfall_store::testing::{Engine, run_sql};

use crate::support::{World, finish};

/// Checks the exit code and that standard error has one line, which is this.
fn fails_with(world: &World, arguments: &[&str], says: &str) {
    assert_eq!(world.failed(arguments), format!("error: {says}\n"), "{arguments:?}");
}

#[test]
fn the_address_is_in_use() {
    let world = World::new(Engine::Sqlite);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    fails_with(
        &world,
        &["serve", "--listen", &address],
        &format!("{address} is in use by another program; stop that one, or choose another address with --listen"),
    );
    assert!(
        !world.work().join("landfall-data").exists(),
        "a server that cannot start touches nothing"
    );
    fails_with(
        &world,
        &["serve", "--listen", "192.0.2.1:8080"],
        "192.0.2.1:8080 is no address of this machine; choose another with --listen",
    );
}

#[test]
fn the_data_directory_cannot_be_written() {
    let world = World::new(Engine::Sqlite);
    let file = world.work().join("file");
    fs::write(&file, "").unwrap();
    let inside = file.join("data");
    for command in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["user", "list"],
        &["migrate"],
    ] {
        fails_with(
            &world,
            &[command, &["--data-dir", inside.to_str().unwrap()]].concat(),
            &format!(
                "cannot make the data directory {}: Not a directory (os error 20); name another with --data-dir or \
                 LANDFALL_DATA_DIR",
                inside.display()
            ),
        );
    }
}

#[test]
fn the_database_file_cannot_be_opened() {
    let world = World::new(Engine::Sqlite);
    let next = "make it one that this user may write to, or name another with --data-dir or --database-url";
    fails_with(
        &world,
        &["user", "list", "--database-url", "sqlite:nowhere/landfall.db"],
        &format!("cannot write to nowhere: No such file or directory (os error 2); {next}"),
    );
    fs::create_dir(world.work().join("landfall.db")).unwrap();
    fails_with(
        &world,
        &["user", "list", "--database-url", "sqlite:landfall.db"],
        &format!("cannot write to landfall.db: Is a directory (os error 21); {next}"),
    );
}

#[test]
fn the_database_is_of_a_newer_version() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        world.done(&["migrate"]);
        run_sql(
            &world.database(),
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
             VALUES (9999, 'later', '2026-01-01T00:00:00Z', '1')",
        );
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["user", "list"],
            &["migrate"],
        ] {
            fails_with(
                &world,
                command,
                "the database was changed by a newer version of Landfall (migration V9999__later); run that version, or \
                 restore a backup made before it",
            );
        }
    }
}

#[test]
fn the_database_address_is_wrong() {
    let world = World::new(Engine::Sqlite);
    let answer = world.run(&["user", "list", "--database-url", "mysql://h/d"]);
    assert_eq!(
        (answer.code, answer.stderr.as_str()),
        (
            2,
            "error: the database address that --database-url, LANDFALL_DATABASE_URL or the file gives is wrong: a database \
             address is sqlite:PATH or postgres://USER@HOST/DATABASE\n"
        )
    );
}

#[test]
fn postgresql_cannot_be_reached() {
    let world = World::new(Engine::Sqlite);
    let failure = world.failed(&[
        "user",
        "list",
        "--database-url",
        "postgres://me:secret@127.0.0.1:1/ledger",
    ]);
    assert!(
        failure.starts_with("error: postgres://127.0.0.1:1/ledger: the database cannot be reached: "),
        "{failure}"
    );
    assert!(
        failure.ends_with("; check that PostgreSQL runs there and that --database-url is right\n"),
        "{failure}"
    );
    assert_eq!(failure.lines().count(), 1, "{failure}");
}

#[test]
fn a_repository_is_none() {
    let world = World::new(Engine::Sqlite);
    let here = world.work().display();
    fails_with(
        &world,
        &["project", "create", "team/app", "--repository", "."],
        "--repository: . is not a git repository; name the directory of a git repository",
    );
    let missing = format!("{here}/nowhere");
    fails_with(
        &world,
        &["project", "create", "team/app", "--repository", &missing],
        &format!("--repository: nothing exists at {missing}; name the directory of a git repository"),
    );
    for (address, says) in [
        (
            "ssh://git@example.com/app.git",
            "must be an http or https address, such as https://git.example.com/group/app.git",
        ),
        (
            "git@example.com:app.git",
            "must be an http or https address, such as https://git.example.com/group/app.git",
        ),
        (
            "https://ada:s3cret@example.com/app.git",
            "must not have a user or password in it: it would be stored and shown; credentials are the server's, see \
             --git-credentials-file",
        ),
    ] {
        fails_with(
            &world,
            &["project", "create", "team/app", "--repository", address],
            &format!("the address that --repository names {says}"),
        );
    }
    assert!(!world.work().join("landfall-data").exists());
}

#[test]
fn names_are_taken_wrong_or_unknown() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        world.done(&["user", "create", "alice", "--email", "alice@example.com"]);
        world.done(&["user", "create", "bob"]);
        world.done(&["project", "create", "team/app"]);
        let cases: &[(&[&str], &str)] = &[
            (&["user", "create", "ALICE"], "username has already been taken"),
            (&["user", "create", "team"], "username has already been taken"),
            (
                &["user", "create", "carol", "--email", "Alice@example.com"],
                "email has already been taken",
            ),
            (&["user", "create", "carol", "--email", "carol"], "email is invalid"),
            (
                &["user", "create", "a"],
                "username is too short (minimum is 2 characters)",
            ),
            (
                &["user", "update", "bob", "--email", "alice@example.com"],
                "email has already been taken",
            ),
            (&["user", "update", "bob", "--name", " "], "name can't be blank"),
            (
                &["user", "update", "bob", "--public-email", "x"],
                "public_email is invalid",
            ),
            (
                &["user", "update", "eve", "--admin", "true"],
                "there is no user 'eve'; `landfall user list` shows them all",
            ),
            (
                &["token", "create", "--user", "eve"],
                "there is no user 'eve'; `landfall user list` shows them all",
            ),
            (
                &["token", "create", "--user", "bob", "--scopes", ""],
                "scopes can't be blank",
            ),
            (
                &["token", "create", "--user", "bob", "--expires-at", "2020-01-01"],
                "expires_at must be in the future",
            ),
            (
                &["token", "list", "--user", "eve"],
                "there is no user 'eve'; `landfall user list` shows them all",
            ),
            (
                &["token", "revoke", "99"],
                "there is no token 99; `landfall token list --user NAME` shows a user's tokens",
            ),
            (&["project", "create", "Team/App"], "path has already been taken"),
            (
                &["project", "update", "9", "--archived", "true"],
                "there is no project '9'; `landfall project list` shows them all",
            ),
            (
                &["project", "move", "team/none", "a/b"],
                "there is no project 'team/none'; `landfall project list` shows them all",
            ),
            (
                &["member", "set", "team/none", "bob", "30"],
                "there is no project and no group 'team/none'; `landfall project list` shows all projects",
            ),
            (
                &["member", "set", "team/app", "eve", "30"],
                "there is no user 'eve'; `landfall user list` shows them all",
            ),
            (
                &["member", "set", "team/app", "bob", "30", "--expires-at", "2020-01-01"],
                "expires_at cannot be a date in the past",
            ),
            (
                &["member", "remove", "team/app", "bob"],
                "bob is no member of team/app; `landfall member list team/app` shows them all",
            ),
        ];
        for (arguments, says) in cases {
            fails_with(&world, arguments, says);
        }
        assert_eq!(world.json(&["user", "list"]).as_array().unwrap().len(), 2);
    }
}

#[test]
fn who_stops_reading_gets_no_complaint() {
    let world = World::new(Engine::Sqlite);
    let line = format!("{} completions bash | head -n 1", env!("CARGO_BIN_EXE_landfall"));
    let answer = finish(
        crate::support::clean("sh")
            .args(["-c", &line])
            .current_dir(world.work()),
    );
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}
