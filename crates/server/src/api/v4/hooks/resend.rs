//! POST `…/hooks/:hook_id/events/:event_id/resend`: sends a message once more, under the same key.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::webhook::Owner;
use landfall_store::{Conn, webhook_queue};
use serde_json::json;

use super::{GROUP_ID, HOOK_ID, PROJECT_ID, find_hook, group_owner, project_owner, test::send};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        limits::Limited,
        params::Param,
        reply,
    },
};

const EVENT_ID: Param = Param::integer("event_id").in_path().doc("The attempt's id");

pub(crate) const PROJECT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/hooks/{hook_id}/events/{event_id}/resend",
    id: "resendProjectHookEvent",
    summary: "Send once more what a project's webhook was sent",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[PROJECT_ID, HOOK_ID, EVENT_ID],
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("Anything"),
    refusals: &[422, 429],
    handler: Handler::WriteProject(|app, cx, project| -> Later {
        Box::pin(async move {
            let owner = project_owner(&cx, &project)?;
            resend(app, cx, owner).await
        })
    }),
};

pub(crate) const GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}/events/{event_id}/resend",
    id: "resendGroupHookEvent",
    summary: "Send once more what a group's webhook was sent",
    params: &[GROUP_ID, HOOK_ID, EVENT_ID],
    refusals: &[404, 422, 429],
    handler: Handler::WriteGroup(|app, cx, group| -> Later {
        Box::pin(async move {
            let owner = group_owner(&cx, &group)?;
            resend(app, cx, owner).await
        })
    }),
    ..PROJECT
};

async fn resend(app: Arc<App>, cx: Cx, owner: Owner) -> Outcome {
    let hook = find_hook(&app, &cx, owner).await?;
    let (id, event) = (hook.id, cx.params.integer("event_id").unwrap_or_default());
    let look_up = move |conn: &mut Conn<'_>| {
        let attempt = webhook_queue::logged(conn, id, event)?.ok_or_else(ApiError::not_found)?;
        let message = webhook_queue::message(conn, attempt.message_id)?.ok_or_else(ApiError::not_found)?;
        Ok::<_, ApiError>((attempt, message))
    };
    let (attempt, message) = app.store.read(look_up).await?;
    app.limits
        .count(Limited::WebhookResend, cx.user()?.id, format!("{owner:?}"), cx.now)?;
    let made = send(&app, &hook, &message, &attempt.idempotency_key).await?;
    match made.attempt.response_status {
        Some(status) => Ok(reply::json(
            StatusCode::CREATED,
            json!({ "response_status": status }).to_string(),
        )),
        None => Err(ApiError::unprocessable(made.attempt.response_body)),
    }
}
