//! GET `…/hooks`: without the keys of headers and variables, as GitLab has it.

use http::{Method, StatusCode};
use landfall_domain::webhook::Owner;
use landfall_store::{Conn, webhooks};

use super::{GROUP_ID, PROJECT_ID, group_owner, instance_owner, project_owner};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        pagination::{self, LinkBase, PAGE, PER_PAGE, PageInfo},
        pipeline::json,
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
    let mut found = webhooks::list(conn, owner, offset)?;
    let rows = usize::try_from(offset.per_page).unwrap_or(usize::MAX);
    let has_next = found.len() > rows;
    found.truncate(rows);
    let views: Vec<WebhookView<'_>> = found.iter().map(|hook| WebhookView::listed(hook, cx.now)).collect();
    let info = PageInfo {
        offset,
        total: Some(webhooks::total(conn, owner)?),
        has_next,
        is_empty: views.is_empty(),
    };
    let link = LinkBase::new(
        cx.urls().instance(),
        &format!("/api/v4{}", cx.raw_path),
        &cx.given,
        &cx.params,
    );
    let mut reply = json(StatusCode::OK, &views)?;
    reply.headers_mut().extend(pagination::headers(&info, &link));
    Ok(reply)
}
