//! GET `…/hooks/:hook_id/events`: the log of the last seven days, newest first.

use std::collections::{BTreeMap, btree_map::Entry};

use http::Method;
use landfall_domain::{
    page::{COUNT_LIMIT, Offset},
    webhook::Owner,
};
use landfall_store::{
    Conn,
    webhook_queue::{self, StatusFilter},
};

use super::{GROUP_ID, HOOK_ID, PROJECT_ID, find, group_owner, project_owner};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        listing::Page,
        pagination::{self, PAGE},
        params::Param,
    },
    views::webhook::WebhookAttemptView,
    webhooks::LOG_KEPT,
};

const PER_PAGE: Param = Param::integer("per_page")
    .between(1, 20)
    .default("20")
    .doc("Rows on a page: 20 by default and at most");
const STATUS: Param = Param::text("status").doc(
    "Only attempts answered with this status, or `successful`, `client_failure` or `server_failure` (to which those \
     without an answer belong)",
);

pub(crate) const PROJECT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/hooks/{hook_id}/events",
    id: "listProjectHookEvents",
    summary: "List the attempts to send a project's webhook",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[PROJECT_ID, HOOK_ID, STATUS, PAGE, PER_PAGE],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("WebhookAttempt"),
    refusals: &[],
    handler: Handler::ReadProject(|cx, project, conn| list(cx, conn, project_owner(cx, project)?)),
};

pub(crate) const GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}/events",
    id: "listGroupHookEvents",
    summary: "List the attempts to send a group's webhook",
    params: &[GROUP_ID, HOOK_ID, STATUS, PAGE, PER_PAGE],
    refusals: &[404],
    handler: Handler::ReadGroup(|cx, group, conn| list(cx, conn, group_owner(cx, group)?)),
    ..PROJECT
};

fn list(cx: &Cx, conn: &mut Conn<'_>, owner: Owner) -> Outcome {
    let hook = find(cx, conn, owner)?;
    let status = cx.params.text("status").filter(|text| !text.is_empty());
    let status = status.map(status_filter).transpose()?;
    let offset = Offset {
        per_page: cx.params.integer("per_page").unwrap_or(20),
        ..pagination::offset(&cx.params)
    };
    let since = cx.now.minus(LOG_KEPT);
    let found = webhook_queue::list_logged(conn, hook.id, since, status, offset)?;
    let total = webhook_queue::count_logged(conn, hook.id, since, status, COUNT_LIMIT + 1)?;
    let page = Page::new(found, offset, total);
    let mut bodies = BTreeMap::new();
    for attempt in &page.rows {
        if let Entry::Vacant(place) = bodies.entry(attempt.message_id) {
            let message = webhook_queue::message(conn, attempt.message_id)?;
            place.insert(message.and_then(|message| message.body));
        }
    }
    let views: Vec<WebhookAttemptView<'_>> = page
        .rows
        .iter()
        .map(|attempt| {
            let body = bodies.get(&attempt.message_id).and_then(Option::as_deref);
            WebhookAttemptView::new(attempt, body)
        })
        .collect();
    page.answer(cx, &views)
}

fn status_filter(text: &str) -> Result<StatusFilter, ApiError> {
    let (from, to, unanswered) = match text {
        "successful" => (200, 299, false),
        "client_failure" => (400, 499, false),
        "server_failure" => (500, 599, true),
        code => match code.parse() {
            Ok(code @ 100..=599) => (code, code, false),
            _ => return Err(ApiError::Params("status does not have a valid value".to_owned())),
        },
    };
    Ok(StatusFilter { from, to, unanswered })
}
