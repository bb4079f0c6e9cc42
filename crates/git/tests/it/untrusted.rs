//! Repositories that somebody prepared: nothing in them is obeyed or executed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use landfall_git::{Error, Repository};

use crate::support::Fixture;

#[test]
fn replace_refs_and_grafts_are_ignored() {
    let fixture = Fixture::linear();
    let (newest, oldest) = (fixture.id("main"), fixture.id("main~2"));
    let commit = fixture.repository().commit(&newest).unwrap();
    let parent = fixture.id("main~1");
    fixture.git(&["replace", newest.as_str(), oldest.as_str()]);
    fs::create_dir_all(fixture.git_dir().join("info")).unwrap();
    fs::write(fixture.git_dir().join("info/grafts"), format!("{newest} {oldest}\n")).unwrap();
    // Even if the repository insists.
    fixture.git(&["config", "core.useReplaceRefs", "true"]);
    assert_eq!(fixture.git(&["log", "-1", "--format=%s", "main"]), "one");
    assert_eq!(fixture.repository().commit(&newest).unwrap(), commit);
    assert_eq!(fixture.repository().resolve("main~1"), Ok(Some(parent)));
}

#[test]
fn commands_and_includes_of_the_configuration_are_not_run() {
    let fixture = Fixture::linear();
    let marker = fixture.beside("marker");
    let script = fixture.beside("script");
    fs::write(&script, format!("#!/bin/sh\necho run >> {}\n", marker.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let included = fixture.beside("included");
    fs::write(&included, "[extensions]\n\trefStorage = included\n").unwrap();
    let script = script.to_str().unwrap();
    let keys = [
        "core.fsmonitor",
        "core.sshCommand",
        "core.hooksPath",
        "core.alternateRefsCommand",
        "core.pager",
    ];
    for key in keys.iter().chain(&[
        "core.gitProxy",
        "filter.x.smudge",
        "credential.helper",
        "uploadpack.packObjectsHook",
    ]) {
        fixture.git(&["config", key, script]);
    }
    fixture.git(&["config", "include.path", included.to_str().unwrap()]);
    // A partial clone whose missing object git itself would fetch, with this command.
    fixture.git(&["config", "remote.origin.promisor", "true"]);
    fixture.git(&["config", "remote.origin.url", "ext::sh -c true"]);
    fixture.git(&["config", "remote.origin.uploadpack", script]);
    let parent = fixture.id("main~1");
    let _ = fs::remove_file(&marker);
    fs::remove_file(fixture.loose(parent.as_str())).unwrap();

    let repository = fixture.repository();
    let found = Repository::discover(fixture.path()).unwrap();
    assert!(repository.commit(&found.head.unwrap()).unwrap().is_some());
    assert_eq!(repository.resolve("main~1"), Ok(None));
    assert_eq!(repository.resolve(parent.as_str()), Ok(None));
    assert!(!marker.exists(), "something was executed");
}

#[test]
fn alternates_are_followed() {
    let fixture = Fixture::linear();
    fixture.git(&["clone", "--quiet", "--shared", "--bare", ".", "../borrower"]);
    let borrower = Repository::at(fixture.beside("borrower"));
    let id = fixture.id("main");
    assert_eq!(borrower.resolve(&id.as_str()[..8]), Ok(Some(id.clone())));
    fs::write(fixture.beside("borrower/objects/info/alternates"), "/nowhere\n").unwrap();
    assert_eq!(borrower.resolve(id.as_str()), Ok(None));
}

#[test]
fn huge_commits_are_refused_and_huge_files_are_not_read() {
    let fixture = Fixture::linear();
    fs::write(fixture.path().join("file"), vec![b'x'; 20 << 20]).unwrap();
    let blob = fixture.git(&["hash-object", "-w", "file"]);
    assert_eq!(fixture.repository().resolve(&blob), Ok(None));

    let mut message = b"author A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\n".to_vec();
    message.resize(17 << 20, b'x');
    let id = fixture.raw_commit(&message);
    let answer = fixture.repository().commit(&id);
    assert!(matches!(answer, Err(Error::Unreadable { .. })));
}

#[test]
fn a_repository_of_another_user_is_read() {
    let fixture = Fixture::linear();
    let id = fixture.id("main");
    let give_away = |path: &std::path::Path| std::os::unix::fs::chown(path, Some(65_533), Some(65_533));
    if give_away(fixture.path()).is_err() || give_away(&fixture.git_dir()).is_err() {
        return; // only the superuser can make this case
    }
    assert_eq!(fixture.rev_parse("main"), None, "git refuses it");
    assert_eq!(fixture.repository().resolve("main"), Ok(Some(id)));
}

/// Where the test below tells itself, in another process, what to look for.
const REPOSITORY: &str = "LANDFALL_TEST_REPOSITORY";
const COMMIT: &str = "LANDFALL_TEST_COMMIT";

#[test]
fn the_environment_does_not_redirect() {
    if let Ok(path) = std::env::var(REPOSITORY) {
        let found = Repository::at(path).resolve("main").unwrap().unwrap();
        assert_eq!(found.as_str(), std::env::var(COMMIT).unwrap());
        return;
    }
    let fixture = Fixture::linear();
    let other = Fixture::empty();
    let id = other.commit("another history");
    assert_ne!(id, fixture.id("main"));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "untrusted::the_environment_does_not_redirect"])
        .env(REPOSITORY, fixture.path())
        .env(COMMIT, fixture.id("main").as_str())
        .env("GIT_DIR", other.git_dir())
        .env("GIT_WORK_TREE", other.path())
        .env("GIT_COMMON_DIR", other.git_dir())
        .env("GIT_OBJECT_DIRECTORY", other.git_dir().join("objects"))
        .env("GIT_NAMESPACE", "elsewhere")
        .env("GIT_CEILING_DIRECTORIES", "/")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "extensions.refStorage")
        .env("GIT_CONFIG_VALUE_0", "x")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}
