//! Making an access token.

use jiff::civil::Date;
use landfall_domain::{
    event::{Event, Kind},
    ids::UserId,
    member::Source,
    time::Timestamp,
    token::{AccessToken, Digest, Scopes},
};
use landfall_store::{Tx, events, tokens};
use serde_json::json;

use super::Refusal;

/// What is to be made. The secret itself stays with the caller, who shows it once.
#[derive(Clone, Debug)]
pub struct CreateToken {
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
    /// What it belongs to, if its user is a bot.
    pub source: Option<Source>,
    /// The time.
    pub now: Timestamp,
}

/// Makes it. A token that would open nothing, because it has no scope or is dead already, is a [`Refusal::Field`].
pub fn create_token(tx: &mut Tx<'_>, wanted: &CreateToken) -> Result<AccessToken, Refusal> {
    if wanted.scopes.is_empty() {
        return Err(Refusal::field("scopes", "can't be blank"));
    }
    if wanted.expires_at.is_some_and(|day| day <= wanted.now.date()) {
        return Err(Refusal::field("expires_at", "must be in the future"));
    }
    let new = tokens::NewToken {
        user_id: wanted.user_id,
        name: wanted.name.clone(),
        description: wanted.description.clone(),
        digest: wanted.digest,
        scopes: wanted.scopes.clone(),
        expires_at: wanted.expires_at,
        created_at: wanted.now,
        family_id: None,
        source: wanted.source,
    };
    let token = tokens::insert(tx, &new)?;
    append(tx, Kind::TokenCreated, &token, wanted.now)?;
    Ok(token)
}

/// Appends what happened to a token.
pub(super) fn append(tx: &mut Tx<'_>, kind: Kind, token: &AccessToken, now: Timestamp) -> Result<(), Refusal> {
    let event = Event {
        kind,
        project_id: None,
        deployment_id: None,
        environment_id: None,
        actor_id: None,
        data: json!({
            "token_id": token.id.0,
            "user_id": token.user_id.0,
            "name": token.name,
            "scopes": token.scopes.as_strs(),
        })
        .to_string(),
        at: now,
    };
    Ok(events::append(tx, &event)?)
}
