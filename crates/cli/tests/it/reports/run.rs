//! `landfall run`: the command is left alone, and what became of it is recorded.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

use landfall_store::testing::Engine;
use serde_json::json;

use super::{
    Job, deployments,
    responder::{Responder, deployment, deployment_with_key},
    statuses,
};
use crate::support::World;

const POST: &str = "POST /api/v4/projects/team%2Fapp/deployments";
const PUT: &str = "PUT /api/v4/projects/team%2Fapp/deployments/42";

#[test]
fn a_success_is_one_deployment() {
    for engine in Engine::ALL {
        let (world, commit) = World::with_repository(engine);
        let server = world.serve();
        let job = Job::reporting_to(&world, &server).with("LANDFALL_JOB_NAME", "deploy");
        let answer = job.run(&[], "echo deployed; echo careful >&2");
        assert_eq!(
            (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
            (0, "deployed\n", "careful\n")
        );
        let found = deployments(&world, &server);
        assert_eq!(found.len(), 1, "{found:?}");
        let deployment = &found[0];
        assert_eq!(deployment["status"], "success");
        assert_eq!(deployment["environment"]["name"], "production");
        assert_eq!(
            (&deployment["sha"], &deployment["ref"]),
            (&json!(commit), &json!("main"))
        );
        let deployed_by = &deployment["deployable"];
        assert_eq!(
            (&deployed_by["name"], &deployed_by["status"]),
            (&json!("deploy"), &json!("success"))
        );
        assert!(deployed_by["started_at"].is_string() && deployed_by["finished_at"].is_string());
        assert!(deployed_by["duration"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn the_deployment_runs_while_the_command_does() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    let job = Job::reporting_to(&world, &server);
    let script = "curl -s -H \"PRIVATE-TOKEN: $LANDFALL_TOKEN\" \
                  \"$LANDFALL_URL/api/v4/projects/root%2Fwork/deployments?status=running\"";
    let answer = job.run(&[], script);
    let seen: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(seen[0]["status"], "running", "{}", answer.stderr);
    assert_eq!(statuses(&world, &server), ["success"]);
}

#[test]
fn a_failure_keeps_its_exit_code() {
    for engine in Engine::ALL {
        let (world, _) = World::with_repository(engine);
        let server = world.serve();
        let job = Job::reporting_to(&world, &server).with("LANDFALL_JOB_NAME", "deploy");
        for (script, code, reason) in [
            ("exit 3", 3, "exit code 3"),
            ("exit 255", 255, "exit code 255"),
            ("kill -KILL $$", 137, "killed by signal 9"),
        ] {
            let answer = job.run(&[], script);
            assert_eq!((answer.code, answer.stderr.as_str()), (code, ""), "{script}");
            let found = deployments(&world, &server);
            let newest = found.last().unwrap();
            assert_eq!(newest["status"], "failed", "{script}");
            assert_eq!(newest["deployable"]["failure_reason"], reason);
        }
        assert_eq!(deployments(&world, &server).len(), 3);
    }
}

#[test]
fn a_command_that_cannot_be_started_has_failed() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    let job = Job::reporting_to(&world, &server);
    for (command, code) in [("./nothing", 127), (".", 126)] {
        let answer = job.landfall(&["run", "--environment", "production", "--", command]);
        assert_eq!((answer.code, answer.stdout.as_str()), (code, ""));
        assert!(
            answer
                .stderr
                .starts_with(&format!("landfall: cannot start {command}: "))
        );
        assert_eq!(answer.stderr.lines().count(), 1);
    }
    assert_eq!(statuses(&world, &server), ["failed", "failed"]);
}

/// Starts a command that says when it is ready, sends `landfall run` a signal, and answers its exit code and what the
/// command still printed.
fn signalled(job: &Job<'_>, signal: &str, script: &str) -> (i32, String) {
    let mut command = job.command(&["run", "--environment", "production", "--", "sh", "-c", script]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([format!("-{signal}"), pid])
            .status()
            .unwrap()
            .success()
    );
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    (child.wait().unwrap().code().unwrap(), rest.join("\n"))
}

#[test]
fn signals_reach_the_command_and_cancel_the_deployment() {
    for engine in Engine::ALL {
        let (world, _) = World::with_repository(engine);
        let server = world.serve();
        let job = Job::reporting_to(&world, &server);
        for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
            let script = format!(
                "trap 'echo cleaning up after {signal}; exit {}' {signal}; echo ready; while :; do sleep 0.02; done",
                128 + number
            );
            let (code, printed) = signalled(&job, signal, &script);
            assert_eq!((code, printed), (128 + number, format!("cleaning up after {signal}")));
            let (code, _) = signalled(&job, signal, "echo ready; exec sleep 60");
            assert_eq!(code, 128 + number, "a command that does not heed {signal}");
        }
        assert_eq!(statuses(&world, &server), ["canceled"; 6]);
    }
}

#[test]
fn a_group_of_processes_that_is_told_to_end_is_canceled_too() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    let job = Job::reporting_to(&world, &server);
    let answer = job.run(&[], "kill -TERM $$; sleep 60");
    assert_eq!((answer.code, answer.stderr.as_str()), (143, ""));
    let mut command = job.command(&[
        "run",
        "--environment",
        "production",
        "--",
        "sh",
        "-c",
        "echo ready; exec sleep 60",
    ]);
    let mut child = command.process_group(0).stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut ready)
        .unwrap();
    let group = format!("-{}", child.id());
    let sent = Command::new("kill").args(["-TERM", "--", &group]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(statuses(&world, &server), ["canceled", "canceled"]);
}

#[test]
fn a_command_that_finishes_in_spite_of_a_signal_is_a_success() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    let job = Job::reporting_to(&world, &server);
    let script = "trap 'echo finishing; exit 0' TERM; echo ready; while :; do sleep 0.02; done";
    assert_eq!(signalled(&job, "TERM", script), (0, "finishing".to_owned()));
    assert_eq!(statuses(&world, &server), ["success"]);
}

#[test]
fn input_output_and_environment_of_the_command_are_its_own() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    let job = Job::reporting_to(&world, &server)
        .with("GITHUB_ACTIONS", "true")
        .with("ODD", "two\nlines = \u{e9} ")
        .with("EMPTY", "");
    let run = ["run", "--environment", "production", "--"];

    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut child = job
        .command(&[&run[..], &["cat"]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let sent = bytes.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&sent).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.stdout == bytes && output.stderr.is_empty() && output.status.success());

    let sorted = |command: &mut Command| {
        let output = command.output().unwrap();
        let mut variables: Vec<Vec<u8>> = output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
        variables.sort();
        variables
    };
    let direct = sorted(&mut job.program("env", &["-0"]));
    assert!(direct.len() > 5);
    assert_eq!(sorted(&mut job.command(&[&run[..], &["env", "-0"]].concat())), direct);

    let arguments = job.landfall(&[&run[..], &["printf", "%s|", "--require", "a b", "", "--"]].concat());
    assert_eq!(arguments.stdout, "--require|a b||--|");
}

#[test]
fn a_server_without_keys_is_told_the_end_by_id() {
    let (world, commit) = World::with_repository(Engine::Sqlite);
    let server = Responder::new(&[("201 Created", deployment(42)), ("200 OK", deployment(42))]);
    let answer = Job::somewhere(&world, &server.url()).run(&[], "exit 4");
    assert_eq!((answer.code, answer.stderr.as_str()), (4, ""));
    assert_eq!(
        server.told(),
        [
            (POST.to_owned(), "running".to_owned()),
            (PUT.to_owned(), "failed".to_owned())
        ]
    );
    let requests = server.requests();
    let (begun, ended) = (&requests[0].1, &requests[1].1);
    assert_eq!(
        (&begun["sha"], &begun["ref"], &begun["tag"]),
        (&json!(commit), &json!("main"), &json!(false))
    );
    assert_eq!(begun["sequence"], 1);
    assert_eq!(begun["deployable"]["status"], "running");
    assert_eq!(begun["occurred_at"], begun["deployable"]["started_at"]);
    let mut keys: Vec<&String> = ended.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["deployable", "status"]);
    assert_eq!(ended["deployable"]["failure_reason"], "exit code 4");
}

#[test]
fn a_server_with_keys_is_told_the_end_by_key() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let answers = [
        ("201 Created", deployment_with_key(42)),
        ("200 OK", deployment_with_key(42)),
    ];
    let server = Responder::new(&answers);
    let answer = Job::somewhere(&world, &server.url()).run(&[], "true");
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert_eq!(
        server.told(),
        [
            (POST.to_owned(), "running".to_owned()),
            (POST.to_owned(), "success".to_owned())
        ]
    );
    let requests = server.requests();
    let (begun, ended) = (&requests[0].1, &requests[1].1);
    assert_eq!((&begun["sequence"], &ended["sequence"]), (&json!(1), &json!(2)));
    assert_eq!(begun["external_id"], ended["external_id"]);
    let key = begun["external_id"].as_str().unwrap();
    assert!(key.starts_with("run:") && key.ends_with(":production"), "{key}");
    assert!(ended["occurred_at"].as_str().unwrap() >= begun["occurred_at"].as_str().unwrap());
}

#[test]
fn a_refusal_is_told_and_the_command_counts() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    world.done(&["user", "create", "reporter"]);
    world.done(&["member", "set", "root/work", "reporter", "reporter"]);
    let weak = world.done(&["token", "create", "--user", "reporter"]);
    let job = Job::reporting_to(&world, &server);
    let sha = "f".repeat(40);
    for (flags, said) in [
        (&["--token", "wrong"][..], "answered 401: 401 Unauthorized"),
        (&["--token", weak.trim()], "answered 403: 403 Forbidden"),
        (&["--project", "no/such"], "answered 404: 404 Project Not Found"),
        (&["--sha", &sha], "answered 400: sha: The commit does not exist"),
    ] {
        let answer = job.run(flags, "echo done; exit 5");
        assert_eq!((answer.code, answer.stdout.as_str()), (5, "done\n"), "{said}");
        assert!(
            answer
                .stderr
                .starts_with("landfall: this deployment is not recorded: POST http://")
        );
        assert!(answer.stderr.ends_with(&format!("{said}\n")), "{}", answer.stderr);
        assert_eq!(answer.stderr.lines().count(), 1, "it is told once: {}", answer.stderr);

        let answer = job.run(&[flags, &["--require"]].concat(), "echo done");
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{said}");
        assert!(answer.stderr.contains(said), "{}", answer.stderr);
    }
    assert_eq!(deployments(&world, &server), Vec::<serde_json::Value>::new());
    assert_eq!(job.spooled(), Vec::<std::path::PathBuf>::new());
}
