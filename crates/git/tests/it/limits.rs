//! Questions that would take too much are refused or cut off, and nothing else is.

use std::fmt::Write as _;
use std::time::Duration;

use landfall_git::{Error, Limits, LogQuery, Patch, RefKind, Start};

use crate::support::{Fixture, LIMITS};

#[test]
fn no_question_reads_more_commits_than_it_may_or_takes_longer() {
    let fixture = Fixture::linear();
    let repository = fixture.repository();
    let (newest, oldest) = (fixture.id("main"), fixture.id("main~2"));
    fixture.git(&["branch", "other", "main~1"]);
    let unrelated = fixture.raw_commit(b"author A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\n");
    let few = Limits { commits: 2, ..LIMITS };
    let no_time = Limits {
        time: Duration::ZERO,
        ..LIMITS
    };
    for limits in [few, no_time] {
        let all = LogQuery::new(Start::Commit(newest.clone()), 10);
        let names = repository.ref_names(RefKind::Branch, &LIMITS).unwrap();
        let told = [
            repository.log(&all, &limits).err(),
            repository.merge_base(&[newest.clone(), oldest.clone()], &limits).err(),
            repository.range(&oldest, &newest, &limits).err(),
            repository.brought_by(&oldest, &newest, &limits).err(),
            repository.refs_containing(RefKind::Branch, &unrelated, &limits).err(),
            repository.branches(&names, Some(&oldest), &limits).err(),
            repository.compare(&oldest, &newest, false, &limits).err(),
        ];
        for (number, error) in told.into_iter().enumerate() {
            assert!(
                matches!(error, Some(Error::TooMuch { .. })),
                "question {number}: {error:?}"
            );
        }
    }
    let first = LogQuery::new(Start::Commit(newest), 1);
    assert_eq!(
        repository.log(&first, &few).unwrap().len(),
        1,
        "what is not needed is not read"
    );
}

#[test]
fn a_comparison_that_is_too_long_is_cut_off_and_says_so() {
    let fixture = Fixture::linear();
    for name in ["a", "b", "c"] {
        std::fs::write(fixture.path().join(name), format!("{name}\n").repeat(100)).unwrap();
    }
    fixture.git(&["add", "."]);
    fixture.git(&["commit", "--quiet", "-m", "files"]);
    let (from, to) = (fixture.id("main~2"), fixture.id("main"));
    let compare = |limits: Limits| {
        fixture
            .repository()
            .compare(&from, &to, true, &limits)
            .unwrap()
            .unwrap()
    };
    let kinds = |limits: Limits| -> Vec<&'static str> {
        let files = compare(limits).diff.files;
        let kind = |patch: &Patch| match patch {
            Patch::Text(_) => "text",
            Patch::TooLarge => "too large",
            Patch::LeftOut => "left out",
        };
        files.iter().map(|file| kind(&file.patch)).collect()
    };
    assert!(compare(LIMITS).is_complete());
    assert_eq!(kinds(LIMITS), ["text"; 4]);
    let short = Limits { patch: 200, ..LIMITS };
    assert_eq!(kinds(short), ["too large", "too large", "too large", "text"]);
    assert!(compare(short).is_complete(), "everything that may be shown is");
    let together = Limits { patches: 500, ..LIMITS };
    assert_eq!(kinds(together), ["text", "left out", "left out", "left out"]);
    let files = Limits { files: 2, ..LIMITS };
    assert_eq!(compare(files).diff.files.len(), 2);
    let listed = Limits { listed: 1, ..LIMITS };
    assert_eq!(compare(listed).commits.len(), 1);
    assert_eq!(compare(listed).commits[0].id, to, "the newest are kept");
    for limits in [together, files, listed] {
        assert!(!compare(limits).is_complete(), "{limits:?}");
    }
}

#[test]
fn files_that_are_too_large_are_not_looked_into() {
    let fixture = Fixture::linear();
    std::fs::write(fixture.path().join("large"), "line\n".repeat(1 << 20)).unwrap();
    fixture.git(&["add", "."]);
    fixture.git(&["commit", "--quiet", "-m", "large"]);
    let repository = fixture.repository();
    let id = fixture.id("main");
    assert_eq!(
        repository.stats(std::slice::from_ref(&id), &LIMITS).unwrap()[0].additions,
        0
    );
    let compared = repository
        .compare(&fixture.id("main~1"), &id, true, &LIMITS)
        .unwrap()
        .unwrap();
    assert_eq!(compared.diff.files[0].patch, Patch::TooLarge);
}

#[test]
fn trees_that_are_made_to_harm_end() {
    let fixture = Fixture::linear();
    // Each tree holds the one before ten times: ten to the thirtieth files.
    let mut entry = format!(
        "100644 blob {}",
        fixture.git_with_input(&["hash-object", "-w", "--stdin"], b"x")
    );
    for _ in 0..30 {
        let mut tree = String::new();
        for name in 0..10 {
            writeln!(tree, "{entry}\t{name}").unwrap();
        }
        entry = format!("040000 tree {}", fixture.git_with_input(&["mktree"], tree.as_bytes()));
    }
    let tree = entry.rsplit(' ').next().unwrap();
    let bomb = fixture.git(&["commit-tree", "-p", "main", "-m", "bomb", tree]);
    fixture.git(&["update-ref", "refs/heads/bomb", &bomb]);
    let repository = fixture.repository();
    let compared = repository
        .compare(&fixture.id("main"), &fixture.id("bomb"), true, &LIMITS)
        .unwrap()
        .unwrap();
    assert!(!compared.is_complete());
    assert_eq!(compared.diff.files.len(), LIMITS.files);
    let stats = repository.stats(&[fixture.id("bomb")], &LIMITS);
    assert!(matches!(stats, Err(Error::TooMuch { .. })));
}
