//! Complete payloads, written after the public schemas, one file each in `tests/hook_payloads`.

mod broken;
mod documents;
mod joined;
mod proof;

use std::{fs, path::PathBuf};

use http::{HeaderMap, HeaderName, HeaderValue};
use landfall_domain::{deployment::Status, environment::Tier, time::Timestamp};
use serde_json::{Map, Value, json};

use super::*;
use crate::ops::job::GivenJob;

const SENDERS: [(Sender, &str); 5] = [
    (Sender::Gitlab, "gitlab"),
    (Sender::Github, "github"),
    (Sender::Argocd, "argocd"),
    (Sender::Flux, "flux"),
    (Sender::Cdevents, "cdevents"),
];

/// What is kept of a sender's secret.
fn kept(sender: Sender, secret: &str) -> landfall_domain::hook::Proof {
    landfall_domain::hook::Proof::of(sender, &landfall_domain::token::Secret::new(secret.to_owned()))
}

fn directory(sender: Sender) -> PathBuf {
    let (_, name) = SENDERS.iter().find(|(known, _)| *known == sender).unwrap();
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/hook_payloads")
        .join(name)
}

/// The names of a sender's payloads, sorted.
fn names(sender: Sender) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory(sender))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort();
    names
}

fn payload(sender: Sender, name: &str) -> Vec<u8> {
    fs::read(directory(sender).join(format!("{name}.json"))).unwrap()
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        })
        .collect()
}

/// The headers that come with a payload, as far as its meaning depends on them.
fn headers_of(sender: Sender, name: &str, body: &[u8]) -> HeaderMap {
    match sender {
        Sender::Gitlab => headers(&[("X-Gitlab-Instance", "https://gitlab.example.com")]),
        Sender::Github => headers(&[
            ("Content-Type", "application/json"),
            ("X-GitHub-Event", name.split('.').next().unwrap()),
        ]),
        Sender::Argocd | Sender::Flux => headers(&[("Content-Type", "application/json")]),
        Sender::Cdevents if name.starts_with("structured.") => {
            headers(&[("Content-Type", "application/cloudevents+json; charset=utf-8")])
        }
        Sender::Cdevents => {
            let event: Value = serde_json::from_slice(body).unwrap();
            let context = |key: &str| event["context"][key].as_str().unwrap();
            headers(&[
                ("Content-Type", "application/json"),
                ("ce-specversion", "1.0"),
                ("ce-id", context("id")),
                ("ce-source", context("source")),
                ("ce-type", context("type")),
                ("ce-time", context("timestamp")),
                ("ce-subject", event["subject"]["id"].as_str().unwrap()),
            ])
        }
    }
}

fn read(sender: Sender, name: &str) -> Meaning {
    let body = payload(sender, name);
    let headers = headers_of(sender, name, &body);
    let delivery = Delivery {
        headers: &headers,
        body: &body,
    };
    parse(sender, &delivery).unwrap_or_else(|broken| panic!("{name}: {broken}"))
}

fn observations(sender: Sender, name: &str) -> Vec<Observation> {
    match read(sender, name) {
        Meaning::Observations(observations) => observations,
        other => panic!("{name}: {other:?}"),
    }
}

/// A meaning as JSON, without what is not told.
fn show_meaning(meaning: &Meaning) -> Value {
    match meaning {
        Meaning::Ignored { why } => json!({ "ignored": why }),
        Meaning::Ping => json!("ping"),
        Meaning::Observations(observations) => observations.iter().map(show).collect(),
    }
}

fn show(observation: &Observation) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        let is_told = !matches!(&value, Value::Null) && value != json!([]);
        if is_told {
            shown.insert(name.to_owned(), value);
        }
    };
    put("about", show_about(&observation.about));
    put("occurred_at", json!(observation.occurred_at.map(Timestamp::to_wire)));
    put("sequence", json!(observation.sequence));
    if let Some(project) = &observation.project {
        put(
            "project",
            told(json!({ "path": project.path, "web_url": project.web_url, "external_id": project.external_id })),
        );
    }
    if let Some(environment) = &observation.environment {
        let tier = environment.tier.map(Tier::as_str);
        put(
            "environment",
            told(json!({ "name": environment.name, "tier": tier, "external_url": environment.external_url })),
        );
    }
    put("service", json!(observation.service));
    put("sha", json!(observation.sha));
    put("ref", json!(observation.git_ref));
    put("tag", json!(observation.tag));
    put("artifacts", json!(observation.artifacts));
    put("status", json!(observation.status.map(Status::as_str)));
    if let Some(user) = &observation.user {
        put(
            "user",
            told(json!({
                "username": user.username, "name": user.name, "email": user.email, "avatar_url": user.avatar_url,
                "web_url": user.web_url, "external_id": user.external_id, "bot": user.bot.then_some(true),
            })),
        );
    }
    put("description", json!(observation.description));
    put("deployable", json!(observation.deployable));
    let notes: Vec<String> = observation.notes.iter().map(|note| format!("{note:?}")).collect();
    put("notes", json!(notes));
    Value::Object(shown)
}

fn told(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    value
}

fn show_about(about: &About) -> Value {
    match about {
        About::Deployment { key, also, run } => told(json!({
            "deployment": key.external_id(),
            "also": (!also.is_empty()).then(|| also.iter().map(Key::external_id).collect::<Vec<_>>()),
            "run": run.as_ref().map(RunKey::external_id),
        })),
        About::Run(run) => json!({ "run": run.external_id() }),
        About::Environment => json!("environment"),
    }
}

/// Every payload of a sender and what is made of it.
fn snapshots(sender: Sender) {
    let names = names(sender);
    assert!(!names.is_empty());
    for name in names {
        let (_, folder) = SENDERS.iter().find(|(known, _)| *known == sender).unwrap();
        insta::assert_json_snapshot!(format!("{folder}__{name}"), show_meaning(&read(sender, &name)));
    }
}

#[test]
fn payloads_of_gitlab() {
    snapshots(Sender::Gitlab);
}

#[test]
fn payloads_of_github() {
    snapshots(Sender::Github);
}

#[test]
fn payloads_of_argocd() {
    snapshots(Sender::Argocd);
}

#[test]
fn payloads_of_flux() {
    snapshots(Sender::Flux);
}

#[test]
fn payloads_of_cdevents() {
    snapshots(Sender::Cdevents);
}

#[test]
fn deployables_have_the_shape_that_is_recorded() {
    for (sender, _) in SENDERS {
        for name in names(sender) {
            let Meaning::Observations(observations) = read(sender, &name) else {
                continue;
            };
            for deployable in observations.iter().filter_map(|report| report.deployable.as_ref()) {
                let job = GivenJob::read("deployable", deployable, true);
                assert!(job.is_ok(), "{name}: {job:?}");
            }
        }
    }
}

#[test]
fn hidden_addresses_are_nowhere() {
    for (sender, _) in SENDERS {
        for name in names(sender) {
            let shown = show_meaning(&read(sender, &name)).to_string();
            assert!(!shown.contains("REDACTED"), "{name}: {shown}");
        }
    }
}

#[test]
fn github_may_send_a_form() {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair(
            "payload",
            &String::from_utf8(payload(Sender::Github, "deployment.created")).unwrap(),
        )
        .finish();
    let headers = headers(&[
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-GitHub-Event", "deployment"),
    ]);
    let delivery = Delivery {
        headers: &headers,
        body: form.as_bytes(),
    };
    assert_eq!(
        parse(Sender::Github, &delivery),
        Ok(read(Sender::Github, "deployment.created"))
    );
}

#[test]
fn a_gitlab_is_known_by_its_header_or_by_the_address_of_the_project() {
    let body = payload(Sender::Gitlab, "job.created");
    let key = |headers: &HeaderMap, body: &[u8]| {
        let meaning = parse(Sender::Gitlab, &Delivery { headers, body }).unwrap();
        let Meaning::Observations(observations) = meaning else {
            panic!("{meaning:?}")
        };
        show_about(&observations[0].about)["deployment"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        key(&HeaderMap::new(), &body),
        "gitlab:gitlab.example.com/1027/jobs/90412"
    );
    let text = String::from_utf8(body).unwrap();
    let below = text.replace("https://gitlab.example.com/acme", "https://example.com/gitlab/acme");
    assert_eq!(
        key(&HeaderMap::new(), below.as_bytes()),
        "gitlab:example.com/gitlab/1027/jobs/90412"
    );
    let named = headers(&[("X-Gitlab-Instance", "https://example.com/gitlab/")]);
    assert_eq!(
        key(&named, text.as_bytes()),
        "gitlab:example.com/gitlab/1027/jobs/90412"
    );
}

#[test]
fn a_cloud_event_means_the_same_in_every_mode() {
    let event: Value = serde_json::from_slice(&payload(Sender::Cdevents, "binary.deployed_0_3")).unwrap();
    let context = &event["context"];
    let around = |key: &str, data: Value| {
        json!({
            "specversion": "1.0", "id": context["id"], "source": context["source"], "type": context["type"],
            "time": context["timestamp"], key: data,
        })
    };
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, event.to_string());
    let cloud = "application/cloudevents+json";
    let forms = [
        (cloud, around("data", event.clone())),
        (cloud, around("data", json!(event.to_string()))),
        (cloud, around("data_base64", json!(encoded))),
        ("application/json", event.clone()),
    ];
    for (content_type, body) in forms {
        let (headers, body) = (headers(&[("Content-Type", content_type)]), body.to_string());
        let delivery = Delivery {
            headers: &headers,
            body: body.as_bytes(),
        };
        assert_eq!(
            parse(Sender::Cdevents, &delivery),
            Ok(read(Sender::Cdevents, "binary.deployed_0_3")),
            "{body}"
        );
        assert_eq!(
            delivery_id(Sender::Cdevents, &delivery).as_deref(),
            Some("/ci/jenkins/shop 271069a8-fc18-44f1-b38f-9d70a1695819")
        );
    }
}
