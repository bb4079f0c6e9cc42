//! Users.

use thiserror::Error;

use crate::{hash, ids::UserId, project, time::Timestamp};

/// Whether a user may work with the instance (reference 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserState {
    /// May sign in.
    Active,
    /// Shut out by an administrator.
    Blocked,
    /// Put to rest by an administrator.
    Deactivated,
    /// Shut out for abuse.
    Banned,
}

texts!(UserState { Active = "active", Blocked = "blocked", Deactivated = "deactivated", Banned = "banned" });

/// A user with the profile that GitLab shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Global id.
    pub id: UserId,
    /// Login name, unique without regard to letter case.
    pub username: String,
    /// Full name.
    pub name: String,
    /// Address for mail; shown to the user itself and to administrators.
    pub email: String,
    /// Address that everybody may see; empty if unset.
    pub public_email: String,
    /// State of the account.
    pub state: UserState,
    /// Administrator of the instance.
    pub admin: bool,
    /// External users see internal projects only as members (reference 13).
    pub external: bool,
    /// A project's or integration's own user.
    pub bot: bool,
    /// Picture; `None` means the Gravatar of `email`.
    pub avatar_url: Option<String>,
    /// The rest of the profile.
    pub profile: Profile,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// The texts of a user's profile (reference 7.6); empty or `None` where unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// About the user.
    pub bio: Option<String>,
    /// Place.
    pub location: Option<String>,
    /// Link or name.
    pub linkedin: String,
    /// Link or name.
    pub twitter: String,
    /// Link or name.
    pub discord: String,
    /// Link or name.
    pub github: String,
    /// Name; gone from today's GitLab, still in the seed document.
    pub skype: String,
    /// Home page.
    pub website_url: String,
    /// Employer.
    pub organization: String,
    /// Position.
    pub job_title: String,
    /// Pronouns.
    pub pronouns: Option<String>,
}

impl User {
    /// The Gravatar of the user's address (reference 7.3).
    #[must_use]
    pub fn gravatar_url(&self) -> String {
        let digest = hash::hex(&hash::sha256(&self.email.trim().to_lowercase()));
        format!("https://www.gravatar.com/avatar/{digest}?s=80&d=identicon")
    }

    /// The picture that is shown: the user's own, else the Gravatar, else none, for a user without an address.
    #[must_use]
    pub fn shown_avatar_url(&self) -> Option<String> {
        self.avatar_url
            .clone()
            .or_else(|| (!self.email.trim().is_empty()).then(|| self.gravatar_url()))
    }
}

/// What is wrong with a login name. The texts are made to follow the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// Under 2 characters.
    #[error("is too short (minimum is 2 characters)")]
    TooShort,
    /// Over 255 characters.
    #[error("is too long (maximum is 255 characters)")]
    TooLong,
    /// A character that is not allowed, or one that is not allowed in its place.
    #[error(
        "can contain only letters, digits, '_', '-' and '.'; it cannot start with '-' or end in '.', '.git' or '.atom'"
    )]
    Characters,
}

/// Checks a login name. It is the first segment of the paths of the user's projects, so the rules of paths hold.
pub fn validate_username(name: &str) -> Result<(), UsernameError> {
    let length = name.chars().count();
    if length < 2 {
        return Err(UsernameError::TooShort);
    }
    if length > 255 {
        return Err(UsernameError::TooLong);
    }
    if project::is_segment(name) {
        Ok(())
    } else {
        Err(UsernameError::Characters)
    }
}
