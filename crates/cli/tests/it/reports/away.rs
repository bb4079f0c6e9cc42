//! A server that does not answer.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};

use landfall_store::testing::Engine;
use serde_json::{Value, json};

use super::{
    Job, deployments, nowhere,
    responder::{Responder, deployment, deployment_with_key},
    statuses,
};
use crate::support::World;

const BRIEFLY: &[&str] = &["--timeout", "1s"];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn reports_are_kept_and_the_next_run_sends_them_first() {
    for engine in Engine::ALL {
        let (world, _) = World::with_repository(engine);
        let server = world.serve();
        let job = Job::reporting_to(&world, &server).with("LANDFALL_JOB_NAME", "deploy");
        let address = server.address.clone();
        server.stop();

        let answer = job.run(BRIEFLY, "echo done; exit 3");
        assert_eq!((answer.code, answer.stdout.as_str()), (3, "done\n"));
        assert!(answer.stderr.contains("did not answer"), "{}", answer.stderr);
        assert!(answer.stderr.contains("the command is started all the same"));
        let files = job.spooled();
        assert_eq!(files.len(), 2, "{}", answer.stderr);
        for file in &files {
            assert!(answer.stderr.contains(file.to_str().unwrap()), "{}", answer.stderr);
            assert_eq!(mode(file), 0o600);
            assert!(!fs::read_to_string(file).unwrap().contains(&world.root_token()));
        }
        assert_eq!(mode(files[0].parent().unwrap()), 0o700);

        let server = world.serve_on(&address);
        let answer = job.run(&[], "exit 0");
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        assert_eq!(
            statuses(&world, &server),
            ["failed", "success"],
            "in the order in which they happened"
        );
        assert_eq!(
            deployments(&world, &server)[0]["deployable"]["failure_reason"],
            "exit code 3"
        );
        assert_eq!(job.spooled(), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_server_that_comes_back_while_the_command_runs_is_told_then() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = Responder::new(&[
        ("503 Service Unavailable", json!({})),
        ("201 Created", deployment(42)),
        ("200 OK", deployment(42)),
    ]);
    let mut command =
        Job::somewhere(&world, &server.url()).command(&["run", "--environment", "production", "--", "cat"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    while server.requests().len() < 2 {
        thread::yield_now();
    }
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let told = server.told();
    assert_eq!(told[1].1, "running");
    let put = "PUT /api/v4/projects/team%2Fapp/deployments/42";
    assert_eq!(told[2], (put.to_owned(), "success".to_owned()));
}

#[test]
fn a_kept_report_is_no_failure_of_record() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let job = Job::somewhere(&world, &format!("http://{}", nowhere()));
    let answer = job.record(&[&["--status", "success"], BRIEFLY].concat());
    assert_eq!((answer.code, answer.stdout.as_str()), (0, ""));
    assert!(answer.stderr.contains("is kept in"), "{}", answer.stderr);
    assert_eq!(job.spooled().len(), 1);
}

#[test]
fn what_is_required_fails_and_is_not_kept() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let job = Job::somewhere(&world, &format!("http://{}", nowhere()));
    let required = [BRIEFLY, &["--require"]].concat();
    let answer = job.run(&required, "echo started");
    assert_eq!(
        (answer.code, answer.stdout.as_str()),
        (1, ""),
        "the command is not started"
    );
    assert!(
        answer.stderr.contains("the command is not started"),
        "{}",
        answer.stderr
    );
    let answer = job.record(&[&["--status", "success"], &required[..]].concat());
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert_eq!(job.spooled(), Vec::<PathBuf>::new());
}

#[test]
fn an_end_that_is_required_and_cannot_be_told_is_kept_and_fails() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    for (script, code) in [("true", 1), ("exit 7", 7)] {
        let server = Responder::new(&[("201 Created", deployment(42))]);
        let job = Job::somewhere(&world, &server.url());
        let answer = job.run(&[BRIEFLY, &["--require"]].concat(), script);
        assert_eq!(answer.code, code, "{}", answer.stderr);
        let kept: Value = serde_json::from_slice(&fs::read(&job.spooled()[0]).unwrap()).unwrap();
        assert_eq!(
            kept["deployment_id"], 42,
            "it will finish the deployment that was begun"
        );
        assert_eq!(kept["report"]["sequence"], 2);
        fs::remove_file(&job.spooled()[0]).unwrap();
    }
}

#[test]
fn kept_reports_of_a_run_finish_one_deployment_also_without_keys() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let post = "POST /api/v4/projects/team%2Fapp/deployments";
    let put = "PUT /api/v4/projects/team%2Fapp/deployments/42";
    for (answered, second) in [(deployment(42), put), (deployment_with_key(42), post)] {
        let address = nowhere();
        let job = Job::somewhere(&world, &format!("http://{address}"));
        assert_eq!(job.run(BRIEFLY, "true").code, 0);
        let server = Responder::on(&address, &[("201 Created", answered.clone()), ("200 OK", answered)]);
        let answer = job.landfall(&["spool", "flush"]);
        assert_eq!(
            (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
            (0, "2 sent\n", "")
        );
        let told = server.told();
        assert_eq!(told[0], (post.to_owned(), "running".to_owned()));
        assert_eq!(told[1], (second.to_owned(), "success".to_owned()));
        assert_eq!(job.spooled(), Vec::<PathBuf>::new());
    }
}

#[test]
fn reports_go_only_to_the_server_that_they_are_for() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let elsewhere = Job::somewhere(&world, &format!("http://{}", nowhere()));
    elsewhere.record(&[&["--status", "success"], BRIEFLY].concat());
    let server = Responder::new(&[("201 Created", deployment(42))]);
    let answer = Job::somewhere(&world, &server.url()).record(&["--status", "failed"]);
    assert_eq!(
        (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
        (0, "42\n", "")
    );
    assert_eq!(server.told().len(), 1);
    assert_eq!(elsewhere.spooled().len(), 1);

    let answer = elsewhere.landfall(&["spool", "flush", "--timeout", "1s"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(answer.stderr.contains("did not answer"), "{}", answer.stderr);
    assert_eq!(elsewhere.spooled().len(), 1);
}

#[test]
fn a_kept_report_that_is_refused_does_not_stop_the_others() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let address = nowhere();
    let job = Job::somewhere(&world, &format!("http://{address}"));
    for status in ["running", "success"] {
        job.record(&[&["--status", status], BRIEFLY].concat());
    }
    let script = [
        ("400 Bad Request", json!({ "message": "no such commit" })),
        ("201 Created", deployment(42)),
    ];
    let server = Responder::on(&address, &script);
    let answer = job.landfall(&["spool", "flush"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, "1 sent\n"));
    assert!(
        answer.stderr.contains("error: 1 not taken by the server"),
        "{}",
        answer.stderr
    );
    assert!(
        answer.stderr.contains("is refused") && answer.stderr.contains("no such commit"),
        "{}",
        answer.stderr
    );
    assert_eq!(server.told().len(), 2);

    let list: Value = serde_json::from_str(&job.landfall(&["spool", "list", "--format", "json"]).stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list[0]["state"], "refused");
    assert_eq!(list[0]["entry"]["report"]["status"], "running");
    let table = job.landfall(&["spool", "list"]).stdout;
    let row = table.lines().nth(1).unwrap();
    for cell in [
        "refused",
        &format!("http://{address}"),
        "team/app",
        "production",
        "running",
    ] {
        assert!(row.contains(cell), "{table}");
    }
}

#[test]
fn a_kept_report_that_breaks_the_server_waits_and_the_others_do_not() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let address = nowhere();
    let job = Job::somewhere(&world, &format!("http://{address}"));
    job.record(&[&["--status", "success"], BRIEFLY].concat());
    let script = [
        ("500 Internal Server Error", json!({})),
        ("201 Created", deployment(42)),
        ("503 Service Unavailable", json!({})),
    ];
    let server = Responder::on(&address, &script);
    let answer = job.record(&["--status", "failed"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (0, "42\n"));
    assert!(answer.stderr.contains("has to wait"), "{}", answer.stderr);
    assert_eq!(job.spooled().len(), 1);
    let told: Vec<String> = server.told().into_iter().map(|(_, status)| status).collect();
    assert_eq!(told, ["success", "failed"]);

    let answer = job.landfall(&["spool", "flush", "--timeout", "1s"]);
    assert_eq!(answer.code, 1, "a server that is away is told");
    assert!(answer.stderr.contains("answered 503"), "{}", answer.stderr);
    assert_eq!(job.spooled().len(), 1);
}

#[test]
fn kept_reports_wait_for_a_better_token() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let address = nowhere();
    let job = Job::somewhere(&world, &format!("http://{address}"));
    for _ in 0..2 {
        job.record(&[&["--status", "success"], BRIEFLY].concat());
    }
    for (refusal, requests) in [("401 Unauthorized", 1), ("403 Forbidden", 1), ("404 Not Found", 2)] {
        let script = [
            (refusal, json!({ "message": "no" })),
            (refusal, json!({ "message": "no" })),
        ];
        let server = Responder::new(&script);
        redirect(&job, &server.url());
        let answer = job.landfall(&["spool", "flush", "--url", &server.url()]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, "0 sent\n"), "{refusal}");
        assert_eq!(server.told().len(), requests, "{refusal}");
        assert_eq!(job.spooled().len(), 2, "{refusal}");
    }
}

/// Makes another server the one that the kept reports are for.
fn redirect(job: &Job<'_>, url: &str) {
    for file in job.spooled() {
        let mut kept: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        kept["url"] = json!(url);
        fs::write(&file, kept.to_string()).unwrap();
    }
}

#[test]
fn one_process_at_a_time_sends_what_is_kept() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let job = Job::somewhere(&world, &format!("http://{}", nowhere()));
    job.record(&[&["--status", "running"], BRIEFLY].concat());
    let server = Responder::new(&[("201 Created", deployment(42))]);
    redirect(&job, &server.url());
    let lock = fs::File::create(job.spooled()[0].with_file_name("lock")).unwrap();
    lock.lock().unwrap();
    let answer = Job::somewhere(&world, &server.url()).record(&["--status", "success"]);
    assert_eq!(
        (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
        (0, "42\n", "")
    );
    let told: Vec<String> = server.told().into_iter().map(|(_, status)| status).collect();
    assert_eq!(told, ["success"]);
    assert_eq!(job.spooled().len(), 1);
}

#[test]
fn the_directory_can_be_chosen_and_is_not_needed() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let url = format!("http://{}", nowhere());
    let flags = [&["--status", "success"], BRIEFLY].concat();
    for (variable, below) in [("LANDFALL_SPOOL_DIR", ""), ("XDG_STATE_HOME", "landfall/spool")] {
        let directory = world.outside().join(variable);
        let job = Job::somewhere(&world, &url).with(variable, directory.to_str().unwrap());
        assert_eq!(job.record(&flags).code, 0);
        assert_eq!(fs::read_dir(directory.join(below)).unwrap().count(), 1, "{variable}");
    }
    for (variable, value) in [("LANDFALL_SPOOL_DIR", "/dev/null/spool"), ("HOME", "")] {
        let answer = Job::somewhere(&world, &url)
            .with(variable, value)
            .run(BRIEFLY, "exit 6");
        assert_eq!(answer.code, 6);
        assert!(answer.stderr.contains("is lost"), "{}", answer.stderr);
    }
}
