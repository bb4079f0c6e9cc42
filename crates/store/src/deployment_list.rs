//! The list of a project's deployments: first the ids of a page, by index alone, then the rows
//! ([`crate::deployments::get_many`]). Joining first and skipping later costs 264 ms at offset 500,000, this way 10 ms.

use landfall_domain::{
    deployment::{DeploymentFilter, DeploymentOrder, DeploymentQuery},
    ids::{DeploymentId, ProjectId},
    page::{Offset, Sort},
};

use crate::{
    engine::Conn,
    environments,
    error::Error,
    query::{self, Query},
    users,
};

/// Which part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A page by number.
    Page(Offset),
    /// The rows that follow an id, in the query's direction; only for [`DeploymentOrder::Id`].
    After {
        /// The id that was last seen; `None` for the beginning.
        last_seen: Option<DeploymentId>,
        /// How many.
        rows: i64,
    },
}

/// What the names in a filter stand for in this project.
struct Resolved {
    environment: Option<i64>,
    user: Option<i64>,
    /// First and one past the last commit id that is let through.
    commits: Option<(String, String)>,
}

/// The ids of one part of the list, and one more where there is a next part.
pub fn ids(
    conn: &mut Conn<'_>,
    project: ProjectId,
    wanted: &DeploymentQuery,
    part: Part,
) -> Result<Vec<DeploymentId>, Error> {
    let Some(resolved) = resolve(conn, project, &wanted.filter)? else {
        return Ok(Vec::new());
    };
    let mut query = Query::new("SELECT d.id FROM deployments d");
    apply(&mut query, project, &wanted.filter, &resolved);
    match part {
        Part::Page(offset) => {
            query.push(order_by(wanted.order, wanted.sort));
            query
                .bind(" LIMIT ", offset.per_page + 1)
                .bind(" OFFSET ", offset.start());
        }
        Part::After { last_seen, rows } => {
            if let Some(id) = last_seen {
                query.bind(
                    if wanted.sort == Sort::Asc {
                        " AND d.id > "
                    } else {
                        " AND d.id < "
                    },
                    id.0,
                );
            }
            query
                .push(order_by(DeploymentOrder::Id, wanted.sort))
                .bind(" LIMIT ", rows + 1);
        }
    }
    conn.query_text(query.sql(), query.values(), |row| row.get(0).map(DeploymentId))
}

/// How many deployments the filter lets through, counted up to `limit`.
pub fn count(conn: &mut Conn<'_>, project: ProjectId, filter: &DeploymentFilter, limit: i64) -> Result<i64, Error> {
    if *filter == DeploymentFilter::default() {
        return crate::deployments::total(conn, project);
    }
    let Some(resolved) = resolve(conn, project, filter)? else {
        return Ok(0);
    };
    let mut query = Query::new("SELECT count(*) FROM (SELECT 1 FROM deployments d");
    apply(&mut query, project, filter, &resolved);
    query.bind(" LIMIT ", limit).push(") AS counted");
    query::count(conn, &query)
}

/// `None` where a name is unknown, so that nothing can match.
fn resolve(conn: &mut Conn<'_>, project: ProjectId, filter: &DeploymentFilter) -> Result<Option<Resolved>, Error> {
    let mut resolved = Resolved {
        environment: None,
        user: None,
        commits: None,
    };
    if let Some(name) = &filter.environment {
        let Some(environment) = environments::by_name(conn, project, name)? else {
            return Ok(None);
        };
        resolved.environment = Some(environment.id.0);
    }
    if let Some(username) = &filter.username {
        let Some(user) = users::by_username(conn, username)? else {
            return Ok(None);
        };
        resolved.user = Some(user.id.0);
    }
    if let Some(sha) = &filter.sha {
        // Every commit id that begins so lies before the prefix followed by `g`, the letter after the hex digits.
        resolved.commits = Some((sha.as_str().to_owned(), format!("{}g", sha.as_str())));
    }
    Ok(Some(resolved))
}

fn apply<'a>(query: &mut Query<'a>, project: ProjectId, filter: &'a DeploymentFilter, resolved: &'a Resolved) {
    query.bind(" WHERE d.project_id = ", project.0);
    if let Some(environment) = resolved.environment {
        query.bind(" AND d.environment_id = ", environment);
    }
    if let Some(status) = filter.status {
        query.bind(" AND d.status = ", status.number());
    }
    if let Some(user) = resolved.user {
        query.bind(" AND d.user_id = ", user);
    }
    if let Some(git_ref) = &filter.git_ref {
        query.bind(" AND d.git_ref = ", git_ref);
    }
    if let Some((from, to)) = &resolved.commits {
        query.bind(" AND coalesce(d.commit_id, lower(d.sha)) >= ", from);
        query.bind(" AND coalesce(d.commit_id, lower(d.sha)) < ", to);
    }
    if let Some(time) = filter.updated_after {
        query.bind(" AND d.updated_at >= ", time);
    }
    if let Some(time) = filter.updated_before {
        query.bind(" AND d.updated_at <= ", time);
    }
    if let Some(time) = filter.finished_after {
        query.bind(" AND d.finished_at >= ", time);
    }
    if let Some(time) = filter.finished_before {
        query.bind(" AND d.finished_at < ", time);
    }
}

/// Each order ends with the id in the same direction, unless it is unique without; nulls come last ascending and first descending, which both
/// engines must be told (SQLite's own way is the other one).
fn order_by(order: DeploymentOrder, sort: Sort) -> &'static str {
    match (order, sort) {
        (DeploymentOrder::Id, Sort::Asc) => " ORDER BY d.id",
        (DeploymentOrder::Id, Sort::Desc) => " ORDER BY d.id DESC",
        (DeploymentOrder::Iid, Sort::Asc) => " ORDER BY d.iid",
        (DeploymentOrder::Iid, Sort::Desc) => " ORDER BY d.iid DESC",
        (DeploymentOrder::CreatedAt, Sort::Asc) => " ORDER BY d.created_at, d.id",
        (DeploymentOrder::CreatedAt, Sort::Desc) => " ORDER BY d.created_at DESC, d.id DESC",
        (DeploymentOrder::UpdatedAt, Sort::Asc) => " ORDER BY d.updated_at, d.id",
        (DeploymentOrder::UpdatedAt, Sort::Desc) => " ORDER BY d.updated_at DESC, d.id DESC",
        (DeploymentOrder::FinishedAt, Sort::Asc) => " ORDER BY d.finished_at ASC NULLS LAST, d.id",
        (DeploymentOrder::FinishedAt, Sort::Desc) => " ORDER BY d.finished_at DESC NULLS FIRST, d.id DESC",
        (DeploymentOrder::Ref, Sort::Asc) => " ORDER BY d.git_ref, d.id",
        (DeploymentOrder::Ref, Sort::Desc) => " ORDER BY d.git_ref DESC, d.id DESC",
    }
}
