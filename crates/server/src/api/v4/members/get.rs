//! GET `…/members/:user_id` and `…/members/all/:user_id`.

use http::{Method, StatusCode};
use landfall_domain::ids::UserId;
use landfall_store::{
    Conn,
    member_list::{self, Scope},
};

use super::{Site, creators, view};
use crate::api::{
    context::Cx,
    endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
    error::ApiError,
    params::Param,
    pipeline::json,
};

macro_rules! endpoint {
    ($path:literal, $id:literal, $summary:literal, $handler:expr) => {
        Endpoint {
            method: Method::GET,
            path: $path,
            id: $id,
            summary: $summary,
            login: Login::Required,
            access: Access::Api,
            prepare: None,
            params: PARAMS,
            rules: &[],
            paging: Paging::None,
            success: &[200],
            answer: Answer::One("Member"),
            refusals: &[404],
            handler: $handler,
        }
    };
}

const PARAMS: &[Param] = &[
    Param::text("id").in_path().doc("Id or URL-encoded path"),
    Param::integer("user_id").in_path().doc("The user's id"),
];

pub(crate) const OF_PROJECT: Endpoint = endpoint!(
    "/projects/{id}/members/{user_id}",
    "getProjectMember",
    "Get a member of a project itself",
    Handler::ReadProject(|cx, found, conn| handler(cx, conn, Site::project(cx, found).direct()))
);

pub(crate) const ALL_OF_PROJECT: Endpoint = endpoint!(
    "/projects/{id}/members/all/{user_id}",
    "getAnyProjectMember",
    "Get a member of a project or of a group above it",
    Handler::ReadProject(|cx, found, conn| handler(cx, conn, Site::project(cx, found).all()))
);

pub(crate) const OF_GROUP: Endpoint = endpoint!(
    "/groups/{id}/members/{user_id}",
    "getGroupMember",
    "Get a member of a group itself",
    Handler::ReadGroup(|cx, found, conn| handler(cx, conn, Site::group(cx, found).direct()))
);

pub(crate) const ALL_OF_GROUP: Endpoint = endpoint!(
    "/groups/{id}/members/all/{user_id}",
    "getAnyGroupMember",
    "Get a member of a group or of a group above it",
    Handler::ReadGroup(|cx, found, conn| handler(cx, conn, Site::group(cx, found).all()))
);

fn handler(cx: &Cx, conn: &mut Conn<'_>, scope: Scope) -> Outcome {
    let user = UserId(cx.params.integer("user_id").unwrap_or_default());
    let member = member_list::get(conn, scope, user, cx.now.date())?.ok_or_else(ApiError::not_found)?;
    let creators = creators(conn, std::slice::from_ref(&member))?;
    json(StatusCode::OK, &view(cx, &member, &creators))
}
