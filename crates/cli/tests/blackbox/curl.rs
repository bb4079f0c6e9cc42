//! The four command lines of the API's documentation of 2019, on a server in a real repository.

use std::{path::Path, process::Command};

use landfall_store::testing::Engine;
use serde_json::Value;

use crate::program::{Instance, TOKEN, only_path, run};

const LIST: &str =
    r#"curl --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments""#;
const GET: &str = r#"curl --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments/1""#;
const CREATE: &str = r#"curl --data "environment=production&sha=a91957a858320c0e17f3a0eca7cfacbff50ea29a&ref=master&tag=false&status=success" --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments""#;
const UPDATE: &str = r#"curl --request PUT --data "status=success" --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments/42""#;
/// The commit in them.
const SHA: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";

fn git(directory: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    let known = [
        ("GIT_AUTHOR_NAME", "A"),
        ("GIT_AUTHOR_EMAIL", "a@b"),
        ("GIT_COMMITTER_NAME", "A"),
        ("GIT_COMMITTER_EMAIL", "a@b"),
    ];
    run(only_path(&mut git).args(arguments).envs(known).current_dir(directory))
}

/// Runs a line in a shell, with address, token and commit of this run, and answers status and body.
fn paste(line: &str, url: &str, sha: &str) -> (u16, Value) {
    let line = line
        .replace("https://gitlab.example.com", url)
        .replace("<your_access_token>", TOKEN)
        .replace(SHA, sha);
    let script =
        format!("curl() {{ command curl --silent --show-error --write-out '\\n%{{http_code}}' \"$@\"; }}\n{line}");
    let mut shell = Command::new("sh");
    let printed = run(only_path(&mut shell).args(["-c", &script]));
    let (body, status) = printed.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), serde_json::from_str(body).unwrap())
}

/// The keys of a deployment in the documentation, in order where it shows one without a job.
fn assert_documented(deployment: &Value, id: i64, status: &str, sha: &str) {
    assert_eq!((&deployment["id"], &deployment["iid"]), (&id.into(), &id.into()));
    assert_eq!(
        (&deployment["status"], &deployment["ref"]),
        (&status.into(), &"master".into())
    );
    assert_eq!(deployment["sha"], sha);
    assert_eq!(deployment["environment"]["name"], "production");
    assert_eq!(deployment["user"]["username"], "root");
    for key in ["created_at", "updated_at", "deployable"] {
        assert!(deployment.get(key).is_some(), "{key}");
    }
    for key in ["id", "name", "state", "avatar_url", "web_url"] {
        assert!(deployment["user"].get(key).is_some(), "user.{key}");
    }
    for key in ["id", "external_url"] {
        assert!(deployment["environment"].get(key).is_some(), "environment.{key}");
    }
}

#[test]
fn the_documented_lines_work_when_pasted() {
    let instance = Instance::new(Engine::Sqlite);
    git(instance.home(), &["init", "--quiet", "--initial-branch=master"]);
    git(instance.home(), &["commit", "--quiet", "--allow-empty", "-m", "First"]);
    let sha = git(instance.home(), &["rev-parse", "HEAD"]);
    let server = instance.serve();
    // The lines name deployments 1 and 42, so there are 42 before them.
    let running = CREATE.replace("status=success", "status=running");
    for id in 1..=42 {
        let (status, created) = paste(&running, &server.url, &sha);
        assert_eq!(status, 201, "{created}");
        assert_documented(&created, id, "running", &sha);
    }

    let (status, listed) = paste(LIST, &server.url, &sha);
    assert_eq!(status, 200, "{listed}");
    assert_eq!(listed.as_array().unwrap().len(), 20);
    assert_documented(&listed[19], 20, "running", &sha);

    let (status, got) = paste(GET, &server.url, &sha);
    assert_eq!(status, 200, "{got}");
    assert_documented(&got, 1, "running", &sha);

    let (status, created) = paste(CREATE, &server.url, &sha);
    assert_eq!(status, 201, "{created}");
    assert_documented(&created, 43, "success", &sha);

    let (status, updated) = paste(UPDATE, &server.url, &sha);
    assert_eq!(status, 200, "{updated}");
    assert_documented(&updated, 42, "success", &sha);

    let (status, refused) = paste(CREATE, &server.url, SHA);
    assert_eq!(
        (status, refused["message"]["sha"][0].as_str()),
        (400, Some("The commit does not exist"))
    );
}
