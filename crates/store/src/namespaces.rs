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
};

/// The columns of a namespace as [`read`] expects them, from a table called `n`.
macro_rules! columns {
    () => {
        "n.id, n.kind, n.name, n.path, n.full_path, n.full_name, n.parent_id, n.owner_id"
    };
}
pub(crate) use columns;

statements! { "namespaces";
    BY_ID = concat!("SELECT ", columns!(), " FROM namespaces n WHERE n.id = $1");
    BY_PATH = concat!("SELECT ", columns!(), " FROM namespaces n WHERE lower(n.full_path) = $1");
    INSERT = "INSERT INTO namespaces (kind, name, path, full_path, full_name, parent_id, owner_id, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id";
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

fn ensure(tx: &mut Tx<'_>, mut wanted: Namespace, now: Timestamp) -> Result<Namespace, Error> {
    if let Some(found) = by_path(tx, &wanted.full_path)? {
        return Ok(found);
    }
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
    if let Some(id) = tx.query_opt(&INSERT, &values, |row| row.get(0))? {
        wanted.id = NamespaceId(id);
        return Ok(wanted);
    }
    // Somebody else made it since the look-up.
    by_path(tx, &wanted.full_path)?.ok_or_else(|| Error::Retry("a namespace came and went".to_owned()))
}

fn from_row(row: &Row<'_>) -> Result<Namespace, Error> {
    read(&mut Columns::of(row))
}

/// Reads [`columns!`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Namespace, Error> {
    Ok(Namespace {
        id: NamespaceId(columns.next()?),
        kind: columns.parsed(|word: &String| NamespaceKind::parse(word))?,
        name: columns.next()?,
        path: columns.next()?,
        full_path: columns.next()?,
        full_name: columns.next()?,
        parent_id: columns.next::<Option<i64>>()?.map(NamespaceId),
        owner_id: columns.next::<Option<i64>>()?.map(UserId),
    })
}
