//! Several nodes on one database, each with copies of its own.

use landfall_server::jobs;

use super::*;
use crate::support::{TestServer, each_engine};

each_engine!(
    async fn one_node_fetches_for_all_and_the_others_catch_up(server) {
        let world = World::copied(&server).await;
        let other = server.node(|_| {});
        jobs::run_all(&other).await.unwrap();
        assert_eq!(world.remote.visits(), 1, "it is not due, whoever has a copy");
        world.origin.commit_at(3, "Third");
        server.clock.advance(Duration::from_mins(6));
        jobs::run_all(&other).await.unwrap();
        assert_eq!(world.remote.visits(), 2);
        // This node's own copy is behind; who asks is answered, and makes it catch up.
        assert_eq!(world.titles().await, ["Second", "First"]);
        server.run_jobs().await;
        assert_eq!(world.titles().await, ["Third", "Second", "First"]);
        assert_eq!(world.remote.visits(), 3);
        server.run_jobs().await;
        assert_eq!(world.remote.visits(), 3, "all have the same now");
    }
);

#[tokio::test]
async fn a_node_that_lost_its_copy_makes_it_again() {
    let server = TestServer::new(landfall_store::testing::Engine::Sqlite);
    let world = World::copied(&server).await;
    std::fs::remove_dir_all(server.database.directory().join("mirrors")).unwrap();
    assert_eq!(world.titles().await, ["Second", "First"]);
    assert_eq!(world.remote.visits(), 2);
}
