//! GET `…/members/:user_id` and `…/members/all/:user_id`.

use http::{Method, StatusCode};
use landfall_domain::ids::UserId;
use landfall_store::{
    Conn,
    member_list::{self, Scope},
};

use super::{ID, Site, USER_ID, creators, view};
use crate::api::{
    context::Cx,
    endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
    error::ApiError,
    pipeline::json,
};

pub(crate) const OF_PROJECT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/members/{user_id}",
    id: "getProjectMember",
    summary: "Get a member of a project itself",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, USER_ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Member"),
    refusals: &[404],
    handler: Handler::ReadProject(|cx, found, conn| handler(cx, conn, Site::project(cx, found).direct())),
};

pub(crate) const ALL_OF_PROJECT: Endpoint = Endpoint {
    path: "/projects/{id}/members/all/{user_id}",
    id: "getAnyProjectMember",
    summary: "Get a member of a project or of a group above it",
    handler: Handler::ReadProject(|cx, found, conn| handler(cx, conn, Site::project(cx, found).all())),
    ..OF_PROJECT
};

pub(crate) const OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/members/{user_id}",
    id: "getGroupMember",
    summary: "Get a member of a group itself",
    handler: Handler::ReadGroup(|cx, found, conn| handler(cx, conn, Site::group(cx, found).direct())),
    ..OF_PROJECT
};

pub(crate) const ALL_OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/members/all/{user_id}",
    id: "getAnyGroupMember",
    summary: "Get a member of a group or of a group above it",
    handler: Handler::ReadGroup(|cx, found, conn| handler(cx, conn, Site::group(cx, found).all())),
    ..OF_PROJECT
};

fn handler(cx: &Cx, conn: &mut Conn<'_>, scope: Scope) -> Outcome {
    let user = UserId(cx.params.integer("user_id").unwrap_or_default());
    let member = member_list::get(conn, scope, user, cx.now.date())?.ok_or_else(ApiError::not_found)?;
    let creators = creators(conn, std::slice::from_ref(&member))?;
    json(StatusCode::OK, &view(cx, &member, &creators))
}
