//! Schemathesis makes requests out of the OpenAPI document and holds the answers against it.

use std::{fs, process::Command};

use landfall_gitlab::{NewDeployment, Status};
use landfall_store::testing::Engine;

use crate::program::{Instance, TOKEN, only_path, python, run};

/// What is held against the document. Whether odd input is refused is left out: GitLab's parameters are lenient, and the
/// tests of the API have the tables of it.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance";

/// An instance with one of everything is asked, with this configuration file for Schemathesis.
async fn answers_are_as_documented(config: &str) {
    let instance = Instance::new(Engine::Sqlite);
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
        .args(["--phases", "coverage,fuzzing", "--checks", CHECKS])
        .args(["--max-examples", "20", "--generation-deterministic"])
        .args(["--continue-on-failure", "--no-shrink", "--suppress-health-check", "all"])
        .args(["--header", &format!("PRIVATE-TOKEN: {TOKEN}")])
        .arg(format!("{}/api/v4/openapi.json", server.url)));
}

#[tokio::test]
async fn with_any_ids() {
    answers_are_as_documented("").await;
}

#[tokio::test]
async fn with_ids_that_exist() {
    answers_are_as_documented(
        "[parameters]\n\"path.id\" = 1\n\"path.deployment_id\" = 1\n\"path.environment_id\" = 1\n",
    )
    .await;
}
