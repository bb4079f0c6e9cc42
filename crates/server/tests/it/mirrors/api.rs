//! `import_url`, and who the server is at remotes.

use std::{fs, os::unix::fs::PermissionsExt as _};

use landfall_domain::access::AccessLevel;

use super::*;
use crate::{
    git_remote::Manner,
    support::{TestServer, each_engine, logs},
};

each_engine!(
    async fn a_project_can_be_made_and_changed_with_an_address(server) {
        let origin = TestRepository::new(server.database.directory());
        origin.commit("First");
        let remote = Remote::serve(std::path::Path::new(&origin.directory()));
        let ada = server.user("ada").await;
        let made = ada
            .post("/projects")
            .json(&json!({ "name": "App", "import_url": remote.url() }))
            .await
            .json(201);
        assert_eq!(made["import_status"], "scheduled");
        assert_eq!(made["import_url"], json!(remote.url()));
        assert_eq!(made["import_error"], Value::Null);
        server.run_jobs().await;
        let commits = ada.get(COMMITS).await.json(200);
        assert_eq!(commits[0]["title"], "First");

        let project = server.project("group/other").await;
        server.user("eve").await;
        server.member(project.id, "ada", AccessLevel::Maintainer).await;
        server.member(project.id, "eve", AccessLevel::Developer).await;
        let eve = server.bearer_of("eve-token");
        let path = format!("/projects/{}", project.id);
        let address = json!({ "import_url": remote.url() });
        assert_eq!(eve.put(&path).json(&address).await.told().0, 403);
        ada.put(&path).json(&address).await.json(200);
        let seen = eve.get(&path).await.json(200);
        assert_eq!(seen["import_status"], "scheduled");
        assert_eq!((seen.get("import_url"), seen.get("import_error")), (None, None));
        let listed = ada.get("/projects?order_by=id&sort=asc").await.json(200);
        assert_eq!(listed[0]["import_status"], "finished");
        assert_eq!(listed[1]["import_status"], "scheduled");
    }
);

each_engine!(
    async fn a_copy_is_brought_up_to_date_when_a_maintainer_says_so(server) {
        let world = World::copied(&server).await;
        let pull = "/projects/1/mirror/pull";
        let told = json!({
            "id": 1, "enabled": true, "url": world.remote.url(), "update_status": "finished", "last_error": null,
            "last_successful_update_at": "2026-01-02T03:04:05.678Z"
        });
        assert_eq!(world.root.get(pull).await.json(200), told);
        world.origin.commit_at(3, "Third");
        server.clock.advance(Duration::from_secs(1));
        assert_eq!(world.root.post(pull).await.json(200), json!({ "message": "200 OK" }));
        assert_eq!(world.root.get(pull).await.json(200)["update_status"], "scheduled");
        server.run_jobs().await;
        assert_eq!(world.titles().await, ["Third", "Second", "First"]);
        let told = world.root.get(pull).await.json(200);
        assert_eq!(told["last_successful_update_at"], "2026-01-02T03:04:06.678Z");
        server.project("group/other").await;
        let none = world.root.post("/projects/2/mirror/pull").await.json(400);
        assert_eq!(none, json!({ "message": "400 Bad request - The project is not mirrored" }));
    }
);

each_engine!(
    async fn addresses_that_are_no_plain_https_are_refused(server) {
        let root = server.root().await;
        let scheme = "must be an http or https address, such as https://git.example.com/group/app.git";
        let secret = "must not have a user or password in it: it would be stored and shown; credentials are the server's, \
                      see --git-credentials-file";
        for (url, text) in [
            ("ssh://git@git.example/app.git", scheme),
            ("git@git.example:app.git", scheme),
            ("file:///etc", scheme),
            ("/etc", scheme),
            ("ext::sh -c id", scheme),
            ("https://ada:s3cret@git.example/app.git", secret),
            ("https://git.example/app.git?token=x", "must not have a query or fragment"),
        ] {
            let answer = root.post("/projects").json(&json!({ "name": "App", "import_url": url })).await;
            assert_eq!(answer.json(400), json!({ "message": { "import_url": [text] } }), "{url}");
        }
        assert_eq!(root.get("/projects").await.json(200), json!([]));
    }
);

#[tokio::test]
async fn private_networks_are_closed_unless_they_were_opened() {
    let logs = logs::capture();
    for engine in landfall_store::testing::Engine::ALL {
        let server = TestServer::with(engine, |settings| settings.allow_networks.clear());
        let world = World::new(&server).await;
        server.run_jobs().await;
        let state = world.state().await;
        assert_eq!(state["import_status"], "failed");
        assert_eq!(
            state["import_error"],
            "The address is not a public one, and the server does not reach others"
        );
        assert_eq!(world.remote.requests(), []);
        assert!(logs.text().contains("--allow-networks can open its network"));
    }
}

/// `Authorization` of ada with this password.
const BASIC: &str = "Basic YWRhOnMzY3JldC13b3Jk";

#[tokio::test]
async fn credentials_are_used_for_those_who_may_and_told_to_nobody() {
    let logs = logs::capture();
    for engine in landfall_store::testing::Engine::ALL {
        let file = credentials_file();
        let credentials = file.1.clone();
        let server = TestServer::with(engine, move |settings| {
            settings.mirrors.credentials = CredentialSource::File(credentials);
        });
        let world = World::new(&server).await;
        world.remote.set(Manner::ServeTo(BASIC.to_owned()));
        let line = world.remote.base().replace("http://", "http://ada:s3cret-word@");
        fs::write(&file.1, format!("{line}\n")).unwrap();

        // A project of somebody who may not use them.
        server.run_jobs().await;
        assert_eq!(
            world.state().await["import_error"],
            "The remote answered 401: it needs credentials, and the server has none for it"
        );
        // The same address by an administrator.
        let address = json!({ "import_url": world.remote.url() });
        let changed = world.root.put("/projects/1").json(&address).await;
        let shown = changed.json(200);
        assert_eq!(shown["import_status"], "scheduled");
        server.run_jobs().await;
        assert_eq!(world.state().await["import_status"], "finished");
        assert_eq!(world.titles().await, ["Second", "First"]);

        // They changed at the remote, and then here.
        world.remote.set(Manner::ServeTo("Basic b3RoZXI=".to_owned()));
        server.clock.advance(Duration::from_mins(6));
        server.run_jobs().await;
        let denied = world.state().await;
        assert_eq!(
            denied["import_error"],
            "The remote answered 401: the server's credentials do not open it"
        );
        fs::set_permissions(&file.1, fs::Permissions::from_mode(0o644)).unwrap();
        server.clock.advance(Duration::from_mins(16));
        server.run_jobs().await;
        assert_eq!(
            world.state().await["import_error"],
            "The server cannot read its credentials"
        );

        let project = world.root.get("/projects/1").await;
        let events = server
            .store
            .read(|conn| landfall_store::events::after(conn, 0, 1000))
            .await
            .unwrap();
        let rows = server
            .store
            .read(|conn| landfall_store::mirrors::of_project(conn, landfall_domain::ids::ProjectId(1)))
            .await
            .unwrap();
        for text in [logs.text(), project.told().1.to_owned(), format!("{events:?} {rows:?}")] {
            assert!(!text.contains("s3cret-word") && !text.contains("YWRhOnMz"), "{text}");
        }
    }
}

/// A file that only its owner may read, in a directory that goes with the first value.
fn credentials_file() -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("git-credentials");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    (directory, path)
}
