//! Names, slugs and tiers of environments (reference section 9).

use landfall_domain::environment::{AutoStopSetting, EnvironmentName, NameError, State, Tier, slug};
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
