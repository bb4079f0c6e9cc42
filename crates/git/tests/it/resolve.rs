//! What resolves and what does not, beyond the comparison with git in `differential`.

use std::fs;

use landfall_git::{CommitId, Repository};
use proptest::prelude::*;

use crate::support::Fixture;

fn resolved(repository: &Repository, text: &str) -> Option<CommitId> {
    repository.resolve(text).unwrap()
}

#[test]
fn ids_resolve_in_either_case_full_and_abbreviated_loose_and_packed() {
    let fixture = Fixture::linear();
    let id = fixture.id("main~1");
    for packed in [false, true] {
        if packed {
            fixture.git(&["gc", "--quiet"]);
        }
        let repository = fixture.repository();
        for length in [40, 39, 12, 8, 7, 5, 4] {
            let text = &id.as_str()[..length];
            assert_eq!(resolved(&repository, text), Some(id.clone()), "{text} {packed}");
            assert_eq!(
                resolved(&repository, &text.to_uppercase()),
                Some(id.clone()),
                "{text} {packed}"
            );
        }
        assert_eq!(resolved(&repository, &id.as_str()[..3]), None);
        assert_eq!(resolved(&repository, &format!("{id}0")), None);
    }
}

#[test]
fn trees_blobs_and_absent_ids_are_no_commits() {
    let fixture = Fixture::linear();
    fixture.git(&["tag", "-a", "tree-tag", "-m", "a tree", "main^{tree}"]);
    fixture.git(&["tag", "blob-tag", "main:file"]);
    let tree = fixture.git(&["rev-parse", "main^{tree}"]);
    let blob = fixture.git(&["rev-parse", "main:file"]);
    let repository = fixture.repository();
    let absent = "0123456789012345678901234567890123456789";
    for text in [
        &tree,
        &tree[..8],
        &blob,
        &blob[..8],
        absent,
        "01234567",
        "tree-tag",
        "blob-tag",
        "tree-tag~1",
    ] {
        assert_eq!(resolved(&repository, text), None, "{text}");
    }
    for text in [tree.as_str(), &blob, absent] {
        assert_eq!(repository.commit(&CommitId::parse(text).unwrap()), Ok(None), "{text}");
    }
}

#[test]
fn tags_are_followed_to_their_commit_but_have_ids_of_their_own() {
    let fixture = Fixture::linear();
    fixture.git(&["tag", "-a", "v1", "-m", "version 1", "main~1"]);
    fixture.git(&["tag", "-a", "outer", "-m", "tag of a tag", "v1"]);
    let tag = fixture.git(&["rev-parse", "outer"]);
    let repository = fixture.repository();
    for text in [
        "v1",
        "outer",
        "refs/tags/outer",
        "tags/outer",
        &tag,
        &tag[..9],
        "v1^{}",
        "outer^0",
    ] {
        assert_eq!(resolved(&repository, text), Some(fixture.id("main~1")), "{text}");
    }
    assert_eq!(repository.commit(&CommitId::parse(&tag).unwrap()), Ok(None));
}

#[test]
fn an_abbreviation_is_ambiguous_only_among_commits() {
    let fixture = Fixture::linear();
    // Blobs until one shares four digits with a commit: it must not matter.
    let (mut ids, mut input) = (Vec::new(), Vec::new());
    for number in 0..600 {
        ids.push(fixture.beside(&format!("blob-{number}")));
        fs::write(&ids[number], format!("{number}")).unwrap();
        input.extend_from_slice(format!("{}\n", ids[number].display()).as_bytes());
    }
    let blobs = fixture.git_with_input(&["hash-object", "-w", "--stdin-paths"], &input);
    // Then commits, by one process, until two of them share four digits.
    let mut stream = Vec::new();
    for number in 0..600 {
        let head = format!("commit refs/heads/many-{number}\ncommitter A <a@example.com> {number} +0000\n");
        stream.extend_from_slice(format!("{head}data <<E\n{number}\nE\n\n").as_bytes());
    }
    fixture.git_with_input(&["fast-import", "--quiet"], &stream);
    let commits = fixture.git(&["for-each-ref", "--format=%(objectname)", "refs/heads/many-*"]);

    let repository = fixture.repository();
    let prefixes: Vec<&str> = commits.lines().map(|id| &id[..4]).collect();
    let is_twice = |prefix: &str| prefixes.iter().filter(|other| **other == prefix).count() > 1;
    let ambiguous = prefixes
        .iter()
        .copied()
        .filter(|prefix| is_twice(prefix))
        .collect::<Vec<_>>();
    assert!(!ambiguous.is_empty(), "the fixture has no ambiguous abbreviation");
    for prefix in ambiguous {
        assert_eq!(resolved(&repository, prefix), None, "{prefix}");
        assert_eq!(fixture.rev_parse(prefix), None, "{prefix}");
    }
    let shared = blobs
        .lines()
        .map(|id| &id[..4])
        .filter(|prefix| prefixes.contains(prefix) && !is_twice(prefix));
    let shared: Vec<&str> = shared.collect();
    assert!(
        !shared.is_empty(),
        "the fixture has no abbreviation of a blob and a commit"
    );
    for prefix in shared {
        assert_eq!(resolved(&repository, prefix), Some(fixture.id(prefix)), "{prefix}");
    }
}

#[test]
fn a_branch_named_like_an_id_yields_to_full_ids_only() {
    let fixture = Fixture::linear();
    let id = fixture.id("main");
    let older = fixture.id("main~2");
    let absent = "0123456789012345678901234567890123456789";
    for name in [id.as_str(), &id.as_str()[..8], absent, "deadbeef", "cafe"] {
        fixture.git(&["update-ref", &format!("refs/heads/{name}"), older.as_str()]);
    }
    let repository = fixture.repository();
    assert_eq!(resolved(&repository, id.as_str()), Some(id.clone()));
    assert_eq!(resolved(&repository, &id.as_str()[..9]), Some(id.clone()));
    assert_eq!(resolved(&repository, absent), None);
    for name in [&id.as_str()[..8], "deadbeef", "cafe", &format!("heads/{absent}")] {
        assert_eq!(resolved(&repository, name), Some(older.clone()), "{name}");
    }
}

#[test]
fn a_shallow_clone_ends_where_it_was_cut() {
    let fixture = Fixture::linear();
    let source = format!("file://{}", fixture.path().display());
    fixture.git(&["clone", "--quiet", "--depth=2", &source, "../shallow"]);
    let shallow = Repository::at(fixture.beside("shallow"));
    assert_eq!(resolved(&shallow, "main~1"), Some(fixture.id("main~1")));
    assert_eq!(resolved(&shallow, "main~2"), None);
    assert_eq!(resolved(&shallow, fixture.id("main~2").as_str()), None);
    assert_eq!(resolved(&shallow, "origin/main"), Some(fixture.id("main")));
    // The commit still tells the parent that the clone lacks.
    let oldest = shallow.commit(&fixture.id("main~1")).unwrap().unwrap();
    assert_eq!(oldest.parent_ids, [fixture.id("main~2")]);
}

#[test]
fn steps_are_bounded() {
    let fixture = Fixture::empty();
    let mut stream = Vec::new();
    for number in 0..1_005 {
        let head = format!("commit refs/heads/main\ncommitter A <a@example.com> {number} +0000\n");
        stream.extend_from_slice(format!("{head}data <<E\n{number}\nE\n\n").as_bytes());
    }
    fixture.git_with_input(&["fast-import", "--quiet"], &stream);
    let repository = fixture.repository();
    assert_eq!(resolved(&repository, "main~1000"), Some(fixture.id("main~1000")));
    assert_eq!(resolved(&repository, "main~999^"), Some(fixture.id("main~1000")));
    for text in [
        "main~1001",
        "main~1000^",
        "main~1000000000",
        "main~18446744073709551615",
    ] {
        assert_eq!(resolved(&repository, text), None, "{text}");
    }
}

#[test]
fn names_that_no_file_can_have_are_no_refs() {
    let fixture = Fixture::linear();
    let repository = fixture.repository();
    let texts = [
        "a".repeat(256),
        format!("heads/{}", "a".repeat(256)),
        "a/".repeat(500) + "b",
        "../../HEAD".to_owned(),
        "refs/heads/../../HEAD".to_owned(),
        "/etc/passwd".to_owned(),
        "main/x".to_owned(),
        "main.lock".to_owned(),
        "a//b".to_owned(),
        "a\\b".to_owned(),
        "ma*".to_owned(),
        "\u{fffd}\u{10ffff}".to_owned(),
    ];
    for text in texts {
        assert_eq!(resolved(&repository, &text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_resolve_panic_or_fail(texts in proptest::collection::vec(text(), 40)) {
        let fixture = PROPERTY_FIXTURE.get_or_init(Fixture::linear);
        for text in texts {
            let answer = fixture.repository().resolve(&text);
            prop_assert!(answer.is_ok(), "{text:?}: {answer:?}");
        }
    }
}

static PROPERTY_FIXTURE: std::sync::OnceLock<Fixture> = std::sync::OnceLock::new();

/// Anything at all, and texts that look like revisions.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("main".to_owned()),
        Just("HEAD".to_owned()),
        Just("refs/heads/".to_owned()),
        Just("^{commit}".to_owned()),
        Just("^{".to_owned()),
        Just("@{".to_owned()),
        Just("-g".to_owned()),
        "[~^@{}/.:-]{1,3}",
        "[0-9a-fA-F]{1,64}",
        "[0-9]{1,25}",
        "\\PC{0,4}",
    ];
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    ]
}
