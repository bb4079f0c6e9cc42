//! Ending an access token.

use landfall_domain::{event::Kind, ids::TokenId, time::Timestamp, token::AccessToken};
use landfall_store::{Tx, tokens};

use super::{Refusal, create_token::append};

/// Ends it for good; one that is revoked already stays so, and nothing more is noted.
pub fn revoke_token(tx: &mut Tx<'_>, id: TokenId, now: Timestamp) -> Result<AccessToken, Refusal> {
    let mut token = tokens::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    if !token.revoked {
        tokens::revoke(tx, id)?;
        token.revoked = true;
        append(tx, Kind::TokenRevoked, &token, now)?;
    }
    Ok(token)
}
