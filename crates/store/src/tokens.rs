//! Access tokens; only digests of their secrets are here.

use jiff::civil::Date;
use landfall_domain::{
    ids::{NamespaceId, ProjectId, TokenId, UserId},
    member::Source,
    time::Timestamp,
    token::{AccessToken, Digest, Scopes},
    user::User,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    members, users,
};

/// The columns of a token as [`read`] expects them, from a table called `t`.
macro_rules! columns {
    () => {
        "t.id, t.user_id, t.name, t.description, t.scopes, t.revoked, t.expires_at, t.created_at, t.last_used_at, \
         t.family_id, t.project_id, t.group_id"
    };
}
pub(crate) use columns;

statements! { "tokens";
    BY_DIGEST = concat!(
        "SELECT ", columns!(), ", ", users::columns!(),
        " FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.digest = $1"
    );
    BY_ID = concat!("SELECT ", columns!(), " FROM tokens t WHERE t.id = $1");
    OF_USER = concat!("SELECT ", columns!(), " FROM tokens t WHERE t.user_id = $1 ORDER BY t.id");
    INSERT = "INSERT INTO tokens (user_id, name, description, digest, scopes, revoked, expires_at, created_at, \
              family_id, project_id, group_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    REVOKE_FAMILY = "UPDATE tokens SET revoked = $1 WHERE family_id = $2 AND NOT revoked";
    HAS_ACTIVE = "SELECT 1 FROM tokens t WHERE t.user_id = $1 AND NOT t.revoked \
                  AND (t.expires_at IS NULL OR t.expires_at > $2) LIMIT 1";
    REVOKE = "UPDATE tokens SET revoked = $1 WHERE id = $2";
    TOUCH = "UPDATE tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $1)";
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Whose rights it carries.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What its owner notes about it.
    pub description: Option<String>,
    /// Digest of the secret.
    pub digest: Digest,
    /// What it allows.
    pub scopes: Scopes,
    /// Dead from 00:00 UTC of this day on.
    pub expires_at: Option<Date>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The first of the tokens that were rotated into it.
    pub family_id: Option<TokenId>,
    /// What it belongs to, if its user is a bot.
    pub source: Option<Source>,
}

/// The token whose secret has this digest, and its user. The look-up is by index; an attacker who could time it would
/// learn about digests, not about secrets.
pub fn by_digest(conn: &mut Conn<'_>, digest: &Digest) -> Result<Option<(AccessToken, User)>, Error> {
    conn.query_opt(&BY_DIGEST, &[(&digest.to_hex()).into()], |row| {
        let mut columns = Columns::of(row);
        Ok((read(&mut columns)?, users::read(&mut columns)?))
    })
}

/// The token with this id.
pub fn by_id(conn: &mut Conn<'_>, id: TokenId) -> Result<Option<AccessToken>, Error> {
    conn.query_opt(&BY_ID, &[id.0.into()], from_row)
}

/// A user's tokens, oldest first.
pub fn of_user(conn: &mut Conn<'_>, user: UserId) -> Result<Vec<AccessToken>, Error> {
    conn.query(&OF_USER, &[user.0.into()], from_row)
}

/// Makes a token. The conflict is `tokens_digest`.
pub fn insert(tx: &mut Tx<'_>, new: &NewToken) -> Result<AccessToken, Error> {
    let (digest, scopes) = (new.digest.to_hex(), new.scopes.to_text());
    let expires_at = new.expires_at.map(|day| day.to_string());
    if let Some(source) = new.source {
        members::require(tx, source)?;
    }
    let (project_id, group_id) = match new.source {
        Some(Source::Project(id)) => (Some(id.0), None),
        Some(Source::Group(id)) => (None, Some(id.0)),
        None => (None, None),
    };
    let values = [
        new.user_id.0.into(),
        (&new.name).into(),
        new.description.as_ref().into(),
        (&digest).into(),
        (&scopes).into(),
        false.into(),
        expires_at.as_ref().into(),
        new.created_at.into(),
        new.family_id.map(|id| id.0).into(),
        project_id.into(),
        group_id.into(),
    ];
    let id = tx.query_one(&INSERT, &values, |row| row.get(0))?;
    Ok(AccessToken {
        id: TokenId(id),
        user_id: new.user_id,
        name: new.name.clone(),
        description: new.description.clone(),
        scopes: new.scopes.clone(),
        revoked: false,
        expires_at: new.expires_at,
        created_at: new.created_at,
        last_used_at: None,
        family_id: new.family_id,
        source: new.source,
    })
}

/// Ends a token; answers whether it exists.
pub fn revoke(tx: &mut Tx<'_>, id: TokenId) -> Result<bool, Error> {
    Ok(tx.execute(&REVOKE, &[true.into(), id.0.into()])? == 1)
}

/// Ends a token and all that were rotated into it or out of it.
pub fn revoke_family(tx: &mut Tx<'_>, family: TokenId) -> Result<(), Error> {
    revoke(tx, family)?;
    tx.execute(&REVOKE_FAMILY, &[true.into(), family.0.into()])?;
    Ok(())
}

/// Whether a user has a token that opens anything.
pub fn has_active(conn: &mut Conn<'_>, user: UserId, today: Date) -> Result<bool, Error> {
    let today = today.to_string();
    let found = conn.query_opt(&HAS_ACTIVE, &[user.0.into(), (&today).into()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Notes that a token was used.
pub fn touch(tx: &mut Tx<'_>, id: TokenId, at: Timestamp) -> Result<(), Error> {
    tx.execute(&TOUCH, &[at.into(), id.0.into()])?;
    Ok(())
}

pub(crate) fn from_row(row: &Row<'_>) -> Result<AccessToken, Error> {
    read(&mut Columns::of(row))
}

fn read(columns: &mut Columns<'_>) -> Result<AccessToken, Error> {
    Ok(AccessToken {
        id: TokenId(columns.next()?),
        user_id: UserId(columns.next()?),
        name: columns.next()?,
        description: columns.next()?,
        scopes: columns.parsed(|text: &str| Scopes::parse(text).ok())?,
        revoked: columns.next()?,
        expires_at: next_day(columns)?,
        created_at: columns.next()?,
        last_used_at: columns.next()?,
        family_id: columns.next::<Option<i64>>()?.map(TokenId),
        source: next_source(columns)?,
    })
}

fn next_source(columns: &mut Columns<'_>) -> Result<Option<Source>, Error> {
    let project = columns.next::<Option<i64>>()?.map(ProjectId);
    let group = columns.next::<Option<i64>>()?.map(NamespaceId);
    Ok(project.map(Source::Project).or(group.map(Source::Group)))
}

/// Reads the next column as a day that may be missing.
pub(crate) fn next_day(columns: &mut Columns<'_>) -> Result<Option<Date>, Error> {
    let text: Option<String> = columns.next()?;
    text.map(|text| text.parse().map_err(|_| Error::corrupt(format!("{text:?} for a day"))))
        .transpose()
}
