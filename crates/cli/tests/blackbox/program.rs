//! The program with a data directory and a database of its own.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use landfall_gitlab::Client;
use landfall_store::{
    DatabaseUrl,
    testing::{Engine, TestDatabase},
};
use tempfile::TempDir;

/// The administrator's token, on every instance.
pub(crate) const TOKEN: &str = "token-of-root";

/// An instance: what stays when the process goes.
pub(crate) struct Instance {
    pub(crate) database: TestDatabase,
    /// The working directory of every process, also that of the data.
    home: TempDir,
}

/// A server process. It is killed with this value.
pub(crate) struct Server {
    pub(crate) url: String,
    process: Child,
    /// Kept open, so that the process can go on writing.
    stdout: BufReader<ChildStdout>,
}

impl Instance {
    /// An empty one.
    pub(crate) fn new(engine: Engine) -> Instance {
        Instance::on(TestDatabase::new(engine))
    }

    /// One on a database that the test has made.
    pub(crate) fn on(database: TestDatabase) -> Instance {
        Instance {
            database,
            home: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs a command that must succeed and answers what it prints, without the last line end.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        run(self.command().args(arguments))
    }

    /// Starts the server on a free port and waits until it says that it is ready.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with more arguments.
    pub(crate) fn serve_with(&self, arguments: &[&str]) -> Server {
        let log = self.home().join("server.log");
        let mut process = self
            .command()
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(fs::File::options().create(true).append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let mut server = Server {
            url: String::new(),
            process,
            stdout,
        };
        while server.url.is_empty() {
            let mut line = String::new();
            let read = server.stdout.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "the server ended: {}", fs::read_to_string(&log).unwrap());
            if let Some((_, url)) = line.split_once(" ready at ") {
                url.trim().clone_into(&mut server.url);
            }
        }
        server
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
        let database = match self.database.url() {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        only_path(&mut command)
            .current_dir(self.home())
            .env("LANDFALL_DATA_DIR", self.home().join("data"))
            .env("LANDFALL_DATABASE_URL", database)
            .env("LANDFALL_ROOT_TOKEN", TOKEN);
        command
    }
}

impl Server {
    /// A client with somebody's token.
    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(&self.url, token).unwrap()
    }

    /// Ends the process at once, by SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        // One that has ended by itself needs no kill; whether it should have is what tests find out.
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }

    /// Ends the process gently, by SIGTERM, and waits until it is gone.
    pub(crate) fn stop(mut self) {
        run(Command::new("kill").args(["-TERM", &self.process.id().to_string()]));
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The interpreter that has the Python clients.
pub(crate) fn python() -> PathBuf {
    let python = env::var_os("LANDFALL_TEST_PYTHON");
    python
        .expect("this test drives Python clients, which scripts/test installs: run scripts/test -p landfall --test blackbox")
        .into()
}

/// Leaves a process nothing of the caller's environment but where programs are.
pub(crate) fn only_path(command: &mut Command) -> &mut Command {
    command.env_clear().env("PATH", env::var_os("PATH").unwrap())
}

/// Runs a process that must succeed and answers what it prints, without the last line end.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{printed}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    printed.trim_end().to_owned()
}

/// Makes a test for each engine out of each body, an asynchronous function of the engine.
macro_rules! on_both_engines {
    ($($body:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $body() {
                super::$body(landfall_store::testing::Engine::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $body() {
                super::$body(landfall_store::testing::Engine::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
