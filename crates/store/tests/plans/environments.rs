//! The list of environments, with each of its filters.

use std::fmt::Write;

use landfall_domain::{
    environment::{EnvironmentFilter, Search, State},
    page::Offset,
};
use landfall_store::{environment_list, testing::Engine};

use crate::world::{PROJECT, World, short};

fn filters() -> Vec<(&'static str, EnvironmentFilter)> {
    let all = EnvironmentFilter::default;
    let search = || Search::parse("review30").unwrap();
    vec![
        ("all", all()),
        (
            "name",
            EnvironmentFilter {
                name: Some("production".to_owned()),
                ..all()
            },
        ),
        (
            "state",
            EnvironmentFilter {
                state: Some(State::Stopped),
                ..all()
            },
        ),
        (
            "search",
            EnvironmentFilter {
                search: search(),
                ..all()
            },
        ),
        (
            "search and state",
            EnvironmentFilter {
                search: search(),
                state: Some(State::Available),
                ..all()
            },
        ),
    ]
}

/// A line for the page and one for the count of each filter.
fn table(engine: Engine) -> String {
    let world = World::new(engine);
    let mut table = String::new();
    for (name, filter) in filters() {
        let plans = world.plans(move |tx| {
            environment_list::list(tx, PROJECT, &filter, Offset { page: 1, per_page: 20 })?;
            environment_list::count(tx, PROJECT, &filter, 10_001)
        });
        for ((_, steps), part) in plans.iter().zip(["page", "count"]) {
            let plan = short(steps);
            assert!(!plan.contains("SCAN e"), "{name}: {steps:?}");
            writeln!(table, "{name:<16} {part:<5} {plan}").unwrap();
        }
    }
    table
}

#[test]
fn sqlite_goes_by_an_index() {
    insta::assert_snapshot!(table(Engine::Sqlite), @"
    all              page  environments_project_id_id
    all              count environments_project_id_lower_name alone
    name             page  environments_project_id_name
    name             count environments_project_id_name alone
    state            page  environments_project_id_state
    state            count environments_project_id_state alone
    search           page  environments_project_id_id, environments_project_id_lower_name alone, SORT, environments_project_id_name_in_folder alone, SORT
    search           count environments_project_id_id alone, environments_project_id_lower_name alone, SORT, environments_project_id_name_in_folder alone, SORT
    search and state page  environments_project_id_state, environments_project_id_lower_name alone, SORT, environments_project_id_name_in_folder alone, SORT
    search and state count environments_project_id_state alone, environments_project_id_lower_name alone, SORT, environments_project_id_name_in_folder alone, SORT
    ");
}

#[test]
fn postgresql_goes_by_an_index() {
    insta::assert_snapshot!(table(Engine::Postgres), @"
    all              page  environments_pkey
    all              count environments_project_id_id alone
    name             page  SORT, environments_project_id_name
    name             count environments_project_id_name alone
    state            page  environments_project_id_state
    state            count environments_project_id_state alone
    search           page  SORT, environments_project_id_lower_name, environments_project_id_name_in_folder alone, environments_project_id_id
    search           count SORT, environments_project_id_lower_name, environments_project_id_name_in_folder alone, environments_project_id_id alone
    search and state page  SORT, environments_project_id_lower_name, environments_project_id_name_in_folder alone, environments_project_id_state
    search and state count SORT, environments_project_id_lower_name, environments_project_id_name_in_folder alone, environments_project_id_state alone
    ");
}
