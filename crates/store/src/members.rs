//! Memberships: who has which level in a project or a group, and which level follows from that in a project.

use std::collections::HashMap;

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    ids::{NamespaceId, UserId},
    member::{Levels, Source},
    project::Project,
    time::Timestamp,
};

use crate::{
    engine::{Columns, Conn, Stmt, Tx, statements},
    error::Error,
    groups, projects,
    query::Query,
};

/// "The membership of this user in one of the groups above has not ended", behind a join of `namespace_ancestors a` and
/// `group_members g`.
macro_rules! above {
    ($namespace:literal, $user:literal, $today:literal) => {
        concat!(
            "FROM namespace_ancestors a JOIN group_members g ON g.namespace_id = a.ancestor_id AND g.user_id = ",
            $user,
            " WHERE a.namespace_id = ",
            $namespace,
            " AND (g.expires_at IS NULL OR g.expires_at > ",
            $today,
            ")"
        )
    };
}

macro_rules! set {
    ($table:literal, $source:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " (",
            $source,
            ", user_id, access_level, expires_at, created_at, created_by_id) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (",
            $source,
            ", user_id) DO UPDATE SET access_level = excluded.access_level, expires_at = excluded.expires_at"
        )
    };
}

statements! { "members";
    LEVELS = concat!(
        "SELECT (SELECT m.access_level FROM members m WHERE m.project_id = $1 AND m.user_id = $2 \
         AND (m.expires_at IS NULL OR m.expires_at > $3)), (SELECT max(g.access_level) ",
        above!("$4", "$2", "$3"), ")"
    );
    GROUP_LEVEL = concat!("SELECT max(g.access_level) ", above!("$2", "$1", "$3"));
    INHERITED = concat!(
        "SELECT l.access_level, n.name FROM (SELECT g.access_level, g.namespace_id ", above!("$2", "$1", "$3"),
        " AND a.ancestor_id <> $4) l JOIN namespaces n ON n.id = l.namespace_id ORDER BY l.access_level DESC, n.id LIMIT 1"
    );
    OTHER_OWNERS = "SELECT count(*) FROM namespace_ancestors a JOIN group_members g ON g.namespace_id = a.ancestor_id \
                    JOIN users u ON u.id = g.user_id WHERE a.namespace_id = $1 AND g.access_level = 50 \
                    AND g.user_id <> $2 AND NOT u.bot AND (g.expires_at IS NULL OR g.expires_at > $3)";
    SET = set!("members", "project_id");
    SET_GROUP = set!("group_members", "namespace_id");
    REMOVE = "DELETE FROM members WHERE project_id = $1 AND user_id = $2";
    REMOVE_GROUP = "DELETE FROM group_members WHERE namespace_id = $1 AND user_id = $2";
}

/// A membership as it is to be.
#[derive(Clone, Copy, Debug)]
pub struct NewMember {
    /// Where.
    pub source: Source,
    /// Who.
    pub user_id: UserId,
    /// With which rights.
    pub access_level: AccessLevel,
    /// Ends at 00:00 UTC of this day.
    pub expires_at: Option<Date>,
    /// Since when, if there is none yet.
    pub created_at: Timestamp,
    /// By whom, if there is none yet; `None` for the command line.
    pub created_by_id: Option<UserId>,
}

/// The levels of a user in a project: the membership's, or owner in the user's own namespace, and that of the groups
/// above.
pub fn levels(conn: &mut Conn<'_>, project: &Project, user: UserId, today: Date) -> Result<Levels, Error> {
    if is_own(project, user) {
        return Ok(OWN);
    }
    let today = today.to_string();
    let values = [
        project.id.0.into(),
        user.0.into(),
        (&today).into(),
        project.namespace.id.0.into(),
    ];
    conn.query_one(&LEVELS, &values, |row| {
        let mut columns = Columns::of(row);
        Ok(Levels {
            project: next_level(&mut columns)?,
            group: next_level(&mut columns)?,
        })
    })
}

/// The levels of a user in several projects, in their order, by one query.
pub fn levels_in(conn: &mut Conn<'_>, projects: &[Project], user: UserId, today: Date) -> Result<Vec<Levels>, Error> {
    let today = today.to_string();
    let mut query = Query::new("SELECT m.project_id, m.access_level, NULL FROM members m WHERE m.user_id = ");
    query
        .bind("", user.0)
        .bind(" AND (m.expires_at IS NULL OR m.expires_at > ", &today)
        .push(") AND m.project_id IN (NULL");
    for project in projects {
        query.bind(", ", project.id.0);
    }
    query
        .push(
            ") UNION ALL SELECT p.id, NULL, max(g.access_level) FROM projects p \
             JOIN namespace_ancestors a ON a.namespace_id = p.namespace_id \
             JOIN group_members g ON g.namespace_id = a.ancestor_id",
        )
        .bind(" AND g.user_id = ", user.0)
        .bind(" WHERE (g.expires_at IS NULL OR g.expires_at > ", &today)
        .push(") AND p.id IN (NULL");
    for project in projects {
        query.bind(", ", project.id.0);
    }
    query.push(") GROUP BY p.id");
    let mut found: HashMap<i64, Levels> = HashMap::new();
    conn.query_text(query.sql(), query.values(), |row| {
        let mut columns = Columns::of(row);
        let levels = found.entry(columns.next()?).or_default();
        levels.project = levels.project.max(next_level(&mut columns)?);
        levels.group = levels.group.max(next_level(&mut columns)?);
        Ok(())
    })?;
    let levels = |project: &Project| {
        if is_own(project, user) {
            OWN
        } else {
            found.get(&project.id.0).copied().unwrap_or_default()
        }
    };
    Ok(projects.iter().map(levels).collect())
}

/// In the own namespace.
const OWN: Levels = Levels {
    project: Some(AccessLevel::Owner),
    group: None,
};

fn is_own(project: &Project, user: UserId) -> bool {
    project.namespace.owner_id == Some(user)
}

/// The level of a user in a group: the highest of its own and those of the groups above.
pub fn group_level(
    conn: &mut Conn<'_>,
    group: NamespaceId,
    user: UserId,
    today: Date,
) -> Result<Option<AccessLevel>, Error> {
    let today = today.to_string();
    let values = [user.0.into(), group.0.into(), (&today).into()];
    conn.query_one(&GROUP_LEVEL, &values, |row| next_level(&mut Columns::of(row)))
}

/// The highest level that a user has from a group above `source`, and that group's name. `namespace` is the group itself
/// or the one that the project stands in.
pub fn inherited(
    conn: &mut Conn<'_>,
    source: Source,
    namespace: NamespaceId,
    user: UserId,
    today: Date,
) -> Result<Option<(AccessLevel, String)>, Error> {
    let today = today.to_string();
    let itself = match source {
        Source::Project(_) => 0,
        Source::Group(id) => id.0,
    };
    let values = [user.0.into(), namespace.0.into(), (&today).into(), itself.into()];
    conn.query_opt(&INHERITED, &values, |row| {
        let mut columns = Columns::of(row);
        Ok((columns.parsed(AccessLevel::from_number)?, columns.next()?))
    })
}

/// Whether a group has another owner than this user, of its own or from above. Bots do not count.
pub fn has_other_owner(conn: &mut Conn<'_>, group: NamespaceId, user: UserId, today: Date) -> Result<bool, Error> {
    let today = today.to_string();
    let values = [group.0.into(), user.0.into(), (&today).into()];
    let others: i64 = conn.query_one(&OTHER_OWNERS, &values, |row| row.get(0))?;
    Ok(others > 0)
}

/// Refuses to go on with a project or a group that was deleted since it was looked up.
pub(crate) fn require(conn: &mut Conn<'_>, source: Source) -> Result<(), Error> {
    match source {
        Source::Project(id) => projects::require(conn, id),
        Source::Group(id) => groups::require(conn, id),
    }
}

/// Makes a user a member, or changes the membership.
pub fn set(tx: &mut Tx<'_>, new: &NewMember) -> Result<(), Error> {
    require(tx, new.source)?;
    let expires_at = new.expires_at.map(|day| day.to_string());
    let values = [
        new.source.id().into(),
        new.user_id.0.into(),
        new.access_level.number().into(),
        expires_at.as_ref().into(),
        new.created_at.into(),
        new.created_by_id.map(|id| id.0).into(),
    ];
    tx.execute(of(new.source, &SET, &SET_GROUP), &values)?;
    Ok(())
}

/// Ends a membership; answers whether there was one.
pub fn remove(tx: &mut Tx<'_>, source: Source, user: UserId) -> Result<bool, Error> {
    let statement = of(source, &REMOVE, &REMOVE_GROUP);
    Ok(tx.execute(statement, &[source.id().into(), user.0.into()])? == 1)
}

fn of<'s>(source: Source, project: &'s Stmt, group: &'s Stmt) -> &'s Stmt {
    match source {
        Source::Project(_) => project,
        Source::Group(_) => group,
    }
}

fn next_level(columns: &mut Columns<'_>) -> Result<Option<AccessLevel>, Error> {
    columns.parsed(|number: Option<i64>| match number {
        None => Some(None),
        Some(number) => AccessLevel::from_number(number).map(Some),
    })
}
