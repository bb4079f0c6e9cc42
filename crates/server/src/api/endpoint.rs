//! An endpoint as data: what it is called, what it takes, what it answers and which function does it.
//!
//! The table of all endpoints is [`super::v4::endpoints`]. The routes, the checks before a handler, the OpenAPI document
//! and the authorization test are all made from it, so an endpoint exists in one place.

use std::{future::Future, pin::Pin, sync::Arc};

use http::{Method, Response};
use landfall_store::Conn;
use serde_json::{Map, Value};

use super::{
    context::{Cx, InGroup, InProject},
    error::ApiError,
    kept::Shows,
    params::{Param, Rule},
    reply::Body,
};
use crate::app::App;

/// A successful answer.
pub type Reply = Response<Body>;
/// What a handler comes to.
pub type Outcome = Result<Reply, ApiError>;
/// [`Outcome`], later.
pub type Later = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What does something about a project, beyond one state of the database.
pub(crate) type InProjectHandler = fn(Arc<App>, Cx, InProject) -> Later;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// Nobody without a token.
    Required,
    /// Everybody; a token that is sent must be a good one.
    Optional,
}

/// Which scopes of a token suffice (reference 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `api`, and `read_api` for GET.
    Api,
    /// The same, and `read_user` for GET.
    User,
    /// `api` and `self_rotate`.
    Rotate,
    /// Any scope at all.
    Any,
}

/// The function that does it.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Reads; runs where the database connection is.
    Read(fn(&Cx, &mut Conn<'_>) -> Outcome),
    /// Reads something of the project in the path.
    ReadProject(fn(&Cx, &InProject, &mut Conn<'_>) -> Outcome),
    /// As `ReadProject`, of what the cache follows: the project's deployments. The answer must be the same for everybody
    /// who may read those, and is kept until something that it shows has changed.
    Kept {
        /// Whether what these parameters ask for is found by a few searches.
        is_short: fn(&Map<String, Value>) -> bool,
        /// What answers.
        answer: fn(&Cx, &InProject, &mut Conn<'_>) -> Shows,
    },
    /// Changes something.
    Write(fn(Arc<App>, Cx) -> Later),
    /// Changes something of the project in the path.
    WriteProject(InProjectHandler),
    /// As `WriteProject`, of what is recorded in numbers: where it takes long to ask the database whether the caller may, the
    /// request is let in by what is remembered, and the transaction that writes finds out whether that still holds
    /// ([`Cx::is_provisional`]).
    Record(InProjectHandler),
    /// Asks the repository of the project in the path.
    LookUp(InProjectHandler),
    /// Reads something of the group in the path.
    ReadGroup(fn(&Cx, &InGroup, &mut Conn<'_>) -> Outcome),
    /// Changes something of the group in the path.
    WriteGroup(fn(Arc<App>, Cx, InGroup) -> Later),
}

/// The shape of a successful answer, for the OpenAPI document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One object of the named schema.
    One(&'static str),
    /// An array of the named schema.
    Many(&'static str),
    /// No body.
    Nothing,
}

/// How a list is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// It is no list.
    None,
    /// By page number.
    Offset,
    /// By page number, or by a cursor with `pagination=keyset`.
    OffsetOrKeyset,
}

/// One endpoint.
pub struct Endpoint {
    /// GET, POST, PUT or DELETE.
    pub method: Method,
    /// Below `/api/v4`, with `{name}` for parameters.
    pub path: &'static str,
    /// A name for programs, unique.
    pub id: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// Who may call.
    pub login: Login,
    /// With which scopes.
    pub access: Access,
    /// Brings other spellings of a request into the form that `params` describes.
    pub prepare: Option<fn(&mut Map<String, Value>)>,
    /// What it takes, in the order in which messages about it come.
    pub params: &'static [Param],
    /// What holds between those.
    pub rules: &'static [Rule],
    /// How its list is cut.
    pub paging: Paging,
    /// Statuses of success.
    pub success: &'static [u16],
    /// What comes with it.
    pub answer: Answer,
    /// Other statuses of its own, beside those that every endpoint may answer.
    pub refusals: &'static [u16],
    /// What does it.
    pub handler: Handler,
}

impl Endpoint {
    /// Whether its path names a project.
    #[must_use]
    pub fn is_in_project(&self) -> bool {
        matches!(
            self.handler,
            Handler::ReadProject(_)
                | Handler::Kept { .. }
                | Handler::WriteProject(_)
                | Handler::Record(_)
                | Handler::LookUp(_)
        )
    }

    /// Whether it puts a new access token into the place of one. A token that was rotated before and is sent here again
    /// has got into wrong hands (neighbours, section 6).
    #[must_use]
    pub fn rotates_a_token(&self) -> bool {
        self.path.contains("access_tokens/") && self.path.ends_with("/rotate")
    }

    /// Whether its path names a group.
    #[must_use]
    pub fn is_in_group(&self) -> bool {
        matches!(self.handler, Handler::ReadGroup(_) | Handler::WriteGroup(_))
    }
}
