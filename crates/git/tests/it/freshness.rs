//! One handle, kept for long: what changes on disk is seen by the next call.

use std::fs;

use landfall_git::Error;

use crate::support::Fixture;

#[test]
fn new_commits_branches_packs_and_prunes_are_seen() {
    let fixture = Fixture::linear();
    let repository = fixture.repository();
    let old = fixture.id("main");
    assert_eq!(repository.resolve("main"), Ok(Some(old.clone())));
    assert_eq!(repository.resolve("later"), Ok(None));

    let new = fixture.commit("four");
    fixture.git(&["branch", "later"]);
    assert_eq!(repository.resolve("main"), Ok(Some(new.clone())));
    assert_eq!(repository.resolve("later~1"), Ok(Some(old.clone())));

    fixture.git(&["gc", "--quiet", "--prune=now"]);
    assert_eq!(repository.resolve(&new.as_str()[..10]), Ok(Some(new.clone())));

    for branch in ["main", "later"] {
        fixture.git(&["update-ref", &format!("refs/heads/{branch}"), old.as_str()]);
    }
    fixture.git(&["reflog", "expire", "--expire=now", "--all"]);
    fixture.git(&["update-ref", "-d", "ORIG_HEAD"]);
    fixture.git(&["repack", "-adq"]);
    fixture.git(&["prune", "--expire=now"]);
    assert_eq!(repository.resolve("main"), Ok(Some(old)));
    assert_eq!(repository.resolve(new.as_str()), Ok(None));
}

#[test]
fn a_repository_that_vanishes_and_returns_is_noticed() {
    let fixture = Fixture::linear();
    let repository = fixture.repository();
    let id = fixture.id("main");
    assert_eq!(repository.resolve("main"), Ok(Some(id.clone())));

    let away = fixture.beside("away");
    fs::rename(fixture.path(), &away).unwrap();
    assert_eq!(
        repository.resolve("main"),
        Err(Error::NotFound {
            path: fixture.path().to_owned()
        })
    );
    assert_eq!(
        repository.commit(&id),
        Err(Error::NotFound {
            path: fixture.path().to_owned()
        })
    );

    fs::create_dir(fixture.path()).unwrap();
    assert_eq!(
        repository.resolve("main"),
        Err(Error::NotARepository {
            path: fixture.path().to_owned()
        })
    );

    fixture.git(&["init", "--quiet", "--initial-branch=main"]);
    assert_eq!(repository.resolve("main"), Ok(None));
    let replaced = fixture.commit("another history");
    assert_eq!(repository.resolve("main"), Ok(Some(replaced)));
    assert_eq!(repository.commit(&id), Ok(None));
}
