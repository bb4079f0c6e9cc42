//! Memberships: who has which level in a project.

use std::collections::HashMap;

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    ids::{ProjectId, UserId},
    project::Project,
    time::Timestamp,
    user::User,
};

use crate::{
    engine::{Columns, Conn, Tx, statements},
    error::Error,
    query::Query,
    tokens::next_day,
    users,
};

statements! { "members";
    LEVEL = "SELECT access_level FROM members WHERE project_id = $1 AND user_id = $2 \
             AND (expires_at IS NULL OR expires_at > $3)";
    LIST = concat!(
        "SELECT m.access_level, m.expires_at, m.created_at, ", users::columns!(),
        " FROM members m JOIN users u ON u.id = m.user_id WHERE m.project_id = $1 ORDER BY u.id"
    );
    SET = "INSERT INTO members (project_id, user_id, access_level, expires_at, created_at) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (project_id, user_id) DO UPDATE SET access_level = excluded.access_level, \
           expires_at = excluded.expires_at";
    REMOVE = "DELETE FROM members WHERE project_id = $1 AND user_id = $2";
}

/// A user's membership in a project.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Who.
    pub user: User,
    /// With which rights.
    pub access_level: AccessLevel,
    /// Ends at 00:00 UTC of this day.
    pub expires_at: Option<Date>,
    /// Since when.
    pub created_at: Timestamp,
}

/// The level of a user in a project: the membership's, or owner in the user's own namespace.
pub fn level(conn: &mut Conn<'_>, project: &Project, user: UserId, today: Date) -> Result<Option<AccessLevel>, Error> {
    if is_own(project, user) {
        return Ok(Some(AccessLevel::Owner));
    }
    let today = today.to_string();
    conn.query_opt(&LEVEL, &[project.id.0.into(), user.0.into(), (&today).into()], |row| {
        Columns::of(row).parsed(|number: &i64| AccessLevel::from_number(*number))
    })
}

/// The levels of a user in several projects, in their order, by one query.
pub fn levels(
    conn: &mut Conn<'_>,
    projects: &[Project],
    user: UserId,
    today: Date,
) -> Result<Vec<Option<AccessLevel>>, Error> {
    let today = today.to_string();
    let mut query = Query::new("SELECT m.project_id, m.access_level FROM members m WHERE m.user_id = ");
    query
        .bind("", user.0)
        .bind(" AND (m.expires_at IS NULL OR m.expires_at > ", &today);
    query.push(") AND m.project_id IN (NULL");
    for project in projects {
        query.bind(", ", project.id.0);
    }
    query.push(")");
    let found: HashMap<i64, AccessLevel> = conn
        .query_text(query.sql(), query.values(), |row| {
            let mut columns = Columns::of(row);
            Ok((
                columns.next()?,
                columns.parsed(|number: &i64| AccessLevel::from_number(*number))?,
            ))
        })?
        .into_iter()
        .collect();
    let level = |project: &Project| {
        if is_own(project, user) {
            Some(AccessLevel::Owner)
        } else {
            found.get(&project.id.0).copied()
        }
    };
    Ok(projects.iter().map(level).collect())
}

fn is_own(project: &Project, user: UserId) -> bool {
    project.namespace.owner_id == Some(user)
}

/// The direct members of a project, by user id, expired ones too.
pub fn list(conn: &mut Conn<'_>, project: ProjectId) -> Result<Vec<Member>, Error> {
    conn.query(&LIST, &[project.0.into()], |row| {
        let mut columns = Columns::of(row);
        Ok(Member {
            access_level: columns.parsed(|number: &i64| AccessLevel::from_number(*number))?,
            expires_at: next_day(&mut columns)?,
            created_at: columns.next()?,
            user: users::read(&mut columns)?,
        })
    })
}

/// Makes a user a member, or changes the membership.
pub fn set(
    tx: &mut Tx<'_>,
    project: ProjectId,
    user: UserId,
    level: AccessLevel,
    expires_at: Option<Date>,
    now: Timestamp,
) -> Result<(), Error> {
    let expires_at = expires_at.map(|day| day.to_string());
    let values = [
        project.0.into(),
        user.0.into(),
        level.number().into(),
        expires_at.as_ref().into(),
        now.into(),
    ];
    tx.execute(&SET, &values)?;
    Ok(())
}

/// Ends a membership; answers whether there was one.
pub fn remove(tx: &mut Tx<'_>, project: ProjectId, user: UserId) -> Result<bool, Error> {
    Ok(tx.execute(&REMOVE, &[project.0.into(), user.0.into()])? == 1)
}
