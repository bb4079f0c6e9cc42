//! PUT `…/hooks/:hook_id`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::webhook::{Owner, SigningSecret};

use super::{
    GROUP_ID, HOOK_ID, PROJECT_ID, by_whom, find_hook, group_owner, hook_id, instance_owner, project_owner,
    settings::{apply, generated, with_settings},
};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
    },
    ops::webhook::update_webhook,
    views::webhook::WebhookView,
};

const URL: Param = Param::text("url");

pub(crate) const PROJECT: Endpoint = Endpoint {
    method: Method::PUT,
    path: "/projects/{id}/hooks/{hook_id}",
    id: "updateProjectHook",
    summary: "Change a project's webhook",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: with_settings!(URL, PROJECT_ID, HOOK_ID),
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Webhook"),
    refusals: &[422],
    handler: Handler::WriteProject(|app, cx, project| -> Later {
        Box::pin(async move {
            let owner = project_owner(&cx, &project)?;
            update(app, cx, owner).await
        })
    }),
};

pub(crate) const GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}",
    id: "updateGroupHook",
    summary: "Change a group's webhook",
    params: with_settings!(URL, GROUP_ID, HOOK_ID),
    refusals: &[404, 422],
    handler: Handler::WriteGroup(|app, cx, group| -> Later {
        Box::pin(async move {
            let owner = group_owner(&cx, &group)?;
            update(app, cx, owner).await
        })
    }),
    ..PROJECT
};

pub(crate) const INSTANCE: Endpoint = Endpoint {
    path: "/hooks/{hook_id}",
    id: "updateSystemHook",
    summary: "Change a webhook of the instance (administrators)",
    params: with_settings!(URL, HOOK_ID),
    refusals: &[404, 422],
    handler: Handler::Write(|app, cx| -> Later {
        Box::pin(async move {
            let owner = instance_owner(&cx)?;
            update(app, cx, owner).await
        })
    }),
    ..PROJECT
};

async fn update(app: Arc<App>, cx: Cx, owner: Owner) -> Outcome {
    find_hook(&app, &cx, owner).await?;
    let says_nothing = cx.params.iter().all(|(name, _)| matches!(name, "id" | "hook_id"));
    if says_nothing {
        return Err(ApiError::no_parameters());
    }
    let made = generated(&cx.params)?;
    let (id, by) = (hook_id(&cx)?, by_whom(&cx)?);
    let (params, secret, client) = (cx.params.clone(), made.clone(), app.client.clone());
    let change = move |tx: &mut landfall_store::Tx<'_>| {
        update_webhook(tx, (owner, id), by, |hook| {
            apply(&params, secret.as_ref(), &client, hook)
        })
    };
    let hook = app.store.write(change).await?;
    let secret = made.as_ref().map(SigningSecret::expose);
    json(StatusCode::OK, &WebhookView::with_secret(&hook, secret, cx.now))
}
