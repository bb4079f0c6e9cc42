//! How a server ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use landfall_store::testing::Engine;

use crate::support::{Server, World, head, read_answer};

const BODY: &str = "name=late";

/// A request that the server has begun to read and that has no body yet: it has asked for it.
fn begin(server: &Server, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = head("POST", "/projects", token, BODY.len(), "Expect: 100-continue\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut asked = String::new();
    let mut reader = BufReader::with_capacity(1, stream.try_clone().unwrap());
    reader.read_line(&mut asked).unwrap();
    assert_eq!(asked, "HTTP/1.1 100 Continue\r\n");
    reader.read_line(&mut asked).unwrap();
    stream
}

#[test]
fn requests_under_way_are_finished() {
    for (engine, signal) in [(Engine::Sqlite, "TERM"), (Engine::Postgres, "INT")] {
        let world = World::new(engine);
        let mut server = world.serve();
        let mut stream = begin(&server, &world.root_token());
        server.signal(signal);
        server.wait_for_log("stopping; a second signal stops at once");
        stream.write_all(BODY.as_bytes()).unwrap();
        let (status, project) = read_answer(&mut stream);
        assert_eq!(status, 201, "{project}");
        let (ended, _) = server.wait();
        assert_eq!(ended.code(), Some(0));
        let projects = world.json(&["project", "list"]);
        assert_eq!(projects[0]["path_with_namespace"], "root/late");
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let world = World::new(Engine::Sqlite);
    let mut server = world.serve();
    let mut stream = begin(&server, &world.root_token());
    server.signal("TERM");
    server.wait_for_log("stopping; a second signal stops at once");
    server.signal("TERM");
    let (ended, _) = server.wait();
    assert_eq!(ended.code(), Some(0));
    given_up(&mut stream);
}

#[test]
fn for_the_delay_the_server_goes_on_and_is_not_ready() {
    let world = World::new(Engine::Sqlite);
    let mut server = world.serve_with(&["--shutdown-delay", "60m"], &[]);
    server.signal("TERM");
    server.wait_for_log("stopping; a second signal stops at once");
    assert_eq!(server.get("/user", &world.root_token()).0, 200);
    assert_eq!(readiness(&server), "HTTP/1.1 503 Service Unavailable");
    server.signal("TERM");
    let (ended, _) = server.wait();
    assert_eq!(ended.code(), Some(0));
}

fn readiness(server: &Server) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream
        .write_all(b"GET /-/readiness HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn after_the_time_limit_requests_are_given_up() {
    let world = World::new(Engine::Sqlite);
    let server = world.serve_with(&["--shutdown-timeout", "0"], &[]);
    let mut stream = begin(&server, &world.root_token());
    server.signal("TERM");
    let (ended, _) = server.wait();
    assert_eq!(ended.code(), Some(0));
    given_up(&mut stream);
}

#[test]
fn a_server_whose_log_nobody_reads_answers_and_ends() {
    let world = World::new(Engine::Sqlite);
    let mut server = world.serve();
    server.close_log();
    for _ in 0..3 {
        assert_eq!(server.get("/user", &world.root_token()).0, 200);
    }
    server.stop();
}

#[test]
fn the_log_is_whole_and_in_order() {
    let world = World::new(Engine::Sqlite);
    let mut server = world.serve();
    server.get("/user?first", &world.root_token());
    // The server writes lines out although nothing follows them.
    server.wait_for_log("path=\"/api/v4/user\"");
    for number in 0..50 {
        server.get(&format!("/projects/{number}"), &world.root_token());
    }
    server.signal("TERM");
    let log = server.wait_for_end_of_log();
    let paths = log
        .lines()
        .filter_map(|line| line.split_once("path=\"/api/v4/projects/"));
    let numbers: Vec<&str> = paths.filter_map(|(_, rest)| rest.split('"').next()).collect();
    let expected: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected, "{log}");
    assert!(log.trim_end().ends_with("stopped"), "{log}");
}

fn given_up(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // Either end of the connection is fine, an answer is not.
    let _ = stream.read_to_end(&mut rest);
    assert_eq!(String::from_utf8_lossy(&rest), "");
}
