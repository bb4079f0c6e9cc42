//! Importing: the program against another Landfall, and against servers that play a GitLab and GitHub.

mod broken_off;
mod github;
mod hooked;
mod landfall;
mod origin;
mod played;
mod trouble;
mod watching;

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use serde_json::Value;

use crate::support::{Answer, Server, World, finish, head};

const TOKEN: &str = "glpat-secret-of-the-origin";

/// `landfall import gitlab` of `team/app`, with more flags.
fn command(world: &World, url: &str, flags: &[&str]) -> Command {
    let fixed = [
        "import",
        "gitlab",
        "--url",
        url,
        "--token-env",
        "ORIGIN_TOKEN",
        "--project",
        "team/app",
    ];
    let mut command = world.command(&[&fixed[..], flags].concat());
    command.env("ORIGIN_TOKEN", TOKEN);
    command
}

fn import(world: &World, url: &str, flags: &[&str]) -> Answer {
    finish(&mut command(world, url, flags))
}

/// An import that succeeds; answers the summary of its project.
fn imported(world: &World, url: &str, flags: &[&str]) -> Value {
    let answer = import(world, url, &[flags, &["--format", "json"]].concat());
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let mut summaries: Value = serde_json::from_str(&answer.stdout).unwrap();
    summaries[0].take()
}

/// New, changed and unchanged deployments.
fn counts(summary: &Value) -> (i64, i64, i64) {
    let count = |key: &str| summary["deployments"][key].as_i64().unwrap();
    (count("created"), count("updated"), count("unchanged"))
}

/// The body of an answer, byte for byte.
fn body(server: &Server, path: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(stream, "{}", head("GET", path, token, 0, "")).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Sends a hook, which must be taken.
fn deliver(server: &Server, path: &str, headers: &[(&str, &str)], body: &Value) {
    let (status, answer) = server.hook(path, headers, &body.to_string());
    assert!(matches!(status, 200 | 202), "{answer}");
}

/// All deployments of `team/app`, by id.
fn deployments(server: &Server, token: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for page in 1.. {
        let path = format!("/projects/team%2Fapp/deployments?per_page=100&page={page}");
        let (status, found) = server.get(&path, token);
        assert_eq!(status, 200);
        match found.as_array() {
            Some(found) if !found.is_empty() => all.extend(found.clone()),
            _ => break,
        }
    }
    all
}

fn ids_there(deployments: &[Value]) -> Vec<i64> {
    let there = |deployment: &Value| deployment["landfall"]["origin"]["id"].as_i64().unwrap();
    deployments.iter().map(there).collect()
}

/// The same, nothing where the project is not there yet.
fn listed_or_none(server: &Server, token: &str) -> Vec<Value> {
    match server.get("/projects/team%2Fapp", token).0 {
        200 => deployments(server, token),
        _ => Vec::new(),
    }
}

/// Every check of the doctor's is passed, except that the tests' PostgreSQL server does not flush.
fn assert_whole(world: &World) {
    let looked = world.run(&["doctor"]).stdout;
    let failures = looked
        .lines()
        .filter(|line| line.starts_with("failure") && !line.contains("durability"));
    assert_eq!(failures.count(), 0, "{looked}");
}
