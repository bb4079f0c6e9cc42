//! python-gitlab, unmodified, does what its users do; `journey.py` beside this file is its part.

use std::{fs, path::Path, process::Command};

use landfall_store::testing::Engine;

use crate::program::{Instance, TOKEN, on_both_engines, only_path, python, run};

/// A commit, a merge of GitLab's and a squashed pull request; committed a minute after each other.
fn make_repository(directory: &Path) {
    fs::create_dir(directory).unwrap();
    let git = |minute: u32, arguments: &[&str]| {
        let time = format!("2026-01-01T10:{minute:02}:00Z");
        let mut git = Command::new("git");
        run(only_path(&mut git)
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .current_dir(directory)
            .env("GIT_AUTHOR_DATE", &time)
            .env("GIT_COMMITTER_DATE", &time));
    };
    let commit = |minute, text: &str, message: &str| {
        fs::write(directory.join("file"), text).unwrap();
        git(minute, &["add", "file"]);
        git(minute, &["commit", "--quiet", "--allow-empty", "-m", message]);
    };
    git(0, &["init", "--quiet", "--initial-branch=main"]);
    commit(1, "one\n", "Start");
    git(1, &["tag", "v1.0"]);
    git(1, &["checkout", "--quiet", "-b", "topic"]);
    commit(2, "one\ntwo\n", "Work");
    git(2, &["checkout", "--quiet", "main"]);
    let message = "Merge branch 'topic' into 'main'\n\nTopic\n\nSee merge request team/tool!7";
    git(3, &["merge", "--quiet", "--no-ff", "-m", message, "topic"]);
    commit(4, "one\ntwo\n", "Squashed (#3)");
}

async fn the_journey(engine: Engine) {
    let instance = Instance::new(engine);
    let server = instance.serve();
    instance.run(&[
        "user",
        "create",
        "alice",
        "--name",
        "Alice Smith",
        "--email",
        "alice@example.com",
    ]);
    let alice = instance.run(&["token", "create", "--user", "alice", "--scopes", "api"]);
    let reader = instance.run(&["token", "create", "--user", "alice", "--scopes", "read_api"]);
    let nested = instance.run(&["project", "create", "team/web/app.one"]);
    instance.run(&["member", "set", &nested, "alice", "maintainer"]);
    for number in 1..=5 {
        instance.run(&[
            "project",
            "create",
            &format!("team/tool-{number}"),
            "--visibility",
            "internal",
        ]);
    }
    let repository = instance.home().join("code");
    make_repository(&repository);
    instance.run(&[
        "project",
        "update",
        "team/tool-5",
        "--repository",
        repository.to_str().unwrap(),
        "--forge-url",
        "https://forge.example/team/tool",
    ]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/blackbox/journey.py");
    let mut journey = Command::new(python());
    run(only_path(&mut journey)
        .args(["-I", script, &server.url])
        .env("ROOT", TOKEN)
        .env("ALICE", alice)
        .env("READER", reader));
}

on_both_engines!(the_journey);
