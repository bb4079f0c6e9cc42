//! Users: the short form everywhere, the full one in a deployable and at `/users/:id`, the private one at `/user`.

use std::borrow::Cow;

use landfall_domain::user::User;
use serde::Serialize;
use utoipa::ToSchema;

use super::{EMPTY, Empty, Wire};
use crate::urls::Urls;

/// A user in the short form (reference 7.3).
#[derive(Debug, Serialize, ToSchema)]
pub struct UserBasic<'a> {
    id: i64,
    username: &'a str,
    public_email: &'a str,
    name: &'a str,
    state: &'static str,
    locked: bool,
    avatar_url: Option<Cow<'a, str>>,
    web_url: String,
}

impl<'a> UserBasic<'a> {
    /// The short form.
    #[must_use]
    pub fn new(user: &'a User, urls: &Urls) -> UserBasic<'a> {
        UserBasic {
            id: user.id.0,
            username: &user.username,
            public_email: &user.public_email,
            name: &user.name,
            state: user.state.as_str(),
            locked: false,
            avatar_url: user.shown_avatar_url(),
            web_url: urls.user(&user.username),
        }
    }
}

/// A user with the public profile (reference 7.6, with the seed's `skype`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserFull<'a> {
    #[serde(flatten)]
    basic: UserBasic<'a>,
    created_at: Wire,
    bio: Option<&'a str>,
    location: Option<&'a str>,
    skype: &'a str,
    linkedin: &'a str,
    twitter: &'a str,
    discord: &'a str,
    website_url: &'a str,
    github: &'a str,
    job_title: &'a str,
    pronouns: Option<&'a str>,
    organization: &'a str,
    bot: bool,
    work_information: Option<String>,
    followers: i64,
    following: i64,
    is_followed: bool,
    local_time: Option<&'a str>,
}

impl<'a> UserFull<'a> {
    /// The full form. Nobody follows anybody here, and no zone is known that `local_time` could be told in.
    #[must_use]
    pub fn new(user: &'a User, urls: &Urls) -> UserFull<'a> {
        let profile = &user.profile;
        UserFull {
            basic: UserBasic::new(user, urls),
            created_at: Wire(user.created_at),
            bio: profile.bio.as_deref(),
            location: profile.location.as_deref(),
            skype: &profile.skype,
            linkedin: &profile.linkedin,
            twitter: &profile.twitter,
            discord: &profile.discord,
            website_url: &profile.website_url,
            github: &profile.github,
            job_title: &profile.job_title,
            pronouns: profile.pronouns.as_deref(),
            organization: &profile.organization,
            bot: user.bot,
            work_information: work_information(&profile.job_title, &profile.organization),
            followers: 0,
            following: 0,
            is_followed: false,
            local_time: None,
        }
    }
}

/// `Engineer at Example`, or the one of the two that is known.
fn work_information(job_title: &str, organization: &str) -> Option<String> {
    match (job_title.is_empty(), organization.is_empty()) {
        (true, true) => None,
        (false, true) => Some(job_title.to_owned()),
        (true, false) => Some(organization.to_owned()),
        (false, false) => Some(format!("{job_title} at {organization}")),
    }
}

/// What a user sees of itself (neighbours, section 3), and what administrators see of everybody.
#[expect(clippy::struct_excessive_bools, reason = "GitLab's keys")]
#[derive(Debug, Serialize, ToSchema)]
pub struct UserPrivate<'a> {
    #[serde(flatten)]
    full: UserFull<'a>,
    last_sign_in_at: Option<Wire>,
    confirmed_at: Wire,
    last_activity_on: Option<&'a str>,
    email: &'a str,
    theme_id: i64,
    color_scheme_id: i64,
    projects_limit: i64,
    current_sign_in_at: Option<Wire>,
    identities: Empty,
    can_create_group: bool,
    can_create_project: bool,
    two_factor_enabled: bool,
    external: bool,
    private_profile: bool,
    commit_email: &'a str,
    preferred_language: &'static str,
    shared_runners_minutes_limit: Option<i64>,
    extra_shared_runners_minutes_limit: Option<i64>,
    scim_identities: Empty,
    #[serde(flatten)]
    admin: Option<AdminKeys>,
}

/// What only administrators are shown.
#[derive(Debug, Serialize, ToSchema)]
struct AdminKeys {
    is_admin: bool,
    note: Option<String>,
    namespace_id: Option<i64>,
    created_by: Option<i64>,
}

/// GitLab's default: projects a user may have in its own namespace.
const PROJECTS_LIMIT: i64 = 100_000;

impl<'a> UserPrivate<'a> {
    /// The private form; `viewer_is_admin` adds what only administrators are shown.
    #[must_use]
    pub fn new(user: &'a User, viewer_is_admin: bool, urls: &Urls) -> UserPrivate<'a> {
        let admin = viewer_is_admin.then_some(AdminKeys {
            is_admin: user.admin,
            note: None,
            namespace_id: None,
            created_by: None,
        });
        UserPrivate {
            full: UserFull::new(user, urls),
            last_sign_in_at: None,
            confirmed_at: Wire(user.created_at),
            last_activity_on: None,
            email: &user.email,
            theme_id: 1,
            color_scheme_id: 1,
            projects_limit: PROJECTS_LIMIT,
            current_sign_in_at: None,
            identities: EMPTY,
            can_create_group: !user.external && !user.bot,
            can_create_project: !user.external && !user.bot,
            two_factor_enabled: false,
            external: user.external,
            private_profile: false,
            commit_email: &user.email,
            preferred_language: "en",
            shared_runners_minutes_limit: None,
            extra_shared_runners_minutes_limit: None,
            scim_identities: EMPTY,
            admin,
        }
    }
}
