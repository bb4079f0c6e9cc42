//! GET `…/hooks`: without the keys of headers and variables, as GitLab has it.

use http::Method;
use landfall_domain::webhook::Owner;
use landfall_store::{Conn, webhooks};

use super::{GROUP_ID, PROJECT_ID, group_owner, instance_owner, project_owner};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        listing::Page,
        pagination::{self, PAGE, PER_PAGE},
    },
    views::webhook::WebhookView,
};

pub(crate) const PROJECT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/hooks",
    id: "listProjectHooks",
    summary: "List a project's webhooks",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[PROJECT_ID, PAGE, PER_PAGE],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("Webhook"),
    refusals: &[],
    handler: Handler::ReadProject(|cx, project, conn| list(cx, conn, project_owner(cx, project)?)),
};

pub(crate) const GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/hooks",
    id: "listGroupHooks",
    summary: "List a group's webhooks",
    params: &[GROUP_ID, PAGE, PER_PAGE],
    refusals: &[404],
    handler: Handler::ReadGroup(|cx, group, conn| list(cx, conn, group_owner(cx, group)?)),
    ..PROJECT
};

pub(crate) const INSTANCE: Endpoint = Endpoint {
    path: "/hooks",
    id: "listSystemHooks",
    summary: "List the instance's webhooks (administrators)",
    params: &[PAGE, PER_PAGE],
    handler: Handler::Read(|cx, conn| list(cx, conn, instance_owner(cx)?)),
    ..PROJECT
};

fn list(cx: &Cx, conn: &mut Conn<'_>, owner: Owner) -> Outcome {
    let offset = pagination::offset(&cx.params);
    let page = Page::new(
        webhooks::list(conn, owner, offset)?,
        offset,
        webhooks::total(conn, owner)?,
    );
    let views: Vec<WebhookView<'_>> = page.rows.iter().map(|hook| WebhookView::listed(hook, cx.now)).collect();
    page.answer(cx, &views)
}
