//! Payloads that are not what they should be: they are refused with the place, and nothing panics.

use proptest::{prelude::*, sample::Index};

use super::*;

fn parse_value(sender: Sender, name: &str, body: &Value) -> Result<Meaning, Broken> {
    let original = payload(sender, name);
    let headers = headers_of(sender, name, &original);
    let body = body.to_string();
    parse(
        sender,
        &Delivery {
            headers: &headers,
            body: body.as_bytes(),
        },
    )
}

/// Parses a payload of which one value is replaced, or taken away if there is no other.
fn parse_changed(sender: Sender, name: &str, pointer: &str, value: Option<Value>) -> Result<Meaning, Broken> {
    let mut body: Value = serde_json::from_slice(&payload(sender, name)).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    assert!(parent.contains_key(key), "{name} has no {pointer}");
    match value {
        Some(value) => parent.insert(key.to_owned(), value),
        None => parent.shift_remove(key),
    };
    parse_value(sender, name, &body)
}

/// Payload, the key that is taken away, and how its place is called.
#[rustfmt::skip]
const MISSING: &[(Sender, &str, &str, &str)] = &[
    (Sender::Gitlab, "job.running", "/object_kind", "object_kind"),
    (Sender::Gitlab, "job.running", "/build_id", "build_id"),
    (Sender::Gitlab, "job.running", "/environment/name", "environment.name"),
    (Sender::Gitlab, "deployment.running", "/project/id", "project.id"),
    (Sender::Gitlab, "deployment.running", "/status", "status"),
    (Sender::Gitlab, "deployment.failed_by_api", "/deployment_id", "deployment_id"),
    (Sender::Gitlab, "pipeline.running", "/object_attributes", "object_attributes"),
    (Sender::Gitlab, "pipeline.running", "/builds/0/id", "builds[0].id"),
    (Sender::Github, "deployment.created", "/repository", "repository"),
    (Sender::Github, "deployment.created", "/repository/id", "repository.id"),
    (Sender::Github, "deployment.created", "/deployment/id", "deployment.id"),
    (Sender::Github, "deployment_status.success", "/deployment_status/state", "deployment_status.state"),
    (Sender::Github, "workflow_job.completed", "/workflow_job", "workflow_job"),
    (Sender::Github, "workflow_run.completed", "/workflow_run/id", "workflow_run.id"),
    (Sender::Argocd, "succeeded", "/name", "name"),
    (Sender::Argocd, "succeeded", "/operationState/startedAt", "operationState.startedAt"),
    (Sender::Flux, "kustomization.progressing", "/involvedObject", "involvedObject"),
    (Sender::Flux, "kustomization.progressing", "/reason", "reason"),
    (Sender::Cdevents, "binary.deployed_0_3", "/context", "context"),
    (Sender::Cdevents, "binary.deployed_0_3", "/subject/content/environment/id", "subject.content.environment.id"),
    (Sender::Cdevents, "structured.upgraded_0_4", "/data", "data"),
];

#[test]
fn what_is_missing_is_named() {
    for (sender, name, pointer, path) in MISSING {
        let broken = parse_changed(*sender, name, pointer, None).unwrap_err();
        assert_eq!(broken.to_string(), format!("{path} is missing"), "{name} {pointer}");
    }
}

/// Payload, the place that is changed, to what, and what is said about it.
#[rustfmt::skip]
const WRONG: &[(Sender, &str, &str, &str, &str)] = &[
    (Sender::Gitlab, "job.running", "/build_id", "\"x\"", "build_id must be a whole number"),
    (Sender::Gitlab, "job.running", "/build_started_at_iso", "\"soon\"", "build_started_at_iso must be a time"),
    (Sender::Gitlab, "job.running", "/user", "\"ada\"", "user must be an object"),
    (Sender::Gitlab, "job.running", "/runner/tags", "[\"a\", {}]", "runner.tags[1] must be text"),
    (Sender::Gitlab, "job.running", "/build_duration", "\"long\"", "build_duration must be a number"),
    (Sender::Gitlab, "pipeline.running", "/builds", "{}", "builds must be a list"),
    (Sender::Gitlab, "pipeline.running", "/builds", "[7]", "builds[0] must be an object"),
    (
        Sender::Gitlab, "pipeline.running", "/builds/1/allow_failure", "7",
        "builds[1].allow_failure must be true or false",
    ),
    (Sender::Gitlab, "deployment.running", "/status", "\"fine\"", "status must be the status of a deployment"),
    (Sender::Github, "deployment.created", "/deployment/sha", "[]", "deployment.sha must be text"),
    (Sender::Github, "deployment.created", "/deployment/created_at", "7", "deployment.created_at must be a time"),
    (Sender::Argocd, "succeeded", "/images", "\"image\"", "images must be a list"),
    (Sender::Argocd, "succeeded", "/spec/source", "[]", "spec.source must be an object"),
    (Sender::Flux, "kustomization.progressing", "/metadata/cluster", "{}", "metadata.cluster must be text"),
    (
        Sender::Cdevents, "binary.running_with_custom_data", "/customData/landfall/status", "\"started\"",
        "customData.landfall.status must be the status of a deployment",
    ),
    (
        Sender::Cdevents, "binary.running_with_custom_data", "/customData/landfall/deployable", "{\"id\": \"x\"}",
        "customData.landfall.deployable[id] is invalid",
    ),
    (Sender::Cdevents, "structured.upgraded_0_4", "/data", "\"no event\"", "data must be an event in JSON"),
];

#[test]
fn what_is_wrong_is_named() {
    for (sender, name, pointer, value, sentence) in WRONG {
        let value = serde_json::from_str(value).unwrap();
        let broken = parse_changed(*sender, name, pointer, Some(value)).unwrap_err();
        assert_eq!(broken.to_string(), *sentence, "{name} {pointer}");
    }
}

#[test]
fn bodies_that_are_no_objects() {
    let github = headers(&[("X-GitHub-Event", "deployment")]);
    for (sender, _) in SENDERS {
        let parse = |body: &[u8]| {
            parse(sender, &Delivery { headers: &github, body })
                .unwrap_err()
                .to_string()
        };
        assert_eq!(parse(b"[]"), "the body must be an object");
        assert!(parse(b"").starts_with("the body is not JSON: EOF"), "{}", parse(b""));
        assert!(
            parse(b"{\"a\": }").contains("at line 1 column 7"),
            "{}",
            parse(b"{\"a\": }")
        );
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).contains("recursion limit"));
    }
}

#[test]
fn a_batch_and_a_delivery_without_its_event_are_refused() {
    let batch = headers(&[("Content-Type", "application/cloudevents-batch+json")]);
    let delivery = Delivery {
        headers: &batch,
        body: b"[]",
    };
    assert_eq!(
        parse(Sender::Cdevents, &delivery).unwrap_err().to_string(),
        "the body must be one event, not a batch"
    );
    let none = HeaderMap::new();
    let delivery = Delivery {
        headers: &none,
        body: b"{}",
    };
    assert_eq!(
        parse(Sender::Github, &delivery).unwrap_err().to_string(),
        "the header X-GitHub-Event is missing"
    );
}

#[test]
fn unknown_events_are_not_even_read() {
    let headers = headers(&[("X-GitHub-Event", "star")]);
    let delivery = Delivery {
        headers: &headers,
        body: b"no JSON",
    };
    assert!(matches!(parse(Sender::Github, &delivery), Ok(Meaning::Ignored { .. })));
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        "[a-z.]{0,12}",
        Just("2026-03-02T10:03:10Z".to_owned()),
        Just("sha1:/@:".to_owned()),
        Just("ä@🚀".to_owned()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    let keys = prop_oneof![
        Just("id".to_owned()),
        Just("name".to_owned()),
        Just("object_kind".to_owned()),
        Just("deployment".to_owned()),
        Just("environment".to_owned()),
        Just("repository".to_owned()),
        Just("context".to_owned()),
        Just("data".to_owned()),
        any::<String>(),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_payload() -> impl Strategy<Value = (Sender, String)> {
    let all: Vec<(Sender, String)> = SENDERS
        .iter()
        .flat_map(|(sender, _)| names(*sender).into_iter().map(|name| (*sender, name)))
        .collect();
    prop::sample::select(all)
}

/// The pointers of all values in a payload.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(entries) => {
            for (index, value) in entries.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// A real payload with something else in one place, which reaches further than what is wrong throughout.
    #[test]
    fn no_value_anywhere_makes_it_panic((sender, name) in any_payload(), place in any::<Index>(), value in any_json()) {
        let mut body: Value = serde_json::from_slice(&payload(sender, &name)).unwrap();
        let mut found = Vec::new();
        pointers(&body, "", &mut found);
        let pointer: &String = place.get(&found);
        *body.pointer_mut(pointer).unwrap() = value;
        match parse_value(sender, &name, &body) {
            Ok(Meaning::Observations(reports)) => {
                prop_assert!(!reports.is_empty());
                for deployable in reports.iter().filter_map(|report| report.deployable.as_ref()) {
                    let job = GivenJob::read("deployable", deployable, true);
                    prop_assert!(job.is_ok(), "{:?}", job);
                }
            }
            Ok(_) => {}
            Err(broken) => prop_assert!(!broken.to_string().is_empty()),
        }
    }

    #[test]
    fn no_json_makes_it_panic((sender, name) in any_payload(), body in any_json()) {
        let _ = parse_value(sender, &name, &body);
    }

    #[test]
    fn no_bytes_make_it_panic(
        (sender, name) in any_payload(),
        body in prop::collection::vec(any::<u8>(), 0..256),
        proof in prop::collection::vec(32_u8..255, 0..80),
    ) {
        let mut headers = headers_of(sender, &name, &payload(sender, &name));
        for header in ["x-signature", "x-hub-signature-256", "x-gitlab-token", "authorization", "ce-id"] {
            if let Ok(value) = HeaderValue::from_bytes(&proof) {
                headers.insert(header, value);
            }
        }
        let delivery = Delivery { headers: &headers, body: &body };
        let _ = parse(sender, &delivery);
        let _ = delivery_id(sender, &delivery);
        prop_assert!(verify(sender, &kept(sender, "a secret of nobody"), &delivery).is_err());
    }
}
