//! Copies in the background.

use super::*;
use crate::{
    git_remote::Manner,
    support::{each_engine, logs},
};

each_engine!(
    async fn a_copy_is_made_in_the_background_and_kept_up_to_date(server) {
        let world = World::new(&server).await;
        let url = world.remote.url();
        assert_eq!(
            world.state().await,
            json!({ "import_status": "scheduled", "import_url": url, "import_error": null, "default_branch": "main" })
        );
        server.run_jobs().await;
        assert_eq!(world.state().await["import_status"], "finished");
        assert_eq!(world.titles().await, ["Second", "First"]);
        let tag = world.root.get("/projects/1/repository/tags/v1.0").await.json(200);
        assert_eq!(tag["commit"]["title"], "First");

        world.origin.commit_at(3, "Third");
        world.origin.git(&["branch", "feature"]);
        server.clock.advance(Duration::from_mins(4));
        server.run_jobs().await;
        assert_eq!(world.titles().await, ["Second", "First"], "it is not time yet");
        server.clock.advance(Duration::from_mins(2));
        server.run_jobs().await;
        assert_eq!(world.titles().await, ["Third", "Second", "First"]);
        assert_eq!(world.remote.visits(), 2);

        world.origin.git(&["branch", "-D", "feature"]);
        world.origin.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
        world.origin.commit_at(4, "Another second");
        server.clock.advance(Duration::from_mins(6));
        server.run_jobs().await;
        assert_eq!(world.titles().await, ["Another second", "First"]);
        let branches = world.root.get(BRANCHES).await.json(200);
        assert_eq!(branches.as_array().unwrap().len(), 1, "{branches}");
    }
);

each_engine!(
    async fn what_was_copied_is_served_while_the_remote_is_away(server) {
        let logs = logs::capture();
        let world = World::copied(&server).await;
        world.remote.set(Manner::Status(502));
        server.clock.advance(Duration::from_mins(6));
        server.run_jobs().await;
        let state = world.state().await;
        assert_eq!(state["import_status"], "failed");
        assert_eq!(state["import_error"], "The remote answered 502");
        assert_eq!(world.titles().await, ["Second", "First"]);
        assert!(logs.text().contains("a mirror could not be brought up to date"));
        assert_eq!(world.remote.visits(), 2);

        server.clock.advance(Duration::from_mins(9));
        server.run_jobs().await;
        assert_eq!(world.remote.visits(), 2, "it is left alone for longer than before");
        world.remote.set(Manner::Serve);
        server.clock.advance(Duration::from_mins(3));
        server.run_jobs().await;
        let state = world.state().await;
        assert_eq!((&state["import_status"], &state["import_error"]), (&json!("finished"), &Value::Null));
    }
);

each_engine!(
    async fn a_project_that_ends_or_gets_another_repository_takes_its_copy_with_it(server) {
        let world = World::copied(&server).await;
        let directory = server.database.directory().join("mirrors");
        let copies = || {
            let entries = std::fs::read_dir(&directory).unwrap();
            let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            paths.retain(|path| path.extension() == Some("git".as_ref()));
            paths
        };
        let first = copies();
        assert_eq!(first.len(), 1);
        world.root.put("/projects/1").json(&json!({ "path": "renamed", "name": "Renamed" })).await.json(200);
        server.run_jobs().await;
        assert_eq!(copies(), first, "a new path leaves it alone");

        let other = Remote::serve(std::path::Path::new(&world.origin.directory()));
        let url = other.url();
        world.root.put("/projects/1").json(&json!({ "import_url": url })).await.json(200);
        assert_eq!(world.state().await["import_status"], "scheduled");
        server.run_jobs().await;
        let second = copies();
        assert_eq!(second.len(), 1);
        assert_ne!(second, first);
        assert_eq!(world.titles().await, ["Second", "First"]);

        world.root.put("/projects/1").json(&json!({ "import_url": "" })).await.json(200);
        server.run_jobs().await;
        assert_eq!(copies(), Vec::<std::path::PathBuf>::new());
        assert_eq!(world.root.get("/projects/1").await.json(200)["import_status"], "none");

        world.root.put("/projects/1").json(&json!({ "import_url": url })).await.json(200);
        server.run_jobs().await;
        assert_eq!(copies().len(), 1);
        let id = world.project.id;
        server.write(move |tx| Ok(landfall_store::projects::delete(tx, id, crate::support::NOW)?)).await;
        server.run_jobs().await;
        assert_eq!(copies(), Vec::<std::path::PathBuf>::new());
    }
);
