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

/// Setting and removing a pair: for each kind of owner and of pairs the same.
macro_rules! endpoints {
    (
        $set:ident = $set_id:literal, $delete:ident = $delete_id:literal, $path:literal, $what:literal,
        $id:ident, $handler:ident, $owner:ident, $of:ident
    ) => {
        pub(crate) const $set: Endpoint = Endpoint {
            method: Method::PUT,
            path: $path,
            id: $set_id,
            summary: concat!("Set a ", $what),
            login: Login::Required,
            access: Access::Api,
            prepare: None,
            params: &[$id, HOOK_ID, VALUE],
            rules: &[],
            paging: Paging::None,
            success: &[204],
            answer: Answer::Nothing,
            refusals: &[404, 422],
            handler: endpoints!($handler, set, $owner, $of),
        };

        pub(crate) const $delete: Endpoint = Endpoint {
            method: Method::DELETE,
            id: $delete_id,
            summary: concat!("Remove a ", $what),
            params: &[$id, HOOK_ID],
            refusals: &[404],
            handler: endpoints!($handler, remove, $owner, $of),
            ..$set
        };
    };
    ($handler:ident, $change:ident, $owner:ident, $of:ident) => {
        Handler::$handler(|app, cx, found| -> Later {
            Box::pin(async move {
                let owner = $owner(&cx, &found)?;
                $change(app, cx, owner, $of).await
            })
        })
    };
}

endpoints!(
    SET_PROJECT_HEADER = "setProjectHookHeader",
    DELETE_PROJECT_HEADER = "deleteProjectHookHeader",
    "/projects/{id}/hooks/{hook_id}/custom_headers/{key}",
    "header of a project's webhook",
    PROJECT_ID,
    WriteProject,
    project_owner,
    headers
);

endpoints!(
    SET_PROJECT_VARIABLE = "setProjectHookVariable",
    DELETE_PROJECT_VARIABLE = "deleteProjectHookVariable",
    "/projects/{id}/hooks/{hook_id}/url_variables/{key}",
    "variable of the address of a project's webhook",
    PROJECT_ID,
    WriteProject,
    project_owner,
    variables
);

endpoints!(
    SET_GROUP_HEADER = "setGroupHookHeader",
    DELETE_GROUP_HEADER = "deleteGroupHookHeader",
    "/groups/{id}/hooks/{hook_id}/custom_headers/{key}",
    "header of a group's webhook",
    GROUP_ID,
    WriteGroup,
    group_owner,
    headers
);

endpoints!(
    SET_GROUP_VARIABLE = "setGroupHookVariable",
    DELETE_GROUP_VARIABLE = "deleteGroupHookVariable",
    "/groups/{id}/hooks/{hook_id}/url_variables/{key}",
    "variable of the address of a group's webhook",
    GROUP_ID,
    WriteGroup,
    group_owner,
    variables
);

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
