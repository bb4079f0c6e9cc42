//! Whom a sender means: a user of this instance, or one that is made for it, who can do nothing here.

use landfall_domain::{
    ids::UserId,
    time::Timestamp,
    user::{Profile, User, UserState, validate_username},
};
use landfall_store::{Tx, namespaces, users};

use crate::{
    hooks_in::UserHint,
    ops::{
        Refusal,
        create_user::{CreateUser, create_user},
    },
};

/// The most characters of a name and of the address of a picture.
const LONGEST: usize = 255;
/// Names that are tried with a number before a user is given up.
const MOST_NUMBERS: u32 = 100;

/// Finds the user by its login name or public address, else makes an external, deactivated one with these. `None` if
/// nothing that the sender tells can be a name.
pub(super) fn find_or_make(tx: &mut Tx<'_>, hint: &UserHint, now: Timestamp) -> Result<Option<UserId>, Refusal> {
    if let Some(username) = &hint.username
        && let Some(found) = users::by_username(tx, username)?
    {
        return Ok(Some(found.id));
    }
    if let Some(email) = &hint.email
        && let Some(found) = users::by_public_email(tx, email)?
    {
        return Ok(Some(found.id));
    }
    let Some(wanted) = wanted_name(hint) else {
        return Ok(None);
    };
    // What the sender calls a login name is one and the same user; a name that was made of an address need not be.
    if hint.username.is_some()
        && let Some(found) = users::by_username(tx, &wanted)?
    {
        return Ok(Some(found.id));
    }
    let Some(username) = free_name(tx, &wanted)? else {
        return Ok(None);
    };
    make(tx, username, hint, now).map(Some)
}

fn make(tx: &mut Tx<'_>, username: String, hint: &UserHint, now: Timestamp) -> Result<UserId, Refusal> {
    let name = hint.name.as_deref().map(|name| name.chars().take(LONGEST).collect());
    let wanted = CreateUser {
        username,
        name,
        email: None,
        admin: false,
        external: true,
        public_email: String::new(),
        profile: Profile::default(),
        by: None,
        now,
    };
    let made = create_user(tx, &wanted)?;
    let user = User {
        state: UserState::Deactivated,
        bot: hint.bot,
        public_email: hint
            .email
            .clone()
            .filter(|email| email.len() <= LONGEST)
            .unwrap_or_default(),
        avatar_url: hint.avatar_url.clone().filter(|url| is_picture(url)),
        ..made
    };
    users::update(tx, &user)?;
    Ok(user.id)
}

/// Pages link to it, so it must lead to the web.
fn is_picture(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web && url.len() <= LONGEST && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The login name, or the part of the address before the `@`, with characters that no name may have replaced.
fn wanted_name(hint: &UserHint) -> Option<String> {
    let told = hint
        .username
        .as_deref()
        .or_else(|| hint.email.as_deref()?.split('@').next())?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let replaced: String = told.chars().take(200).map(|c| if fits(c) { c } else { '-' }).collect();
    let name = replaced.trim_matches(['-', '.']);
    validate_username(name).ok().map(|()| name.to_owned())
}

/// The name, or the name with a number, that neither a user nor a group has.
fn free_name(tx: &mut Tx<'_>, wanted: &str) -> Result<Option<String>, Refusal> {
    for number in 1..=MOST_NUMBERS {
        let name = match number {
            1 => wanted.to_owned(),
            number => format!("{wanted}-{number}"),
        };
        if users::by_username(tx, &name)?.is_none() && namespaces::by_path(tx, &name)?.is_none() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
