//! A project whose repository is elsewhere, from the command line to the answer.

use std::{fs, os::unix::fs::PermissionsExt as _};

use landfall_store::testing::Engine;

use crate::{
    git_remote::{Manner, Remote},
    support::World,
};

#[test]
fn a_repository_elsewhere_is_copied_and_served() {
    for engine in Engine::ALL {
        let (world, commit) = World::with_repository(engine);
        let remote = Remote::serve(&world.work().join(".git"));
        remote.set(Manner::ServeTo("Basic YWRhOnMzY3JldA==".to_owned()));
        let credentials = world.outside().join("git-credentials");
        let line = remote.base().replace("http://", "http://ada:s3cret@");
        fs::write(&credentials, format!("{line}\n")).unwrap();
        fs::set_permissions(&credentials, fs::Permissions::from_mode(0o600)).unwrap();
        let flags = [
            "--allow-networks",
            "127.0.0.0/8",
            "--git-credentials-file",
            credentials.to_str().unwrap(),
            "--mirror-size",
            "10M",
        ];
        let mut server = world.serve_with(&flags, &[]);
        let id = world.done(&["project", "create", "team/app", "--repository", &remote.url()]);
        server.wait_for_log("a mirror is there");
        let token = world.root_token();
        let commits = format!("/projects/{}/repository/commits", id.trim());
        let (status, listed) = server.get(&commits, &token);
        assert_eq!((status, &listed[0]["id"]), (200, &commit.clone().into()), "{listed}");
        let listed = world.json(&["project", "list"]);
        let project = listed
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["path"] == "app")
            .unwrap();
        assert_eq!(project["import_status"], "finished");
        assert_eq!(project["landfall"]["repository"], remote.url());
        assert!(project["landfall"]["fetched_at"].is_string(), "{project}");

        remote.set(Manner::Status(500));
        let log = server.stop();
        assert!(!log.contains("s3cret"), "{log}");
        let server = world.serve_with(&flags, &[]);
        assert_eq!(server.get(&commits, &token).0, 200, "the copy is on disk");
    }
}

#[test]
fn a_copy_that_fails_is_told_by_the_doctor() {
    let (world, _) = World::with_repository(Engine::Sqlite);
    let remote = Remote::serve(&world.work().join(".git"));
    let url = remote.url();
    let mut server = world.serve();
    let id = world.done(&["project", "create", "team/app", "--repository", &url]);
    server.wait_for_log("a mirror could not be brought up to date");
    drop(server);
    let report = world.json(&["doctor"]);
    let finding = report
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "mirrors")
        .unwrap();
    assert_eq!(finding["level"], "warning");
    let says = format!(
        "project {} ({url}): The address is not a public one, and the server does not reach others.",
        id.trim()
    );
    assert_eq!(finding["text"], says);
}
