//! Neither the order nor the number of deliveries matters, nor who reads them.

use std::cell::Cell;

use landfall_store::testing::Engine;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseError, TestRunner},
};

use super::*;
use crate::support::each_engine;

const STREAMS: [(Sender, &[&str]); 5] = [
    (
        Sender::Gitlab,
        &[
            "deployment.running",
            "deployment.success",
            "job.created",
            "job.pending",
            "job.running",
            "job.success",
            "pipeline.running",
            "pipeline.success",
            "job.stop",
            "deployment.failed_by_api",
        ],
    ),
    (
        Sender::Github,
        &[
            "deployment.created",
            "deployment_status.waiting",
            "deployment_status.queued",
            "deployment_status.in_progress",
            "deployment_status.success",
            "deployment_status.inactive",
            "workflow_job.waiting",
            "workflow_job.in_progress",
            "workflow_job.completed",
            "workflow_run.requested",
            "workflow_run.completed",
        ],
    ),
    (
        Sender::Argocd,
        &[
            "running",
            "succeeded",
            "rolled_back_to_same_revision",
            "degraded_of_manifests",
        ],
    ),
    (
        Sender::Flux,
        &[
            "kustomization.progressing",
            "kustomization.succeeded",
            "kustomization.succeeded_again",
            "kustomization.health_check_failed",
            "kustomization.succeeded_of_earlier",
        ],
    ),
    (
        Sender::Cdevents,
        &[
            "binary.running_with_custom_data",
            "structured.failed_with_custom_data",
            "binary.deployed_0_3",
            "binary.removed_0_5",
        ],
    ),
];

/// A stream, and an order in which it arrives, each delivery at least once.
fn stream_and_arrival() -> impl Strategy<Value = (Vec<Hook>, Vec<Hook>)> {
    prop_oneof![complete(), of_an_object()].prop_flat_map(|stream| {
        let again = prop::collection::vec(select(stream.clone()), 0..4);
        (Just(stream), again).prop_flat_map(|(stream, again)| {
            let arrival = [stream.clone(), again].concat();
            (Just(stream), Just(arrival).prop_shuffle())
        })
    })
}

/// One of [`STREAMS`].
fn complete() -> impl Strategy<Value = Vec<Hook>> {
    select(STREAMS.to_vec()).prop_map(|(sender, names)| names.iter().map(|name| Hook::named(sender, name)).collect())
}

/// Events of one object of Flux within some seconds, which goes back and forth between two revisions. Some of them do not
/// know their environment.
fn of_an_object() -> impl Strategy<Value = Vec<Hook>> {
    let reason = select(vec!["Progressing", "ReconciliationSucceeded", "HealthCheckFailed"]);
    let told = (0..6_u8, select(vec!["4c1e", "9f8e"]), reason, prop::bool::weighted(0.8));
    prop::collection::vec(told, 1..9).prop_map(|mut events| {
        events.sort_unstable();
        let hooks = events
            .into_iter()
            .map(|(second, revision, reason, knows)| event(second, revision, reason, knows));
        hooks.collect()
    })
}

fn event(second: u8, revision: &str, reason: &str, knows: bool) -> Hook {
    let hook = Hook::named(Sender::Flux, "kustomization.succeeded")
        .replaced("2026-03-02T10:20:09Z", &format!("2026-03-02T10:20:0{second}Z"))
        .replaced("\"ReconciliationSucceeded\"", &format!("\"{reason}\""))
        .replaced("main@sha1:4c1e", &format!("main@sha1:{revision}"));
    if knows {
        hook
    } else {
        hook.replaced("\"landfall_environment\": \"production\"", "\"more\": \"\"")
    }
}

/// Everything about the project that does not tell when and as which number it came here.
async fn state(server: &TestServer, root: &Caller, project: &Project) -> Value {
    let mut rows = deployments(root, project).await;
    rows.sort_by_key(ToString::to_string);
    let names = ["production", "staging", "review/cart", "shop-production"];
    json!([rows, environments(server, project, &names).await])
}

/// The states in which two orders of deliveries end, each in a project of its own.
async fn states(
    server: &TestServer,
    root: &Caller,
    next: &Cell<u32>,
    orders: [&[Hook]; 2],
) -> Result<Vec<String>, TestCaseError> {
    let mut states = Vec::new();
    for hooks in orders {
        let sender = hooks[0].sender;
        next.set(next.get() + 1);
        let project = server.project(&format!("p{}/shop", next.get())).await;
        let secret = format!("{SECRET} {}", next.get());
        let chosen = Secret::new(secret.clone());
        let id = source_with(server, sender, Scope::Project(project.id), |new| new.secret = chosen).await;
        for (number, hook) in hooks.iter().enumerate() {
            // Some are read at once, others together with those that follow; the sender names another project.
            let body = hook.body.replace("acme/web/shop", &project.full_path());
            let hook = Hook { body, ..hook.clone() }.proved(&secret);
            let answer = hook.send_to(server, &format!("/hooks/{sender}/{id}")).await;
            prop_assert!(answer.status.is_success(), "{}", answer.body);
            if number % 2 == 0 {
                server.run_jobs().await;
            }
        }
        server.run_jobs().await;
        let state = state(server, root, &project).await;
        states.push(state.to_string().replace(&project.full_path(), "PROJECT"));
    }
    Ok(states)
}

each_engine!(
    async fn reports_that_are_no_news_go_along_when_a_deployment_is_parted(server) {
        server.clock.set(SENT);
        let root = server.root().await;
        let event = |second: u8, revision: &str, reason: &str| event(second, revision, reason, true);
        let [first, again, repeated, failed] = [
            event(0, "4c1e", "Progressing"),
            event(4, "4c1e", "Progressing"),
            event(5, "4c1e", "Progressing"),
            event(6, "4c1e", "HealthCheckFailed"),
        ];
        let between = event(3, "9f8e", "Progressing");
        let stream = [&first, &between, &again, &repeated, &failed].map(Hook::clone);
        let arrival = [&first, &again, &repeated, &between, &failed].map(Hook::clone);
        let states = states(&server, &root, &Cell::new(0), [&stream, &arrival]).await.unwrap();
        assert_eq!(states[0], states[1]);
    }
);

fn every_stream_ends_as_in_order(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = TestServer::new(engine);
    server.clock.set(SENT);
    let root = runtime.block_on(server.root());
    let next = Cell::new(0);
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let run = TestRunner::new(config).run(&stream_and_arrival(), |(stream, arrival)| {
        let states = runtime.block_on(states(&server, &root, &next, [&stream, &arrival]))?;
        prop_assert_eq!(&states[0], &states[1]);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_stream_ends_as_in_order_on_sqlite() {
    every_stream_ends_as_in_order(Engine::Sqlite);
}

#[test]
fn every_stream_ends_as_in_order_on_postgres() {
    every_stream_ends_as_in_order(Engine::Postgres);
}
