//! The list of deployments: every filter with every order.

use std::fmt::Write;

use landfall_domain::{
    deployment::{DeploymentFilter, DeploymentOrder, DeploymentQuery, ShaFilter, Status},
    page::{Offset, Sort},
};
use landfall_store::{
    deployment_list::{self, Part},
    testing::Engine,
};

use crate::world::{PROJECT, World, at, short};

/// Filters that let many rows through and filters that let few rows through.
fn filters() -> Vec<(&'static str, DeploymentFilter)> {
    let all = DeploymentFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let environment = |name: &str, status: Option<Status>| DeploymentFilter {
        environment: text(name),
        status,
        ..all()
    };
    let status = |status: Status| DeploymentFilter {
        status: Some(status),
        ..all()
    };
    let git_ref = |name: &str| DeploymentFilter {
        git_ref: text(name),
        ..all()
    };
    let user = |name: &str| DeploymentFilter {
        username: text(name),
        ..all()
    };
    let updated = |filter: DeploymentFilter| DeploymentFilter {
        updated_after: Some(at(12_000)),
        updated_before: Some(at(13_000)),
        ..filter
    };
    vec![
        ("all", all()),
        ("production", environment("production", None)),
        ("review3", environment("review3", None)),
        ("success", status(Status::Success)),
        ("running", status(Status::Running)),
        ("production success", environment("production", Some(Status::Success))),
        ("review3 failed", environment("review3", Some(Status::Failed))),
        ("main", git_ref("main")),
        ("branch30", git_ref("branch30")),
        (
            "sha",
            DeploymentFilter {
                sha: ShaFilter::parse("abcdef120"),
                ..all()
            },
        ),
        ("by bot", user("bot")),
        ("by user32", user("user32")),
        ("updated", updated(all())),
        ("updated production", updated(environment("production", None))),
        (
            "finished success",
            DeploymentFilter {
                finished_after: Some(at(12_000)),
                finished_before: Some(at(13_000)),
                ..status(Status::Success)
            },
        ),
    ]
}

/// A line for each filter and order; both directions must take the same way.
fn table(world: &World, filters: Vec<(&'static str, DeploymentFilter)>) -> String {
    let mut table = String::new();
    for (name, filter) in filters {
        for order in DeploymentOrder::ALL {
            let plan = |sort| {
                let query = DeploymentQuery {
                    filter: filter.clone(),
                    order: *order,
                    sort,
                };
                let part = Part::Page(Offset { page: 1, per_page: 20 });
                let plans = world.plans(move |tx| deployment_list::ids(tx, PROJECT, &query, part));
                for (statement, steps) in &plans {
                    assert!(!short(steps).contains("SCAN"), "{}\n{steps:?}", statement.sql);
                }
                short(&plans.last().unwrap().1)
            };
            let up = plan(Sort::Asc);
            assert_eq!(up, plan(Sort::Desc), "{name} by {order}");
            writeln!(table, "{name:<18} by {order:<11} {up}").unwrap();
        }
    }
    table
}

#[test]
fn sqlite_goes_by_the_narrow_filter_or_by_the_order() {
    let table = table(&World::new(Engine::Sqlite), filters());
    insta::assert_snapshot!(table, @"
    all                by id          deployments_project_id_id alone
    all                by iid         deployments_project_id_iid alone
    all                by created_at  deployments_project_id_created_at alone
    all                by updated_at  deployments_project_id_updated_at alone
    all                by finished_at deployments_project_id_finished_at alone
    all                by ref         deployments_project_id_git_ref alone
    production         by id          deployments_environment_id_id alone
    production         by iid         deployments_project_id_iid
    production         by created_at  deployments_project_id_created_at
    production         by updated_at  deployments_project_id_updated_at
    production         by finished_at deployments_project_id_finished_at
    production         by ref         deployments_project_id_git_ref
    review3            by id          deployments_environment_id_id alone
    review3            by iid         deployments_environment_id_id, SORT
    review3            by created_at  deployments_environment_id_id, SORT
    review3            by updated_at  deployments_environment_id_id, SORT
    review3            by finished_at deployments_environment_id_id, SORT
    review3            by ref         deployments_environment_id_id, SORT
    success            by id          deployments_project_id_status alone
    success            by iid         deployments_project_id_iid
    success            by created_at  deployments_project_id_created_at
    success            by updated_at  deployments_project_id_updated_at
    success            by finished_at deployments_project_id_finished_at
    success            by ref         deployments_project_id_git_ref
    running            by id          deployments_project_id_status alone
    running            by iid         deployments_project_id_status, SORT
    running            by created_at  deployments_project_id_status, SORT
    running            by updated_at  deployments_project_id_status, SORT
    running            by finished_at deployments_project_id_status, SORT
    running            by ref         deployments_project_id_status, SORT
    production success by id          deployments_environment_id_status alone
    production success by iid         deployments_project_id_iid
    production success by created_at  deployments_project_id_created_at
    production success by updated_at  deployments_project_id_updated_at
    production success by finished_at deployments_project_id_finished_at
    production success by ref         deployments_project_id_git_ref
    review3 failed     by id          deployments_environment_id_status alone
    review3 failed     by iid         deployments_environment_id_status, SORT
    review3 failed     by created_at  deployments_environment_id_status, SORT
    review3 failed     by updated_at  deployments_environment_id_status, SORT
    review3 failed     by finished_at deployments_environment_id_status, SORT
    review3 failed     by ref         deployments_environment_id_status, SORT
    main               by id          deployments_project_id_git_ref alone
    main               by iid         deployments_project_id_iid
    main               by created_at  deployments_project_id_created_at
    main               by updated_at  deployments_project_id_updated_at
    main               by finished_at deployments_project_id_finished_at
    main               by ref         deployments_project_id_git_ref alone
    branch30           by id          deployments_project_id_git_ref alone
    branch30           by iid         deployments_project_id_git_ref, SORT
    branch30           by created_at  deployments_project_id_git_ref, SORT
    branch30           by updated_at  deployments_project_id_git_ref, SORT
    branch30           by finished_at deployments_project_id_git_ref, SORT
    branch30           by ref         deployments_project_id_git_ref alone
    sha                by id          deployments_project_id_commit alone, SORT
    sha                by iid         deployments_project_id_commit, SORT
    sha                by created_at  deployments_project_id_commit, SORT
    sha                by updated_at  deployments_project_id_commit, SORT
    sha                by finished_at deployments_project_id_commit, SORT
    sha                by ref         deployments_project_id_commit, SORT
    by bot             by id          deployments_user_id alone
    by bot             by iid         deployments_project_id_iid
    by bot             by created_at  deployments_project_id_created_at
    by bot             by updated_at  deployments_project_id_updated_at
    by bot             by finished_at deployments_project_id_finished_at
    by bot             by ref         deployments_project_id_git_ref
    by user32          by id          deployments_user_id alone
    by user32          by iid         deployments_user_id, SORT
    by user32          by created_at  deployments_user_id, SORT
    by user32          by updated_at  deployments_user_id, SORT
    by user32          by finished_at deployments_user_id, SORT
    by user32          by ref         deployments_user_id, SORT
    updated            by id          deployments_project_id_updated_at alone, SORT
    updated            by iid         deployments_project_id_updated_at, SORT
    updated            by created_at  deployments_project_id_updated_at, SORT
    updated            by updated_at  deployments_project_id_updated_at alone
    updated            by finished_at deployments_project_id_updated_at, SORT
    updated            by ref         deployments_project_id_updated_at, SORT
    updated production by id          deployments_project_id_updated_at, SORT
    updated production by iid         deployments_project_id_updated_at, SORT
    updated production by created_at  deployments_project_id_updated_at, SORT
    updated production by updated_at  deployments_project_id_updated_at
    updated production by finished_at deployments_project_id_updated_at, SORT
    updated production by ref         deployments_project_id_updated_at, SORT
    finished success   by id          deployments_project_id_finished_at, SORT
    finished success   by iid         deployments_project_id_finished_at, SORT
    finished success   by created_at  deployments_project_id_finished_at, SORT
    finished success   by updated_at  deployments_project_id_finished_at, SORT
    finished success   by finished_at deployments_project_id_finished_at
    finished success   by ref         deployments_project_id_finished_at, SORT
    ");
}

/// PostgreSQL's choice among indexes depends on its version and its statistics; what must hold is that it never scans,
/// and that it reads the pages of the plain list from the orders' indexes.
#[test]
fn postgresql_goes_by_an_index() {
    let world = World::new(Engine::Postgres);
    let filters = filters();
    let plain = table(&world, filters.iter().take(1).cloned().collect());
    insta::assert_snapshot!(plain, @"
    all                by id          deployments_project_id_id alone
    all                by iid         deployments_project_id_iid alone
    all                by created_at  deployments_project_id_created_at alone
    all                by updated_at  deployments_project_id_updated_at alone
    all                by finished_at deployments_project_id_finished_at alone
    all                by ref         deployments_project_id_git_ref alone
    ");
    let others = table(&world, filters.into_iter().skip(1).collect());
    assert_eq!(others.lines().count(), 84);
}

#[test]
fn a_walk_from_id_to_id_skips_nothing() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        for sort in [Sort::Asc, Sort::Desc] {
            let query = DeploymentQuery {
                sort,
                ..DeploymentQuery::default()
            };
            let part = Part::After {
                last_seen: Some(landfall_domain::ids::DeploymentId(12_000)),
                rows: 20,
            };
            let plans = world.plans(move |tx| deployment_list::ids(tx, PROJECT, &query, part));
            let steps = &plans.last().unwrap().1;
            assert_eq!(short(steps), "deployments_project_id_id alone");
            let text = steps.concat().replace(' ', "");
            assert!(
                text.contains("id>") || text.contains("id<"),
                "the walk begins where it ended: {text}"
            );
        }
    }
}

#[test]
fn counts_go_by_an_index_and_the_plain_one_by_the_counter() {
    for engine in Engine::ALL {
        let world = World::new(engine);
        for (name, filter) in filters() {
            let plans = world.plans(move |tx| deployment_list::count(tx, PROJECT, &filter, 10_001));
            for (statement, steps) in &plans {
                assert!(!short(steps).contains("SCAN"), "{name}: {}\n{steps:?}", statement.sql);
            }
            if name == "all" {
                assert!(plans.last().unwrap().0.sql.contains("deployment_counters"));
            }
        }
    }
}
