//! Which index leads to the rows of a list.
//!
//! A filter that lets few rows through should lead, and the rows be sorted afterwards; a filter that lets many through
//! should be checked on the way along the order's own index, which ends as soon as the page is full. The wrong one of the
//! two reads the whole project. PostgreSQL keeps statistics and chooses well; SQLite always takes the order's index, so
//! for SQLite the rows are counted before, up to a limit.

use landfall_domain::deployment::DeploymentOrder;

use super::conditions::Conditions;
use crate::{
    engine::Conn,
    error::Error,
    query::{self, Query},
};

/// So many rows are counted in 0.1 ms and sorted in a few; a filter that lets more of them through fills a page soon.
const FEW: i64 = 2_000;

/// What leads to the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The filter by commit.
    Commit,
    /// The filters by environment and, if it is set too, by status.
    Environment,
    /// The filter by status.
    Status,
    /// The filter by user.
    User,
    /// The filter by branch or tag.
    Ref,
    /// The filters by the time of the last change, and the order by that time.
    Updated,
    /// The filters by the time of the finish, and the order by that time.
    Finished,
    /// The order's index.
    Order,
}

impl Way {
    /// Whether the rows come in this order.
    pub(super) fn keeps(self, order: DeploymentOrder) -> bool {
        let by_id = order == DeploymentOrder::Id;
        match self {
            Way::Order => true,
            Way::Updated => order == DeploymentOrder::UpdatedAt,
            Way::Finished => order == DeploymentOrder::FinishedAt,
            Way::Environment | Way::Status | Way::User => by_id,
            Way::Ref => by_id || order == DeploymentOrder::Ref,
            Way::Commit => false,
        }
    }
}

/// The best way; `None` leaves the choice to the engine.
pub(super) fn find(conn: &mut Conn<'_>, conditions: &Conditions, order: DeploymentOrder) -> Result<Option<Way>, Error> {
    let ways = conditions.ways();
    match ways.as_slice() {
        [] => return Ok(Some(Way::Order)),
        [only] if only.keeps(order) => return Ok(Some(*only)),
        _ if !conn.is_sqlite() => return Ok(None),
        // Seven digits of a commit let few rows through, always.
        [Way::Commit, ..] => return Ok(Some(Way::Commit)),
        _ => {}
    }
    for way in &ways {
        if few(conn, conditions, *way)? {
            return Ok(Some(*way));
        }
    }
    let in_order = ways.into_iter().find(|way| way.keeps(order));
    Ok(Some(in_order.unwrap_or(Way::Order)))
}

/// Whether the conditions of this way alone, counted by its index, let few rows through.
fn few(conn: &mut Conn<'_>, conditions: &Conditions, way: Way) -> Result<bool, Error> {
    let alone = conditions.only(way);
    let mut query = Query::new("SELECT count(*) FROM (SELECT 1 FROM deployments d");
    alone.write(&mut query, Some(way));
    query.bind(" LIMIT ", FEW).push(") AS counted");
    Ok(query::count(conn, &query)? < FEW)
}
