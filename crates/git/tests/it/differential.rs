//! Comparison with git itself, and the list of deliberate differences.

use std::fs;

use crate::support::Fixture;

/// Branches, tags, remote branches, a merge of three, and names that try to be confused with each other.
fn repository() -> Fixture {
    let fixture = Fixture::linear();
    fixture.git(&["tag", "light", "main~1"]);
    fixture.git(&["tag", "-a", "v1.0", "-m", "version 1", "main~1"]);
    fixture.git(&["tag", "-a", "nested", "-m", "tag of a tag", "v1.0"]);
    for (branch, start) in [
        ("feature/slashes/and.dots", "main"),
        ("side", "main~1"),
        ("other", "main~2"),
    ] {
        fixture.git(&["checkout", "--quiet", "-b", branch, start]);
        fixture.git(&["commit", "--quiet", "--allow-empty", "-m", branch]);
    }
    fixture.git(&["checkout", "--quiet", "main"]);
    fixture.git(&[
        "merge", "--quiet", "--no-ff", "-s", "ours", "-m", "merge", "side", "other",
    ]);
    // A tag and a branch of the same name: the tag wins.
    fixture.git(&["tag", "both", "main~1"]);
    fixture.git(&["branch", "both", "main~2"]);
    fixture.git(&["update-ref", "refs/heads/deadbeef", "side"]);
    fixture.git(&["update-ref", "refs/remotes/origin/main", "main~1"]);
    fixture.git(&["update-ref", "refs/remotes/origin/develop", "main~2"]);
    fixture.git(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/develop",
    ]);
    fixture.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/side"]);
    fixture.git(&["symbolic-ref", "refs/heads/dangling", "refs/heads/missing"]);
    fixture.git(&["update-ref", "refs/merge-requests/7/head", "other"]);
    fixture.git(&["update-ref", "ORIG_HEAD", "main~2"]);
    fixture.git(&["update-ref", "refs/heads/at@home", "other"]);
    fixture
}

const SAME: &[&str] = &[
    "main",
    "heads/main",
    "refs/heads/main",
    "HEAD",
    "@",
    "head",
    "side",
    "alias",
    "dangling",
    "missing",
    "feature/slashes/and.dots",
    "feature",
    "feature/",
    "slashes",
    "refs",
    "refs/heads",
    "heads",
    "light",
    "v1.0",
    "nested",
    "tags/v1.0",
    "refs/tags/nested",
    "both",
    "heads/both",
    "tags/both",
    "deadbeef",
    "origin",
    "origin/main",
    "remotes/origin/main",
    "remotes/origin",
    "refs/remotes/origin/HEAD",
    "origin/HEAD",
    "refs/merge-requests/7/head",
    "merge-requests/7/head",
    "ORIG_HEAD",
    "FETCH_HEAD",
    "at@home",
    "config",
    "main~",
    "main~0",
    "main~1",
    "main~2",
    "main~3",
    "main~4",
    "main^",
    "main^0",
    "main^1",
    "main^2",
    "main^3",
    "main^4",
    "main^2~1",
    "main^^",
    "main~^2",
    "main^2^^",
    "main~01",
    "@~1",
    "HEAD^2",
    "v1.0~1",
    "v1.0^{}",
    "v1.0^{commit}",
    "nested^{}^{}",
    "nested^0",
    "light~1",
    "main^{tree}",
    "main^{blob}",
    "v1.0^{tree}",
    "main^{nonsense}",
    "",
    "-",
    "main..side",
    "main...side",
    "^main",
    "main^@",
    "main^-",
    "main^!",
    "main:file",
    "main:",
    ":file",
    "main ",
    " main",
    "main\n",
    "ma\tin",
    "main.lock",
    "main~x",
    "main^{",
    "~",
    "^",
    "@{",
    "ghij",
    "main~99999999999999999999",
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "x-gzzzz",
    "-g1234",
];

/// Git resolves these, we do not. Each is refused by the grammar; see the module `revision`.
const REFUSED: &[(&str, &str)] = &[
    ("main@{0}", "reads the reflog"),
    ("@{0}", "reads the reflog"),
    ("HEAD@{2001-01-01}", "reads the reflog"),
    ("main@{yesterday}", "depends on the time"),
    ("@{-1}", "reads the reflog"),
    ("side@{upstream}", "reads the configuration"),
    ("main^{/two}", "searches messages"),
    ("v1.0^{tag}", "leads away from commits"),
    ("main^{object}", "leads away from commits"),
];

#[test]
fn resolve_agrees_with_git() {
    for packed in [false, true] {
        let fixture = repository();
        if packed {
            fixture.git(&["gc", "--quiet", "--prune=now"]);
            fixture.git(&["pack-refs", "--all", "--prune"]);
        }
        let repository = fixture.repository();
        let mut texts: Vec<String> = SAME.iter().map(|text| (*text).to_owned()).collect();
        for id in fixture.git(&["rev-list", "--all"]).lines() {
            texts.extend([
                id.to_owned(),
                id[..7].to_uppercase(),
                format!("v9-3-g{}", &id[..8]),
                format!("{id}~1"),
            ]);
            texts.extend([
                format!("-g{}", &id[..8]),
                format!("{id}-g"),
                format!("x-g{id}"),
                id[..39].to_owned(),
            ]);
        }
        for text in texts {
            assert_eq!(
                repository.resolve(&text),
                Ok(fixture.rev_parse(&text)),
                "{text:?}, packed: {packed}"
            );
        }
    }
}

#[test]
fn deliberate_differences_from_git() {
    let fixture = repository();
    fixture.git(&["checkout", "--quiet", "side"]);
    fixture.git(&["branch", "--quiet", "--set-upstream-to=main"]);
    for (text, why) in REFUSED {
        assert!(fixture.rev_parse(text).is_some(), "git no longer resolves {text}");
        assert_eq!(fixture.repository().resolve(text), Ok(None), "{text} {why}");
    }
}

#[test]
fn a_file_of_the_git_directory_is_no_ref() {
    // Git looks for a text first among the files of the git directory, we do so only for names like `FETCH_HEAD`.
    let fixture = repository();
    fs::write(fixture.git_dir().join("lower"), format!("{}\n", fixture.id("main"))).unwrap();
    assert_eq!(fixture.rev_parse("lower"), Some(fixture.id("main")));
    assert_eq!(fixture.repository().resolve("lower"), Ok(None));
}
