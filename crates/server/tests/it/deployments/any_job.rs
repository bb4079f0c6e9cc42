//! Whatever is told of a job is refused or kept.

use std::cell::Cell;

use landfall_server::ops::job::{JOB, Key, Kind};
use landfall_store::testing::Engine;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::*;

fn any_json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text(),
    ];
    let nested = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    });
    nested.boxed()
}

fn any_text() -> BoxedStrategy<Value> {
    prop_oneof![8 => "[a-z0-9 ./-]{1,20}", 1 => any::<String>()]
        .prop_map(Value::from)
        .boxed()
}

/// Mostly a value that the key takes.
fn value_of(kind: Kind) -> BoxedStrategy<Value> {
    let good = match kind {
        Kind::Text => any_text(),
        Kind::Integer => prop_oneof![any::<i64>().prop_map(Value::from), "[0-9]{1,9}".prop_map(Value::from)].boxed(),
        Kind::Float => prop_oneof![any::<f64>().prop_map(Value::from), any::<i32>().prop_map(Value::from)].boxed(),
        Kind::Boolean => prop_oneof![any::<bool>().prop_map(Value::from), Just(json!("yes"))].boxed(),
        Kind::Time => (Timestamp::MIN.0..Timestamp::MAX.0)
            .prop_map(|at| Value::from(Timestamp(at).to_wire()))
            .boxed(),
        Kind::TextList => prop::collection::vec(any_text(), 0..4).prop_map(Value::from).boxed(),
        Kind::Anything => any_json(),
        Kind::List => prop::collection::vec(any_json(), 0..4).prop_map(Value::from).boxed(),
        Kind::Object(keys) => object_of(keys),
    };
    prop_oneof![300 => good, 20 => Just(Value::Null), 1 => any_json()].boxed()
}

fn object_of(keys: &'static [Key]) -> BoxedStrategy<Value> {
    let values: Vec<_> = keys
        .iter()
        .map(|key| prop::option::weighted(0.7, value_of(key.kind)))
        .collect();
    let members = values.prop_map(|values| {
        let told = keys
            .iter()
            .zip(values)
            .filter_map(|(key, value)| Some((key.name.to_owned(), value?)));
        told.collect::<Value>()
    });
    members.boxed()
}

fn any_job() -> BoxedStrategy<Value> {
    let named = (object_of(JOB), "[a-z]{1,9}").prop_map(|(job, name)| with(job, json!({ "name": name })));
    prop_oneof![20 => named, 2 => object_of(JOB), 1 => any_json()].boxed()
}

/// It is refused with 400, or what is then shown can be posted elsewhere and is shown there unchanged.
fn any_job_is_refused_or_copied_whole(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = TestServer::new(engine);
    let root = runtime.block_on(async {
        server.project("group/app").await;
        server.project("group/copy").await;
        server.root().await
    });
    let config = Config {
        cases: 150,
        failure_persistence: None,
        ..Config::default()
    };
    let taken = Cell::new(0);
    let run = TestRunner::new(config).run(&any_job(), |job| {
        runtime.block_on(async {
            let answer = root.post(DEPLOYMENTS).json(&by_job(&job)).await;
            prop_assert!(matches!(answer.status.as_u16(), 201 | 400), "{answer:?}");
            if answer.status == 400 {
                return Ok(());
            }
            taken.set(taken.get() + 1);
            let original = answer.json(201);
            let answer = root
                .post("/projects/2/deployments")
                .json(&by_job(&original["deployable"]))
                .await;
            prop_assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
            let copy = answer.json(201);
            prop_assert_eq!(copy["deployable"].to_string(), original["deployable"].to_string());
            let path = format!("/projects/2/deployments/{}", copy["id"]);
            prop_assert_eq!(root.get(&path).await.json(200), copy);
            Ok(())
        })
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(taken.get() > 50, "only {} jobs were taken", taken.get());
}

#[test]
fn any_job_is_refused_or_copied_whole_on_sqlite() {
    any_job_is_refused_or_copied_whole(Engine::Sqlite);
}

#[test]
fn any_job_is_refused_or_copied_whole_on_postgres() {
    any_job_is_refused_or_copied_whole(Engine::Postgres);
}
