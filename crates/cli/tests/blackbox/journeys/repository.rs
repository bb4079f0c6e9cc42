//! The repository that every journey looks into.

use std::{fs, path::Path, process::Command};

use crate::program::{only_path, run};

/// A tagged commit, a merge of GitLab's and a squashed pull request; committed a minute after each other.
pub(super) fn make(directory: &Path) {
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
