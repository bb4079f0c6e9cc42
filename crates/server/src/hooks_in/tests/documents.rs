//! What the documents tell people to send is what is read here.

use super::*;

fn document(name: &str) -> String {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/hooks");
    fs::read_to_string(directory.join(format!("{name}.md"))).unwrap()
}

/// The part of a text between two others.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

#[test]
fn the_event_of_the_document_is_a_deployment() {
    let document = document("cdevents");
    let body = between(&document, "--data '", "'\n```");
    let headers = headers(&[("Content-Type", "application/json")]);
    let delivery = Delivery {
        headers: &headers,
        body: body.as_bytes(),
    };
    let Ok(Meaning::Observations(observations)) = parse(Sender::Cdevents, &delivery) else {
        panic!("{:?}", parse(Sender::Cdevents, &delivery))
    };
    assert_eq!(
        show_about(&observations[0].about),
        json!({ "deployment": "cdevents:/ci/jenkins/shop shop-412" })
    );
    assert_eq!(
        observations[0].sha.as_deref(),
        Some("4c1e5d0b9a7f3c2e8d6b1a0f9e8d7c6b5a493827")
    );
}

/// Puts `value` in the place of each `{{..}}`, as the template would an object.
fn filled(template: &str, value: &str) -> String {
    let mut parts = template.split("{{");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + value + part.split_once("}}").unwrap().1)
}

#[test]
fn the_template_of_the_document_makes_the_keys_that_are_read() {
    let document = document("argocd");
    let template = between(&document, "body: |\n", "  trigger.landfall");
    // Of the alternatives for the images one is left.
    let template = template
        .replace("{{with .app.status.summary}}", "")
        .replace("{{else}}null{{end}}", "");
    let body: Value = serde_json::from_str(&filled(&template, "null")).unwrap();
    let sent: Vec<&String> = body.as_object().unwrap().keys().collect();
    let read: Value = serde_json::from_slice(&payload(Sender::Argocd, "succeeded")).unwrap();
    let known: Vec<&String> = read.as_object().unwrap().keys().collect();
    assert_eq!(sent, known);
}

#[test]
fn the_tables_of_the_documents_have_every_status() {
    let flux = document("flux");
    for name in names(Sender::Flux) {
        let event: Value = serde_json::from_slice(&payload(Sender::Flux, &name)).unwrap();
        let reason = event["reason"].as_str().unwrap();
        let is_deploying = event["involvedObject"]["kind"] != "GitRepository";
        let is_listed = flux.contains(&format!("`{reason}`")) || reason.ends_with("Failed");
        assert!(!is_deploying || is_listed, "{reason}");
    }
    let github = document("github");
    let states = [
        "queued",
        "pending",
        "waiting",
        "in_progress",
        "success",
        "failure",
        "error",
        "inactive",
        "cancelled",
        "timed_out",
        "startup_failure",
        "skipped",
        "neutral",
        "stale",
        "action_required",
    ];
    for state in states {
        assert!(github.contains(&format!("`{state}`")), "{state}");
    }
}
