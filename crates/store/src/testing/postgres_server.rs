//! A throw-away PostgreSQL server in a directory of its own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A running server. A watchdog stops and deletes it when this value is dropped, or when the process ends, however it
/// ends.
#[derive(Debug)]
pub struct PostgresServer {
    directory: PathBuf,
    /// Its standard input is the line to the watchdog: it closes with this process.
    _watchdog: Child,
}

impl PostgresServer {
    /// Makes one and starts it. `settings` are options of the server (`-c name=value`); `prepare` may put files into the
    /// data directory before the start, which will be given to the server's user.
    ///
    /// # Panics
    ///
    /// Where there is no PostgreSQL, or it does not start.
    #[must_use]
    pub fn start(settings: &str, prepare: impl FnOnce(&Path)) -> PostgresServer {
        let bin = binaries();
        let directory = tempfile::Builder::new()
            .prefix("landfall-pg-")
            .tempdir()
            .expect("a temporary directory")
            .keep();
        let as_root = fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("\nUid:\t0\t"));
        // PostgreSQL refuses to run as root.
        let prefix = if as_root { "runuser -u postgres -- " } else { "" };
        let (place, bin) = (directory.display(), bin.display());
        let give = if as_root {
            format!("chown -R postgres {place}")
        } else {
            "true".to_owned()
        };
        shell(&give);
        // A language that orders and folds letters otherwise than SQLite does, where the server can have one: so a text
        // that lacks its COLLATE "C" shows.
        let help = shell(&format!("{bin}/initdb --help"));
        let locale = if help.contains("--icu-locale") {
            "--locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US"
        } else {
            "--locale=C.UTF-8"
        };
        shell(&format!(
            "cd {place} && {prefix}{bin}/initdb -D {place}/data -U postgres -A trust -E UTF8 {locale} --no-sync"
        ));
        prepare(&directory.join("data"));
        shell(&give);
        let options = format!(
            "-c unix_socket_directories={place} -c fsync=off -c full_page_writes=off -c max_connections=400 \
             -c shared_buffers=64MB {settings}"
        );
        shell(&format!(
            "cd {place} && {prefix}{bin}/pg_ctl -D {place}/data -l {place}/log -w -o '{options}' start"
        ));
        let watch =
            format!("cd {place}; read -r line; {prefix}{bin}/pg_ctl -D {place}/data -m immediate stop; rm -rf {place}");
        let watchdog = Command::new("sh")
            .args(["-c", &watch])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        PostgresServer {
            directory,
            _watchdog: watchdog,
        }
    }

    /// The address of a database, by the socket in the server's directory.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@localhost/{database}?host={}",
            self.directory.display()
        )
    }
}

/// Runs a command and answers what it prints.
fn shell(command: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .output()
        .expect("a shell can be started");
    assert!(
        output.status.success(),
        "{command}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The directory with the newest `initdb`.
fn binaries() -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    found.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    found.retain(|directory| directory.join("initdb").is_file() && directory.join("pg_ctl").is_file());
    let numbered = |path: &PathBuf| {
        path.parent()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str())
            .and_then(|name| name.parse::<u32>().ok())
    };
    found.sort_by_key(numbered);
    found
        .pop()
        .expect("the tests need PostgreSQL's server binaries (Debian: apt-get install postgresql)")
}
