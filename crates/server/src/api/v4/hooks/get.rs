//! GET `…/hooks/:hook_id`.

use http::{Method, StatusCode};
use landfall_domain::webhook::Owner;
use landfall_store::Conn;

use super::{GROUP_ID, HOOK_ID, PROJECT_ID, find, group_owner, instance_owner, project_owner};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        pipeline::json,
    },
    views::webhook::WebhookView,
};

pub(crate) const PROJECT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/hooks/{hook_id}",
    id: "getProjectHook",
    summary: "Get a project's webhook",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[PROJECT_ID, HOOK_ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Webhook"),
    refusals: &[],
    handler: Handler::ReadProject(|cx, project, conn| get(cx, conn, project_owner(cx, project)?)),
};

pub(crate) const GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}",
    id: "getGroupHook",
    summary: "Get a group's webhook",
    params: &[GROUP_ID, HOOK_ID],
    refusals: &[404],
    handler: Handler::ReadGroup(|cx, group, conn| get(cx, conn, group_owner(cx, group)?)),
    ..PROJECT
};

pub(crate) const INSTANCE: Endpoint = Endpoint {
    path: "/hooks/{hook_id}",
    id: "getSystemHook",
    summary: "Get a webhook of the instance (administrators)",
    params: &[HOOK_ID],
    refusals: &[404],
    handler: Handler::Read(|cx, conn| get(cx, conn, instance_owner(cx)?)),
    ..PROJECT
};

fn get(cx: &Cx, conn: &mut Conn<'_>, owner: Owner) -> Outcome {
    let hook = find(cx, conn, owner)?;
    json(StatusCode::OK, &WebhookView::full(&hook, cx.now))
}
