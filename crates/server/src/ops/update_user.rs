//! Changing a user's account.

use landfall_domain::{
    event::{Event, Kind},
    ids::UserId,
    time::Timestamp,
    user::{ProfileField, User, UserState, validate_username},
};
use landfall_store::{Tx, events, namespaces, users};
use serde_json::json;

use super::{
    Refusal,
    create_user::{check_email, taken},
};

/// What is to be changed; `None` leaves a value as it is.
#[derive(Clone, Debug)]
pub struct UpdateUser {
    /// Who.
    pub id: UserId,
    /// Login name; the paths of the user's projects change with it.
    pub username: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Address for mail.
    pub email: Option<String>,
    /// Address that everybody may see; empty for none.
    pub public_email: Option<String>,
    /// Picture; empty for the Gravatar of the address.
    pub avatar_url: Option<String>,
    /// Administrator of the instance.
    pub admin: Option<bool>,
    /// External user.
    pub external: Option<bool>,
    /// State of the account.
    pub state: Option<UserState>,
    /// Texts of the profile; empty ones are cleared.
    pub profile: Vec<(ProfileField, String)>,
    /// By whom; `None` for the command line.
    pub by: Option<UserId>,
    /// The time.
    pub now: Timestamp,
}

/// Changes it.
pub fn update_user(tx: &mut Tx<'_>, wanted: &UpdateUser) -> Result<User, Refusal> {
    let before = users::by_id(tx, wanted.id)?.ok_or(Refusal::NotFound)?;
    let mut user = before.clone();
    apply(&mut user, wanted)?;
    if user == before {
        return Ok(user);
    }
    users::update(tx, &user).map_err(taken)?;
    if user.username != before.username || user.name != before.name {
        rename_namespace(tx, &before, &user, wanted.now)?;
    }
    let event = Event {
        kind: Kind::UserUpdated,
        project_id: None,
        deployment_id: None,
        environment_id: None,
        actor_id: wanted.by,
        data: json!({
            "user_id": user.id.0,
            "username": user.username,
            "state": user.state.as_str(),
            "admin": user.admin,
            "external": user.external,
        })
        .to_string(),
        at: wanted.now,
    };
    events::append(tx, &event)?;
    Ok(user)
}

/// The user's own namespace is called as the user is.
fn rename_namespace(tx: &mut Tx<'_>, before: &User, user: &User, now: Timestamp) -> Result<(), Refusal> {
    if let Some(namespace) = namespaces::personal(tx, before)? {
        namespaces::rename(tx, &namespace, (&user.name, &user.username), now).map_err(taken)?;
    }
    Ok(())
}

fn apply(user: &mut User, wanted: &UpdateUser) -> Result<(), Refusal> {
    if let Some(username) = &wanted.username {
        validate_username(username).map_err(|error| Refusal::field("username", error.to_string()))?;
        user.username.clone_from(username);
    }
    for (field, text) in &wanted.profile {
        user.profile.set(*field, text);
    }
    if let Some(name) = &wanted.name {
        if name.trim().is_empty() {
            return Err(Refusal::field("name", "can't be blank"));
        }
        user.name.clone_from(name);
    }
    if let Some(email) = &wanted.email {
        check_email(email)?;
        user.email.clone_from(email);
    }
    if let Some(email) = &wanted.public_email {
        check_email(email).map_err(|_| Refusal::field("public_email", "is invalid"))?;
        user.public_email.clone_from(email);
    }
    if let Some(avatar_url) = &wanted.avatar_url {
        user.avatar_url = Some(avatar_url.clone()).filter(|url| !url.is_empty());
    }
    user.admin = wanted.admin.unwrap_or(user.admin);
    user.external = wanted.external.unwrap_or(user.external);
    user.state = wanted.state.unwrap_or(user.state);
    Ok(())
}
