//! Making a user.

use landfall_domain::{
    event::{Event, Kind},
    ids::UserId,
    time::Timestamp,
    user::{Profile, User, validate_username},
};
use landfall_store::{Tx, events, namespaces, users};
use serde_json::json;

use super::Refusal;

/// What is to be made.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// Login name.
    pub username: String,
    /// Full name; the login name if there is none.
    pub name: Option<String>,
    /// Address for mail, unique in the instance.
    pub email: Option<String>,
    /// Administrator of the instance.
    pub admin: bool,
    /// External users see internal projects only as members.
    pub external: bool,
    /// Address that everybody may see; empty for none.
    pub public_email: String,
    /// The rest of the profile.
    pub profile: Profile,
    /// By whom; `None` for the command line.
    pub by: Option<UserId>,
    /// The time.
    pub now: Timestamp,
}

/// Makes the user and the namespace that its projects stand in, so that no group can take the name later. What is wrong
/// with the login name or the address is a [`Refusal::Field`] of `username` or `email`.
pub fn create_user(tx: &mut Tx<'_>, wanted: &CreateUser) -> Result<User, Refusal> {
    validate_username(&wanted.username).map_err(|error| Refusal::field("username", error.to_string()))?;
    let email = wanted.email.as_deref().unwrap_or_default().trim();
    check_email(email)?;
    let new = users::NewUser {
        username: wanted.username.clone(),
        name: wanted.name.clone().unwrap_or_else(|| wanted.username.clone()),
        email: email.to_owned(),
        admin: wanted.admin,
        external: wanted.external,
        bot: false,
        avatar_url: None,
        created_at: wanted.now,
    };
    check_email(&wanted.public_email).map_err(|_| Refusal::field("public_email", "is invalid"))?;
    let mut user = users::insert(tx, &new).map_err(taken)?;
    if wanted.profile != user.profile || wanted.public_email != user.public_email {
        user.profile.clone_from(&wanted.profile);
        user.public_email.clone_from(&wanted.public_email);
        users::update(tx, &user)?;
    }
    namespaces::ensure_personal(tx, &user, wanted.now).map_err(taken)?;
    append(tx, &user, wanted.by, wanted.now)?;
    Ok(user)
}

/// Notes that a user was made.
pub(super) fn append(tx: &mut Tx<'_>, user: &User, by: Option<UserId>, now: Timestamp) -> Result<(), Refusal> {
    let event = Event {
        kind: Kind::UserCreated,
        project_id: None,
        deployment_id: None,
        environment_id: None,
        actor_id: by,
        data: json!({ "user_id": user.id.0, "username": user.username, "admin": user.admin }).to_string(),
        at: now,
    };
    Ok(events::append(tx, &event)?)
}

/// An address is something, an `@`, and something, without blanks; none at all is fine.
pub(super) fn check_email(email: &str) -> Result<(), Refusal> {
    let has_blank = email.contains(|c: char| c.is_whitespace() || c.is_control());
    let is_address = email
        .rsplit_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if email.is_empty() || is_address && !has_blank {
        Ok(())
    } else {
        Err(Refusal::field("email", "is invalid"))
    }
}

/// Which field a constraint belongs to.
pub(super) fn taken(error: landfall_store::Error) -> Refusal {
    let is_on = |constraint| error.is_conflict_on(constraint);
    if is_on("users_email") {
        Refusal::field("email", "has already been taken")
    } else if is_on("users_username") || is_on("namespaces_full_path") {
        Refusal::field("username", "has already been taken")
    } else {
        error.into()
    }
}
