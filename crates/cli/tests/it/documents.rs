//! Documents about the program itself.

use landfall_store::testing::Engine;
use serde_json::Value;

use crate::support::World;

#[test]
fn the_description_is_the_one_that_the_server_gives() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve_with(&["--external-url", "https://ledger.example"], &[]);
    let (status, answered) = server.get("/openapi.json", "");
    let printed = world.done(&["openapi", "--external-url", "https://ledger.example"]);
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), answered);
    assert_eq!(answered["openapi"], "3.1.0");
}

#[test]
fn the_version_tells_the_engine() {
    let world = World::new(Engine::Sqlite);
    let expected = format!(
        "landfall {} (SQLite {})\n",
        env!("CARGO_PKG_VERSION"),
        landfall_store::sqlite_version()
    );
    assert_eq!(world.done(&["--version"]), expected);
}

#[test]
fn completions_know_the_commands_of_every_shell() {
    let world = World::new(Engine::Sqlite);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = world.done(&["completions", shell]);
        assert!(script.contains("external-url") && script.contains("member"), "{shell}");
    }
    assert_eq!(world.run(&["completions", "tcsh"]).code, 2);
    assert_eq!(world.run(&["completions"]).code, 2);
}

#[test]
fn there_is_a_page_for_each_command() {
    let world = World::new(Engine::Sqlite);
    let page = world.done(&["man"]);
    assert!(
        page.contains(".TH landfall 1") && page.contains("landfall\\-serve(1)"),
        "{page}"
    );
    let page = world.done(&["man", "user", "create"]);
    assert!(
        page.contains(".TH landfall-user-create 1") && page.contains("alice@example.com"),
        "{page}"
    );
    let wrong = world.run(&["man", "nothing"]);
    assert_eq!(wrong.code, 2);
    assert_eq!(
        wrong.stderr,
        "error: there is no command 'nothing'; `landfall --help` shows them all\n"
    );
}

#[test]
fn documents_need_no_configuration_that_works() {
    let world = World::new(Engine::Sqlite);
    for command in ["man", "completions"] {
        let arguments = [command, "--config", "nowhere.toml", "bash"];
        let arguments = if command == "man" {
            &arguments[..3]
        } else {
            &arguments[..]
        };
        assert_eq!(world.run(arguments).code, 0, "{command}");
    }
}

#[test]
fn every_command_has_help_and_what_makes_things_has_examples() {
    let world = World::new(Engine::Sqlite);
    for command in [
        &["serve"][..],
        &["run"],
        &["record"],
        &["spool", "flush"],
        &["user", "create"],
        &["user", "update"],
        &["token", "create"],
        &["token", "revoke"],
        &["project", "create"],
        &["project", "update"],
        &["project", "move"],
        &["member", "set"],
        &["backup"],
        &["restore"],
        &["completions"],
        &["man"],
    ] {
        let help = world.done(&[command, &["--help"]].concat());
        assert!(help.contains("Example"), "{command:?}");
    }
    for command in [
        &["migrate"][..],
        &["openapi"],
        &["doctor"],
        &["spool", "list"],
        &["user", "list"],
        &["token", "list"],
        &["project", "list"],
        &["member", "list"],
        &["member", "remove"],
    ] {
        assert!(world.done(&[command, &["--help"]].concat()).contains("Usage: landfall"));
    }
}

#[test]
fn what_is_not_a_command_is_wrong_usage() {
    let world = World::new(Engine::Sqlite);
    for arguments in [
        &[][..],
        &["user"],
        &["nothing"],
        &["user", "create"],
        &["user", "update", "alice"],
        &["user", "update", "alice", "--state", "banned"],
        &["project", "create", "app"],
        &["project", "create", "team/-"],
        &["project", "update", "1"],
        &["project", "move", "1", "app"],
        &["member", "set", "1", "alice", "5"],
        &["member", "set", "1", "alice", "boss"],
        &["token", "create"],
        &["token", "create", "--user", "alice", "--scopes", "write"],
        &["token", "create", "--user", "alice", "--expires-at", "tomorrow"],
        &["token", "revoke", "first"],
        &["user", "list", "--format", "xml"],
    ] {
        let answer = world.run(arguments);
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{arguments:?}");
    }
    assert!(
        !world.work().join("landfall-data").exists(),
        "wrong usage touches nothing"
    );
}

#[test]
fn wrong_usage_is_told_what_would_be_right() {
    let world = World::new(Engine::Sqlite);
    let ends = ["--expires-at", "tomorrow"];
    for (arguments, right) in [
        (
            [&["token", "create", "--user", "alice"][..], &ends].concat(),
            "YEAR-MONTH-DAY, such as 2030-12-31",
        ),
        (
            [&["member", "set", "1", "alice", "developer"][..], &ends].concat(),
            "YEAR-MONTH-DAY, such as 2030-12-31",
        ),
        (vec!["member", "set", "1", "alice", "boss"], "guest, planner, reporter"),
        (
            vec!["token", "create", "--user", "alice", "--scopes", "x"],
            "api, read_api, read_user, sudo and self_rotate",
        ),
        (vec!["project", "create", "app"], "GROUP/PROJECT"),
        (vec!["serve", "--listen", "8080"], "such as 127.0.0.1:8080"),
        (
            vec!["user", "list", "--database-url", "mysql://h"],
            "sqlite:PATH or postgres://",
        ),
    ] {
        let answer = world.run(&arguments);
        assert_eq!(answer.code, 2, "{arguments:?}");
        assert!(answer.stderr.contains(right), "{}", answer.stderr);
    }
}
