//! DELETE `…/members/:user_id`. Everybody may end the own membership.

use std::sync::Arc;

use http::Method;
use landfall_domain::ids::UserId;
use landfall_store::users;

use super::Site;
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        params::Param,
        reply,
    },
    ops::{
        Refusal,
        set_member::{By, remove_member},
    },
};

macro_rules! endpoint {
    ($path:literal, $id:literal, $summary:literal, $handler:expr) => {
        Endpoint {
            method: Method::DELETE,
            path: $path,
            id: $id,
            summary: $summary,
            login: Login::Required,
            access: Access::Api,
            prepare: None,
            params: PARAMS,
            rules: &[],
            paging: Paging::None,
            success: &[204],
            answer: Answer::Nothing,
            refusals: &[404],
            handler: $handler,
        }
    };
}

const PARAMS: &[Param] = &[
    Param::text("id").in_path().doc("Id or URL-encoded path"),
    Param::integer("user_id").in_path().doc("The user's id"),
];

pub(crate) const IN_PROJECT: Endpoint = endpoint!(
    "/projects/{id}/members/{user_id}",
    "deleteProjectMember",
    "End a membership in a project",
    Handler::WriteProject(|app, cx, found| -> Later {
        let site = Site::project(&cx, &found);
        Box::pin(handler(app, cx, site))
    })
);

pub(crate) const IN_GROUP: Endpoint = endpoint!(
    "/groups/{id}/members/{user_id}",
    "deleteGroupMember",
    "End a membership in a group",
    Handler::WriteGroup(|app, cx, found| -> Later {
        let site = Site::group(&cx, &found);
        Box::pin(handler(app, cx, site))
    })
);

async fn handler(app: Arc<App>, cx: Cx, site: Site) -> Outcome {
    let id = UserId(cx.params.integer("user_id").unwrap_or_default());
    let (place, by) = match site.level {
        Some(level) if cx.user()?.id == id => (site.place, By::Member(id, level)),
        _ => site.manager(&cx)?,
    };
    let now = cx.now;
    app.store
        .write(move |tx| {
            let user = users::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
            remove_member(tx, place, &user, by, now)
        })
        .await?;
    Ok(reply::no_content())
}
