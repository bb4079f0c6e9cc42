//! DELETE `…/hooks/:hook_id`.

use std::sync::Arc;

use http::Method;
use landfall_domain::webhook::Owner;

use super::{GROUP_ID, HOOK_ID, PROJECT_ID, by_whom, group_owner, hook_id, instance_owner, project_owner};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        reply,
    },
    ops::webhook::delete_webhook,
};

pub(crate) const PROJECT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/projects/{id}/hooks/{hook_id}",
    id: "deleteProjectHook",
    summary: "Delete a project's webhook",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[PROJECT_ID, HOOK_ID],
    rules: &[],
    paging: Paging::None,
    success: &[204],
    answer: Answer::Nothing,
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, project| -> Later {
        Box::pin(async move {
            let owner = project_owner(&cx, &project)?;
            delete(app, cx, owner).await
        })
    }),
};

pub(crate) const GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}",
    id: "deleteGroupHook",
    summary: "Delete a group's webhook",
    params: &[GROUP_ID, HOOK_ID],
    refusals: &[404],
    handler: Handler::WriteGroup(|app, cx, group| -> Later {
        Box::pin(async move {
            let owner = group_owner(&cx, &group)?;
            delete(app, cx, owner).await
        })
    }),
    ..PROJECT
};

pub(crate) const INSTANCE: Endpoint = Endpoint {
    path: "/hooks/{hook_id}",
    id: "deleteSystemHook",
    summary: "Delete a webhook of the instance (administrators)",
    params: &[HOOK_ID],
    refusals: &[404],
    handler: Handler::Write(|app, cx| -> Later {
        Box::pin(async move {
            let owner = instance_owner(&cx)?;
            delete(app, cx, owner).await
        })
    }),
    ..PROJECT
};

async fn delete(app: Arc<App>, cx: Cx, owner: Owner) -> Outcome {
    let (id, by) = (hook_id(&cx)?, by_whom(&cx)?);
    app.store.write(move |tx| delete_webhook(tx, (owner, id), by)).await?;
    Ok(reply::no_content())
}
