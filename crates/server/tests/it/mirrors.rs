//! Projects whose repository is elsewhere: how copies are made, kept and asked.

mod api;
mod demand;
mod nodes;
mod schedule;

use std::time::Duration;

use landfall_domain::project::{Project, RepositoryPlace};
use landfall_server::CredentialSource;
use serde_json::{Value, json};

use crate::{
    git_remote::Remote,
    support::{Caller, TestRepository, TestServer},
};

/// A repository with two commits on `main` and a tag, a server for it, and a project that is a copy.
struct World {
    origin: TestRepository,
    remote: Remote,
    project: Project,
    root: Caller,
}

const COMMITS: &str = "/projects/1/repository/commits";
const BRANCHES: &str = "/projects/1/repository/branches";
const DEPLOYMENTS: &str = "/projects/1/deployments";

impl World {
    /// Nothing has been copied yet.
    async fn new(server: &TestServer) -> World {
        let origin = TestRepository::new(server.database.directory());
        origin.write("file", "one\n");
        origin.commit_at(1, "First");
        origin.git(&["tag", "v1.0"]);
        origin.commit_at(2, "Second");
        let remote = Remote::serve(std::path::Path::new(&origin.directory()));
        let url = remote.url();
        let project = server
            .project_with("group/app", |new| new.repository = Some(RepositoryPlace::Remote(url)))
            .await;
        let root = server.root().await;
        World {
            origin,
            remote,
            project,
            root,
        }
    }

    /// The copy is there.
    async fn copied(server: &TestServer) -> World {
        let world = World::new(server).await;
        server.run_jobs().await;
        assert_eq!(world.state().await["import_status"], "finished");
        world
    }

    /// The project, as those see it who look after it.
    async fn state(&self) -> Value {
        let project = self.root.get("/projects/1").await.json(200);
        let keys = ["import_status", "import_url", "import_error", "default_branch"];
        keys.iter()
            .map(|key| ((*key).to_owned(), project[key].clone()))
            .collect()
    }

    /// The titles of the newest commits.
    async fn titles(&self) -> Vec<String> {
        let commits = self.root.get(COMMITS).await.json(200);
        let titles = commits.as_array().unwrap().iter();
        titles
            .map(|commit| commit["title"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn deploy(&self, sha: &str, git_ref: &str) -> (u16, Value) {
        let body = json!({
            "environment": "production", "sha": sha, "ref": git_ref, "tag": false, "status": "success"
        });
        let answer = self.root.post(DEPLOYMENTS).json(&body).await;
        let (status, text) = answer.told();
        let told: Value = serde_json::from_str(text).unwrap();
        match status {
            201 => (201, told["landfall"]["verified"].clone()),
            _ => (status, told["message"].clone()),
        }
    }
}

/// Where nothing is remembered: each name that is not there is asked for.
fn eager(settings: &mut landfall_server::Settings) {
    settings.mirrors.pause = Duration::ZERO;
}

/// Where everybody gives up at once.
fn hasty(settings: &mut landfall_server::Settings) {
    settings.mirrors.pause = Duration::ZERO;
    settings.mirrors.wait = Duration::from_millis(50);
}
