//! `landfall record`: one report.

use std::path::PathBuf;

use landfall_store::testing::Engine;
use serde_json::{Value, json};

use super::{
    Job, deployments,
    responder::{Responder, deployment},
    statuses,
};
use crate::support::World;

#[test]
fn the_id_is_printed_and_finishes_the_deployment() {
    for engine in Engine::ALL {
        let (world, commit) = World::with_repository(engine);
        let server = world.serve();
        let job = Job::reporting_to(&world, &server);
        let begun = job.record(&["--status", "running"]);
        assert_eq!((begun.code, begun.stderr.as_str()), (0, ""));
        assert_eq!(statuses(&world, &server), ["running"]);
        let id = begun.stdout.trim_end();
        let found = deployments(&world, &server);
        assert_eq!(
            (&found[0]["id"], &found[0]["sha"]),
            (&json!(id.parse::<i64>().unwrap()), &json!(commit))
        );

        let ended = job.record(&["--status", "canceled", "--id", id, "--format", "json"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        let printed: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(
            (&printed["id"], &printed["status"]),
            (&found[0]["id"], &json!("canceled"))
        );
        assert_eq!(statuses(&world, &server), ["canceled"]);
    }
}

#[test]
fn a_refusal_fails() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    let job = Job::reporting_to(&world, &server);
    let answer = job.record(&["--status", "success", "--ref", "gone"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(
        answer
            .stderr
            .contains("answered 400: ref: The branch or tag does not exist"),
        "{}",
        answer.stderr
    );
    assert_eq!(job.spooled(), Vec::<PathBuf>::new());
}

#[test]
fn a_server_that_cannot_now_is_asked_again_and_one_that_will_not_is_not() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    for refusal in [
        "503 Service Unavailable",
        "500 Internal Server Error",
        "429 Too Many Requests",
    ] {
        let server = Responder::new(&[(refusal, json!({})), ("201 Created", deployment(42))]);
        let answer = Job::somewhere(&world, &server.url()).record(&["--status", "success"]);
        assert_eq!(
            (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
            (0, "42\n", "")
        );
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0], requests[1], "it is the same report");
    }
    for refusal in ["400 Bad Request", "409 Conflict", "302 Found", "200 OK"] {
        let server = Responder::new(&[(refusal, json!({ "message": "no" })), ("201 Created", deployment(42))]);
        let job = Job::somewhere(&world, &server.url());
        let answer = job.record(&["--status", "success"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{refusal}");
        assert_eq!(server.requests().len(), 1, "{refusal}");
        assert_eq!(job.spooled(), Vec::<PathBuf>::new());
    }
}
