//! Schemathesis makes requests out of the OpenAPI document and holds the answers against it.

use std::{fs, process::Command};

use landfall_gitlab::{NewDeployment, Status};
use landfall_store::testing::Engine;

use crate::program::{Instance, TOKEN, on_both_engines, only_path, python, run};

/// What is held against the document, and that nothing that wants a token works without. Whether odd input is refused is
/// left out: GitLab's parameters are lenient, and the tests of the API have the tables of it.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,ignored_auth";

/// An instance with one of everything is asked, with this configuration file for Schemathesis.
async fn answers_are_as_documented(engine: Engine, config: &str) {
    let instance = Instance::new(engine);
    let server = instance.serve();
    instance.run(&["project", "create", "team/app"]);
    let deployment = NewDeployment {
        environment: "production".to_owned(),
        sha: "a91957a858320c0e17f3a0eca7cfacbff50ea29a".to_owned(),
        git_ref: "main".to_owned(),
        tag: false,
        status: Status::Success,
        other: serde_json::Map::from_iter([("deployable".to_owned(), serde_json::json!({"name": "deploy"}))]),
    };
    server.client(TOKEN).deployments().create(1, &deployment).await.unwrap();
    let file = instance.home().join("schemathesis.toml");
    fs::write(&file, config).unwrap();
    let mut schemathesis = Command::new(python());
    run(only_path(&mut schemathesis)
        .current_dir(instance.home())
        .args(["-I", "-m", "schemathesis.cli", "--config-file"])
        .arg(file)
        .args(["run", "--no-color", "--warnings", "off"])
        .args(["--phases", "coverage,fuzzing,stateful", "--checks", CHECKS])
        .args(["--max-examples", "20", "--generation-deterministic"])
        .args(["--continue-on-failure", "--no-shrink", "--suppress-health-check", "all"])
        .args(["--header", &format!("PRIVATE-TOKEN: {TOKEN}")])
        .arg(format!("{}/api/v4/openapi.json", server.url)));
}

async fn with_any_ids(engine: Engine) {
    answers_are_as_documented(engine, "").await;
}

/// The parameters that name a thing, which has the id 1.
const IDS: &[&str] = &["id", "deployment_id", "environment_id"];

async fn with_ids_that_exist(engine: Engine) {
    let parameters: Vec<String> = IDS.iter().map(|name| format!("\"path.{name}\" = 1")).collect();
    answers_are_as_documented(engine, &format!("[parameters]\n{}\n", parameters.join("\n"))).await;
}

on_both_engines!(with_any_ids, with_ids_that_exist);
