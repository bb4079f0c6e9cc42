//! The members of a project or a group, its own or all of them.

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    ids::{NamespaceId, UserId},
    member::Source,
    page::Offset,
    time::Timestamp,
    user::User,
};

use crate::{
    engine::{Columns, Conn},
    error::Error,
    query::{self, Query},
    tokens::next_day,
    users,
};

/// A user's membership.
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
    /// By whom; `None` for the command line.
    pub created_by_id: Option<UserId>,
}

/// Whose members are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of the project or group itself.
    Direct(Source),
    /// Those of the groups above as well, each user once, with the highest level. The namespace is the group itself or
    /// the one that the project stands in.
    All(Source, NamespaceId),
}

/// Which members to list.
#[derive(Clone, Debug, Default)]
pub struct MemberFilter {
    /// Part of the name or login name, or the whole e-mail address.
    pub search: Option<String>,
    /// These users only; empty for all.
    pub user_ids: Vec<i64>,
    /// Without these users.
    pub skip_users: Vec<i64>,
}

/// A page of members whose membership has not ended, by user id, with one more row than asked for where there is a next
/// page.
pub fn list(
    conn: &mut Conn<'_>,
    scope: Scope,
    filter: &MemberFilter,
    offset: Offset,
    today: Date,
) -> Result<Vec<Member>, Error> {
    let (texts, today) = (Texts::of(filter), today.to_string());
    let mut query = Query::new(concat!(
        "SELECT m.access_level, m.expires_at, m.created_at, m.created_by_id, ",
        users::columns!()
    ));
    from(&mut query, scope, &today);
    apply(&mut query, filter, &texts);
    query
        .bind(" ORDER BY u.id LIMIT ", offset.per_page + 1)
        .bind(" OFFSET ", offset.start());
    conn.query_text(query.sql(), query.values(), |row| {
        let mut columns = Columns::of(row);
        Ok(Member {
            access_level: columns.parsed(AccessLevel::from_number)?,
            expires_at: next_day(&mut columns)?,
            created_at: columns.next()?,
            created_by_id: columns.next::<Option<i64>>()?.map(UserId),
            user: users::read(&mut columns)?,
        })
    })
}

/// How many members the filter lets through, counted up to `limit`.
pub fn count(conn: &mut Conn<'_>, scope: Scope, filter: &MemberFilter, limit: i64, today: Date) -> Result<i64, Error> {
    let (texts, today) = (Texts::of(filter), today.to_string());
    let mut query = Query::new("SELECT count(*) FROM (SELECT u.id");
    from(&mut query, scope, &today);
    apply(&mut query, filter, &texts);
    query.bind(" LIMIT ", limit).push(") AS counted");
    query::count(conn, &query)
}

/// One member.
pub fn get(conn: &mut Conn<'_>, scope: Scope, user: UserId, today: Date) -> Result<Option<Member>, Error> {
    let filter = MemberFilter {
        user_ids: vec![user.0],
        ..MemberFilter::default()
    };
    let first = Offset { page: 1, per_page: 1 };
    Ok(list(conn, scope, &filter, first, today)?.into_iter().next())
}

/// Rows called `m`, each with its user `u`.
fn from<'a>(query: &mut Query<'a>, scope: Scope, today: &'a str) {
    match scope {
        Scope::Direct(source) => {
            query.push(" FROM (");
            direct(query, source, today);
            query.push(") m");
        }
        Scope::All(source, namespace) => {
            // Of equal levels the nearest one is shown.
            query.push(
                " FROM (SELECT l.*, row_number() OVER (PARTITION BY l.user_id ORDER BY l.access_level DESC, l.far, \
                 l.source_id DESC) AS place FROM (",
            );
            if let Source::Project(_) = source {
                direct(query, source, today);
                query.push(" UNION ALL ");
            }
            query
                .bind(
                    "SELECT g.user_id, g.access_level, g.expires_at, g.created_at, g.created_by_id, 1 AS far, \
                     g.namespace_id AS source_id FROM namespace_ancestors a \
                     JOIN group_members g ON g.namespace_id = a.ancestor_id WHERE a.namespace_id = ",
                    namespace.0,
                )
                .bind(" AND (g.expires_at IS NULL OR g.expires_at > ", today)
                .push(")) l) m");
        }
    }
    query.push(" JOIN users u ON u.id = m.user_id WHERE 1 = 1");
    if let Scope::All(..) = scope {
        query.push(" AND m.place = 1");
    }
}

fn direct<'a>(query: &mut Query<'a>, source: Source, today: &'a str) {
    match source {
        Source::Project(id) => query.bind(
            "SELECT d.user_id, d.access_level, d.expires_at, d.created_at, d.created_by_id, 0 AS far, \
             d.project_id AS source_id FROM members d WHERE d.project_id = ",
            id.0,
        ),
        Source::Group(id) => query.bind(
            "SELECT d.user_id, d.access_level, d.expires_at, d.created_at, d.created_by_id, 0 AS far, \
             d.namespace_id AS source_id FROM group_members d WHERE d.namespace_id = ",
            id.0,
        ),
    };
    query
        .bind(" AND (d.expires_at IS NULL OR d.expires_at > ", today)
        .push(")");
}

/// Texts that the query borrows, in small letters.
struct Texts {
    search: Option<(String, String)>,
}

impl Texts {
    fn of(filter: &MemberFilter) -> Texts {
        let search = filter.search.as_deref();
        Texts {
            search: search.map(|text| (query::like_pattern(text), text.to_ascii_lowercase())),
        }
    }
}

fn apply<'a>(query: &mut Query<'a>, filter: &MemberFilter, texts: &'a Texts) {
    if let Some((pattern, whole)) = &texts.search {
        query
            .bind(" AND (lower(u.username) LIKE ", pattern)
            .bind(" ESCAPE '!' OR lower(u.name) LIKE ", pattern)
            .bind(" ESCAPE '!' OR lower(u.email) = ", whole)
            .push(")");
    }
    if !filter.user_ids.is_empty() {
        query.push(" AND m.user_id IN (NULL");
        for id in &filter.user_ids {
            query.bind(", ", *id);
        }
        query.push(")");
    }
    if !filter.skip_users.is_empty() {
        // With a NULL in the list, nothing would be outside of it.
        query.push(" AND m.user_id NOT IN (-1");
        for id in &filter.skip_users {
            query.bind(", ", *id);
        }
        query.push(")");
    }
}
