//! Checkouts, with and without CI around them.

use std::process::Command;

use super::{
    super::git::{Checkout, path_of_remote},
    Git, Head, OTHER_SHA, Place, SHA, head,
};

fn on_branch() -> Head {
    Head {
        branch: Some("feature/x".to_owned()),
        tag: Some("v1".to_owned()),
        remote: Some("git@git.example.com:group/app.git".to_owned()),
        ..head(SHA)
    }
}

#[test]
fn a_plain_checkout() {
    insta::assert_debug_snapshot!(Place::default().checked_out(on_branch()).context());
    let detached = Head {
        branch: None,
        ..on_branch()
    };
    let context = Place::default().checked_out(detached).context();
    assert_eq!((context.git_ref.as_deref(), context.tag), (Some("v1"), Some(true)));
    let nameless = Place::default().checked_out(head(SHA)).context();
    assert_eq!((nameless.git_ref, nameless.tag), (None, None));
}

#[test]
fn outside_of_everything_nothing_is_known() {
    assert_eq!(Place::default().detect(), None);
}

#[test]
fn variables_win_over_the_detached_head_of_a_ci_checkout() {
    let place = Place::documented("github");
    let merge = place.checked_out(head(OTHER_SHA));
    assert_eq!(merge.context(), place.context());
}

#[test]
fn a_checkout_fills_what_variables_leave_open() {
    // A scripted pipeline of Jenkins has no `GIT_` variables.
    let place = Place::documented("jenkins")
        .without("GIT_COMMIT")
        .without("GIT_BRANCH")
        .without("GIT_URL");
    let context = place.checked_out(on_branch()).context();
    assert_eq!(context.sha.as_deref(), Some(SHA));
    assert_eq!(context.git_ref.as_deref(), Some("feature/x"));
    assert_eq!(context.project.as_deref(), Some("group/app"));
    assert_eq!(context.key, place.context().key);
}

#[test]
fn the_branch_of_another_commit_is_not_taken() {
    let place = Place::documented("teamcity").with(&[("BUILD_VCS_NUMBER", OTHER_SHA)]);
    let context = place.checked_out(on_branch()).context();
    assert_eq!((context.sha.as_deref(), context.git_ref), (Some(OTHER_SHA), None));
}

#[test]
fn paths_of_remotes() {
    let cases = [
        ("https://git.example.com/group/app.git", Some("group/app")),
        (
            "https://user:secret@git.example.com/group/sub/app",
            Some("group/sub/app"),
        ),
        ("ssh://git@git.example.com:2222/group/app.git/", Some("group/app")),
        ("git@git.example.com:group/app.git", Some("group/app")),
        ("git@git.example.com:/group/app.git", Some("group/app")),
        ("https://git.example.com", None),
        ("https://git.example.com/", None),
        ("file:///srv/app.git", None),
        ("/srv/app.git", None),
        ("C:\\repositories\\app", None),
        ("./a:b", None),
        ("", None),
        (":", None),
    ];
    for (remote, path) in cases {
        assert_eq!(path_of_remote(remote).as_deref(), path, "{remote}");
    }
}

#[test]
fn a_checkout_on_disk_is_found_from_below() {
    let directory = tempfile::tempdir().unwrap();
    assert!(Checkout::around(directory.path()).is_none());
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(directory.path())
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet", "--initial-branch", "feature/x"]);
    assert_eq!(Checkout::around(directory.path()).head(), None);
    git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    let below = directory.path().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let head = Checkout::around(&below).head().unwrap();
    assert_eq!(head.sha, git(&["rev-parse", "HEAD"]));
    assert_eq!(head.branch.as_deref(), Some("feature/x"));
    assert_eq!((head.tag, head.remote), (None, None));

    git(&["remote", "add", "origin", "git@git.example.com:group/app.git"]);
    git(&["tag", "v1"]);
    git(&["checkout", "--quiet", "--detach"]);
    let head = Checkout::around(&below).head().unwrap();
    assert_eq!((head.branch, head.tag.as_deref()), (None, Some("v1")));
    assert_eq!(head.remote.as_deref(), Some("git@git.example.com:group/app.git"));
}
