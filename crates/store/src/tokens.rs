//! Access tokens; only digests of their secrets are here.

use jiff::civil::Date;
use landfall_domain::{
    ids::{TokenId, UserId},
    time::Timestamp,
    token::{AccessToken, Digest, Scopes},
    user::User,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    users,
};

macro_rules! columns {
    () => {
        "t.id, t.user_id, t.name, t.description, t.scopes, t.revoked, t.expires_at, t.created_at, t.last_used_at"
    };
}

statements! { "tokens";
    BY_DIGEST = concat!(
        "SELECT ", columns!(), ", ", users::columns!(),
        " FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.digest = $1"
    );
    BY_ID = concat!("SELECT ", columns!(), " FROM tokens t WHERE t.id = $1");
    OF_USER = concat!("SELECT ", columns!(), " FROM tokens t WHERE t.user_id = $1 ORDER BY t.id");
    INSERT = "INSERT INTO tokens (user_id, name, description, digest, scopes, revoked, expires_at, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
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
    /// Digest of the secret.
    pub digest: Digest,
    /// What it allows.
    pub scopes: Scopes,
    /// Dead from 00:00 UTC of this day on.
    pub expires_at: Option<Date>,
    /// When it was made.
    pub created_at: Timestamp,
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
    let values = [
        new.user_id.0.into(),
        (&new.name).into(),
        crate::Value::Null,
        (&digest).into(),
        (&scopes).into(),
        false.into(),
        expires_at.as_ref().into(),
        new.created_at.into(),
    ];
    let id = tx.query_one(&INSERT, &values, |row| row.get(0))?;
    Ok(AccessToken {
        id: TokenId(id),
        user_id: new.user_id,
        name: new.name.clone(),
        description: None,
        scopes: new.scopes.clone(),
        revoked: false,
        expires_at: new.expires_at,
        created_at: new.created_at,
        last_used_at: None,
    })
}

/// Ends a token; answers whether it exists.
pub fn revoke(tx: &mut Tx<'_>, id: TokenId) -> Result<bool, Error> {
    Ok(tx.execute(&REVOKE, &[true.into(), id.0.into()])? == 1)
}

/// Notes that a token was used.
pub fn touch(tx: &mut Tx<'_>, id: TokenId, at: Timestamp) -> Result<(), Error> {
    tx.execute(&TOUCH, &[at.into(), id.0.into()])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<AccessToken, Error> {
    read(&mut Columns::of(row))
}

fn read(columns: &mut Columns<'_>) -> Result<AccessToken, Error> {
    Ok(AccessToken {
        id: TokenId(columns.next()?),
        user_id: UserId(columns.next()?),
        name: columns.next()?,
        description: columns.next()?,
        scopes: columns.parsed(|text: &String| Scopes::parse(text).ok())?,
        revoked: columns.next()?,
        expires_at: next_day(columns)?,
        created_at: columns.next()?,
        last_used_at: columns.next()?,
    })
}

/// Reads the next column as a day that may be missing.
pub(crate) fn next_day(columns: &mut Columns<'_>) -> Result<Option<Date>, Error> {
    let text: Option<String> = columns.next()?;
    text.map(|text| text.parse().map_err(|_| Error::corrupt(format!("{text:?} for a day"))))
        .transpose()
}
