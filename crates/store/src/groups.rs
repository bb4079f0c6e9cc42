//! Groups: what is shown of them beside their place among the paths, and the list of those that somebody may see.

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    group::Group,
    ids::{NamespaceId, UserId},
    page::{Offset, Sort},
    project::{Namespace, NamespaceKind, Visibility},
    time::Timestamp,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    hook_sources, namespaces,
    project_list::Viewer,
    projects,
    query::{self, Query},
    webhooks,
};

macro_rules! select {
    () => {
        concat!(
            "SELECT n.description, n.visibility, n.marked_for_deletion_at, n.created_at, ",
            $crate::namespaces::columns!(),
            " FROM namespaces n WHERE n.kind = 'group' AND NOT n.deleted"
        )
    };
}

statements! { "groups";
    BY_ID = concat!(select!(), " AND n.id = $1");
    BY_PATH = concat!(select!(), " AND lower(n.full_path) = $1");
    REQUIRE = "SELECT 1 FROM namespaces n WHERE n.id = $1 AND NOT n.deleted";
    UPDATE = "UPDATE namespaces SET description = $1, visibility = $2, marked_for_deletion_at = $3 WHERE id = $4";
    IS_MEMBER_BELOW = "SELECT 1 FROM namespace_ancestors a JOIN group_members g ON g.namespace_id = a.namespace_id \
                       AND g.user_id = $1 WHERE a.ancestor_id = $2 AND (g.expires_at IS NULL OR g.expires_at > $3) \
                       UNION ALL \
                       SELECT 1 FROM members m JOIN projects p ON p.id = m.project_id AND NOT p.deleted \
                       JOIN namespace_ancestors b ON b.namespace_id = p.namespace_id WHERE m.user_id = $1 \
                       AND b.ancestor_id = $2 AND (m.expires_at IS NULL OR m.expires_at > $3) LIMIT 1";
    IS_MARKED_ABOVE = "SELECT 1 FROM namespace_ancestors a JOIN namespaces n ON n.id = a.ancestor_id \
                       WHERE a.namespace_id = $1 AND n.marked_for_deletion_at IS NOT NULL LIMIT 1";
    MARKED = concat!(select!(), " AND n.marked_for_deletion_at <= $1 ORDER BY n.marked_for_deletion_at, n.id LIMIT 1");
    PROJECTS = concat!(
        projects::select!(), " WHERE p.namespace_id IN (SELECT a.namespace_id FROM namespace_ancestors a \
        WHERE a.ancestor_id = $1) ORDER BY p.id"
    );
    DELETE_MEMBERS = "DELETE FROM group_members WHERE namespace_id IN (SELECT a.namespace_id \
                      FROM namespace_ancestors a WHERE a.ancestor_id = $1)";
    REVOKE_TOKENS = "UPDATE tokens SET revoked = $1 WHERE group_id IN (SELECT a.namespace_id \
                     FROM namespace_ancestors a WHERE a.ancestor_id = $2)";
    DELETE = "UPDATE namespaces SET deleted = $1, marked_for_deletion_at = NULL, name = '', path = '', \
              full_name = '', full_path = '-/' || id, description = NULL WHERE id IN (SELECT a.namespace_id \
              FROM namespace_ancestors a WHERE a.ancestor_id = $2)";
}

/// A group to be made.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// The group above.
    pub parent: Option<Namespace>,
    /// Shown name.
    pub name: String,
    /// Last segment of the path.
    pub path: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What groups are ordered by; ties by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupOrder {
    /// `id`.
    Id,
    /// `name`.
    #[default]
    Name,
    /// `path`.
    Path,
}

/// Which groups to list.
#[derive(Clone, Debug, Default)]
pub struct GroupFilter {
    /// Part of the name or the path.
    pub search: Option<String>,
    /// Only those that the viewer belongs to.
    pub membership: bool,
    /// Only those where the viewer has this level or more.
    pub min_access_level: Option<AccessLevel>,
    /// Only those with this visibility.
    pub visibility: Option<Visibility>,
    /// Only those without a group above.
    pub top_level_only: bool,
    /// Only those right below this one.
    pub parent: Option<NamespaceId>,
    /// Only those anywhere below this one.
    pub below: Option<NamespaceId>,
    /// Without these.
    pub skip_groups: Vec<i64>,
}

/// The group with this id.
pub fn by_id(conn: &mut Conn<'_>, id: NamespaceId) -> Result<Option<Group>, Error> {
    conn.query_opt(&BY_ID, &[id.0.into()], from_row)
}

/// The group at this path, in any letter case.
pub fn by_path(conn: &mut Conn<'_>, full_path: &str) -> Result<Option<Group>, Error> {
    conn.query_opt(&BY_PATH, &[(&full_path.to_ascii_lowercase()).into()], from_row)
}

/// Refuses to go on with a group that was deleted since it was looked up, as [`projects::require`] does.
pub(crate) fn require(conn: &mut Conn<'_>, id: NamespaceId) -> Result<(), Error> {
    let found = conn.query_opt(&REQUIRE, &[id.0.into()], |_| Ok(()))?;
    found.ok_or(Error::Gone(id.into()))
}

/// Whether a user is a member of something in the group.
pub fn is_member_below(conn: &mut Conn<'_>, group: NamespaceId, user: UserId, today: Date) -> Result<bool, Error> {
    let today = today.to_string();
    let values = [user.0.into(), group.0.into(), (&today).into()];
    let found = conn.query_opt(&IS_MEMBER_BELOW, &values, |_| Ok(()))?;
    Ok(found.is_some())
}

/// Makes a group. The conflict is `namespaces_full_path`, also where a project has the path.
pub fn insert(tx: &mut Tx<'_>, new: &NewGroup) -> Result<Group, Error> {
    let below = |text: Option<&str>, separator: &str, own: &str| {
        text.map_or_else(|| own.to_owned(), |above| format!("{above}{separator}{own}"))
    };
    let parent = new.parent.as_ref();
    let wanted = Namespace {
        id: NamespaceId(0),
        kind: NamespaceKind::Group,
        name: new.name.clone(),
        path: new.path.clone(),
        full_path: below(parent.map(|parent| parent.full_path.as_str()), "/", &new.path),
        full_name: below(parent.map(|parent| parent.full_name.as_str()), " / ", &new.name),
        parent_id: parent.map(|parent| parent.id),
        owner_id: None,
    };
    let taken = || Error::Conflict {
        constraint: "namespaces_full_path".to_owned(),
    };
    if projects::by_path(tx, &wanted.full_path)?.is_some() {
        return Err(taken());
    }
    let group = Group {
        namespace: namespaces::insert(tx, wanted, new.created_at)?.ok_or_else(taken)?,
        description: new.description.clone(),
        visibility: new.visibility,
        marked_for_deletion_at: None,
        created_at: new.created_at,
    };
    update(tx, &group)?;
    Ok(group)
}

/// Writes what is shown of a group; its name and its path are [`namespaces::rename`]'s.
pub fn update(tx: &mut Tx<'_>, group: &Group) -> Result<(), Error> {
    let values = [
        group.description.as_ref().into(),
        group.visibility.as_str().into(),
        group.marked_for_deletion_at.into(),
        group.namespace.id.0.into(),
    ];
    tx.execute(&UPDATE, &values)?;
    Ok(())
}

/// The group that has been marked for deletion the longest, if that was at `before` or earlier.
pub fn marked(conn: &mut Conn<'_>, before: Timestamp) -> Result<Option<Group>, Error> {
    conn.query_opt(&MARKED, &[before.into()], from_row)
}

/// Whether a namespace, or one above it, is marked for deletion.
pub fn is_marked_above(conn: &mut Conn<'_>, namespace: NamespaceId) -> Result<bool, Error> {
    let found = conn.query_opt(&IS_MARKED_ABOVE, &[namespace.0.into()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Every project in a group and in the groups below it, by id.
pub fn projects(conn: &mut Conn<'_>, group: NamespaceId) -> Result<Vec<landfall_domain::project::Project>, Error> {
    conn.query(&PROJECTS, &[group.0.into()], projects::from_row)
}

/// Ends a group and those below it, whose projects have been deleted: nobody finds them any more, their paths are
/// free, and no hook can send for them. The rows stay, because those of deleted projects refer to them.
pub fn delete(tx: &mut Tx<'_>, group: NamespaceId, at: Timestamp) -> Result<(), Error> {
    tx.execute(&DELETE_MEMBERS, &[group.0.into()])?;
    tx.execute(&REVOKE_TOKENS, &[true.into(), group.0.into()])?;
    hook_sources::delete_of_group(tx, group, at)?;
    webhooks::delete_of_group(tx, group)?;
    tx.execute(&DELETE, &[true.into(), group.0.into()])?;
    Ok(())
}

/// One page of groups, with one more row than asked for where there is a next page.
pub fn list(
    conn: &mut Conn<'_>,
    viewer: Viewer,
    filter: &GroupFilter,
    (order, sort): (GroupOrder, Sort),
    offset: Offset,
    today: Date,
) -> Result<Vec<Group>, Error> {
    let texts = Texts::of(filter, today);
    let mut query = Query::new(select!());
    apply(&mut query, viewer, filter, &texts);
    query.push(match (order, sort) {
        (GroupOrder::Id, Sort::Asc) => " ORDER BY n.id",
        (GroupOrder::Id, Sort::Desc) => " ORDER BY n.id DESC",
        (GroupOrder::Name, Sort::Asc) => " ORDER BY n.name, n.id",
        (GroupOrder::Name, Sort::Desc) => " ORDER BY n.name DESC, n.id DESC",
        (GroupOrder::Path, Sort::Asc) => " ORDER BY n.path, n.id",
        (GroupOrder::Path, Sort::Desc) => " ORDER BY n.path DESC, n.id DESC",
    });
    query
        .bind(" LIMIT ", offset.per_page + 1)
        .bind(" OFFSET ", offset.start());
    conn.query_text(query.sql(), query.values(), from_row)
}

/// How many groups the filter lets through, counted up to `limit`.
pub fn count(conn: &mut Conn<'_>, viewer: Viewer, filter: &GroupFilter, limit: i64, today: Date) -> Result<i64, Error> {
    let texts = Texts::of(filter, today);
    let mut query =
        Query::new("SELECT count(*) FROM (SELECT n.id FROM namespaces n WHERE n.kind = 'group' AND NOT n.deleted");
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
    fn of(filter: &GroupFilter, today: Date) -> Texts {
        Texts {
            pattern: filter.search.as_deref().map(query::like_pattern),
            today: today.to_string(),
        }
    }
}

fn apply<'a>(query: &mut Query<'a>, viewer: Viewer, filter: &'a GroupFilter, texts: &'a Texts) {
    seen_by(query, viewer, &texts.today);
    let user = viewer.user();
    match (filter.min_access_level, user) {
        (Some(least), Some(user)) => {
            query.push(" AND ");
            member(query, user, least, &texts.today);
        }
        (None, Some(user)) if filter.membership => {
            query.push(" AND ");
            belongs(query, user, &texts.today);
        }
        (None, _) if !filter.membership => {}
        _ => {
            query.push(" AND 1 = 0");
        }
    }
    if let Some(pattern) = &texts.pattern {
        query
            .bind(" AND (lower(n.name) LIKE ", pattern)
            .bind(" ESCAPE '!' OR lower(n.path) LIKE ", pattern)
            .push(" ESCAPE '!')");
    }
    if let Some(visibility) = filter.visibility {
        query.bind(" AND n.visibility = ", visibility.as_str());
    }
    if filter.top_level_only {
        query.push(" AND n.parent_id IS NULL");
    }
    if let Some(parent) = filter.parent {
        query.bind(" AND n.parent_id = ", parent.0);
    }
    if let Some(above) = filter.below {
        query
            .bind(" AND n.id <> ", above.0)
            .bind(
                " AND n.id IN (SELECT b.namespace_id FROM namespace_ancestors b WHERE b.ancestor_id = ",
                above.0,
            )
            .push(")");
    }
    if !filter.skip_groups.is_empty() {
        query.push(" AND n.id NOT IN (-1");
        for id in &filter.skip_groups {
            query.bind(", ", *id);
        }
        query.push(")");
    }
}

fn seen_by<'a>(query: &mut Query<'a>, viewer: Viewer, today: &'a str) {
    let (open, user) = match viewer {
        Viewer::Admin(_) => return,
        Viewer::Nobody => {
            query.push(" AND n.visibility = 'public'");
            return;
        }
        Viewer::User(user) => (" AND (n.visibility IN ('public', 'internal') OR ", user),
        Viewer::External(user) => (" AND (n.visibility = 'public' OR ", user),
    };
    query.push(open);
    belongs(query, user, today);
    query.push(")");
}

/// "The user has this level or more."
fn member<'a>(query: &mut Query<'a>, user: UserId, least: AccessLevel, today: &'a str) {
    query
        .bind(
            "EXISTS (SELECT 1 FROM namespace_ancestors a JOIN group_members g ON g.namespace_id = a.ancestor_id \
             WHERE a.namespace_id = n.id AND g.user_id = ",
            user.0,
        )
        .bind(" AND g.access_level >= ", least.number())
        .bind(" AND (g.expires_at IS NULL OR g.expires_at > ", today)
        .push("))");
}

/// "The user is a member of the group, of one above, or of something in it."
fn belongs<'a>(query: &mut Query<'a>, user: UserId, today: &'a str) {
    query.push("(");
    member(query, user, AccessLevel::Minimal, today);
    query
        .bind(
            " OR n.id IN (SELECT a.ancestor_id FROM group_members g JOIN namespace_ancestors a \
             ON a.namespace_id = g.namespace_id WHERE g.user_id = ",
            user.0,
        )
        .bind(" AND (g.expires_at IS NULL OR g.expires_at > ", today)
        .bind(
            ")) OR n.id IN (SELECT a.ancestor_id FROM members m JOIN projects p ON p.id = m.project_id \
             AND NOT p.deleted JOIN namespace_ancestors a ON a.namespace_id = p.namespace_id WHERE m.user_id = ",
            user.0,
        )
        .bind(" AND (m.expires_at IS NULL OR m.expires_at > ", today)
        .push(")))");
}

fn from_row(row: &Row<'_>) -> Result<Group, Error> {
    let mut columns = Columns::of(row);
    Ok(Group {
        description: columns.next()?,
        visibility: columns.parsed(Visibility::parse)?,
        marked_for_deletion_at: columns.next()?,
        created_at: columns.next()?,
        namespace: namespaces::read(&mut columns)?,
    })
}
