//! Users of other systems, as hooks and imports tell of them: the user here who is meant, or one that is made to stand for
//! somebody elsewhere and can do nothing here.

use landfall_domain::{
    ids::UserId,
    time::Timestamp,
    user::{Profile, User, UserState, validate_username},
};
use landfall_store::{Tx, namespaces, users};

use super::{
    Refusal,
    create_user::{append, check_email},
};
use crate::hooks_in::UserHint;

/// The most characters of a name and of an address for mail.
const LONGEST: usize = 255;
/// The most bytes of the address of a picture.
const LONGEST_PICTURE: usize = 2048;
/// Names that are tried with a number before a user is given up.
const MOST_NUMBERS: u32 = 100;

/// Somebody as another system tells of them. What is `None` is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalUser {
    /// Login name there.
    pub username: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Address that everybody may see.
    pub public_email: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Not a person.
    pub bot: bool,
    /// When the account was made.
    pub created_at: Option<Timestamp>,
    /// The rest of the profile, as far as it is shown.
    pub profile: Profile,
}

impl From<&UserHint> for ExternalUser {
    fn from(hint: &UserHint) -> ExternalUser {
        ExternalUser {
            username: hint.username.clone(),
            name: hint.name.clone(),
            public_email: hint.email.clone(),
            avatar_url: hint.avatar_url.clone(),
            bot: hint.bot,
            created_at: None,
            profile: Profile::default(),
        }
    }
}

/// The user here who stands for somebody elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: UserId,
    /// The login name of one who was made just now.
    pub(crate) made: Option<String>,
}

impl Found {
    fn known(user: &User) -> Found {
        Found {
            id: user.id,
            made: None,
        }
    }
}

/// Finds the user by its login name, in any letter case, else by its public address, else makes an external,
/// deactivated one. `None` if nothing that is told can be a login name here.
pub(crate) fn find_or_make(tx: &mut Tx<'_>, told: &ExternalUser, now: Timestamp) -> Result<Option<Found>, Refusal> {
    let fitting = told.username.as_deref().and_then(fit);
    if let Some(username) = &fitting
        && let Some(found) = users::by_username(tx, username)?
    {
        return Ok(Some(Found::known(&found)));
    }
    let address = told.public_email.as_deref().filter(|address| is_address(address));
    if let Some(address) = address
        && let Some(found) = users::by_public_email(tx, address)?
    {
        return Ok(Some(Found::known(&found)));
    }
    // What a system calls a login name is one and the same user; a name that is made of an address need not be.
    let username = match (fitting, address) {
        (Some(username), _) => Some(username),
        (None, Some(address)) => match address.split('@').next().and_then(fit) {
            Some(wanted) => free_name(tx, &wanted)?,
            None => None,
        },
        (None, None) => None,
    };
    let Some(username) = username else { return Ok(None) };
    let user = make(tx, username, address, told, now)?;
    Ok(Some(Found {
        id: user.id,
        made: Some(user.username),
    }))
}

/// Makes a user who only stands for somebody elsewhere: deactivated, so that nobody signs in as one, and external, so
/// that bringing the account to life opens nothing.
fn make(
    tx: &mut Tx<'_>,
    username: String,
    address: Option<&str>,
    told: &ExternalUser,
    now: Timestamp,
) -> Result<User, Refusal> {
    let name = told.name.as_deref().filter(|name| !name.trim().is_empty());
    let new = users::NewUser {
        name: name.unwrap_or(&username).chars().take(LONGEST).collect(),
        username,
        email: String::new(),
        admin: false,
        external: true,
        bot: told.bot,
        avatar_url: told.avatar_url.clone().filter(|url| is_picture(url)),
        created_at: told.created_at.unwrap_or(now),
    };
    let user = User {
        state: UserState::Deactivated,
        public_email: address.unwrap_or_default().to_owned(),
        profile: told.profile.clone(),
        ..users::insert(tx, &new)?
    };
    users::update(tx, &user)?;
    keep_name(tx, &user, now)?;
    append(tx, &user, None, now)?;
    Ok(user)
}

/// The name's namespace belongs to the user, unless a group has it already: elsewhere that was another's name.
fn keep_name(tx: &mut Tx<'_>, user: &User, now: Timestamp) -> Result<(), Refusal> {
    match namespaces::ensure_personal(tx, user, now) {
        Err(error) if error.is_conflict_on("namespaces_full_path") => Ok(()),
        other => Ok(other.map(drop)?),
    }
}

fn is_address(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST && check_email(text).is_ok()
}

/// Pages link to it, so it must lead to the web.
fn is_picture(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web && url.len() <= LONGEST_PICTURE && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The login name that a name of another system is here: characters that none may have are replaced.
fn fit(told: &str) -> Option<String> {
    if validate_username(told).is_ok() {
        return Some(told.to_owned());
    }
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
