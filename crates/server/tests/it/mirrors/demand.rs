//! Names that a copy does not have yet.

use std::sync::Arc;

use landfall_store::testing::Engine;
use tokio::task::JoinSet;

use super::*;
use crate::{
    git_remote::Manner,
    support::{TestServer, each_engine},
};

#[tokio::test]
async fn what_was_pushed_a_moment_ago_is_deployed_at_once() {
    for engine in Engine::ALL {
        let server = TestServer::with(engine, eager);
        let world = World::copied(&server).await;
        let third = world.origin.commit_at(3, "Third");
        assert_eq!(world.deploy(&third, "main").await, (201, json!(true)));
        world.origin.git(&["checkout", "--quiet", "-b", "release"]);
        let fourth = world.origin.commit_at(4, "Fourth");
        assert_eq!(world.deploy("release", "release").await, (201, json!(true)));
        let path = format!("{COMMITS}/{fourth}");
        assert_eq!(world.root.get(&path).await.json(200)["title"], "Fourth");
        let visits = world.remote.visits();
        assert_eq!(world.deploy(&fourth, "main").await, (201, json!(true)));
        assert_eq!(world.remote.visits(), visits, "what is there is not asked for");

        world.origin.git(&["branch", "later"]);
        let branch = format!("{BRANCHES}/later");
        assert_eq!(world.root.get(&branch).await.json(200)["name"], "later");

        // No branch leads there, as with the merge of a merge request that is tried.
        world.origin.git(&["checkout", "--quiet", "--detach"]);
        let loose = world.origin.commit_at(5, "Loose");
        world.origin.git(&["update-ref", "refs/pull/1/merge", &loose]);
        world.origin.git(&["checkout", "--quiet", "main"]);
        assert_eq!(world.deploy(&loose, "main").await, (201, json!(true)));
    }
}

#[tokio::test]
async fn what_the_remote_does_not_have_is_refused_and_not_asked_for_again_at_once() {
    for engine in Engine::ALL {
        let server = TestServer::with(engine, |settings| settings.mirrors.pause = Duration::from_hours(1));
        let world = World::copied(&server).await;
        let unknown = "1".repeat(40);
        let no_commit = (400, json!({ "sha": ["The commit does not exist"] }));
        assert_eq!(world.deploy(&unknown, "main").await, no_commit);
        let visits = world.remote.visits();
        assert_eq!(world.deploy(&unknown, "main").await, no_commit);
        world.root.get(&format!("{COMMITS}/{unknown}")).await.json(404);
        assert_eq!(world.remote.visits(), visits, "it was not there a moment ago");
    }
}

#[tokio::test]
async fn a_ref_that_the_remote_does_not_have_is_refused() {
    let server = TestServer::with(Engine::Sqlite, eager);
    let world = World::copied(&server).await;
    let no_ref = (400, json!({ "ref": ["The branch or tag does not exist"] }));
    assert_eq!(world.deploy("main", "nowhere").await, no_ref);
}

/// Waits until somebody has asked the remote so often, without holding up those who ask.
async fn visited(world: &Arc<World>, number: usize) {
    let (tell, told) = tokio::sync::oneshot::channel();
    let world = Arc::clone(world);
    std::thread::spawn(move || {
        world.remote.wait_for_visits(number);
        tell.send(()).unwrap();
    });
    told.await.unwrap();
}

#[tokio::test]
async fn many_who_ask_for_one_commit_cause_one_fetch() {
    for engine in Engine::ALL {
        let server = TestServer::with(engine, |settings| settings.mirrors.pause = Duration::from_hours(1));
        let world = Arc::new(World::copied(&server).await);
        let visits = world.remote.visits();
        let third = world.origin.commit_at(3, "Third");
        world.remote.set(Manner::Hold);
        let mut asking = JoinSet::new();
        for _ in 0..20 {
            let (world, third) = (Arc::clone(&world), third.clone());
            asking.spawn(async move { world.deploy(&third, "main").await });
        }
        visited(&world, visits + 1).await;
        // Others do not wait for it.
        assert_eq!(world.titles().await, ["Second", "First"]);
        let second = world.origin.git(&["rev-parse", "HEAD~1"]);
        assert_eq!(world.deploy(&second, "main").await, (201, json!(true)));
        world.remote.set(Manner::Serve);
        while let Some(answer) = asking.join_next().await {
            assert_eq!(answer.unwrap(), (201, json!(true)));
        }
        assert_eq!(world.remote.visits(), visits + 1);
    }
}

#[tokio::test]
async fn where_the_remote_cannot_tell_full_ids_are_recorded_unverified() {
    for engine in Engine::ALL {
        let server = TestServer::with(engine, hasty);
        let world = World::copied(&server).await;
        let second = world.origin.git(&["rev-parse", "HEAD"]);
        let third = world.origin.commit_at(3, "Third");
        for manner in [Manner::Status(503), Manner::Hang] {
            world.remote.set(manner);
            assert_eq!(world.deploy(&third, "main").await, (201, json!(false)));
            assert_eq!(
                world.deploy(&second, "main").await,
                (201, json!(true)),
                "this one is here"
            );
            let told = json!({ "sha": ["cannot be looked up now, tell the full commit id"] });
            assert_eq!(world.deploy(&third[..10], "main").await, (400, told));
            world.root.get(&format!("{COMMITS}/{third}")).await.json(404);
        }
        world.remote.set(Manner::Serve);
    }
}

#[tokio::test]
async fn before_the_first_copy_is_there_full_ids_are_recorded_unverified() {
    for engine in Engine::ALL {
        let server = TestServer::with(engine, hasty);
        let world = World::new(&server).await;
        world.remote.set(Manner::Hold);
        let second = world.origin.git(&["rev-parse", "HEAD"]);
        assert_eq!(world.deploy(&second, "main").await, (201, json!(false)));
        let told = json!({ "sha": ["cannot be looked up now, tell the full commit id"] });
        assert_eq!(world.deploy("main", "main").await, (400, told));
        let commits = world.root.get(COMMITS).await;
        assert_eq!((commits.told().0, commits.header("retry-after")), (503, Some("5")));
        world.remote.set(Manner::Serve);
        server.run_jobs().await;
        assert_eq!(world.titles().await, ["Second", "First"]);
        assert_eq!(world.deploy("main", "main").await, (201, json!(true)));
    }
}

each_engine!(
    async fn a_first_copy_that_is_soon_there_is_waited_for(server) {
        let world = World::new(&server).await;
        assert_eq!(world.titles().await, ["Second", "First"]);
        assert_eq!(world.deploy("main", "main").await, (201, json!(true)));
        assert_eq!(world.remote.visits(), 1);
    }
);

#[tokio::test]
async fn a_copy_that_could_not_be_made_is_told() {
    for engine in Engine::ALL {
        let server = TestServer::with(engine, hasty);
        let world = World::new(&server).await;
        world.remote.set(Manner::Status(404));
        server.run_jobs().await;
        let state = world.state().await;
        assert_eq!(state["import_status"], "failed");
        assert_eq!(
            state["import_error"],
            "The remote answered 404: there is no such repository, or it needs credentials, and the server has none for it"
        );
        let told = json!({ "message": { "base": ["The repository could not be copied from its remote"] } });
        assert_eq!(world.root.get(COMMITS).await.json(400), told);
    }
}
