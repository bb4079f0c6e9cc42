//! PUT and DELETE `…/hooks/:hook_id/custom_headers/:key` and `…/url_variables/:key`.

use std::sync::Arc;

use http::Method;
use landfall_domain::webhook::{Owner, Pair, Webhook};

use super::{GROUP_ID, HOOK_ID, PROJECT_ID, by_whom, find_hook, group_owner, hook_id, project_owner, settings};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        reply,
    },
    ops::{Refusal, webhook::update_webhook},
};

const VALUE: Param = Param::text("value").required().doc("What it is to be; never shown");

/// Which pairs of a hook.
type Of = fn(&mut Webhook) -> &mut Vec<Pair>;

const fn headers(hook: &mut Webhook) -> &mut Vec<Pair> {
    &mut hook.custom_headers
}

const fn variables(hook: &mut Webhook) -> &mut Vec<Pair> {
    &mut hook.url_variables
}

macro_rules! project_handler {
    ($change:ident, $of:ident) => {
        Handler::WriteProject(|app, cx, project| -> Later {
            Box::pin(async move {
                let owner = project_owner(&cx, &project)?;
                $change(app, cx, owner, $of).await
            })
        })
    };
}

macro_rules! group_handler {
    ($change:ident, $of:ident) => {
        Handler::WriteGroup(|app, cx, group| -> Later {
            Box::pin(async move {
                let owner = group_owner(&cx, &group)?;
                $change(app, cx, owner, $of).await
            })
        })
    };
}

pub(crate) const SET_PROJECT_HEADER: Endpoint = Endpoint {
    method: Method::PUT,
    path: "/projects/{id}/hooks/{hook_id}/custom_headers/{key}",
    id: "setProjectHookHeader",
    summary: "Set a header of a project's webhook",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[PROJECT_ID, HOOK_ID, VALUE],
    rules: &[],
    paging: Paging::None,
    success: &[204],
    answer: Answer::Nothing,
    refusals: &[404, 422],
    handler: project_handler!(set, headers),
};

pub(crate) const DELETE_PROJECT_HEADER: Endpoint = Endpoint {
    method: Method::DELETE,
    id: "deleteProjectHookHeader",
    summary: "Remove a header of a project's webhook",
    params: &[PROJECT_ID, HOOK_ID],
    refusals: &[404],
    handler: project_handler!(remove, headers),
    ..SET_PROJECT_HEADER
};

pub(crate) const SET_PROJECT_VARIABLE: Endpoint = Endpoint {
    path: "/projects/{id}/hooks/{hook_id}/url_variables/{key}",
    id: "setProjectHookVariable",
    summary: "Set a variable of the address of a project's webhook",
    handler: project_handler!(set, variables),
    ..SET_PROJECT_HEADER
};

pub(crate) const DELETE_PROJECT_VARIABLE: Endpoint = Endpoint {
    path: "/projects/{id}/hooks/{hook_id}/url_variables/{key}",
    id: "deleteProjectHookVariable",
    summary: "Remove a variable of the address of a project's webhook",
    handler: project_handler!(remove, variables),
    ..DELETE_PROJECT_HEADER
};

pub(crate) const SET_GROUP_HEADER: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}/custom_headers/{key}",
    id: "setGroupHookHeader",
    summary: "Set a header of a group's webhook",
    params: &[GROUP_ID, HOOK_ID, VALUE],
    handler: group_handler!(set, headers),
    ..SET_PROJECT_HEADER
};

pub(crate) const DELETE_GROUP_HEADER: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}/custom_headers/{key}",
    id: "deleteGroupHookHeader",
    summary: "Remove a header of a group's webhook",
    params: &[GROUP_ID, HOOK_ID],
    handler: group_handler!(remove, headers),
    ..DELETE_PROJECT_HEADER
};

pub(crate) const SET_GROUP_VARIABLE: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}/url_variables/{key}",
    id: "setGroupHookVariable",
    summary: "Set a variable of the address of a group's webhook",
    handler: group_handler!(set, variables),
    ..SET_GROUP_HEADER
};

pub(crate) const DELETE_GROUP_VARIABLE: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}/url_variables/{key}",
    id: "deleteGroupHookVariable",
    summary: "Remove a variable of the address of a group's webhook",
    handler: group_handler!(remove, variables),
    ..DELETE_GROUP_HEADER
};

async fn set(app: Arc<App>, cx: Cx, owner: Owner, of: Of) -> Outcome {
    let key = cx.path_param("key").to_owned();
    let value = cx.params.text("value").unwrap_or_default().to_owned();
    change(&app, &cx, owner, move |hook| {
        settings::set_pair(of(hook), key.clone(), value.clone());
        Ok(())
    })
    .await
}

/// A key that is not there is 404.
async fn remove(app: Arc<App>, cx: Cx, owner: Owner, of: Of) -> Outcome {
    let key = cx.path_param("key").to_owned();
    change(&app, &cx, owner, move |hook| {
        let before = of(hook).len();
        of(hook).retain(|(known, _)| *known != key);
        if of(hook).len() < before {
            Ok(())
        } else {
            Err(Refusal::NotFound)
        }
    })
    .await
}

async fn change(
    app: &App,
    cx: &Cx,
    owner: Owner,
    change: impl Fn(&mut Webhook) -> Result<(), Refusal> + Send + 'static,
) -> Outcome {
    find_hook(app, cx, owner).await?;
    let (id, by, client) = (hook_id(cx)?, by_whom(cx)?, app.client.clone());
    let work = move |tx: &mut landfall_store::Tx<'_>| {
        update_webhook(tx, (owner, id), by, |hook| {
            change(hook)?;
            settings::check(hook, &client)
        })
    };
    app.store.write(work).await.map_err(ApiError::from)?;
    Ok(reply::no_content())
}
