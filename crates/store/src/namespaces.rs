//! Namespaces: what a project's path begins with.

use landfall_domain::{
    ids::{NamespaceId, UserId},
    project::{Namespace, NamespaceKind},
    time::Timestamp,
    user::User,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    projects,
};

/// The columns of a namespace as [`read`] expects them, from a table called `n`.
macro_rules! columns {
    () => {
        "n.id, n.kind, n.name, n.path, n.full_path, n.full_name, n.parent_id, n.owner_id"
    };
}
pub(crate) use columns;

statements! { "namespaces";
    BY_ID = concat!("SELECT ", columns!(), " FROM namespaces n WHERE n.id = $1 AND NOT n.deleted");
    BY_PATH = concat!("SELECT ", columns!(), " FROM namespaces n WHERE lower(n.full_path) = $1 AND NOT n.deleted");
    PERSONAL = concat!("SELECT ", columns!(), " FROM namespaces n WHERE lower(n.full_path) = $1 AND n.owner_id = $2");
    INSERT = "INSERT INTO namespaces (kind, name, path, full_path, full_name, parent_id, owner_id, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id";
    INSERT_ANCESTORS = "INSERT INTO namespace_ancestors (namespace_id, ancestor_id) \
                        SELECT CAST($1 AS BIGINT), a.ancestor_id FROM namespace_ancestors a WHERE a.namespace_id = $2 \
                        UNION ALL SELECT CAST($1 AS BIGINT), CAST($1 AS BIGINT)";
    RENAME = "UPDATE namespaces SET name = $1, path = $2 WHERE id = $3";
    MOVE = "UPDATE namespaces SET full_path = $1 || substr(full_path, CAST(CAST($2 AS BIGINT) AS INTEGER)), \
            full_name = $3 || substr(full_name, CAST(CAST($4 AS BIGINT) AS INTEGER)) \
            WHERE id IN (SELECT a.namespace_id FROM namespace_ancestors a WHERE a.ancestor_id = $5) AND NOT deleted";
    LEAVE_REDIRECTS = "INSERT INTO redirects (full_path, project_id, created_at) SELECT p.full_path, p.id, $1 \
                       FROM projects p WHERE p.namespace_id IN (SELECT a.namespace_id FROM namespace_ancestors a \
                       WHERE a.ancestor_id = $2) AND NOT p.deleted";
    MOVE_PROJECTS = "UPDATE projects SET full_path = $1 || substr(full_path, CAST(CAST($2 AS BIGINT) AS INTEGER)) \
                     WHERE namespace_id IN (SELECT a.namespace_id FROM namespace_ancestors a \
                     WHERE a.ancestor_id = $3) AND NOT deleted";
    DELETE_TAKEN_REDIRECTS = "DELETE FROM redirects WHERE lower(full_path) IN (SELECT lower(p.full_path) \
                              FROM projects p WHERE p.namespace_id IN (SELECT a.namespace_id \
                              FROM namespace_ancestors a WHERE a.ancestor_id = $1))";
}

/// The namespace with this id.
pub fn by_id(conn: &mut Conn<'_>, id: NamespaceId) -> Result<Option<Namespace>, Error> {
    conn.query_opt(&BY_ID, &[id.0.into()], from_row)
}

/// The namespace at this path, in any letter case.
pub fn by_path(conn: &mut Conn<'_>, full_path: &str) -> Result<Option<Namespace>, Error> {
    conn.query_opt(&BY_PATH, &[(&full_path.to_ascii_lowercase()).into()], from_row)
}

/// The personal namespace of a user, made if it is missing; the conflict `namespaces_full_path` means that a group has
/// taken the name.
pub fn ensure_personal(tx: &mut Tx<'_>, user: &User, now: Timestamp) -> Result<Namespace, Error> {
    let wanted = Namespace {
        id: NamespaceId(0),
        kind: NamespaceKind::User,
        name: user.name.clone(),
        path: user.username.clone(),
        full_path: user.username.clone(),
        full_name: user.name.clone(),
        parent_id: None,
        owner_id: Some(user.id),
    };
    let found = ensure(tx, wanted, now)?;
    if found.owner_id == Some(user.id) {
        Ok(found)
    } else {
        Err(Error::Conflict {
            constraint: "namespaces_full_path".to_owned(),
        })
    }
}

/// The namespace at this path, its missing parts made as groups.
pub fn ensure_path(tx: &mut Tx<'_>, full_path: &str, now: Timestamp) -> Result<Namespace, Error> {
    if let Some(found) = by_path(tx, full_path)? {
        return Ok(found);
    }
    let (parent, path) = match full_path.rsplit_once('/') {
        Some((parent, path)) => (Some(ensure_path(tx, parent, now)?), path),
        None => (None, full_path),
    };
    let above = |separator: &str, text: fn(&Namespace) -> &str| {
        parent.as_ref().map_or_else(
            || path.to_owned(),
            |parent| format!("{}{separator}{path}", text(parent)),
        )
    };
    let wanted = Namespace {
        id: NamespaceId(0),
        kind: NamespaceKind::Group,
        name: path.to_owned(),
        path: path.to_owned(),
        full_path: above("/", |parent| &parent.full_path),
        full_name: above(" / ", |parent| &parent.full_name),
        parent_id: parent.as_ref().map(|parent| parent.id),
        owner_id: None,
    };
    ensure(tx, wanted, now)
}

fn ensure(tx: &mut Tx<'_>, wanted: Namespace, now: Timestamp) -> Result<Namespace, Error> {
    if let Some(found) = by_path(tx, &wanted.full_path)? {
        return Ok(found);
    }
    let full_path = wanted.full_path.clone();
    if let Some(made) = insert(tx, wanted, now)? {
        return Ok(made);
    }
    // Somebody else made it since the look-up.
    by_path(tx, &full_path)?.ok_or_else(|| Error::Retry("a namespace came and went".to_owned()))
}

/// Makes a namespace; `None` if its path is taken by another one. Its id is not looked at.
pub(crate) fn insert(tx: &mut Tx<'_>, mut wanted: Namespace, now: Timestamp) -> Result<Option<Namespace>, Error> {
    let values = [
        wanted.kind.as_str().into(),
        (&wanted.name).into(),
        (&wanted.path).into(),
        (&wanted.full_path).into(),
        (&wanted.full_name).into(),
        wanted.parent_id.map(|id| id.0).into(),
        wanted.owner_id.map(|id| id.0).into(),
        now.into(),
    ];
    let Some(id) = tx.query_opt(&INSERT, &values, |row| row.get::<i64>(0))? else {
        return Ok(None);
    };
    let above = wanted.parent_id.map_or(0, |parent| parent.0);
    tx.execute(&INSERT_ANCESTORS, &[id.into(), above.into()])?;
    wanted.id = NamespaceId(id);
    Ok(Some(wanted))
}

/// The personal namespace of a user, whose login name the user's is.
pub fn personal(conn: &mut Conn<'_>, user: &User) -> Result<Option<Namespace>, Error> {
    let path = user.username.to_ascii_lowercase();
    conn.query_opt(&PERSONAL, &[(&path).into(), user.id.0.into()], from_row)
}

/// Gives a namespace another shown name and another last segment of its path, and with it everything below other paths;
/// the old ones of projects go on leading to them. The conflict is `namespaces_full_path`, also where a project has the
/// path.
pub fn rename(
    tx: &mut Tx<'_>,
    namespace: &Namespace,
    (name, path): (&str, &str),
    now: Timestamp,
) -> Result<Namespace, Error> {
    let beside = |text: &str, separator: &str, own: &str| {
        text.rsplit_once(separator)
            .map_or_else(|| own.to_owned(), |(above, _)| format!("{above}{separator}{own}"))
    };
    let full_path = beside(&namespace.full_path, "/", path);
    let full_name = match namespace.full_name.strip_suffix(&namespace.name) {
        Some(above) => format!("{above}{name}"),
        None => beside(&namespace.full_name, " / ", name),
    };
    let id = namespace.id.0;
    let moves = full_path != namespace.full_path;
    if moves && projects::by_path(tx, &full_path)?.is_some() {
        return Err(Error::Conflict {
            constraint: "namespaces_full_path".to_owned(),
        });
    }
    tx.execute(&RENAME, &[name.into(), path.into(), id.into()])?;
    if moves && !full_path.eq_ignore_ascii_case(&namespace.full_path) {
        tx.execute(&LEAVE_REDIRECTS, &[now.into(), id.into()])?;
    }
    let behind = |text: &str| i64::try_from(text.chars().count() + 1).unwrap_or(i64::MAX);
    let (path_from, name_from) = (behind(&namespace.full_path), behind(&namespace.full_name));
    let values = [
        (&full_path).into(),
        path_from.into(),
        (&full_name).into(),
        name_from.into(),
        id.into(),
    ];
    tx.execute(&MOVE, &values)?;
    tx.execute(&MOVE_PROJECTS, &[(&full_path).into(), path_from.into(), id.into()])?;
    tx.execute(&DELETE_TAKEN_REDIRECTS, &[id.into()])?;
    Ok(Namespace {
        name: name.to_owned(),
        path: path.to_owned(),
        full_path,
        full_name,
        ..namespace.clone()
    })
}

fn from_row(row: &Row<'_>) -> Result<Namespace, Error> {
    read(&mut Columns::of(row))
}

/// Reads [`columns!`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Namespace, Error> {
    Ok(Namespace {
        id: NamespaceId(columns.next()?),
        kind: columns.parsed(NamespaceKind::parse)?,
        name: columns.next()?,
        path: columns.next()?,
        full_path: columns.next()?,
        full_name: columns.next()?,
        parent_id: columns.next::<Option<i64>>()?.map(NamespaceId),
        owner_id: columns.next::<Option<i64>>()?.map(UserId),
    })
}
