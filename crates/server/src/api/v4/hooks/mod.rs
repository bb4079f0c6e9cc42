//! `/projects/:id/hooks`, `/groups/:id/hooks` and `/hooks` (neighbours, 11.3): the same for each owner, but for who may.

use landfall_domain::{
    access::Action,
    group::GroupAction,
    ids::WebhookId,
    webhook::{Owner, Webhook},
};
use landfall_store::{Conn, webhooks};

use crate::{
    App,
    api::{
        context::{Cx, InGroup, InProject},
        error::ApiError,
        params::Param,
    },
    ops::webhook::ByWhom,
};

pub mod create;
pub mod delete;
pub mod events;
pub mod get;
pub mod list;
pub mod pairs;
pub mod resend;
mod settings;
pub mod test;
pub mod update;

const PROJECT_ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");
const GROUP_ID: Param = Param::text("id").in_path().doc("The group's id or URL-encoded path");
const HOOK_ID: Param = Param::integer("hook_id").in_path().doc("The hook's id");

/// The project as the owner of hooks, for its maintainers.
fn project_owner(cx: &Cx, project: &InProject) -> Result<Owner, ApiError> {
    project.authorize(cx, Action::AdminProject)?;
    Ok(Owner::Project(project.project.id))
}

/// The instance as the owner of hooks, for administrators.
fn instance_owner(cx: &Cx) -> Result<Owner, ApiError> {
    if cx.user()?.admin {
        Ok(Owner::Instance)
    } else {
        Err(ApiError::forbidden())
    }
}

/// The group as the owner of hooks, for its owners.
fn group_owner(cx: &Cx, found: &InGroup) -> Result<Owner, ApiError> {
    found.authorize(cx, GroupAction::Admin)?;
    Ok(Owner::Group(found.group.namespace.id))
}

/// The id in the path; validation has made sure that it is a number.
fn hook_id(cx: &Cx) -> Result<WebhookId, ApiError> {
    cx.params
        .integer("hook_id")
        .map(WebhookId)
        .ok_or_else(ApiError::not_found)
}

/// The owner's hook in the path.
fn find(cx: &Cx, conn: &mut Conn<'_>, owner: Owner) -> Result<Webhook, ApiError> {
    webhooks::get(conn, owner, hook_id(cx)?)?.ok_or_else(ApiError::not_found)
}

/// As [`find`], for what changes something.
async fn find_hook(app: &App, cx: &Cx, owner: Owner) -> Result<Webhook, ApiError> {
    let id = hook_id(cx)?;
    let found: Result<_, ApiError> = app.store.read(move |conn| Ok(webhooks::get(conn, owner, id)?)).await;
    found?.ok_or_else(ApiError::not_found)
}

fn by_whom(cx: &Cx) -> Result<ByWhom, ApiError> {
    Ok(ByWhom {
        user: cx.user()?.id,
        now: cx.now,
    })
}
