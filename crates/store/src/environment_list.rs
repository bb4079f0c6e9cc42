//! The list of a project's environments.

use landfall_domain::{
    environment::{Environment, EnvironmentFilter},
    ids::ProjectId,
    page::Offset,
};

use crate::{
    engine::Conn,
    environments::{columns, from_row},
    error::Error,
    query::{self, Query},
};

/// One page of environments by id, with one more row than asked for where there is a next page.
pub fn list(
    conn: &mut Conn<'_>,
    project: ProjectId,
    filter: &EnvironmentFilter,
    offset: Offset,
) -> Result<Vec<Environment>, Error> {
    let end = end_of_search(filter);
    let mut query = Query::new(concat!("SELECT ", columns!(), " FROM environments e"));
    apply(&mut query, project, filter, end.as_deref());
    query
        .bind(" ORDER BY e.id LIMIT ", offset.per_page.saturating_add(1))
        .bind(" OFFSET ", offset.start());
    conn.query_text(query.sql(), query.values(), from_row)
}

/// How many environments the filter lets through, counted up to `limit`.
pub fn count(conn: &mut Conn<'_>, project: ProjectId, filter: &EnvironmentFilter, limit: i64) -> Result<i64, Error> {
    let end = end_of_search(filter);
    let mut query = Query::new("SELECT count(*) FROM (SELECT e.id FROM environments e");
    apply(&mut query, project, filter, end.as_deref());
    query.bind(" LIMIT ", limit).push(") AS counted");
    query::count(conn, &query)
}

/// The text behind every text that begins with what is searched for: names are ASCII.
fn end_of_search(filter: &EnvironmentFilter) -> Option<String> {
    let search = filter.search.as_ref()?;
    Some(format!("{}{}", search.as_str(), char::MAX))
}

/// A beginning is looked for as a range, which indexes know how to find, and in which no character is special.
fn apply<'a>(query: &mut Query<'a>, project: ProjectId, filter: &'a EnvironmentFilter, end: Option<&'a str>) {
    query.bind(" WHERE e.project_id = ", project.0);
    if let Some(name) = &filter.name {
        query.bind(" AND e.name = ", name);
    }
    if let Some(state) = filter.state {
        query.bind(" AND e.state = ", state.as_str());
    }
    if let (Some(search), Some(end)) = (&filter.search, end) {
        query
            .bind(
                " AND e.id IN (SELECT id FROM environments WHERE project_id = ",
                project.0,
            )
            .bind(" AND lower(name) >= ", search.as_str())
            .bind(" AND lower(name) < ", end)
            .bind(" UNION SELECT id FROM environments WHERE project_id = ", project.0)
            .bind(" AND name_in_folder >= ", search.as_str())
            .bind(" AND name_in_folder < ", end)
            .push(")");
    }
}
