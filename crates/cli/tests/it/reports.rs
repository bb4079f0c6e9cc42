//! Reporting from CI: the program as a job runs it, against a real server and against one with a script.

mod away;
mod plan;
mod record;
mod responder;
mod run;
mod tls;

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::support::{Answer, Server, World, finish};

/// A job: a working directory, and the variables that its system sets. Nothing of the machine's own comes through.
#[derive(Clone)]
struct Job<'a> {
    world: &'a World,
    variables: Vec<(String, String)>,
}

impl<'a> Job<'a> {
    fn new(world: &'a World) -> Job<'a> {
        Job {
            world,
            variables: Vec::new(),
        }
        .with("PATH", &std::env::var("PATH").unwrap())
        .with("HOME", world.outside().to_str().unwrap())
    }

    /// One that knows the server, and the project that the world's repository has become.
    fn reporting_to(world: &'a World, server: &Server) -> Job<'a> {
        Job::new(world)
            .with("LANDFALL_URL", &format!("http://{}", server.address))
            .with("LANDFALL_TOKEN", &world.root_token())
            .with("LANDFALL_PROJECT", "root/work")
    }

    /// One for a server that is not there or says what the test has it say.
    fn somewhere(world: &'a World, url: &str) -> Job<'a> {
        Job::new(world)
            .with("LANDFALL_URL", url)
            .with("LANDFALL_TOKEN", "secret-token")
            .with("LANDFALL_PROJECT", "team/app")
            .with("LANDFALL_JOB_NAME", "deploy")
    }

    fn with(mut self, name: &str, value: &str) -> Job<'a> {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A program in this job.
    fn program(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables.iter().cloned())
            .current_dir(self.world.work())
            .stdin(Stdio::null());
        command
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.program(env!("CARGO_BIN_EXE_landfall"), arguments)
    }

    fn landfall(&self, arguments: &[&str]) -> Answer {
        finish(&mut self.command(arguments))
    }

    /// `landfall run --environment production -- sh -c SCRIPT`, with more flags.
    fn run(&self, flags: &[&str], script: &str) -> Answer {
        let start = ["run", "--environment", "production"];
        self.landfall(&[&start, flags, &["--", "sh", "-c", script]].concat())
    }

    /// `landfall record --environment production`, with more flags.
    fn record(&self, flags: &[&str]) -> Answer {
        self.landfall(&[&["record", "--environment", "production"], flags].concat())
    }

    /// What `--dry-run` of `record` prints.
    fn preview(&self, flags: &[&str]) -> Value {
        let answer = self.record(&[&["--status", "success", "--dry-run"], flags].concat());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        serde_json::from_str(&answer.stdout).unwrap()
    }

    /// The files that wait, oldest first.
    fn spooled(&self) -> Vec<PathBuf> {
        let directory = self.world.outside().join(".local/state/landfall/spool");
        let Ok(entries) = fs::read_dir(directory) else {
            return Vec::new();
        };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        files
    }
}

/// The deployments of the world's project in the order of their making.
fn deployments(world: &World, server: &Server) -> Vec<Value> {
    let path = "/projects/root%2Fwork/deployments?order_by=id&sort=asc";
    let (status, list) = server.get(path, &world.root_token());
    assert_eq!(status, 200, "{list}");
    list.as_array().unwrap().clone()
}

fn statuses(world: &World, server: &Server) -> Vec<String> {
    let list = deployments(world, server);
    list.iter()
        .map(|deployment| deployment["status"].as_str().unwrap().to_owned())
        .collect()
}

/// An address where nobody listens.
fn nowhere() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}
