//! Records of other systems, and that hooks about the same deployment say the same.

use http::{HeaderMap, HeaderValue};
use landfall_domain::{deployment::Status, environment::Tier, project::Visibility};
use serde_json::{Value, json};

use super::{github, gitlab};
use crate::hooks_in::{About, Delivery, Key, Meaning, Sender, parse};

macro_rules! payload {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../tests/hook_payloads/", $name))).unwrap()
    };
}

fn hook_keys(sender: Sender, event: Option<&'static str>, body: &Value) -> Vec<String> {
    let mut headers = HeaderMap::new();
    if let Some(event) = event {
        headers.insert("x-github-event", HeaderValue::from_static(event));
    }
    let body = body.to_string();
    let delivery = Delivery {
        headers: &headers,
        body: body.as_bytes(),
    };
    let Meaning::Observations(told) = parse(sender, &delivery).unwrap() else {
        panic!("it says nothing");
    };
    let keys = told.iter().filter_map(|told| match &told.about {
        About::Deployment { key, also, .. } => Some(std::iter::once(key).chain(also).map(Key::external_id)),
        _ => None,
    });
    keys.flatten().collect()
}

#[test]
fn githubs_answers_say_what_its_hooks_say() {
    let created = payload!("github/deployment.created.json");
    let states = [
        payload!("github/deployment_status.queued.json"),
        payload!("github/deployment_status.in_progress.json"),
        payload!("github/deployment_status.success.json"),
    ];
    let statuses: Vec<Value> = states
        .iter()
        .rev()
        .map(|body| body["deployment_status"].clone())
        .collect();
    let deployment = github::abridged(created["deployment"].clone());
    let record = github::deployment(&deployment, &statuses, &created["repository"]).unwrap();
    assert_eq!(record.status, Status::Success);
    assert_eq!(record.finished_at.unwrap().to_wire(), "2026-03-02T10:06:42.000Z");
    let hook = hook_keys(Sender::Github, Some("deployment_status"), &states[2]);
    assert!(hook.contains(&record.keys[0]), "{hook:?} {:?}", record.keys);
    assert_eq!(
        record.environment.external_url.as_deref(),
        Some("https://shop.example.com")
    );
    assert!(record.job.is_some());
}

#[test]
fn gitlabs_answers_have_the_keys_of_its_hooks() {
    let hook = payload!("gitlab/deployment.success.json");
    let project = gitlab::project(&hook["project"]).unwrap();
    let home = gitlab::Home::of(&project, "https://elsewhere.example");
    let (id, job) = (&hook["deployment_id"], &hook["deployable_id"]);
    let record = gitlab::deployment(
        &json!({
            "id": id, "iid": 3, "ref": "main", "sha": "a".repeat(40), "created_at": "2026-01-01T00:00:00Z",
            "environment": { "id": 1, "name": "production" }, "status": "success",
            "deployable": { "id": job, "name": "deploy", "status": "success" },
        }),
        &home,
    );
    let mut hooks = hook_keys(Sender::Gitlab, None, &hook);
    let mut keys = record.unwrap().keys;
    hooks.sort();
    keys.sort();
    assert_eq!(keys, hooks);
}

#[test]
fn an_instance_is_known_by_the_pages_of_its_projects() {
    let instance = |page: Option<&str>, url: &str| {
        let project = gitlab::project(&json!({ "id": 7, "path_with_namespace": "a/b", "web_url": page })).unwrap();
        gitlab::Home::of(&project, url).instance
    };
    assert_eq!(
        instance(Some("https://gitlab.example.com/a/b"), "http://10.0.0.5"),
        "gitlab.example.com"
    );
    assert_eq!(
        instance(Some("https://example.com/tools/gitlab/a/b"), "x"),
        "example.com/tools/gitlab"
    );
    assert_eq!(
        instance(None, "https://example.com/tools/gitlab/"),
        "example.com/tools/gitlab"
    );
}

#[test]
fn a_project_of_which_little_is_told_is_private() {
    let project = gitlab::project(&json!({ "id": 7, "path_with_namespace": "a/b" })).unwrap();
    assert_eq!(
        (project.visibility, project.name.as_str()),
        (Visibility::Private, "a/b")
    );
    let repository = json!({ "id": 7, "full_name": "a/b", "private": true });
    assert_eq!(github::project(&repository).unwrap().visibility, Visibility::Private);
    let repository = json!({ "id": 7, "full_name": "a/b", "private": false });
    assert_eq!(github::project(&repository).unwrap().visibility, Visibility::Public);
}

#[test]
fn an_environment_is_read_from_the_list_of_them() {
    let read =
        gitlab::environment(&json!({ "name": "x", "tier": "staging", "state": "stopped", "slug": "x" })).unwrap();
    assert_eq!((read.tier, read.slug.as_deref()), (Some(Tier::Staging), Some("x")));
    assert_eq!(
        gitlab::environment(&json!({ "slug": "x" })).unwrap_err().to_string(),
        "name is missing"
    );
    assert_eq!(
        gitlab::environment(&json!([])).unwrap_err().to_string(),
        "the body must be an object"
    );
}
