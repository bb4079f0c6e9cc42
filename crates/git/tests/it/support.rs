//! A temporary directory with repositories, and `git` cut off from the configuration of the machine.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use landfall_git::{CommitId, Limits, Repository};
use tempfile::TempDir;

/// A repository in a temporary directory of its own, which goes away with it.
pub(crate) struct Fixture {
    outer: TempDir,
    path: PathBuf,
}

impl Fixture {
    /// An empty repository with a work tree, on the branch `main`.
    pub(crate) fn empty() -> Self {
        Self::init(&[])
    }

    /// `git init` with more options.
    pub(crate) fn init(options: &[&str]) -> Self {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("repo");
        let fixture = Self { outer, path };
        fs::create_dir(&fixture.path).unwrap();
        fixture.git(&[&["init", "--quiet", "--initial-branch=main"], options].concat());
        fixture
    }

    /// Three commits on `main`, each with the file `file`.
    pub(crate) fn linear() -> Self {
        let fixture = Self::empty();
        for message in ["one", "two", "three"] {
            fixture.commit(message);
        }
        fixture
    }

    /// The root of the work tree (of a bare repository: the repository).
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn git_dir(&self) -> PathBuf {
        let dot_git = self.path.join(".git");
        if dot_git.exists() { dot_git } else { self.path.clone() }
    }

    /// A path beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.outer.path().join(name)
    }

    pub(crate) fn repository(&self) -> Repository {
        Repository::at(&self.path)
    }

    /// Runs `git`, which must succeed, and returns what it prints, without the last line end.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_with_input(arguments, b"")
    }

    pub(crate) fn git_with_input(&self, arguments: &[&str], input: &[u8]) -> String {
        self.try_git(arguments, input)
            .unwrap_or_else(|error| panic!("git {arguments:?}: {error}"))
    }

    /// Runs `git`: what it prints, or its complaint if it fails.
    pub(crate) fn try_git(&self, arguments: &[&str], input: &[u8]) -> Result<String, String> {
        let mut child = command(&self.path, self.outer.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout)
                .trim_end_matches('\n')
                .to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Changes `file` and commits it with the message.
    pub(crate) fn commit(&self, message: &str) -> CommitId {
        fs::write(self.path.join("file"), message).unwrap();
        self.git(&["add", "file"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// Stores a commit object with exactly this text after the `tree` line, and makes `refs/heads/raw` point to it.
    pub(crate) fn raw_commit(&self, after_tree: &[u8]) -> CommitId {
        let tree = self.git_with_input(&["mktree"], b"");
        let object = [format!("tree {tree}\n").as_bytes(), after_tree].concat();
        let id = self.git_with_input(
            &["hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
            &object,
        );
        self.git(&["update-ref", "refs/heads/raw", &id]);
        CommitId::parse(&id).unwrap()
    }

    /// The commit that git itself resolves the expression to.
    pub(crate) fn id(&self, expression: &str) -> CommitId {
        self.rev_parse(expression)
            .unwrap_or_else(|| panic!("git does not know {expression:?}"))
    }

    /// As [`Fixture::id`], but `None` if git resolves it to nothing.
    pub(crate) fn rev_parse(&self, expression: &str) -> Option<CommitId> {
        let peeled = format!("{expression}^{{commit}}");
        let printed = self
            .try_git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &peeled], b"")
            .ok()?;
        // `^main` is printed as `^<id>`, which names no commit.
        CommitId::parse(&printed)
    }

    /// The object file of an id, which must be loose.
    pub(crate) fn loose(&self, id: &str) -> PathBuf {
        let (directory, name) = id.split_at(2);
        self.git_dir().join("objects").join(directory).join(name)
    }
}

fn command(directory: &Path, home: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(directory).env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
        .env("HOME", home)
        .env("LC_ALL", "C.UTF-8")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Ada Author")
        .env("GIT_AUTHOR_EMAIL", "ada@example.com")
        .env("GIT_AUTHOR_DATE", "1470900961 +0200")
        .env("GIT_COMMITTER_NAME", "Cem Committer")
        .env("GIT_COMMITTER_EMAIL", "cem@example.com")
        .env("GIT_COMMITTER_DATE", "1470900999 -0930");
    command
}

/// Overwrites a file, also one that git made read-only.
pub(crate) fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Cuts a file to a part of its length.
pub(crate) fn truncate(path: &Path, keep: impl Fn(usize) -> usize) {
    let bytes = fs::read(path).unwrap();
    let kept = &bytes[..keep(bytes.len())];
    overwrite(path, kept);
}

/// Enough for every question here.
pub(crate) const LIMITS: Limits = Limits {
    time: Duration::from_mins(10),
    commits: 100_000,
    listed: 10_000,
    files: 3_000,
    patch: 200_000,
    patches: 4_000_000,
};
