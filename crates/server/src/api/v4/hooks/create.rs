//! POST `…/hooks`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::webhook::{Owner, SigningSecret};

use super::{
    GROUP_ID, PROJECT_ID, by_whom, group_owner, instance_owner, project_owner,
    settings::{apply, fresh, generated, with_settings},
};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        params::Param,
        pipeline::json,
    },
    ops::webhook::create_webhook,
    views::webhook::WebhookView,
};

const URL: Param = Param::text("url").required();

pub(crate) const PROJECT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/hooks",
    id: "createProjectHook",
    summary: "Create a webhook of a project",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: with_settings!(URL, PROJECT_ID),
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("Webhook"),
    refusals: &[422],
    handler: Handler::WriteProject(|app, cx, project| -> Later {
        Box::pin(async move {
            let owner = project_owner(&cx, &project)?;
            create(app, cx, owner).await
        })
    }),
};

pub(crate) const GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/hooks",
    id: "createGroupHook",
    summary: "Create a webhook of a group",
    params: with_settings!(URL, GROUP_ID),
    refusals: &[404, 422],
    handler: Handler::WriteGroup(|app, cx, group| -> Later {
        Box::pin(async move {
            let owner = group_owner(&cx, &group)?;
            create(app, cx, owner).await
        })
    }),
    ..PROJECT
};

pub(crate) const INSTANCE: Endpoint = Endpoint {
    path: "/hooks",
    id: "createSystemHook",
    summary: "Create a webhook of the instance (administrators)",
    params: with_settings!(URL,),
    handler: Handler::Write(|app, cx| -> Later {
        Box::pin(async move {
            let owner = instance_owner(&cx)?;
            create(app, cx, owner).await
        })
    }),
    ..PROJECT
};

async fn create(app: Arc<App>, cx: Cx, owner: Owner) -> Outcome {
    let made = generated(&cx.params)?;
    let mut hook = fresh(owner, cx.now);
    apply(&cx.params, made.as_ref(), &app.client, &mut hook)?;
    let by = by_whom(&cx)?;
    let hook = app.store.write(move |tx| create_webhook(tx, &hook, by)).await?;
    let secret = made.as_ref().map(SigningSecret::expose);
    json(StatusCode::CREATED, &WebhookView::with_secret(&hook, secret, cx.now))
}
