//! `LANDFALL_*` variables and flags.

use super::{
    super::{context::Context, overrides::Overrides},
    OTHER_SHA, Place, SHA, head,
};

fn known(place: &Place) -> Option<Context> {
    place.ask(Overrides::from_variables).apply(place.detect())
}

#[test]
fn each_variable_replaces_what_it_names_and_nothing_else() {
    let place = Place::documented("gitlab").with(&[("LANDFALL_SHA", SHA)]);
    let expected = Context {
        sha: Some(SHA.to_owned()),
        ..Place::documented("gitlab").context()
    };
    assert_eq!(known(&place), Some(expected));
    let all = Place::documented("gitlab").with(&[
        ("LANDFALL_SHA", OTHER_SHA),
        ("LANDFALL_REF", "refs/tags/v2"),
        ("LANDFALL_KEY", "mine"),
        ("LANDFALL_JOB_ID", "7"),
        ("LANDFALL_JOB_NAME", "name"),
        ("LANDFALL_JOB_STAGE", "stage"),
        ("LANDFALL_JOB_URL", "https://example.com/job"),
        ("LANDFALL_PIPELINE_ID", "8"),
        ("LANDFALL_PIPELINE_URL", "https://example.com/pipeline"),
        ("LANDFALL_PIPELINE_SOURCE", "web"),
        ("LANDFALL_RUNNER", "runner"),
        ("LANDFALL_ACTOR", "ada"),
    ]);
    insta::assert_debug_snapshot!(known(&all));
}

#[test]
fn nothing_given_changes_nothing() {
    let place = Place::documented("gitlab");
    assert_eq!(known(&place), Some(place.context()));
    let empty = place.with(&[("LANDFALL_SHA", ""), ("LANDFALL_KEY", " "), ("LANDFALL_JOB_ID", "x")]);
    assert_eq!(known(&empty), Some(place.context()));
    assert_eq!(known(&Place::default()), None);
}

#[test]
fn a_ref_says_whether_it_is_a_tag_unless_that_is_said_too() {
    let tag = |variables: &[(&str, &str)]| known(&Place::documented("gitlab").with(variables)).unwrap().tag;
    assert_eq!(tag(&[("LANDFALL_REF", "v1")]), Some(false));
    assert_eq!(tag(&[("LANDFALL_REF", "v1"), ("LANDFALL_TAG", "True")]), Some(true));
    assert_eq!(tag(&[("LANDFALL_REF", "refs/tags/v1")]), Some(true));
    assert_eq!(tag(&[("LANDFALL_TAG", "true")]), Some(true));
    let nowhere = Place::default().with(&[("LANDFALL_TAG", "true")]);
    assert_eq!(known(&nowhere).unwrap().tag, None);
}

#[test]
fn a_job_can_be_named_where_none_is_detected() {
    let checkout = Place::default().checked_out(head(SHA));
    assert!(known(&checkout).unwrap().to_deployable().is_null());
    for (variable, value, pointer) in [
        ("LANDFALL_JOB_NAME", "deploy", "/name"),
        ("LANDFALL_JOB_STAGE", "last", "/stage"),
        ("LANDFALL_PIPELINE_URL", "https://example.com", "/pipeline/web_url"),
        ("LANDFALL_RUNNER", "my laptop", "/runner/description"),
        ("LANDFALL_ACTOR", "ada", "/user/username"),
    ] {
        let deployable = known(&checkout.with(&[(variable, value)])).unwrap().to_deployable();
        assert_eq!(deployable.pointer(pointer).unwrap(), value);
        assert!(deployable["name"].is_string());
    }
    let nowhere = Place::default().with(&[("LANDFALL_JOB_NAME", "deploy")]);
    assert_eq!(
        known(&nowhere).unwrap().to_deployable(),
        serde_json::json!({"name": "deploy"})
    );
}

#[test]
fn another_actor_has_not_the_name_of_the_first() {
    let context = known(&Place::documented("gitlab").with(&[("LANDFALL_ACTOR", "ada")])).unwrap();
    assert_eq!(context.to_deployable()["user"], serde_json::json!({"username": "ada"}));
}

#[test]
fn flags_win_over_variables() {
    let variables = Overrides {
        sha: Some(SHA.to_owned()),
        git_ref: Some("v1".to_owned()),
        tag: Some(true),
        key: Some("variable".to_owned()),
        ..Overrides::default()
    };
    let flags = Overrides {
        git_ref: Some("main".to_owned()),
        key: Some("flag".to_owned()),
        ..Overrides::default()
    };
    let both = flags.over(variables.clone());
    assert_eq!(both.sha, variables.sha);
    assert_eq!(both.key.as_deref(), Some("flag"));
    // The variable said that `v1` is a tag, not that `main` is.
    assert_eq!((both.git_ref.as_deref(), both.tag), (Some("main"), None));
    assert_eq!(Overrides::default().over(variables.clone()), variables);
}
