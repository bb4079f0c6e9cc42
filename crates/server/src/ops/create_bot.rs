//! Access tokens of projects and groups. Each has a user of its own, a bot, which is a member there.

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    event::{Event, Kind},
    member::Source,
    time::Timestamp,
    token::{AccessToken, Digest, Scopes},
    user::User,
};
use landfall_store::{
    Tx, events,
    members::{self, NewMember},
    users::{self, NewUser},
};
use serde_json::json;

use super::{
    Refusal,
    create_token::{CreateToken, create_token},
    set_member::{self, By},
};

/// What is to be made. The caller's rights have been checked. The secret stays with the caller, who shows it once.
#[derive(Clone, Debug)]
pub struct CreateBot {
    /// What the token belongs to.
    pub source: Source,
    /// Name of the token, and of its bot.
    pub name: String,
    /// What is noted about the token.
    pub description: Option<String>,
    /// The bot's level.
    pub access_level: AccessLevel,
    /// Something that makes the bot's login name unique.
    pub suffix: String,
    /// Digest of the secret.
    pub digest: Digest,
    /// What the token allows.
    pub scopes: Scopes,
    /// Dead from 00:00 UTC of this day on.
    pub expires_at: Date,
    /// By whom.
    pub by: By,
    /// The time.
    pub now: Timestamp,
}

/// Makes the bot, its membership and its token.
pub fn create_bot(tx: &mut Tx<'_>, wanted: &CreateBot) -> Result<AccessToken, Refusal> {
    let username = format!(
        "{}_{}_bot_{}",
        wanted.source.as_str(),
        wanted.source.id(),
        wanted.suffix
    );
    let new = NewUser {
        email: format!("{username}@noreply.localhost"),
        username,
        name: wanted.name.clone(),
        admin: false,
        external: false,
        bot: true,
        avatar_url: None,
        created_at: wanted.now,
    };
    let bot = users::insert(tx, &new)?;
    append(tx, &bot, wanted)?;
    let member = NewMember {
        source: wanted.source,
        user_id: bot.id,
        access_level: wanted.access_level,
        expires_at: None,
        created_at: wanted.now,
        created_by_id: wanted.by.user_id(),
    };
    members::set(tx, &member)?;
    set_member::append(
        tx,
        wanted.source,
        &bot,
        Some(wanted.access_level),
        wanted.by,
        wanted.now,
    )?;
    let token = CreateToken {
        user_id: bot.id,
        name: wanted.name.clone(),
        description: wanted.description.clone(),
        digest: wanted.digest,
        scopes: wanted.scopes.clone(),
        expires_at: Some(wanted.expires_at),
        source: Some(wanted.source),
        now: wanted.now,
    };
    create_token(tx, &token)
}

fn append(tx: &mut Tx<'_>, bot: &User, wanted: &CreateBot) -> Result<(), Refusal> {
    let event = Event {
        kind: Kind::UserCreated,
        project_id: None,
        deployment_id: None,
        environment_id: None,
        actor_id: wanted.by.user_id(),
        data: json!({ "user_id": bot.id.0, "username": bot.username, "bot": true }).to_string(),
        at: wanted.now,
    };
    Ok(events::append(tx, &event)?)
}
