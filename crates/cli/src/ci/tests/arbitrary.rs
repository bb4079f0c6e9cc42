//! Whatever the variables hold, detection answers.

use proptest::{collection, option, prelude::*, sample};
use serde_json::Value;

use super::{
    super::{SYSTEMS, overrides::Overrides},
    Head, Place,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z:/@{}%. -]{0,12}",
        "(refs/(heads|tags|pull)/|origin/|https?://|git@|true|HEAD)?[a-z:/]{0,5}",
        "-?[0-9]{1,22}",
        "[0-9a-fA-F]{40}",
    ]
}

fn head() -> impl Strategy<Value = Head> {
    let optional = || option::of(text());
    (text(), optional(), optional(), optional()).prop_map(|(sha, branch, tag, remote)| Head {
        sha,
        branch,
        tag,
        remote,
    })
}

/// A system with each of its variables as documented, as anything, or missing.
fn place() -> impl Strategy<Value = Place> {
    sample::select(SYSTEMS.iter().map(|system| system.name).collect::<Vec<_>>()).prop_flat_map(|system| {
        let documented = Place::documented(system).variables;
        let count = documented.len();
        let values = collection::vec(option::weighted(0.7, option::of(text())), count);
        (Just(documented), values, option::of(head()), text()).prop_map(|(documented, values, head, event)| {
            let variables = documented
                .into_iter()
                .zip(values)
                .filter_map(|((name, value), change)| match change {
                    None => Some((name, value)),
                    Some(value) => Some((name, value?)),
                });
            Place {
                variables: variables
                    .chain([("GITHUB_EVENT_PATH".to_owned(), "event".to_owned())])
                    .collect(),
                files: [("event".to_owned(), event)].into(),
                head,
            }
        })
    })
}

proptest! {
    #[test]
    fn detection_always_answers_and_keeps_its_word(place in place()) {
        let Some(context) = place.detect() else { return Ok(()) };
        prop_assert_eq!(place.detect(), Some(context.clone()), "the same place, the same answer");
        prop_assert_eq!(context.git_ref.is_some(), context.tag.is_some());
        prop_assert_ne!(context.git_ref.as_deref(), Some(""));
        if let Some(key) = &context.key {
            let system = format!("{}:", context.system);
            prop_assert!(key.starts_with(&system));
            prop_assert!(!key.contains(|c: char| c.is_whitespace() || c.is_control()));
        }
        match context.to_deployable() {
            Value::Object(deployable) => {
                prop_assert!(deployable["name"].as_str().is_some_and(|name| !name.is_empty()));
                prop_assert!(deployable.get("id").is_none_or(|id| id.as_i64().is_some_and(|id| id > 0)));
            }
            other => prop_assert!(other.is_null() && context.job.is_none()),
        }
        let overridden = place.ask(Overrides::from_variables).apply(Some(context.clone()));
        prop_assert_eq!(overridden.map(|context| context.system), Some(context.system));
    }
}
