//! Looking a database over.

use std::fs;

use landfall_domain::{
    deployment::Status,
    ids::{EnvironmentId, ProjectId},
    job::Job,
};
use landfall_store::{
    Conn, DatabaseUrl, Error, Store,
    deployments::{self, NewDeployment},
    doctor::{self, Level},
    jobs::{self, NewJob},
    testing::{Engine, TestDatabase, first_column, run_sql},
    users::{self, NewUser},
};

use crate::both::{environment, new_deployment, new_user, project};

/// A line for each finding that does not depend on the engine or the machine.
async fn findings(store: &Store) -> String {
    let check = store.read(|conn: &mut Conn<'_>| doctor::check(conn));
    let findings = check.await.unwrap();
    let mut lines = Vec::new();
    for finding in findings {
        if !["engine", "size", "durability", "integrity"].contains(&finding.name) {
            // The number of the schema grows with every migration.
            let text = match finding.text.split_once("is the newest (") {
                Some((before, _)) => format!("{before}is the newest."),
                None => finding.text,
            };
            lines.push(format!("{:?} {}: {text}", finding.level, finding.name));
        }
    }
    lines.join("\n")
}

async fn begun(engine: Engine) -> (TestDatabase, Store) {
    let database = TestDatabase::new(engine);
    let store = database.open();
    let made = store.write(|tx| {
        let admin = true;
        users::insert(
            tx,
            &NewUser {
                admin,
                ..new_user("ada")
            },
        )?;
        for id in [1, 2] {
            let project = project(tx, &format!("group/app{id}"))?;
            let production = environment(tx, project.id, "production")?;
            deployments::insert(tx, &new_deployment(project.id, production))?;
        }
        Ok::<_, Error>(())
    });
    made.await.unwrap();
    (database, store)
}

#[tokio::test]
async fn a_healthy_database_has_nothing_to_complain_about() {
    let (_database, on_sqlite) = begun(Engine::Sqlite).await;
    let (_server, on_postgres) = begun(Engine::Postgres).await;
    let found = findings(&on_sqlite).await;
    assert_eq!(found, findings(&on_postgres).await);
    insta::assert_snapshot!(found, @"
    Ok schema: The schema is the newest.
    Ok references: Every row that another one refers to exists.
    Ok counters: The counters of deployments agree with the deployments.
    Ok environments: Every deployment is in an environment of its own project.
    Ok finishes: Every success has a time of its finish.
    Ok jobs: Every job belongs to a deployment.
    Ok parts: Every job has the pipeline and the runner that it refers to.
    Ok administrators: Active administrators: 1.
    ");
}

#[tokio::test]
async fn what_is_wrong_is_found() {
    let mut all = Vec::new();
    for engine in Engine::ALL {
        let (database, store) = begun(engine).await;
        let made = store.write(|tx| {
            let stray = NewDeployment {
                status: Status::Success,
                ..new_deployment(ProjectId(1), EnvironmentId(2))
            };
            deployments::insert(tx, &stray)?;
            let job = Job::named("nobody's");
            jobs::insert(tx, ProjectId(1), &NewJob { id: None, job }).map(drop)
        });
        made.await.unwrap();
        run_sql(
            database.url(),
            "UPDATE deployment_counters SET total = 7 WHERE project_id = 1; \
             UPDATE deployment_counters SET last_iid = 0 WHERE project_id = 2; UPDATE users SET state = 'blocked'; \
             UPDATE jobs SET runner_id = 99",
        );
        all.push(findings(&store).await);
        run_sql(
            database.url(),
            "DELETE FROM deployment_counters WHERE project_id = 2; \
             UPDATE deployment_counters SET total = 2 WHERE project_id = 1",
        );
        let found = findings(&store).await;
        assert!(
            found.contains("their deployments: 1."),
            "a missing counter is found: {found}"
        );
    }
    all.dedup();
    insta::assert_snapshot!(all.join("\n\n"), @"
    Ok schema: The schema is the newest.
    Ok references: Every row that another one refers to exists.
    Failure counters: Projects whose counter of deployments does not agree with their deployments: 2.
    Failure environments: Deployments in an environment of another project: 1.
    Warning finishes: Successes without a time of their finish, which are never the last deployment of their environment: 1.
    Warning jobs: Jobs that belong to no deployment: 1.
    Failure parts: Jobs whose pipeline or runner does not exist: 1.
    Warning administrators: There is no active administrator.
    ");
}

#[tokio::test]
async fn a_damaged_file_is_found() {
    let (database, store) = begun(Engine::Sqlite).await;
    run_sql(
        database.url(),
        "PRAGMA foreign_keys = OFF; DELETE FROM environments WHERE id = 2",
    );
    let found = findings(&store).await;
    let text = "Failure references: Rows refer to rows that do not exist: deployments to environments.";
    assert!(found.contains(text), "{found}");
    let DatabaseUrl::Sqlite(path) = database.url() else {
        panic!("it is SQLite");
    };
    let page = "SELECT CAST((rootpage - 1) * 4096 AS TEXT) FROM sqlite_schema WHERE name = 'deployments_user_id'";
    let place = store.read(move |conn| first_column(conn, page)).await.unwrap().concat();
    drop(store);
    let mut bytes = fs::read(path).unwrap();
    let place: usize = place.parse().unwrap();
    bytes[place..place + 100].fill(0xff);
    fs::write(path, bytes).unwrap();
    let store = database.open();
    let findings = store.read(|conn: &mut Conn<'_>| doctor::check(conn)).await.unwrap();
    let integrity = findings.iter().find(|finding| finding.name == "integrity").unwrap();
    assert_eq!(integrity.level, Level::Failure, "{}", integrity.text);
    assert!(
        integrity.text.starts_with("The file is damaged: "),
        "{}",
        integrity.text
    );
}

#[tokio::test]
async fn a_server_that_does_not_flush_is_found() {
    // The server of the tests is one.
    let (_database, store) = begun(Engine::Postgres).await;
    let findings = store.read(|conn: &mut Conn<'_>| doctor::check(conn)).await.unwrap();
    let durability = findings.iter().find(|finding| finding.name == "durability").unwrap();
    assert_eq!(durability.level, Level::Failure);
    assert!(durability.text.contains("fsync = off"), "{}", durability.text);
}

#[tokio::test]
async fn another_schema_ends_the_examination() {
    for engine in Engine::ALL {
        let (database, store) = begun(engine).await;
        run_sql(
            database.url(),
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'later', '', '1')",
        );
        let found = findings(&store).await;
        assert!(found.starts_with("Failure schema: The schema is 99, and this version of Landfall works with "));
        assert_eq!(found.lines().count(), 1, "{engine:?}");
    }
}
