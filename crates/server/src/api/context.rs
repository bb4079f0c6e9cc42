//! What a handler is given: who asks, for what, when.

use std::sync::Arc;

use http::{HeaderMap, Method, header::IF_UNMODIFIED_SINCE};
use jiff::civil::Date;
use landfall_domain::{
    access::{AccessLevel, Action, Actor, Decision, Subject, decide},
    group::{Group, GroupAction, GroupSubject, decide_group},
    member::Levels,
    project::Project,
    time::{Timestamp, parse_lenient},
    token::AccessToken,
    user::User,
};
use landfall_store::changes::Position;
use serde_json::{Map, Value};

use super::{error::ApiError, params::Values};
use crate::{app::App, cache::Cache, urls::Urls};

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// On whose behalf: the token's user, or the one that an administrator asked to be.
    pub user: User,
    /// With which token.
    pub token: AccessToken,
}

/// A request that has passed the checks before its handler (steps 1 to 10 of reference section 2).
pub struct Cx {
    /// What requests share.
    pub app: Arc<App>,
    /// Who asks.
    pub signed_in: Option<SignedIn>,
    /// The parameters of the endpoint's table.
    pub params: Values,
    /// All parameters as they came, those of the path among them.
    pub given: Map<String, Value>,
    /// The moment of the request: everything in one request has the same time.
    pub now: Timestamp,
    /// The state of the database that the request has been checked in.
    pub state: Position,
    /// Whether that may be one from before the request: only for [`Handler::Record`](super::endpoint::Handler::Record).
    pub is_provisional: bool,
    /// GET, HEAD, …
    pub method: Method,
    /// The path as the client wrote it.
    pub raw_path: String,
    /// The query as the client wrote it.
    pub raw_query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
}

impl Cx {
    /// Who asks, on endpoints that need a sign-in.
    pub fn user(&self) -> Result<&User, ApiError> {
        self.signed_in
            .as_ref()
            .map(|signed_in| &signed_in.user)
            .ok_or_else(ApiError::unauthorized)
    }

    /// Who asks, as far as rights are concerned.
    #[must_use]
    pub fn actor(&self) -> Option<Actor> {
        self.signed_in.as_ref().map(|signed_in| Actor::from(&signed_in.user))
    }

    /// Maker of links.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.app.urls
    }

    /// A path parameter as text.
    #[must_use]
    pub fn path_param(&self, name: &str) -> &str {
        self.given.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The time of `If-Unmodified-Since`. A date that cannot be read does not count (reference 12.2).
    #[must_use]
    pub fn unmodified_since(&self) -> Option<Timestamp> {
        let text = self.headers.get(IF_UNMODIFIED_SINCE)?.to_str().ok()?;
        parse_lenient(text).ok().flatten()
    }
}

/// The project that the path names; whoever holds this has been found to be allowed to see it.
#[derive(Clone, Debug)]
pub struct InProject {
    /// The project.
    pub project: Arc<Project>,
    /// The caller's level in it: the one of `levels` that counts.
    pub level: Option<AccessLevel>,
    /// Where the caller has it from.
    pub levels: Levels,
}

impl InProject {
    /// Refuses what the caller may not do here.
    pub fn authorize(&self, cx: &Cx, action: Action) -> Result<(), ApiError> {
        match self.decide(cx, action) {
            Decision::Allowed => Ok(()),
            Decision::Forbidden => Err(ApiError::forbidden()),
            Decision::NotFound => Err(ApiError::project_not_found()),
        }
    }

    /// Whether the caller may do this here.
    #[must_use]
    pub fn decide(&self, cx: &Cx, action: Action) -> Decision {
        decide(cx.actor().as_ref(), &self.subject(), action)
    }

    /// The project as this user sees it, from memory: nothing where the user's level is not kept, or does not suffice.
    pub(super) fn remembered(cache: &Cache, project: Arc<Project>, user: &User, today: Date) -> Option<InProject> {
        let levels = cache.levels(project.id, user.id, today)?;
        let level = levels.highest();
        let found = InProject { project, level, levels };
        found.allows(user, Action::ReadProject).then_some(found)
    }

    /// Whether this user, whose levels these are, may do this here.
    pub(super) fn allows(&self, user: &User, action: Action) -> bool {
        decide(Some(&Actor::from(user)), &self.subject(), action) == Decision::Allowed
    }

    fn subject(&self) -> Subject {
        Subject::new(&self.project, self.level)
    }
}

/// The group that the path names; whoever holds this has been found to be allowed to see it.
#[derive(Clone, Debug)]
pub struct InGroup {
    /// The group.
    pub group: Group,
    /// The caller's level in it, its own or that of a group above.
    pub level: Option<AccessLevel>,
    /// Whether the caller is a member of something in it.
    pub is_member_below: bool,
}

impl InGroup {
    /// Refuses what the caller may not do here.
    pub fn authorize(&self, cx: &Cx, action: GroupAction) -> Result<(), ApiError> {
        match self.decide(cx, action) {
            Decision::Allowed => Ok(()),
            Decision::Forbidden => Err(ApiError::forbidden()),
            Decision::NotFound => Err(ApiError::group_not_found()),
        }
    }

    /// Whether the caller may do this here.
    #[must_use]
    pub fn decide(&self, cx: &Cx, action: GroupAction) -> Decision {
        let subject = GroupSubject {
            visibility: self.group.visibility,
            level: self.level,
            is_member_below: self.is_member_below,
        };
        decide_group(cx.actor().as_ref(), &subject, action)
    }
}
