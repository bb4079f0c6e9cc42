//! Ending an access token.

use landfall_domain::{event::Kind, ids::TokenId, time::Timestamp, token::AccessToken};
use landfall_store::{Tx, members, tokens, users};

use super::{
    Refusal,
    create_token::append,
    set_member::{self, By},
};

/// Ends it for good; one that is revoked already stays so, and nothing more is noted. A bot that has no other token left
/// is no member any more.
pub fn revoke_token(tx: &mut Tx<'_>, id: TokenId, now: Timestamp) -> Result<AccessToken, Refusal> {
    let mut token = tokens::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    if !token.revoked {
        tokens::revoke(tx, id)?;
        token.revoked = true;
        append(tx, Kind::TokenRevoked, &token, now)?;
        end_membership(tx, &token, now)?;
    }
    Ok(token)
}

fn end_membership(tx: &mut Tx<'_>, token: &AccessToken, now: Timestamp) -> Result<(), Refusal> {
    let Some(source) = token.source else {
        return Ok(());
    };
    if tokens::has_active(tx, token.user_id, now.date())? || !members::remove(tx, source, token.user_id)? {
        return Ok(());
    }
    let bot = users::by_id(tx, token.user_id)?.ok_or(Refusal::NotFound)?;
    set_member::append(tx, source, &bot, None, By::Operator, now)
}
