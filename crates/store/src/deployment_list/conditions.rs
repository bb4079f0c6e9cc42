//! The conditions of a filter, as data: which statement they become depends on the way to the rows.

use landfall_domain::{
    deployment::{DeploymentFilter, ShaFilter},
    ids::ProjectId,
    time::Timestamp,
};

use super::way::Way;
use crate::{
    engine::{Conn, Value},
    environments,
    error::Error,
    query::Query,
    users,
};

/// One comparison.
#[derive(Clone)]
struct Condition {
    /// The way to the rows that it opens.
    way: Way,
    /// The comparison, up to its value.
    plain: &'static str,
    /// The same with a `+`, which keeps SQLite from using the column's index.
    hidden: &'static str,
    value: Operand,
}

#[derive(Clone)]
enum Operand {
    Int(i64),
    Text(String),
}

macro_rules! condition {
    ($way:ident, $column:literal, $compare:literal, $value:expr) => {
        Condition {
            way: Way::$way,
            plain: concat!(" AND ", $column, " ", $compare, " "),
            hidden: concat!(" AND +", $column, " ", $compare, " "),
            value: $value,
        }
    };
}

/// Every commit id that begins so lies before the prefix followed by `g`, the letter after the hex digits.
fn by_commit(sha: &ShaFilter) -> [Condition; 2] {
    let (from, to) = (sha.as_str().to_owned(), format!("{}g", sha.as_str()));
    [
        condition!(Commit, "coalesce(d.commit_id, lower(d.sha))", ">=", Operand::Text(from)),
        condition!(Commit, "coalesce(d.commit_id, lower(d.sha))", "<", Operand::Text(to)),
    ]
}

fn by_time(filter: &DeploymentFilter) -> impl Iterator<Item = Condition> {
    let micros = |time: Timestamp| Operand::Int(time.as_micros());
    let conditions = [
        filter
            .updated_after
            .map(|time| condition!(Updated, "d.updated_at", ">=", micros(time))),
        filter
            .updated_before
            .map(|time| condition!(Updated, "d.updated_at", "<=", micros(time))),
        filter
            .finished_after
            .map(|time| condition!(Finished, "d.finished_at", ">=", micros(time))),
        filter
            .finished_before
            .map(|time| condition!(Finished, "d.finished_at", "<", micros(time))),
    ];
    conditions.into_iter().flatten()
}

/// A filter whose names have been looked up in its project.
pub(super) struct Conditions {
    project: ProjectId,
    list: Vec<Condition>,
}

impl Conditions {
    /// `None` where a name is unknown, so that nothing can match.
    pub(super) fn of(
        conn: &mut Conn<'_>,
        project: ProjectId,
        filter: &DeploymentFilter,
    ) -> Result<Option<Conditions>, Error> {
        let mut list = Vec::new();
        list.extend(filter.sha.iter().flat_map(by_commit));
        if let Some(name) = &filter.environment {
            let Some(environment) = environments::by_name(conn, project, name)? else {
                return Ok(None);
            };
            let id = Operand::Int(environment.id.0);
            list.push(condition!(Environment, "d.environment_id", "=", id));
        }
        if let Some(status) = filter.status {
            let number = Operand::Int(status.number());
            // An index has both.
            list.push(if filter.environment.is_some() {
                condition!(Environment, "d.status", "=", number)
            } else {
                condition!(Status, "d.status", "=", number)
            });
        }
        if let Some(username) = &filter.username {
            let Some(user) = users::by_username(conn, username)? else {
                return Ok(None);
            };
            list.push(condition!(User, "d.user_id", "=", Operand::Int(user.id.0)));
        }
        if let Some(git_ref) = &filter.git_ref {
            list.push(condition!(Ref, "d.git_ref", "=", Operand::Text(git_ref.clone())));
        }
        list.extend(by_time(filter));
        Ok(Some(Conditions { project, list }))
    }

    /// The ways to the rows that the conditions open, each once.
    pub(super) fn ways(&self) -> Vec<Way> {
        let mut ways: Vec<Way> = self.list.iter().map(|condition| condition.way).collect();
        ways.dedup();
        ways
    }

    /// Those that open this way, without the others.
    pub(super) fn only(&self, way: Way) -> Conditions {
        let list = self.list.iter().filter(|condition| condition.way == way);
        Conditions {
            project: self.project,
            list: list.cloned().collect(),
        }
    }

    /// Appends all conditions; only this way's may use an index, or any where the engine is to choose.
    pub(super) fn write<'q>(&'q self, query: &mut Query<'q>, way: Option<Way>) {
        if way == Some(Way::Environment) {
            // The environment implies the project, and its index has no column for it.
            query.push(" WHERE 1 = 1");
        } else {
            query.bind(" WHERE d.project_id = ", self.project.0);
        }
        for condition in &self.list {
            let open = way.is_none_or(|way| way == condition.way);
            let fragment = if open { condition.plain } else { condition.hidden };
            match &condition.value {
                Operand::Int(number) => query.bind(fragment, *number),
                Operand::Text(text) => query.bind(fragment, Value::Text(text)),
            };
        }
    }
}
