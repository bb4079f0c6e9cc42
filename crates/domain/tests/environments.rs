//! Names, slugs and tiers of environments (reference section 9).

use landfall_domain::{
    environment::{
        AutoStopSetting, Change, Environment, EnvironmentName, NameError, NotStopped, Search, Settings, State, Tier,
        TooShort, UrlError, check_external_url, name_in_folder, slug,
    },
    ids::{EnvironmentId, ProjectId},
    time::Timestamp,
};
use proptest::prelude::*;

#[test]
fn slugs_are_gitlabs() {
    let long = "a".repeat(24);
    let too_long = "a".repeat(25);
    let table = [
        ("production", "production"),
        ("Production", "production-iis43c"),
        ("PRODUCTION", "production-vl4voz"),
        ("review/feature-1", "review-feature-1-1q251u"),
        ("review/fix-foo", "review-fix-foo-v25cyx"),
        ("production/www.gitlab.com", "production-www-gi-q2zue0"),
        ("1-foo", "env-1-foo-1k46wz"),
        ("foo--bar", "foo-bar-q006cp"),
        ("foo-", "foo"),
        ("dev_1", "dev-1-m9ln26"),
        ("$HOME", "env-home-a0ra4m"),
        ("QA env 2", "qa-env-2-rxeoht"),
        ("somewhere/1", "somewhere-1-78avk6"),
        (&long, &long),
        (&too_long, "aaaaaaaaaaaaaaaaa-1n7uof"),
    ];
    for (name, expected) in table {
        assert_eq!(slug(name), expected, "{name:?}");
    }
}

#[test]
fn tiers_are_guessed_as_gitlab_does() {
    let table = [
        (
            Tier::Development,
            "dev develop device review/product trunk REVIEW/x preview",
        ),
        (
            Tier::Testing,
            "test tst production-test integration printing sprint acceptance acpt qa qc control quality",
        ),
        (Tier::Staging, "staging stg model modl pre-prod demo nonprod"),
        (Tier::Production, "production PRODUCTION prd gprd live unproductive"),
        (Tier::Other, "canary gst x 1"),
    ];
    for (tier, names) in table {
        for name in names.split(' ') {
            assert_eq!(Tier::guess(name), tier, "{name}");
        }
    }
}

#[test]
fn tier_numbers_are_gitlabs() {
    let stored = ["production", "staging", "testing", "development", "other"];
    for (number, text) in (0..).zip(stored) {
        let tier = Tier::from_number(number).unwrap();
        assert_eq!((tier.as_str(), tier.number()), (text, number));
        assert_eq!(Tier::parse(text), Some(tier));
    }
    assert_eq!(Tier::from_number(5), None);
}

#[test]
fn texts_are_gitlabs() {
    assert_eq!(
        State::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>(),
        ["available", "stopping", "stopped"]
    );
    assert_eq!(
        AutoStopSetting::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>(),
        ["always", "with_action"]
    );
    assert_eq!(State::parse("stopped"), Some(State::Stopped));
    assert_eq!(AutoStopSetting::parse("never"), None);
}

#[test]
fn names_that_are_allowed_are_kept_as_they_are() {
    let longest = "x".repeat(255);
    for name in [
        "production",
        "review/feature-1",
        "a",
        "${A}.b_c d",
        " both ends ",
        "a//b",
        &longest,
    ] {
        assert_eq!(EnvironmentName::parse(name).unwrap().as_str(), name);
    }
}

#[test]
fn names_tell_all_that_is_wrong_with_them() {
    let long = "x".repeat(256);
    let long_and_odd = "ä".repeat(256);
    let table: [(&str, &[NameError]); 8] = [
        ("", &[NameError::Blank]),
        ("  ", &[NameError::Blank]),
        ("/a", &[NameError::Characters]),
        ("a/", &[NameError::Characters]),
        ("a\tb", &[NameError::Characters]),
        ("prod!", &[NameError::Characters]),
        (&long, &[NameError::TooLong]),
        (&long_and_odd, &[NameError::TooLong, NameError::Characters]),
    ];
    for (name, expected) in table {
        assert_eq!(EnvironmentName::parse(name).unwrap_err(), expected, "{name:?}");
    }
    let long_but_fine_in_characters = "ä".repeat(255);
    assert_eq!(
        EnvironmentName::parse(&long_but_fine_in_characters).unwrap_err(),
        [NameError::Characters]
    );
}

#[test]
fn name_errors_have_gitlabs_texts() {
    assert_eq!(
        NameError::TooLong.to_string(),
        "is too long (maximum is 255 characters)"
    );
    assert_eq!(
        NameError::Characters.to_string(),
        "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end \
         with '/'"
    );
}

#[test]
fn folder_is_what_stands_before_the_first_slash() {
    let folder = |name| EnvironmentName::parse(name).unwrap().folder().map(str::to_owned);
    assert_eq!(folder("review/a/b").as_deref(), Some("review"));
    assert_eq!(folder("production"), None);
    assert_eq!(name_in_folder("review/a/b"), Some("a/b"));
    assert_eq!(name_in_folder("production"), None);
}

#[test]
fn addresses_are_nearly_anything() {
    use UrlError::{Invalid, Scheme, TooLong};
    let long = "x".repeat(256);
    for url in [
        "https://example.com",
        "https://user:secret@example.com:8080/a?b=c#d",
        "https://[::1]:8080/",
        "http:///path",
        "http:path",
        "example.com",
        "example.com:8080/x",
        "custom://x",
        "file:///tmp/x",
        "$VARIABLE",
        "//example.com",
        "example.com/javascript:x",
        "https://example.com/${CI_COMMIT}",
        &long[..255],
    ] {
        assert_eq!(check_external_url(url), Ok(()), "{url}");
    }
    for (url, error) in [
        (long.as_str(), TooLong),
        ("http://${URL}", Invalid),
        ("http://", Invalid),
        ("https:", Invalid),
        ("http://?x", Invalid),
        ("http:?x", Invalid),
        ("http://a b", Invalid),
        ("http://a:x", Invalid),
        ("http://a:123456", Invalid),
        ("$URL:8080", Invalid),
        ("1.2.3.4:80", Invalid),
        (" https://example.com", Invalid),
        ("https://example.com/\n", Invalid),
        ("javascript:alert(1)", Scheme("javascript")),
        (" JavaScript:alert(1)", Scheme("javascript")),
        ("data:text/html,x", Scheme("data")),
        ("vbscript:x", Scheme("vbscript")),
    ] {
        assert_eq!(check_external_url(url), Err(error), "{url}");
    }
}

const NOW: Timestamp = Timestamp(9);

fn environment(state: State, auto_stop_setting: AutoStopSetting) -> Environment {
    Environment {
        id: EnvironmentId(1),
        project_id: ProjectId(1),
        name: "qa".to_owned(),
        slug: "qa".to_owned(),
        external_url: None,
        tier: Tier::Testing,
        state,
        description: None,
        auto_stop_setting,
        auto_stop_at: Some(Timestamp(7)),
        auto_delete_at: Some(Timestamp(8)),
        created_at: Timestamp(1),
        updated_at: Timestamp(2),
    }
}

#[test]
fn what_stops_and_starts_forgets_what_was_planned() {
    let mut stopped = environment(State::Available, AutoStopSetting::Always);
    assert_eq!(stopped.stop(false, NOW), Ok(true));
    assert_eq!(
        (stopped.state, stopped.auto_stop_at, stopped.updated_at),
        (State::Stopped, None, NOW)
    );
    assert_eq!(stopped.auto_delete_at, Some(Timestamp(8)));
    assert!(stopped.start(Timestamp(10)));
    assert_eq!(
        (stopped.state, stopped.auto_delete_at, stopped.updated_at),
        (State::Available, None, Timestamp(10))
    );
    assert!(!stopped.start(Timestamp(11)));
    assert_eq!(stopped.updated_at, Timestamp(10));
}

#[test]
fn only_force_stops_what_waits_for_a_stop_job() {
    let unchanged = environment(State::Available, AutoStopSetting::WithAction);
    let mut waits = unchanged.clone();
    assert_eq!(waits.stop(false, NOW), Err(NotStopped));
    assert_eq!(waits, unchanged);
    assert_eq!(waits.stop(true, NOW), Ok(true));
}

#[test]
fn searches_need_three_characters() {
    let search = |text| Search::parse(text).map(|search| search.map(|search| search.as_str().to_owned()));
    assert_eq!(search(""), Ok(None));
    assert_eq!(search("    "), Ok(None));
    assert_eq!(search("ab"), Err(TooShort));
    assert_eq!(search("äö"), Err(TooShort));
    assert_eq!(search("A b"), Ok(Some("a b".to_owned())));
    assert_eq!(TooShort.to_string(), "Search query is less than 3 characters");
}

#[test]
fn settings_change_what_is_told_and_tell_all_that_is_wrong() {
    let before = environment(State::Stopped, AutoStopSetting::Always);
    let mut same = before.clone();
    assert_eq!(Settings::default().apply(&mut same), []);
    assert_eq!(same, before);
    let settings = Settings {
        external_url: Change::Set("javascript:x".to_owned()),
        tier: Change::Clear,
        description: Change::Set("x".repeat(10_001)),
        auto_stop_setting: None,
        auto_stop_at: Change::Set(NOW),
        kubernetes_namespace: Some("x".to_owned()),
        flux_resource_path: Some("y".to_owned()),
    };
    let wrong = settings.apply(&mut same);
    let fields: Vec<&str> = wrong.iter().map(|wrong| wrong.field()).collect();
    assert_eq!(
        fields,
        ["external_url", "kubernetes_namespace", "description", "auto_stop_at"]
    );
    assert_eq!(same.tier, Tier::Testing, "guessed from the name");
}

#[test]
fn only_production_and_staging_wait_for_a_stop_job() {
    let waiting: Vec<&str> = Tier::ALL
        .iter()
        .filter(|tier| AutoStopSetting::default_for(**tier) == AutoStopSetting::WithAction)
        .map(|tier| tier.as_str())
        .collect();
    assert_eq!(waiting, ["production", "staging"]);
}

proptest! {
    #[test]
    fn slugs_fit_host_names(name in prop_oneof![any::<String>(), "[a-zA-Z0-9_.$ {}/-]{0,40}", "[a-z-]{0,30}"]) {
        let slug = slug(&name);
        prop_assert!((1..=24).contains(&slug.len()), "{}", slug);
        prop_assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        prop_assert!(slug.starts_with(|c: char| c.is_ascii_lowercase()));
        prop_assert!(!slug.ends_with('-') && !slug.contains("--"), "{}", slug);
        prop_assert_eq!(&slug, &landfall_domain::environment::slug(&name));
    }

    #[test]
    fn slugs_of_slugs_are_themselves(name in any::<String>()) {
        let first = slug(&name);
        prop_assert_eq!(&slug(&first), &first);
    }

    #[test]
    fn addresses_never_panic(url in prop_oneof![any::<String>(), "[a-zA-Z:/?#@.0-9\\[\\] $-]{0,20}"]) {
        if check_external_url(&url).is_ok() {
            prop_assert!(!url.trim_start().to_ascii_lowercase().starts_with("javascript:"));
        }
    }

    #[test]
    fn names_never_panic(name in any::<String>()) {
        if let Ok(name) = EnvironmentName::parse(&name) {
            prop_assert!(name.as_str().is_ascii() && name.as_str().len() <= 255);
            prop_assert!(name.folder() != Some(""));
        }
    }
}

#[test]
fn names_of_other_systems_are_made_to_fit() {
    let near = |name: &str| EnvironmentName::near(name).map(|name| name.as_str().to_owned());
    assert_eq!(near("production").as_deref(), Ok("production"));
    assert_eq!(near("Preview – web (eu)").as_deref(), Ok("Preview - web -eu-"));
    assert_eq!(near("//a/b//").as_deref(), Ok("a/b"));
    assert_eq!(near(&"ü".repeat(300)), Ok("-".repeat(255)));
    assert_eq!(near(&format!("{}/b", "a".repeat(254))), Ok("a".repeat(254)));
    assert_eq!(near(" / "), Ok(" / ".to_owned()));
    assert_eq!(near("//"), Err(vec![NameError::Blank]));
}
