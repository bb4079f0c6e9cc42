//! Real git repositories with commits whose ids are the same in every run.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A repository in a directory.
pub(crate) struct TestRepository {
    directory: PathBuf,
}

impl TestRepository {
    /// An empty one below `parent`, on branch `main`.
    pub(crate) fn new(parent: &Path) -> TestRepository {
        let directory = parent.join("repository");
        std::fs::create_dir(&directory).unwrap();
        let repository = TestRepository { directory };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// Its git directory, as a project stores it.
    pub(crate) fn directory(&self) -> String {
        self.directory.join(".git").to_str().unwrap().to_owned()
    }

    /// Runs git in it and answers what it prints.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_at("2026-01-01T11:00:00+02:00", arguments)
    }

    /// With another time of commits and tags.
    pub(crate) fn git_at(&self, committed_at: &str, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(&self.directory)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Ada Lovelace")
            .env("GIT_AUTHOR_EMAIL", "ada@example.com")
            .env("GIT_AUTHOR_DATE", "2026-01-01T10:00:00+02:00")
            .env("GIT_COMMITTER_NAME", "Ada Lovelace")
            .env("GIT_COMMITTER_EMAIL", "ada@example.com")
            .env("GIT_COMMITTER_DATE", committed_at)
            .output()
            .expect("git can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Makes a commit and answers its id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Writes a file of the work tree and stages it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.directory.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self.git(&["add", path]);
    }

    /// Makes a commit at a minute after 11:00 and answers its id.
    pub(crate) fn commit_at(&self, minute: u32, message: &str) -> String {
        let committed_at = format!("2026-01-01T11:{minute:02}:00+02:00");
        self.git_at(&committed_at, &["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}
