//! What is reported, to whom, and what is missing.

use std::fs;

use landfall_store::testing::Engine;
use serde_json::json;

use super::{Job, deployments};
use crate::support::World;

const SHA: &str = "1ecfd275763eff1d6b4844ea3168962458c9f27a";

fn gitlab(world: &World) -> Job<'_> {
    Job::new(world)
        .with("GITLAB_CI", "true")
        .with("CI_SERVER_HOST", "gitlab.example.com")
        .with("CI_PROJECT_PATH", "root/work")
        .with("CI_COMMIT_SHA", SHA)
        .with("CI_COMMIT_REF_NAME", "v1.0")
        .with("CI_COMMIT_TAG", "v1.0")
        .with("CI_JOB_ID", "50")
        .with("CI_JOB_NAME", "deploy")
        .with("CI_JOB_STAGE", "live")
        .with("CI_JOB_URL", "https://gitlab.example.com/acme/shop/-/jobs/50")
        .with("GITLAB_USER_LOGIN", "jdoe")
}

fn github(world: &World) -> Job<'_> {
    Job::new(world)
        .with("GITHUB_ACTIONS", "true")
        .with("GITHUB_REPOSITORY", "root/work")
        .with("GITHUB_SHA", SHA)
        .with("GITHUB_REF", "refs/heads/main")
        .with("GITHUB_JOB", "deploy")
        .with("GITHUB_RUN_ID", "1658821493")
}

#[test]
fn a_dry_run_shows_what_two_systems_tell_and_does_nothing() {
    let world = World::new(Engine::Sqlite);
    let mut shown = gitlab(&world).preview(&["--url", "https://landfall.example.com/"]);
    assert!(shown["report"]["occurred_at"].as_str().unwrap().ends_with('Z'));
    shown["report"].as_object_mut().unwrap().remove("occurred_at");
    assert_eq!(
        shown,
        json!({
            "url": "https://landfall.example.com",
            "project": "root/work",
            "report": {
                "environment": "production", "sha": SHA, "ref": "v1.0", "tag": true, "status": "success",
                "external_id": "gitlab:gitlab.example.com:50:production", "sequence": 2,
                "deployable": {
                    "id": 50, "stage": "live", "name": "deploy", "ref": "v1.0", "tag": true,
                    "user": { "username": "jdoe" },
                    "web_url": "https://gitlab.example.com/acme/shop/-/jobs/50", "status": "success",
                },
            },
        })
    );
    let answer = github(&world).run(&["--dry-run"], "echo started");
    let shown: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(shown["url"], json!(null));
    let report = &shown["report"];
    assert_eq!((&report["status"], &report["sequence"]), (&json!("running"), &json!(1)));
    assert_eq!((&report["ref"], &report["tag"]), (&json!("main"), &json!(false)));
    assert_eq!(
        report["external_id"],
        "github:github.com/root/work:1658821493:1:deploy:production"
    );
    assert_eq!(report["deployable"]["name"], "deploy");
    assert_eq!(report["deployable"]["started_at"], report["occurred_at"]);
}

#[test]
fn flags_win_over_variables_and_variables_over_what_is_found_out() {
    let world = World::new(Engine::Sqlite);
    let job = gitlab(&world);
    let other = "f".repeat(40);
    let variables = job
        .clone()
        .with("LANDFALL_PROJECT", "7")
        .with("LANDFALL_SHA", &other)
        .with("LANDFALL_REF", "refs/heads/next")
        .with("LANDFALL_KEY", "release 3")
        .with("LANDFALL_JOB_NAME", "by variable")
        .with("LANDFALL_ACTOR", "");
    let shown = variables.preview(&[]);
    assert_eq!(shown["project"], "7");
    let report = &shown["report"];
    assert_eq!(
        (&report["sha"], &report["ref"], &report["tag"]),
        (&json!(other), &json!("next"), &json!(false))
    );
    assert!(
        report["external_id"].as_str().unwrap().starts_with("release"),
        "{report}"
    );
    let by = &report["deployable"];
    assert_eq!(
        (&by["name"], &by["stage"], &by["user"]["username"]),
        (&json!("by variable"), &json!("live"), &json!("jdoe"))
    );

    let flags = [
        "--project",
        "team/other",
        "--sha",
        "abc",
        "--ref",
        "v2",
        "--tag",
        "--key",
        "k",
        "--job-id",
        "9",
        "--job-name",
        "by flag",
        "--job-stage",
        "s",
        "--job-url",
        "https://j",
        "--pipeline-id",
        "8",
        "--pipeline-url",
        "https://p",
        "--pipeline-source",
        "hand",
        "--runner",
        "r",
        "--actor",
        "a",
    ];
    let shown = variables.preview(&flags);
    assert_eq!(shown["project"], "team/other");
    let report = &shown["report"];
    assert_eq!(
        (&report["sha"], &report["ref"], &report["tag"]),
        (&json!("abc"), &json!("v2"), &json!(true))
    );
    assert_eq!(report["external_id"], "k:production");
    assert_eq!(
        report["deployable"],
        json!({
            "id": 9, "stage": "s", "name": "by flag", "ref": "v2", "tag": true, "user": { "username": "a" },
            "pipeline": { "id": 8, "sha": "abc", "ref": "v2", "source": "hand", "web_url": "https://p" },
            "web_url": "https://j", "runner": { "description": "r" }, "status": "success",
        })
    );
}

#[test]
fn the_project_is_the_one_that_the_system_tells() {
    let (world, commit) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    let job = github(&world)
        .with("GITHUB_SHA", &commit)
        .with("LANDFALL_URL", &format!("http://{}/", server.address))
        .with("LANDFALL_TOKEN", &world.root_token());
    let answer = job.run(&[], "true");
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let found = deployments(&world, &server);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["sha"], &found[0]["deployable"]["name"]),
        (&json!(commit), &json!("deploy"))
    );
}

#[test]
fn a_detached_checkout_tells_its_tag_and_its_remote() {
    let (world, commit) = World::with_repository(Engine::Sqlite);
    world.git(&["remote", "add", "origin", "git@git.example.com:root/work.git"]);
    world.git(&["tag", "v1.9"]);
    world.git(&["checkout", "--quiet", "--detach"]);
    let shown = Job::new(&world).preview(&[]);
    assert_eq!(shown["project"], "root/work");
    let report = &shown["report"];
    assert_eq!(
        (&report["sha"], &report["ref"], &report["tag"]),
        (&json!(commit), &json!("v1.9"), &json!(true))
    );
    assert_eq!(report.get("deployable"), None);
}

#[test]
fn the_token_can_stand_in_a_file() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let server = world.serve();
    let file = world.token_file();
    let file = file.to_str().unwrap();
    let wrong = Job::reporting_to(&world, &server).with("LANDFALL_TOKEN", "wrong");
    assert_eq!(wrong.record(&["--status", "success"]).code, 1);
    assert_eq!(wrong.record(&["--status", "success", "--token-file", file]).code, 0);
    let unset = wrong
        .clone()
        .with("LANDFALL_TOKEN", "")
        .with("LANDFALL_TOKEN_FILE", file);
    assert_eq!(unset.record(&["--status", "failed"]).code, 0);
    let missing = unset.record(&["--status", "failed", "--token-file", "nowhere"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.starts_with("error: cannot read the token in nowhere: "));
}

#[test]
fn what_is_missing_is_wrong_usage_and_nothing_is_started() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let complete = Job::somewhere(&world, "http://127.0.0.1:9");
    let detached = World::with_repository(Engine::Sqlite).0;
    detached.git(&["checkout", "--quiet", "--detach"]);
    let nothing = World::new(Engine::Sqlite);
    let run = |job: &Job<'_>| job.run(&[], "touch started");
    for (answer, said) in [
        (run(&complete.clone().with("LANDFALL_URL", "")), "no server is known"),
        (
            run(&complete.clone().with("LANDFALL_URL", "ftp://x")),
            "ftp://x is not an http or https address",
        ),
        (
            run(&complete.clone().with("LANDFALL_URL", "http://me:secret@127.0.0.1:9")),
            "must not have a name or password in it",
        ),
        (
            run(&complete.clone().with("LANDFALL_TOKEN", "")),
            "no access token is known",
        ),
        (
            run(&complete.clone().with("LANDFALL_PROJECT", "")),
            "no project is known",
        ),
        (
            run(&Job::somewhere(&detached, "http://127.0.0.1:9")),
            "no branch or tag is known",
        ),
        (
            run(&Job::somewhere(&nothing, "http://127.0.0.1:9")),
            "no commit is known",
        ),
        (
            complete.landfall(&["run", "--", "touch", "started"]),
            "which environment?",
        ),
        (
            complete.landfall(&["run", "--environment", "production"]),
            "<COMMAND>...",
        ),
        (complete.record(&["--status", "done"]), "invalid value 'done'"),
    ] {
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{said}");
        assert!(answer.stderr.contains(said), "{}", answer.stderr);
        assert!(!answer.stderr.contains("secret"), "{}", answer.stderr);
    }
    for world in [&world, &detached, &nothing] {
        assert!(!world.work().join("started").exists());
        assert!(
            fs::read_dir(world.outside()).unwrap().count() == 1,
            "nothing is kept either"
        );
    }
}
