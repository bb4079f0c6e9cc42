//! DELETE `…/members/:user_id`. Everybody may end the own membership.

use std::sync::Arc;

use http::Method;
use landfall_domain::ids::UserId;
use landfall_store::users;

use super::{ID, Site, USER_ID};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        reply,
    },
    ops::{
        Refusal,
        set_member::{By, remove_member},
    },
};

pub(crate) const IN_PROJECT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/projects/{id}/members/{user_id}",
    id: "deleteProjectMember",
    summary: "End a membership in a project",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, USER_ID],
    rules: &[],
    paging: Paging::None,
    success: &[204],
    answer: Answer::Nothing,
    refusals: &[404],
    handler: Handler::WriteProject(|app, cx, found| -> Later {
        Box::pin(handler(app, Site::project(&cx, &found), cx))
    }),
};

pub(crate) const IN_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/members/{user_id}",
    id: "deleteGroupMember",
    summary: "End a membership in a group",
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(handler(app, Site::group(&cx, &found), cx)) }),
    ..IN_PROJECT
};

async fn handler(app: Arc<App>, site: Site, cx: Cx) -> Outcome {
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
