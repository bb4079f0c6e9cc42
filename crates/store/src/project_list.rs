//! The list of projects that somebody may see.

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    ids::{NamespaceId, UserId},
    page::{Offset, Sort},
    project::{Project, Visibility},
    time::Timestamp,
};

use crate::{
    engine::Conn,
    error::Error,
    projects::{from_row, select},
    query::{self, Query},
};

/// On whose behalf projects are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody is signed in: public projects.
    Nobody,
    /// A user: public and internal projects, and those the user is a member of.
    User(UserId),
    /// An external user: public projects, and those the user is a member of.
    External(UserId),
    /// An administrator: all projects.
    Admin(UserId),
}

impl Viewer {
    /// Who it is.
    pub(crate) fn user(self) -> Option<UserId> {
        match self {
            Viewer::Nobody => None,
            Viewer::User(user) | Viewer::External(user) | Viewer::Admin(user) => Some(user),
        }
    }
}

/// What projects are ordered by; ties by id in the same direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProjectOrder {
    /// `id`.
    Id,
    /// `name`.
    Name,
    /// `path`.
    Path,
    /// `created_at`.
    #[default]
    CreatedAt,
    /// `updated_at`, and `last_activity_at`, which is the same here.
    UpdatedAt,
}

/// Which projects to list.
#[derive(Clone, Debug, Default)]
pub struct ProjectFilter {
    /// Part of the name or the path.
    pub search: Option<String>,
    /// Search the names of the groups above too.
    pub search_namespaces: bool,
    /// Only those the viewer is a member of.
    pub membership: bool,
    /// Only those the viewer owns.
    pub owned: bool,
    /// Only those where the viewer has this level or more.
    pub min_access_level: Option<AccessLevel>,
    /// Only those in this place.
    pub within: Option<Within>,
    /// Only those with this visibility.
    pub visibility: Option<Visibility>,
    /// Only archived ones, or only others.
    pub archived: Option<bool>,
    /// Only ids above this.
    pub id_after: Option<i64>,
    /// Only ids below this.
    pub id_before: Option<i64>,
    /// Only those changed at or after this.
    pub updated_after: Option<Timestamp>,
    /// Only those changed at or before this.
    pub updated_before: Option<Timestamp>,
}

/// Where projects are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// In this namespace itself.
    Namespace(NamespaceId),
    /// In this group and the groups below it.
    Tree(NamespaceId),
    /// Where there are none: what is asked for cannot be.
    Nowhere,
}

/// One page of projects, with one more row than asked for where there is a next page.
pub fn list(
    conn: &mut Conn<'_>,
    viewer: Viewer,
    filter: &ProjectFilter,
    (order, sort): (ProjectOrder, Sort),
    offset: Offset,
    today: Date,
) -> Result<Vec<Project>, Error> {
    let texts = Texts::of(filter, today);
    let mut query = Query::new(concat!(select!(), " WHERE 1 = 1"));
    apply(&mut query, viewer, filter, &texts);
    query.push(match (order, sort) {
        (ProjectOrder::Id, Sort::Asc) => " ORDER BY p.id",
        (ProjectOrder::Id, Sort::Desc) => " ORDER BY p.id DESC",
        (ProjectOrder::Name, Sort::Asc) => " ORDER BY p.name, p.id",
        (ProjectOrder::Name, Sort::Desc) => " ORDER BY p.name DESC, p.id DESC",
        (ProjectOrder::Path, Sort::Asc) => " ORDER BY p.path, p.id",
        (ProjectOrder::Path, Sort::Desc) => " ORDER BY p.path DESC, p.id DESC",
        (ProjectOrder::CreatedAt, Sort::Asc) => " ORDER BY p.created_at, p.id",
        (ProjectOrder::CreatedAt, Sort::Desc) => " ORDER BY p.created_at DESC, p.id DESC",
        (ProjectOrder::UpdatedAt, Sort::Asc) => " ORDER BY p.updated_at, p.id",
        (ProjectOrder::UpdatedAt, Sort::Desc) => " ORDER BY p.updated_at DESC, p.id DESC",
    });
    query
        .bind(" LIMIT ", offset.per_page + 1)
        .bind(" OFFSET ", offset.start());
    conn.query_text(query.sql(), query.values(), from_row)
}

/// How many projects the filter lets through, counted up to `limit`.
pub fn count(
    conn: &mut Conn<'_>,
    viewer: Viewer,
    filter: &ProjectFilter,
    limit: i64,
    today: Date,
) -> Result<i64, Error> {
    let texts = Texts::of(filter, today);
    let mut query = Query::new(
        "SELECT count(*) FROM (SELECT p.id FROM projects p JOIN namespaces n ON n.id = p.namespace_id AND NOT p.deleted \
         WHERE 1 = 1",
    );
    apply(&mut query, viewer, filter, &texts);
    query.bind(" LIMIT ", limit).push(") AS counted");
    query::count(conn, &query)
}

/// Texts that the query borrows.
struct Texts {
    pattern: Option<String>,
    today: String,
}

impl Texts {
    fn of(filter: &ProjectFilter, today: Date) -> Texts {
        Texts {
            pattern: filter.search.as_deref().map(query::like_pattern),
            today: today.to_string(),
        }
    }
}

fn apply<'a>(query: &mut Query<'a>, viewer: Viewer, filter: &'a ProjectFilter, texts: &'a Texts) {
    let user = viewer.user();
    match viewer {
        Viewer::Nobody => {
            query.push(" AND p.visibility = 'public'");
        }
        Viewer::User(user) => {
            query.push(" AND (p.visibility IN ('public', 'internal') OR ");
            member(query, user, AccessLevel::Guest.number(), &texts.today);
            query.push(")");
        }
        Viewer::External(user) => {
            query.push(" AND (p.visibility = 'public' OR ");
            member(query, user, AccessLevel::Guest.number(), &texts.today);
            query.push(")");
        }
        Viewer::Admin(_) => {}
    }
    let owned = filter.owned.then_some(AccessLevel::Owner.number());
    let least = owned
        .or(filter.min_access_level.map(AccessLevel::number))
        .or(filter.membership.then_some(AccessLevel::Guest.number()));
    match (least, user) {
        (Some(least), Some(user)) => {
            query.push(" AND ");
            member(query, user, least, &texts.today);
        }
        (Some(_), None) => {
            query.push(" AND 1 = 0");
        }
        (None, _) => {}
    }
    if let Some(pattern) = &texts.pattern {
        query
            .bind(" AND (lower(p.name) LIKE ", pattern)
            .bind(" ESCAPE '!' OR lower(p.path) LIKE ", pattern);
        query.push(" ESCAPE '!'");
        if filter.search_namespaces {
            query.bind(" OR lower(p.full_path) LIKE ", pattern).push(" ESCAPE '!'");
        }
        query.push(")");
    }
    within(query, filter.within);
    if let Some(visibility) = filter.visibility {
        query.bind(" AND p.visibility = ", visibility.as_str());
    }
    if let Some(archived) = filter.archived {
        query.bind(" AND p.archived = ", archived);
    }
    if let Some(id) = filter.id_after {
        query.bind(" AND p.id > ", id);
    }
    if let Some(id) = filter.id_before {
        query.bind(" AND p.id < ", id);
    }
    if let Some(time) = filter.updated_after {
        query.bind(" AND p.updated_at >= ", time);
    }
    if let Some(time) = filter.updated_before {
        query.bind(" AND p.updated_at <= ", time);
    }
}

fn within(query: &mut Query<'_>, place: Option<Within>) {
    match place {
        None => {}
        Some(Within::Namespace(id)) => {
            query.bind(" AND p.namespace_id = ", id.0);
        }
        Some(Within::Tree(id)) => {
            query
                .bind(
                    " AND p.namespace_id IN (SELECT b.namespace_id FROM namespace_ancestors b WHERE b.ancestor_id = ",
                    id.0,
                )
                .push(")");
        }
        Some(Within::Nowhere) => {
            query.push(" AND 1 = 0");
        }
    }
}

/// "The user has this level or more, or it is in the user's own namespace."
fn member<'a>(query: &mut Query<'a>, user: UserId, least: i64, today: &'a str) {
    query
        .bind("(n.owner_id = ", user.0)
        .bind(
            " OR EXISTS (SELECT 1 FROM members m WHERE m.project_id = p.id AND m.user_id = ",
            user.0,
        )
        .bind(" AND m.access_level >= ", least)
        .bind(" AND (m.expires_at IS NULL OR m.expires_at > ", today)
        .bind(
            ")) OR EXISTS (SELECT 1 FROM namespace_ancestors a JOIN group_members g ON g.namespace_id = a.ancestor_id \
             WHERE a.namespace_id = p.namespace_id AND g.user_id = ",
            user.0,
        )
        .bind(" AND g.access_level >= ", least)
        .bind(" AND (g.expires_at IS NULL OR g.expires_at > ", today)
        .push(")))");
}
