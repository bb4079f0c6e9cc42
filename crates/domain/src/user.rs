//! Users.

use crate::{ids::UserId, time::Timestamp};

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
