//! Users of other instances.

use std::collections::HashMap;

use landfall_domain::{
    event::{Event, Kind},
    ids::UserId,
    time::Timestamp,
    user::{User, UserState, validate_username},
};
use landfall_store::{Tx, events, namespaces, users};
use serde_json::json;

use super::Outcome;
use crate::{
    imports::Person,
    ops::{Refusal, create_user::check_email},
};

/// The users that a part of an import has met, by login name.
#[derive(Default)]
pub(super) struct People(HashMap<String, Option<UserId>>);

impl People {
    /// The user here who is meant: the one of that login name, else the one with that public address, else a new one who
    /// cannot sign in. `None` for a login name that no user here can have.
    pub(super) fn find_or_create(
        &mut self,
        tx: &mut Tx<'_>,
        person: &Person,
        now: Timestamp,
        outcome: &mut Outcome,
    ) -> Result<Option<UserId>, Refusal> {
        if let Some(known) = self.0.get(&person.username) {
            return Ok(*known);
        }
        let found = match find(tx, person)? {
            Some(found) => Some(found),
            None => create(tx, person, now)?,
        };
        if let Some(Found::Created(_)) = found {
            outcome.users_created.insert(person.username.clone());
        }
        let id = found.map(|(Found::Known(id) | Found::Created(id))| id);
        self.0.insert(person.username.clone(), id);
        Ok(id)
    }
}

enum Found {
    Known(UserId),
    Created(UserId),
}

fn find(tx: &mut Tx<'_>, person: &Person) -> Result<Option<Found>, Refusal> {
    let mut found = users::by_username(tx, &person.username)?;
    if found.is_none()
        && let Some(address) = &person.public_email
    {
        found = users::by_public_email(tx, address)?;
    }
    Ok(found.map(|user| Found::Known(user.id)))
}

/// Makes a user who only stands for somebody elsewhere: deactivated, so that nobody signs in as one, and external, so
/// that bringing the account to life opens nothing.
fn create(tx: &mut Tx<'_>, person: &Person, now: Timestamp) -> Result<Option<Found>, Refusal> {
    if validate_username(&person.username).is_err() {
        return Ok(None);
    }
    let new = users::NewUser {
        username: person.username.clone(),
        name: person.name.clone().unwrap_or_else(|| person.username.clone()),
        email: String::new(),
        admin: false,
        external: true,
        bot: person.bot,
        avatar_url: person.avatar_url.clone(),
        created_at: person.created_at.unwrap_or(now),
    };
    let shown = person
        .public_email
        .clone()
        .filter(|address| check_email(address).is_ok());
    let user = User {
        public_email: shown.unwrap_or_default(),
        state: UserState::Deactivated,
        profile: person.profile.clone(),
        ..users::insert(tx, &new)?
    };
    users::update(tx, &user)?;
    keep_name(tx, &user, now)?;
    let event = Event {
        kind: Kind::UserCreated,
        project_id: None,
        deployment_id: None,
        environment_id: None,
        actor_id: None,
        data: json!({ "user_id": user.id.0, "username": user.username, "admin": false }).to_string(),
        at: now,
    };
    events::append(tx, &event)?;
    Ok(Some(Found::Created(user.id)))
}

/// The name's namespace belongs to the user, unless a group has it already: elsewhere that was another's name.
fn keep_name(tx: &mut Tx<'_>, user: &User, now: Timestamp) -> Result<(), Refusal> {
    match namespaces::ensure_personal(tx, user, now) {
        Err(error) if error.is_conflict_on("namespaces_full_path") => Ok(()),
        other => Ok(other.map(drop)?),
    }
}
