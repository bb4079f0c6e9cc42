//! The database goes and comes back while everybody works: no answer but a good one or a 503, nothing from memory, nothing
//! lost, and no restart of the nodes.

use landfall_store::{
    DatabaseUrl,
    testing::{PostgresServer, TestDatabase, run_sql},
};

use super::{
    api::{Api, DEPLOYMENTS},
    load::Load,
    nodes,
};
use crate::program::Instance;

const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_crashes_under_load_is_found_again() {
    let postgres = PostgresServer::start("-c listen_addresses=", |_| {});
    let instance = Instance::on(TestDatabase::at(&postgres.url("postgres")));
    let nodes = nodes(&instance, 2, &[]);
    let urls: Vec<String> = nodes.iter().map(|node| node.url.clone()).collect();
    let mut load = Load::on(urls.clone());
    load.has_gone_on_since(load.counts()).await;
    for _ in 0..3 {
        postgres.stop();
        let api = Api::new();
        for url in &urls {
            // These answers have been in memory for long.
            assert_eq!(api.get(url, DEPLOYMENTS).await.status, 503);
            assert_eq!(api.get(url, &format!("{DEPLOYMENTS}/1")).await.status, 503);
            assert!(!api.is_ready(url).await);
        }
        let before = load.counts();
        load.wait_for(|counts| counts.unavailable > before.unavailable + 20)
            .await;
        postgres.start_again();
        load.has_gone_on_since(load.counts()).await;
        for url in &urls {
            assert!(api.is_ready(url).await);
        }
    }
    load.end_and_check(&urls[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_ended_under_load_are_made_anew() {
    let postgres = PostgresServer::start("-c listen_addresses=", |_| {});
    let instance = Instance::on(TestDatabase::at(&postgres.url("postgres")));
    let nodes = nodes(&instance, 2, &[]);
    let urls: Vec<String> = nodes.iter().map(|node| node.url.clone()).collect();
    let mut load = Load::on(urls.clone());
    let url = DatabaseUrl::parse(&postgres.url("postgres")).unwrap();
    for _ in 0..10 {
        load.has_gone_on_since(load.counts()).await;
        run_sql(&url, TERMINATE);
    }
    load.has_gone_on_since(load.counts()).await;
    load.end_and_check(&urls[1]).await;
}
