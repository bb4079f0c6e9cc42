//! Putting a new token into the place of an old one.

use jiff::civil::Date;
use landfall_domain::{
    event::Kind,
    ids::TokenId,
    time::Timestamp,
    token::{AccessToken, Digest, TokenStatus},
};
use landfall_store::{
    Tx,
    tokens::{self, NewToken},
};

use super::{Refusal, create_token::append};

/// What is to be rotated. The new secret stays with the caller, who shows it once.
#[derive(Clone, Debug)]
pub struct RotateToken {
    /// The old token.
    pub id: TokenId,
    /// Digest of the new secret.
    pub digest: Digest,
    /// The new one is dead from 00:00 UTC of this day on.
    pub expires_at: Date,
    /// The time.
    pub now: Timestamp,
}

/// Revokes the old token and makes a new one like it. One that is revoked already is not rotated again.
pub fn rotate_token(tx: &mut Tx<'_>, wanted: &RotateToken) -> Result<AccessToken, Refusal> {
    let mut old = tokens::by_id(tx, wanted.id)?.ok_or(Refusal::NotFound)?;
    if old.revoked {
        return Err(Refusal::BadRequest("Token already revoked"));
    }
    tokens::revoke(tx, old.id)?;
    old.revoked = true;
    append(tx, Kind::TokenRevoked, &old, wanted.now)?;
    let new = NewToken {
        user_id: old.user_id,
        name: old.name.clone(),
        description: old.description.clone(),
        digest: wanted.digest,
        scopes: old.scopes.clone(),
        expires_at: Some(wanted.expires_at),
        created_at: wanted.now,
        family_id: Some(old.family()),
        source: old.source,
    };
    let new = tokens::insert(tx, &new)?;
    append(tx, Kind::TokenCreated, &new, wanted.now)?;
    Ok(new)
}

/// Somebody rotates with a token that was rotated or revoked before: it is in two hands, and one of them is a thief's.
/// Whichever it is, every token that came out of it ends.
pub fn end_family(tx: &mut Tx<'_>, digest: &Digest, now: Timestamp) -> Result<(), Refusal> {
    let Some((token, _)) = tokens::by_digest(tx, digest)? else {
        return Ok(());
    };
    if token.status(now.date()) != TokenStatus::Revoked {
        return Ok(());
    }
    tokens::revoke_family(tx, token.family())?;
    append(tx, Kind::TokenRevoked, &token, now)
}
