//! Users.

use std::borrow::Cow;

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

/// What an administrator does with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateChange {
    /// Shut out.
    Block,
    /// Let in again after that.
    Unblock,
    /// Put to rest.
    Deactivate,
    /// Wake up again.
    Activate,
    /// Shut out for abuse.
    Ban,
    /// Let in again after that.
    Unban,
}

texts!(StateChange {
    Block = "block",
    Unblock = "unblock",
    Deactivate = "deactivate",
    Activate = "activate",
    Ban = "ban",
    Unban = "unban",
});

/// What came of a [`StateChange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The account is in this state now, and may have been before.
    Now(UserState),
    /// It was so already, in GitLab's way of saying nothing about it.
    Already,
    /// It was not in the state that could be left.
    No,
    /// It cannot be done, for this reason.
    Refused(&'static str),
}

impl UserState {
    /// The state after a change.
    #[must_use]
    pub const fn after(self, change: StateChange) -> Changed {
        match (change, self) {
            (StateChange::Block, Self::Active | Self::Deactivated) => Changed::Now(Self::Blocked),
            (StateChange::Block, Self::Blocked)
            | (StateChange::Deactivate, Self::Deactivated)
            | (StateChange::Ban, Self::Banned) => Changed::Already,
            (StateChange::Block, Self::Banned) => Changed::Refused("Banned users cannot be blocked by the API"),
            (StateChange::Unblock, Self::Blocked)
            | (StateChange::Unban, Self::Banned)
            | (StateChange::Activate, Self::Active | Self::Deactivated) => Changed::Now(Self::Active),
            (StateChange::Unblock, Self::Deactivated) => {
                Changed::Refused("Deactivated users cannot be unblocked by the API")
            }
            (StateChange::Unblock, Self::Active | Self::Banned) => Changed::No,
            (StateChange::Activate, Self::Blocked | Self::Banned) => {
                Changed::Refused("A blocked user must be unblocked to be activated")
            }
            (StateChange::Deactivate, Self::Active) => Changed::Now(Self::Deactivated),
            (StateChange::Deactivate, Self::Blocked | Self::Banned) => {
                Changed::Refused("A blocked user cannot be deactivated by the API")
            }
            (StateChange::Ban, Self::Active) => Changed::Now(Self::Banned),
            (StateChange::Ban, Self::Blocked) => Changed::Refused("You cannot ban blocked users."),
            (StateChange::Ban, Self::Deactivated) => Changed::Refused("You cannot ban deactivated users."),
            (StateChange::Unban, Self::Active) => Changed::Refused("You cannot unban active users."),
            (StateChange::Unban, Self::Blocked) => Changed::Refused("You cannot unban blocked users."),
            (StateChange::Unban, Self::Deactivated) => Changed::Refused("You cannot unban deactivated users."),
        }
    }
}

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

/// The texts of a profile by the names that the API gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProfileField {
    /// [`Profile::bio`].
    Bio,
    /// [`Profile::location`].
    Location,
    /// [`Profile::linkedin`].
    Linkedin,
    /// [`Profile::twitter`].
    Twitter,
    /// [`Profile::discord`].
    Discord,
    /// [`Profile::github`].
    Github,
    /// [`Profile::skype`].
    Skype,
    /// [`Profile::website_url`].
    WebsiteUrl,
    /// [`Profile::organization`].
    Organization,
    /// [`Profile::job_title`].
    JobTitle,
    /// [`Profile::pronouns`].
    Pronouns,
}

texts!(ProfileField {
    Bio = "bio",
    Location = "location",
    Linkedin = "linkedin",
    Twitter = "twitter",
    Discord = "discord",
    Github = "github",
    Skype = "skype",
    WebsiteUrl = "website_url",
    Organization = "organization",
    JobTitle = "job_title",
    Pronouns = "pronouns",
});

impl Profile {
    /// Sets one text; an empty one clears it.
    pub fn set(&mut self, field: ProfileField, text: &str) {
        let optional = || Some(text.to_owned()).filter(|text| !text.is_empty());
        let place = match field {
            ProfileField::Bio => return self.bio = optional(),
            ProfileField::Location => return self.location = optional(),
            ProfileField::Pronouns => return self.pronouns = optional(),
            ProfileField::Linkedin => &mut self.linkedin,
            ProfileField::Twitter => &mut self.twitter,
            ProfileField::Discord => &mut self.discord,
            ProfileField::Github => &mut self.github,
            ProfileField::Skype => &mut self.skype,
            ProfileField::WebsiteUrl => &mut self.website_url,
            ProfileField::Organization => &mut self.organization,
            ProfileField::JobTitle => &mut self.job_title,
        };
        text.clone_into(place);
    }
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
    pub fn shown_avatar_url(&self) -> Option<Cow<'_, str>> {
        self.avatar_url
            .as_deref()
            .map(Cow::Borrowed)
            .or_else(|| (!self.email.trim().is_empty()).then(|| Cow::Owned(self.gravatar_url())))
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
