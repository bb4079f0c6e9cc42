//! Names that people choose: project paths, login names, git refs and commit ids.

use landfall_domain::{
    git_name::{is_abbreviated_id, is_object_id, is_resolvable_text, is_well_formed_ref},
    project::{PathError, ProjectPath, ProjectRef},
    user::{UsernameError, validate_username},
};
use proptest::prelude::*;

#[test]
fn project_paths_have_a_group_and_an_own_segment() {
    let path = ProjectPath::parse("Acme/tools/.github").unwrap();
    assert_eq!(
        (path.as_str(), path.namespace(), path.path()),
        ("Acme/tools/.github", "Acme/tools", ".github")
    );
    for path in [
        "a/b",
        "_x/1.2",
        "root/my.repo-1",
        &format!("{}b", "a/".repeat(20)),
        &format!("a/{}", "b".repeat(255)),
    ] {
        assert_eq!(ProjectPath::parse(path).unwrap().as_str(), path);
    }
}

#[test]
fn project_paths_say_what_is_wrong_with_them() {
    let too_deep = format!("{}b", "a/".repeat(21));
    let too_long = format!("a/{}", "b".repeat(256));
    let table = [
        ("", PathError::NoGroup),
        ("project", PathError::NoGroup),
        (&too_deep, PathError::TooDeep),
        ("/a", PathError::EmptySegment),
        ("a/", PathError::EmptySegment),
        ("a//b", PathError::EmptySegment),
        (&too_long, PathError::LongSegment),
    ];
    for (path, expected) in table {
        assert_eq!(ProjectPath::parse(path), Err(expected), "{path:?}");
    }
    for segment in [
        "-", "-x", ".", "..", "x.", "x.git", "x.GIT", "x.atom", "a b", "ä", "a%2Fb", "a\0",
    ] {
        let expected = Err(PathError::Segment(segment.to_owned()));
        assert_eq!(
            ProjectPath::parse(&format!("a/{segment}")),
            expected,
            "{segment:?} at the end"
        );
        assert_eq!(
            ProjectPath::parse(&format!("{segment}/b")),
            expected,
            "{segment:?} in front"
        );
    }
    assert_eq!(
        PathError::Segment("-x".to_owned()).to_string(),
        "has the segment '-x': segments can contain only letters, digits, '_', '-' and '.', cannot start with '-' and \
         cannot end in '.', '.git' or '.atom'"
    );
}

#[test]
fn project_references_are_numbers_or_paths() {
    let path = |text: &str| ProjectRef::Path(text.to_owned());
    let table = [
        ("1", ProjectRef::Id(1)),
        ("007", ProjectRef::Id(7)),
        ("-5", ProjectRef::Id(-5)),
        ("9223372036854775807", ProjectRef::Id(i64::MAX)),
        ("9223372036854775808", ProjectRef::Nothing),
        ("99999999999999999999999999", ProjectRef::Nothing),
        ("group/project", path("group/project")),
        ("1/2", path("1/2")),
        ("a/b/c/d", path("a/b/c/d")),
        ("/", path("/")),
        ("project", ProjectRef::Nothing),
        ("", ProjectRef::Nothing),
        ("-", ProjectRef::Nothing),
        ("+1", ProjectRef::Nothing),
        ("--1", ProjectRef::Nothing),
        ("1 ", ProjectRef::Nothing),
        ("١", ProjectRef::Nothing),
    ];
    for (text, expected) in table {
        assert_eq!(ProjectRef::parse(text), expected, "{text:?}");
    }
}

#[test]
fn usernames_follow_the_rules_of_paths() {
    for name in ["root", "ab", "a.b-c_d", "project_1_bot_0a", "_x", &"x".repeat(255)] {
        assert_eq!(validate_username(name), Ok(()), "{name:?}");
    }
    let too_long = "x".repeat(256);
    let table = [
        ("", UsernameError::TooShort),
        ("a", UsernameError::TooShort),
        (&too_long, UsernameError::TooLong),
        ("-ab", UsernameError::Characters),
        ("ab.", UsernameError::Characters),
        ("ab.git", UsernameError::Characters),
        ("ab.Atom", UsernameError::Characters),
        ("a b", UsernameError::Characters),
        ("a/b", UsernameError::Characters),
        ("jürgen", UsernameError::Characters),
    ];
    for (name, expected) in table {
        assert_eq!(validate_username(name), Err(expected), "{name:?}");
    }
}

#[test]
fn object_ids_have_40_or_64_digits() {
    for (digits, full, abbreviated) in [
        (3, false, false),
        (4, false, true),
        (39, false, true),
        (40, true, true),
        (41, false, true),
        (64, true, true),
        (65, false, false),
    ] {
        let id = "aF0".repeat(22)[..digits].to_owned();
        assert_eq!(
            (is_object_id(&id), is_abbreviated_id(&id)),
            (full, abbreviated),
            "{digits} digits"
        );
    }
    assert!(!is_object_id(&"g".repeat(40)));
    assert!(!is_object_id(&"é".repeat(20)), "40 bytes that are no digits");
    assert!(!is_abbreviated_id("main"));
}

#[test]
fn refs_follow_git() {
    for name in [
        "main",
        "HEAD",
        "refs/heads/x",
        "feature/a-b",
        "v1.0.0",
        "a@b",
        "ünïcode",
        "x.lockfile",
        "deps/@scope",
    ] {
        assert!(is_well_formed_ref(name), "{name:?}");
    }
    let refused = [
        "", "@", "-x", "/x", "x/", "a//b", ".x", "a/.b", "x.", "a..b", "x.lock", "x.lock/y", "a b", "a~1", "a^", "a:b",
        "a?", "a*", "a[", "a\\b", "a@{1}", "a\tb", "a\0b", "a\u{7f}",
    ];
    for name in refused {
        assert!(!is_well_formed_ref(name), "{name:?}");
    }
}

#[test]
fn unresolvable_texts_are_never_asked_about() {
    for text in ["main", "main~1", "HEAD", "refs/heads/x", "v1^{commit}", "ABCDEF0"] {
        assert!(is_resolvable_text(text), "{text:?}");
    }
    for text in ["", "-x", "--all", "HEAD:path", "a b", "a\n", "a\u{a0}b", "a\0"] {
        assert!(!is_resolvable_text(text), "{text:?}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>()) {
        let _ = ProjectPath::parse(&text);
        let _ = ProjectRef::parse(&text);
        let _ = validate_username(&text);
        let _ = (is_object_id(&text), is_abbreviated_id(&text), is_resolvable_text(&text));
        if is_well_formed_ref(&text) {
            prop_assert!(is_resolvable_text(&text) || text.contains(char::is_whitespace));
        }
    }

    #[test]
    fn paths_are_never_numbers(segments in prop::collection::vec("[a-zA-Z0-9_]{1,8}", 2..5)) {
        let text = segments.join("/");
        let path = ProjectPath::parse(&text).unwrap();
        prop_assert_eq!(format!("{}/{}", path.namespace(), path.path()), text.clone());
        prop_assert_eq!(ProjectRef::parse(&text), ProjectRef::Path(text));
    }
}
