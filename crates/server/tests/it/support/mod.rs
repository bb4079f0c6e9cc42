//! A server for each test, and users that send requests.

mod caller;
pub(crate) mod logs;
pub(crate) mod raw;
mod receiver;
mod repository;
mod server;

use std::future::Future;

use landfall_store::testing::Engine;

pub(crate) use caller::{Answer, Caller, Request};
pub(crate) use receiver::{Reaction, Received, TestReceiver};
pub(crate) use repository::TestRepository;
pub(crate) use server::{NOW, TestServer, membership};

/// Makes a test for each engine out of one body: `each_engine!(async fn name(server) { … });`. Inline snapshots in the
/// body hold for both engines.
macro_rules! each_engine {
    ($(#[$meta:meta])* async fn $name:ident($server:ident) $body:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($server: $crate::support::TestServer) $body

            #[test]
            fn sqlite() {
                $crate::support::run(landfall_store::testing::Engine::Sqlite, body);
            }

            #[test]
            fn postgres() {
                $crate::support::run(landfall_store::testing::Engine::Postgres, body);
            }
        }
    };
}
pub(crate) use each_engine;

/// Runs a test's body on one engine.
pub(crate) fn run<F: Future<Output = ()>>(engine: Engine, body: impl FnOnce(TestServer) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    insta::allow_duplicates! {
        runtime.block_on(body(TestServer::new(engine)));
    }
}
