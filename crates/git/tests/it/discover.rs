//! Which directories are repositories, and what their `HEAD` says.

use std::fs;
use std::path::Path;

use landfall_git::{Discovered, Error, Head, ObjectFormat, Repository};

use crate::support::Fixture;

fn discover(path: &Path) -> Discovered {
    Repository::discover(path).unwrap()
}

#[test]
fn an_ordinary_repository_is_found_by_its_root_and_by_its_git_directory() {
    let fixture = Fixture::linear();
    let git_dir = fixture.path().join(".git").canonicalize().unwrap();
    let expected = Discovered {
        git_dir: git_dir.clone(),
        default_branch: Some("main".to_owned()),
        head: Some(fixture.id("main")),
        object_format: ObjectFormat::Sha1,
    };
    assert_eq!(discover(fixture.path()), expected);
    assert_eq!(discover(&git_dir), expected);
    let head = Head {
        branch: Some("main".to_owned()),
        commit: fixture.id("main"),
    };
    assert_eq!(Repository::at(git_dir).head(), Ok(Some(head)));
}

#[test]
fn a_bare_repository_is_found() {
    let fixture = Fixture::linear();
    fixture.git(&["branch", "release/1.0"]);
    fixture.git(&[
        "clone",
        "--quiet",
        "--bare",
        "--branch",
        "release/1.0",
        ".",
        "../bare.git",
    ]);
    let bare = fixture.beside("bare.git");
    let found = discover(&bare);
    assert_eq!(found.git_dir, bare.canonicalize().unwrap());
    assert_eq!(found.default_branch.as_deref(), Some("release/1.0"));
    assert_eq!(found.head, Some(fixture.id("main")));
    assert_eq!(Repository::at(bare).resolve("main"), Ok(Some(fixture.id("main"))));
}

#[test]
fn symbolic_links_are_resolved() {
    let fixture = Fixture::linear();
    let link = fixture.beside("link");
    std::os::unix::fs::symlink(fixture.path(), &link).unwrap();
    assert_eq!(discover(&link).git_dir, fixture.git_dir().canonicalize().unwrap());
}

#[test]
fn parents_are_not_searched() {
    let fixture = Fixture::linear();
    let inside = fixture.path().join("inside");
    fs::create_dir(&inside).unwrap();
    assert_eq!(
        Repository::discover(&inside),
        Err(Error::NotARepository { path: inside })
    );
}

#[test]
fn missing_and_other_paths_are_told_apart() {
    let fixture = Fixture::linear();
    let missing = fixture.beside("missing");
    assert_eq!(
        Repository::discover(&missing),
        Err(Error::NotFound { path: missing.clone() })
    );
    assert_eq!(
        Repository::at(&missing).resolve("main"),
        Err(Error::NotFound { path: missing.clone() })
    );
    assert_eq!(
        Repository::at(&missing).resolve(""),
        Err(Error::NotFound { path: missing.clone() })
    );
    assert_eq!(Repository::at(&missing).head(), Err(Error::NotFound { path: missing }));

    let file = fixture.path().join("file");
    assert_eq!(
        Repository::discover(&file),
        Err(Error::NotARepository { path: file.clone() })
    );
    let below_file = file.join("x");
    assert_eq!(
        Repository::discover(&below_file),
        Err(Error::NotFound { path: below_file })
    );
}

#[test]
fn a_repository_without_commits_has_a_branch_but_no_head() {
    for options in [&[][..], &["--bare"]] {
        let fixture = Fixture::init(options);
        let found = discover(fixture.path());
        assert_eq!((found.default_branch.as_deref(), found.head), (Some("main"), None));
        let repository = fixture.repository();
        assert_eq!(repository.head(), Ok(None));
        for text in ["main", "HEAD", "@", "0000", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"] {
            assert_eq!(repository.resolve(text), Ok(None), "{text}");
        }
    }
}

#[test]
fn a_detached_head_has_no_branch() {
    let fixture = Fixture::linear();
    fixture.git(&["checkout", "--quiet", "--detach", "main~1"]);
    let found = discover(fixture.path());
    assert_eq!((found.default_branch, found.head), (None, Some(fixture.id("main~1"))));
    let head = Head {
        branch: None,
        commit: fixture.id("main~1"),
    };
    assert_eq!(fixture.repository().head(), Ok(Some(head)));
}

#[test]
fn a_linked_work_tree_leads_to_the_main_repository() {
    let fixture = Fixture::linear();
    fixture.git(&["worktree", "add", "--quiet", "-b", "side", "../linked", "main~1"]);
    let linked = fixture.beside("linked");
    let found = discover(&linked);
    assert_eq!(found, discover(fixture.path()));
    assert_eq!(found.default_branch.as_deref(), Some("main"));
    // Asked directly, it is a repository with a `HEAD` of its own.
    let head = Head {
        branch: Some("side".to_owned()),
        commit: fixture.id("main~1"),
    };
    assert_eq!(Repository::at(linked).head(), Ok(Some(head)));
}

#[test]
fn a_git_file_leads_to_a_separate_git_directory() {
    let fixture = Fixture::linear();
    let separate = fixture.beside("separate");
    fixture.git(&["init", "--quiet", "--separate-git-dir", "../separate"]);
    assert!(fixture.path().join(".git").is_file());
    assert_eq!(discover(fixture.path()).git_dir, separate.canonicalize().unwrap());
    assert_eq!(fixture.repository().resolve("HEAD"), Ok(Some(fixture.id("main"))));
}

#[test]
fn sha256_repositories_work() {
    let fixture = Fixture::init(&["--object-format=sha256"]);
    fixture.commit("one");
    let id = fixture.commit("two");
    assert_eq!(id.as_str().len(), 64);
    let found = discover(fixture.path());
    assert_eq!(
        (found.object_format, found.head.as_ref()),
        (ObjectFormat::Sha256, Some(&id))
    );
    let repository = fixture.repository();
    for text in [id.as_str(), &id.as_str()[..40], &id.as_str()[..7], "main"] {
        assert_eq!(repository.resolve(text), Ok(Some(id.clone())), "{text}");
    }
    let commit = repository.commit(&id).unwrap().unwrap();
    assert_eq!(
        (commit.title.as_str(), commit.parent_ids),
        ("two", vec![fixture.id("main~1")])
    );
    // An id of the other format is no commit of this repository.
    let sha1 = landfall_git::CommitId::parse(&id.as_str()[..40]).unwrap();
    assert_eq!(repository.commit(&sha1), Ok(None));
}

#[test]
fn the_reftable_format_is_refused_instead_of_looking_empty() {
    let fixture = Fixture::init(&["--ref-format=reftable"]);
    fixture.commit("one");
    let error = Repository::discover(fixture.path()).unwrap_err();
    assert!(
        matches!(&error, Error::Unreadable { detail, .. } if detail.contains("reftable")),
        "{error}"
    );
    assert_eq!(fixture.repository().resolve("main"), Err(error));
}

#[test]
fn tags_are_found_by_their_commit() {
    let fixture = Fixture::linear();
    let (newest, older) = (fixture.id("main"), fixture.id("main~1"));
    let repository = fixture.repository();
    let before = repository.tags_at(&newest).unwrap();
    fixture.git(&["tag", "here/light", "main"]);
    fixture.git(&["tag", "-a", "-m", "two", "here/annotated", "main"]);
    fixture.git(&["tag", "-a", "-m", "of a tag", "here/nested", "here/annotated"]);
    fixture.git(&["tag", "elsewhere", "main~1"]);
    fixture.git(&["tag", "tree", "main^{tree}"]);
    fixture.git(&["branch", "branch", "main"]);
    let expected: Vec<String> = ["here/annotated", "here/light", "here/nested"].map(String::from).into();
    let found = |id| {
        let mut tags = repository.tags_at(id).unwrap();
        tags.retain(|tag| !before.contains(tag));
        tags
    };
    assert_eq!(found(&newest), expected);
    assert!(found(&older).contains(&"elsewhere".to_owned()));
    fixture.git(&["pack-refs", "--all"]);
    assert_eq!(found(&newest), expected);
}

#[test]
fn the_remote_is_origin_or_the_only_one() {
    let fixture = Fixture::linear();
    let repository = fixture.repository();
    assert_eq!(repository.remote_url(), Ok(None));
    fixture.git(&["remote", "add", "upstream", "https://git.example.com/up/app.git"]);
    assert_eq!(
        repository.remote_url(),
        Ok(Some("https://git.example.com/up/app.git".to_owned()))
    );
    fixture.git(&["remote", "add", "fork.of.me", "https://git.example.com/fork/app.git"]);
    assert_eq!(repository.remote_url(), Ok(None));
    fixture.git(&["remote", "add", "origin", "git@git.example.com:group/app.git"]);
    assert_eq!(
        repository.remote_url(),
        Ok(Some("git@git.example.com:group/app.git".to_owned()))
    );
}
