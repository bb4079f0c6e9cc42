//! `backup`, `restore` and `doctor`.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use landfall_store::testing::Engine;
use serde_json::Value;

use crate::support::World;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The level and the text of the findings of one check.
fn findings(report: &Value, name: &str) -> Vec<(String, String)> {
    let all = report.as_array().unwrap().iter();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    all.filter(|finding| finding["name"] == name)
        .map(|finding| (text(finding, "level"), text(finding, "text")))
        .collect()
}

/// What `doctor` reports in JSON where it finds a failure.
fn failing_report(world: &World, arguments: &[&str]) -> Value {
    let answer = world.run(&[&["doctor", "--format", "json"], arguments].concat());
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(answer.stderr.ends_with(" checks failed\n"), "{}", answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn a_backup_of_a_running_server_can_be_restored_into_either_engine() {
    for (from, to) in [(Engine::Sqlite, Engine::Postgres), (Engine::Postgres, Engine::Sqlite)] {
        let (world, _) = World::with_repository(from);
        let server = world.serve();
        let token = world.root_token();
        let made = world.json(&["backup", "backup.db"]);
        assert_eq!(made["tables"]["users"], 1);
        assert_eq!(made["tables"]["projects"], 1);
        assert!(made["bytes"].as_u64().unwrap() > 0);
        drop(server);

        let other = World::new(to);
        let file = world.work().join("backup.db");
        let restored = other.json(&["restore", file.to_str().unwrap()]);
        assert_eq!(restored["tables"], made["tables"]);
        let server = other.serve();
        let (status, project) = server.get("/projects/root%2Fwork", &token);
        assert_eq!((status, &project["id"]), (200, &Value::from(1)), "{from:?} to {to:?}");
    }
}

#[test]
fn backups_are_told_in_a_sentence_and_replace_nothing() {
    let world = World::new(Engine::Sqlite);
    world.done(&["user", "create", "alice"]);
    let text = world.done(&["backup", "b.db"]);
    assert!(
        text.starts_with("Wrote ") && text.ends_with(" bytes to b.db.\n"),
        "{text}"
    );
    assert!(world.failed(&["backup", "b.db"]).contains("b.db"));
    let restored = world.done(&["restore", "b.db", "--data-dir", "other"]);
    assert!(
        restored.ends_with(" rows from b.db to sqlite:other/landfall.db.\n"),
        "{restored}"
    );
    assert_eq!(
        world.json(&["user", "list", "--data-dir", "other"])[0]["username"],
        "alice"
    );
    let full = world.failed(&["restore", "b.db"]);
    assert_eq!(full.lines().count(), 1, "{full}");
    let missing = world.failed(&["restore", "nowhere.db", "--data-dir", "third"]);
    assert!(missing.contains("nowhere.db"), "{missing}");
    let nothing = world.failed(&["backup", "c.db", "--data-dir", "fourth"]);
    assert!(nothing.contains("fourth"), "{nothing}");
    assert!(!world.work().join("fourth").exists());
}

#[test]
fn a_sound_installation_passes() {
    for engine in Engine::ALL {
        let (world, _) = World::with_repository(engine);
        let server = world.serve();
        let answer = world.run(&["doctor", "--format", "json"]);
        let report: Value = serde_json::from_str(&answer.stdout).unwrap();
        // The tests' PostgreSQL is told not to flush, which is the one thing wrong here.
        let failing = report
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["level"] == "failure");
        let failing: Vec<&Value> = failing.map(|finding| &finding["name"]).collect();
        let expected: &[&str] = if engine == Engine::Sqlite { &[] } else { &["durability"] };
        assert_eq!(failing, expected, "{report}");
        assert_eq!(answer.code, i32::from(engine == Engine::Postgres));
        for (name, text) in [
            ("repositories", "All 1 repositories can be read."),
            (
                "mirrors",
                "All copies of repositories elsewhere could be brought up to date.",
            ),
            ("external-url", "Links begin with http://127.0.0.1:8080."),
            ("data-directory", "Only its owner may look into landfall-data."),
            ("root-token", "Only its owner may read landfall-data/root-token."),
        ] {
            assert_eq!(
                findings(&report, name),
                [("ok".to_owned(), text.to_owned())],
                "{engine:?}"
            );
        }
        let table = world.run(&["doctor"]).stdout;
        assert!(table.starts_with("LEVEL "), "{table}");
        assert!(table.contains("All 1 repositories can be read."), "{table}");
        drop(server);
    }
}

#[test]
fn what_is_wrong_is_told_with_the_way_out() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    drop(world.serve());
    chmod(&world.work().join("landfall-data"), 0o755);
    chmod(&world.token_file(), 0o644);
    fs::rename(world.work().join(".git"), world.work().join("gone")).unwrap();
    let report = failing_report(&world, &[]);
    let [(level, text)] = &findings(&report, "root-token")[..] else {
        panic!("{report}")
    };
    assert_eq!(level, "failure");
    assert!(text.ends_with(": chmod 600 landfall-data/root-token"), "{text}");
    let [(level, text)] = &findings(&report, "data-directory")[..] else {
        panic!("{report}")
    };
    assert_eq!(level, "warning");
    assert!(text.ends_with(": chmod 700 landfall-data"), "{text}");
    let [(level, text)] = &findings(&report, "repositories")[..] else {
        panic!("{report}")
    };
    assert_eq!(level, "failure");
    assert!(
        text.starts_with("root/work: nothing exists at ")
            && text.ends_with("landfall project update 1 --repository DIR"),
        "{text}"
    );
}

#[test]
fn a_database_that_is_missing_or_cannot_be_opened() {
    let world = World::new(Engine::Sqlite);
    let report = failing_report(&world, &[]);
    assert_eq!(
        findings(&report, "database"),
        [(
            "failure".to_owned(),
            "There is no landfall-data/landfall.db; `landfall serve` makes it.".to_owned()
        )]
    );
    assert!(!world.work().join("landfall-data").exists());
    let report = failing_report(&world, &["--database-url", "postgres://127.0.0.1:1/x"]);
    assert!(
        findings(&report, "database")[0]
            .1
            .contains("check that PostgreSQL runs there")
    );
}

#[test]
fn links_that_lead_nowhere_are_a_warning() {
    let world = World::new(Engine::Sqlite);
    world.done(&["user", "create", "alice", "--admin"]);
    for (listen, external, level) in [
        ("0.0.0.0:8080", None, "warning"),
        ("0.0.0.0:8080", Some("http://localhost:8080"), "warning"),
        ("0.0.0.0:8080", Some("https://ledger.example"), "ok"),
        ("192.0.2.1:8080", None, "ok"),
        ("127.0.0.1:8080", Some("https://ledger.example"), "ok"),
        ("localhost:8080", None, "ok"),
    ] {
        let mut command = world.command(&["doctor", "--format", "json"]);
        command.env("LANDFALL_LISTEN", listen);
        if let Some(external) = external {
            command.args(["--external-url", external]);
        }
        let answer = crate::support::finish(&mut command);
        let report = serde_json::from_str(&answer.stdout).unwrap();
        assert_eq!(findings(&report, "external-url")[0].0, level, "{listen} {external:?}");
    }
}
