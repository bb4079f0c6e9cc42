//! The safety nets of the store.
use landfall_store::testing::{Engine, TestDatabase, prepare, statements};

#[tokio::test]
async fn every_statement_prepares_on_both_engines() {
    for engine in Engine::ALL {
        let database = TestDatabase::new(engine);
        let store = database.open();
        let failures: Vec<String> = store
            .write(move |tx| {
                let mut failures = Vec::new();
                for (name, sql) in statements() {
                    // Row locks are PostgreSQL's alone: SQLite has one writer.
                    if engine == Engine::Sqlite && name.starts_with("deployments.LOCK") {
                        continue;
                    }
                    if let Err(error) = prepare(tx, sql) {
                        failures.push(format!("{name}: {error}"));
                    }
                }
                Ok::<_, landfall_store::Error>(failures)
            })
            .await
            .unwrap();
        assert_eq!(failures, Vec::<String>::new(), "{engine:?}");
    }
}
