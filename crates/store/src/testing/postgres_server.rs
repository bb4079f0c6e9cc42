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
    place: Place,
    /// Options of the server.
    options: String,
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
        let place = Place::new();
        // A language that orders and folds letters otherwise than SQLite does, where the server can have one: so a text
        // that lacks its COLLATE "C" shows.
        let help = shell(&format!("{}/initdb --help", place.bin.display()));
        let locale = if help.contains("--icu-locale") {
            "--locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US"
        } else {
            "--locale=C.UTF-8"
        };
        place.run(&format!(
            "initdb -D data -U postgres -A trust -E UTF8 {locale} --no-sync"
        ));
        prepare(&place.data());
        place.give();
        PostgresServer::run(place, settings)
    }

    fn run(place: Place, settings: &str) -> PostgresServer {
        let options = format!(
            "-c unix_socket_directories={} -c fsync=off -c full_page_writes=off -c max_connections=400 \
             -c shared_buffers=64MB {settings}",
            place.directory.display()
        );
        let watch = format!(
            "read -r line; {}; rm -rf {}",
            place.command("pg_ctl -D data -m immediate stop"),
            place.directory.display()
        );
        let watchdog = Command::new("sh")
            .args(["-c", &watch])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        let server = PostgresServer {
            place,
            options,
            _watchdog: watchdog,
        };
        server.start_again();
        server
    }

    /// A copy of this server as it is now, which runs as a standby. It follows this server, or it does not, and then lacks
    /// whatever is committed from now on.
    ///
    /// # Panics
    ///
    /// Where it cannot be made or does not start.
    #[must_use]
    pub fn standby(&self, settings: &str, is_following: bool) -> PostgresServer {
        let place = Place::new();
        let primary = self.place.directory.display();
        place.run(&format!(
            "pg_basebackup -D data -h {primary} -U postgres --checkpoint=fast --no-sync"
        ));
        fs::write(place.data().join("standby.signal"), "").expect("the data directory can be written");
        place.give();
        let follow = if is_following {
            format!("-c primary_conninfo=\"host={primary} user=postgres application_name=standby\" ")
        } else {
            String::new()
        };
        PostgresServer::run(place, &(follow + settings))
    }

    /// Ends the server at once, as a crash does, and waits until it is gone.
    ///
    /// # Panics
    ///
    /// Where it does not run.
    pub fn stop(&self) {
        self.place.run("pg_ctl -D data -m immediate -w stop");
    }

    /// Starts the server after it was stopped, and waits until it takes connections.
    ///
    /// # Panics
    ///
    /// Where it does not start.
    pub fn start_again(&self) {
        self.place
            .run(&format!("pg_ctl -D data -l log -w -o '{}' start", self.options));
    }

    /// Makes a standby a primary, and waits until it is one.
    ///
    /// # Panics
    ///
    /// Where it cannot be one.
    pub fn promote(&self) {
        self.place.run("pg_ctl -D data -w promote");
    }

    /// The address of a database, by the socket in the server's directory.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        PostgresServer::url_of(&[self], database)
    }

    /// The address of a database on whichever of the servers is the primary.
    #[must_use]
    pub fn url_of(servers: &[&PostgresServer], database: &str) -> String {
        let sockets: Vec<String> = servers
            .iter()
            .map(|server| server.place.directory.display().to_string().replace('/', "%2F"))
            .collect();
        format!("postgres://postgres@{}/{database}", sockets.join(","))
    }
}

/// Where a server lives, and how its programs are run there.
#[derive(Debug)]
struct Place {
    directory: PathBuf,
    bin: PathBuf,
    /// PostgreSQL refuses to run as root.
    as_root: bool,
}

impl Place {
    fn new() -> Place {
        let directory = tempfile::Builder::new()
            .prefix("landfall-pg-")
            .tempdir()
            .expect("a temporary directory")
            .keep();
        let place = Place {
            directory,
            bin: binaries(),
            as_root: fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("\nUid:\t0\t")),
        };
        place.give();
        place
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// Gives everything to the server's user.
    fn give(&self) {
        if self.as_root {
            shell(&format!("chown -R postgres {}", self.directory.display()));
        }
    }

    fn command(&self, program: &str) -> String {
        let user = if self.as_root { "runuser -u postgres -- " } else { "" };
        format!(
            "cd {} && {user}{}/{program}",
            self.directory.display(),
            self.bin.display()
        )
    }

    fn run(&self, program: &str) {
        shell(&self.command(program));
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
