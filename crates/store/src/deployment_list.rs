//! The list of a project's deployments: first the ids of a page, by index alone, then the rows
//! ([`crate::deployments::get_many`]). Joining first and skipping later costs 264 ms at offset 500,000, this way 10 ms.

mod conditions;
mod way;

use landfall_domain::{
    deployment::{DeploymentFilter, DeploymentOrder, DeploymentQuery},
    ids::{DeploymentId, ProjectId},
    page::{Offset, Sort},
};

use self::{conditions::Conditions, way::Way};
use crate::{
    engine::{Conn, statements},
    error::Error,
    query::{self, Query},
};

/// Pages that begin further in are looked for by their iids.
const FAR: i64 = 200;

statements! { "deployment_list";
    COMPLETE = "SELECT c.total FROM deployment_counters c WHERE c.project_id = $1 AND c.iids_ascend AND c.total = \
                (SELECT d.iid FROM deployments d WHERE d.project_id = $1 ORDER BY d.iid DESC LIMIT 1)";
    UP_FROM = "SELECT id FROM deployments WHERE project_id = $1 AND iid > $2 ORDER BY iid LIMIT $3";
    DOWN_FROM = "SELECT id FROM deployments WHERE project_id = $1 AND iid <= $2 ORDER BY iid DESC LIMIT $3";
}

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

/// The ids of one part of the list, and one more where there is a next part.
pub fn ids(
    conn: &mut Conn<'_>,
    project: ProjectId,
    wanted: &DeploymentQuery,
    part: Part,
) -> Result<Vec<DeploymentId>, Error> {
    if let Part::Page(offset) = part
        && let Some(found) = far_page(conn, project, wanted, offset)?
    {
        return Ok(found);
    }
    let Some(conditions) = Conditions::of(conn, project, &wanted.filter)? else {
        return Ok(Vec::new());
    };
    let way = way::find(conn, &conditions, wanted.order)?;
    let mut query = Query::new("SELECT d.id FROM deployments d");
    conditions.write(&mut query, way);
    match part {
        Part::Page(offset) => {
            query.push(order_by(wanted.order, wanted.sort, way));
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
                .push(order_by(DeploymentOrder::Id, wanted.sort, way))
                .bind(" LIMIT ", rows + 1);
        }
    }
    conn.query_text(query.sql(), query.values(), |row| row.get(0).map(DeploymentId))
}

/// A page far into the whole list, without walking there: where no iid is missing and they ascend with the ids, the iid
/// tells the place. That is so until something else than the newest is deleted, or something is imported under an iid that
/// was left out before.
fn far_page(
    conn: &mut Conn<'_>,
    project: ProjectId,
    wanted: &DeploymentQuery,
    offset: Offset,
) -> Result<Option<Vec<DeploymentId>>, Error> {
    let is_whole = wanted.filter == DeploymentFilter::default();
    if !is_whole || !matches!(wanted.order, DeploymentOrder::Id | DeploymentOrder::Iid) || offset.start() < FAR {
        return Ok(None);
    }
    let Some(total) = conn.query_opt(&COMPLETE, &[project.0.into()], |row| row.get::<i64>(0))? else {
        return Ok(None);
    };
    let (statement, from) = match wanted.sort {
        Sort::Asc => (&UP_FROM, offset.start()),
        Sort::Desc => (&DOWN_FROM, total - offset.start()),
    };
    let values = [project.0.into(), from.into(), (offset.per_page + 1).into()];
    conn.query(statement, &values, |row| row.get(0).map(DeploymentId))
        .map(Some)
}

/// How many deployments the filter lets through, counted up to `limit`.
pub fn count(conn: &mut Conn<'_>, project: ProjectId, filter: &DeploymentFilter, limit: i64) -> Result<i64, Error> {
    if *filter == DeploymentFilter::default() {
        return crate::deployments::total(conn, project);
    }
    let Some(conditions) = Conditions::of(conn, project, filter)? else {
        return Ok(0);
    };
    let way = way::find(conn, &conditions, DeploymentOrder::Id)?;
    let mut query = Query::new("SELECT count(*) FROM (SELECT 1 FROM deployments d");
    conditions.write(&mut query, way);
    query.bind(" LIMIT ", limit).push(") AS counted");
    query::count(conn, &query)
}

/// Each order ends with the id in the same direction (an iid is unique in its project); nulls come last ascending and first descending, which both
/// engines must be told (SQLite's own way is the other one). Where another way leads to the rows, a `+` keeps SQLite from
/// taking the order's index instead.
fn order_by(order: DeploymentOrder, sort: Sort, way: Option<Way>) -> &'static str {
    let sorted_afterwards = way.is_some_and(|way| !way.keeps(order));
    match (order, sort, sorted_afterwards) {
        (DeploymentOrder::Id, Sort::Asc, false) => " ORDER BY d.id",
        (DeploymentOrder::Id, Sort::Asc, true) => " ORDER BY +d.id",
        (DeploymentOrder::Id, Sort::Desc, false) => " ORDER BY d.id DESC",
        (DeploymentOrder::Id, Sort::Desc, true) => " ORDER BY +d.id DESC",
        (DeploymentOrder::Iid, Sort::Asc, false) => " ORDER BY d.iid",
        (DeploymentOrder::Iid, Sort::Asc, true) => " ORDER BY +d.iid",
        (DeploymentOrder::Iid, Sort::Desc, false) => " ORDER BY d.iid DESC",
        (DeploymentOrder::Iid, Sort::Desc, true) => " ORDER BY +d.iid DESC",
        (DeploymentOrder::CreatedAt, Sort::Asc, false) => " ORDER BY d.created_at, d.id",
        (DeploymentOrder::CreatedAt, Sort::Asc, true) => " ORDER BY +d.created_at, d.id",
        (DeploymentOrder::CreatedAt, Sort::Desc, false) => " ORDER BY d.created_at DESC, d.id DESC",
        (DeploymentOrder::CreatedAt, Sort::Desc, true) => " ORDER BY +d.created_at DESC, d.id DESC",
        (DeploymentOrder::UpdatedAt, Sort::Asc, false) => " ORDER BY d.updated_at, d.id",
        (DeploymentOrder::UpdatedAt, Sort::Asc, true) => " ORDER BY +d.updated_at, d.id",
        (DeploymentOrder::UpdatedAt, Sort::Desc, false) => " ORDER BY d.updated_at DESC, d.id DESC",
        (DeploymentOrder::UpdatedAt, Sort::Desc, true) => " ORDER BY +d.updated_at DESC, d.id DESC",
        (DeploymentOrder::FinishedAt, Sort::Asc, false) => " ORDER BY d.finished_at ASC NULLS LAST, d.id",
        (DeploymentOrder::FinishedAt, Sort::Asc, true) => " ORDER BY +d.finished_at ASC NULLS LAST, d.id",
        (DeploymentOrder::FinishedAt, Sort::Desc, false) => " ORDER BY d.finished_at DESC NULLS FIRST, d.id DESC",
        (DeploymentOrder::FinishedAt, Sort::Desc, true) => " ORDER BY +d.finished_at DESC NULLS FIRST, d.id DESC",
        (DeploymentOrder::Ref, Sort::Asc, false) => " ORDER BY d.git_ref, d.id",
        (DeploymentOrder::Ref, Sort::Asc, true) => " ORDER BY +d.git_ref, d.id",
        (DeploymentOrder::Ref, Sort::Desc, false) => " ORDER BY d.git_ref DESC, d.id DESC",
        (DeploymentOrder::Ref, Sort::Desc, true) => " ORDER BY +d.git_ref DESC, d.id DESC",
    }
}
