//! A place of its own for each test, the program run in it, and a plain HTTP client.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio},
};

use landfall_store::{
    DatabaseUrl,
    testing::{Engine, TestDatabase},
};
use serde_json::Value;
use tempfile::TempDir;

/// A directory to work in, and a database.
pub(crate) struct World {
    directory: TempDir,
    postgres: Option<TestDatabase>,
    work: PathBuf,
}

/// What a command has answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    /// A new one, whose working directory is no git repository.
    pub(crate) fn new(engine: Engine) -> World {
        World::named(engine, "work")
    }

    /// A new one, whose working directory has this name.
    pub(crate) fn named(engine: Engine, name: &str) -> World {
        let directory = tempfile::tempdir().unwrap();
        let work = directory.path().canonicalize().unwrap().join(name);
        fs::create_dir(&work).unwrap();
        let postgres = (engine == Engine::Postgres).then(|| TestDatabase::new(engine));
        World {
            directory,
            postgres,
            work,
        }
    }

    /// A new one whose working directory is a repository on `main`, and its only commit.
    pub(crate) fn with_repository(engine: Engine) -> (World, String) {
        let world = World::new(engine);
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        let commit = world.commit();
        (world, commit)
    }

    /// The working directory.
    pub(crate) fn work(&self) -> &Path {
        &self.work
    }

    /// A directory that the program does not know of.
    pub(crate) fn outside(&self) -> &Path {
        self.directory.path()
    }

    /// The file with the administrator's token.
    pub(crate) fn token_file(&self) -> PathBuf {
        self.work.join("landfall-data/root-token")
    }

    /// The administrator's token.
    pub(crate) fn root_token(&self) -> String {
        fs::read_to_string(self.token_file()).unwrap().trim().to_owned()
    }

    /// Where its database is.
    pub(crate) fn database(&self) -> DatabaseUrl {
        match &self.postgres {
            Some(database) => database.url().clone(),
            None => landfall_store::database_in(&self.work.join("landfall-data")),
        }
    }

    /// The program with some arguments, and nothing in its environment that the test does not want.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = clean(env!("CARGO_BIN_EXE_landfall"));
        command.args(arguments).current_dir(&self.work);
        if let Some(DatabaseUrl::Postgres(url)) = self.postgres.as_ref().map(TestDatabase::url) {
            command.env("LANDFALL_DATABASE_URL", url);
        }
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        finish(&mut self.command(arguments))
    }

    /// Runs a command that must succeed without a word on standard error; answers what it prints.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{arguments:?}");
        answer.stdout
    }

    /// As [`World::done`], for a command that prints JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.done(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&text).unwrap()
    }

    /// Runs a command that must fail with exit code 1; answers what it says.
    pub(crate) fn failed(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{}", answer.stderr);
        answer.stderr
    }

    /// Waits until what hooks have sent is read. The server is not asked: it would log each time, and nobody reads that.
    pub(crate) fn wait_until_read(&self) {
        while self.json(&["inbox", "list", "--state", "waiting"]) != Value::Array(Vec::new()) {}
    }

    /// Starts a server on a free port.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[], &[])
    }

    /// Starts a server on an address like `127.0.0.1:8080`.
    pub(crate) fn serve_on(&self, address: &str) -> Server {
        Server::start(&mut self.command(&["serve", "--listen", address]))
    }

    /// Starts a server with more flags and variables.
    pub(crate) fn serve_with(&self, flags: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut command = self.command(&[&["serve", "--listen", "127.0.0.1:0"], flags].concat());
        command.envs(variables.iter().copied());
        Server::start(&mut command)
    }

    /// Runs git in the working directory and answers what it prints.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = clean("git");
        command
            .args(arguments)
            .current_dir(&self.work)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada Lovelace");
            command.env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        let answer = finish(&mut command);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        answer.stdout.trim().to_owned()
    }

    /// Makes a commit and answers its id.
    pub(crate) fn commit(&self) -> String {
        self.git(&["commit", "--quiet", "--allow-empty", "-m", "Begin"]);
        self.git(&["rev-parse", "HEAD"])
    }
}

/// A command without the variables that the program, git or a shell would heed.
pub(crate) fn clean(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("LANDFALL_") || text.starts_with("GIT_") || text == "RUST_LOG" {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Answer {
    let output = command.output().unwrap();
    Answer {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A running server, which ends with the test.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: Option<BufReader<ChildStderr>>,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Server {
    fn start(command: &mut Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        let address = ready.strip_prefix("Landfall is ready at http://").map(str::trim_end);
        let Some(address) = address.map(str::to_owned) else {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            panic!("the server said {ready:?} and {log}");
        };
        Server {
            child,
            stdout,
            stderr: Some(stderr),
            address,
        }
    }

    /// The lines to be pasted, as they are printed below the ready line.
    pub(crate) fn curl_lines(&mut self, number: usize) -> Vec<String> {
        let mut found = Vec::new();
        while found.len() < number {
            let mut line = String::new();
            assert_ne!(
                self.stdout.read_line(&mut line).unwrap(),
                0,
                "the lines {found:?} are all"
            );
            if line.starts_with("curl ") {
                found.push(line.trim_end().to_owned());
            }
        }
        found
    }

    /// Waits for a line of the log that has this in it.
    pub(crate) fn wait_for_log(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let log = self.stderr.as_mut().unwrap();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "{text} is not logged");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Waits for the end, and answers what was still to be read of the log.
    pub(crate) fn wait_for_end_of_log(mut self) -> String {
        let mut rest = String::new();
        self.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
        rest
    }

    /// Reads the log no longer: the server's next line meets a closed pipe.
    pub(crate) fn close_log(&mut self) {
        self.stderr = None;
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end; answers the exit code, and what was still to be read of standard output.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }

    /// Ends it gently, and answers what it has printed below the ready line.
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        let (status, rest) = self.wait();
        assert_eq!(status.code(), Some(0));
        rest
    }

    /// A request with a token.
    pub(crate) fn request(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{}{body}", head(method, path, token, body.len(), "")).unwrap();
        read_answer(&mut stream)
    }

    /// Sends a hook.
    pub(crate) fn hook(&self, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let headers: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: landfall\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{}\r\n",
            body.len(),
            headers.concat()
        );
        write!(stream, "{head}{body}").unwrap();
        read_answer(&mut stream)
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> (u16, Value) {
        self.request("GET", path, token, "")
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &str) -> (u16, Value) {
        self.request("POST", path, token, body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The head of a request, up to the empty line.
pub(crate) fn head(method: &str, path: &str, token: &str, length: usize, more: &str) -> String {
    format!(
        "{method} /api/v4{path} HTTP/1.1\r\nHost: landfall\r\nConnection: close\r\nPRIVATE-TOKEN: {token}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n{more}\r\n"
    )
}

/// The status and the JSON of an answer, whose connection ends with it.
pub(crate) fn read_answer(stream: &mut TcpStream) -> (u16, Value) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}
