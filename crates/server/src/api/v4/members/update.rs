//! PUT `…/members/:user_id`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::ids::UserId;
use landfall_store::users;

use super::{ID, Site, USER_ID, create::level, creators, view};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        params::Param,
        pipeline::json,
    },
    ops::{
        Refusal,
        set_member::{Expiry, SetMember, update_member},
    },
};

pub(crate) const IN_PROJECT: Endpoint = Endpoint {
    method: Method::PUT,
    path: "/projects/{id}/members/{user_id}",
    id: "updateProjectMember",
    summary: "Change a membership in a project",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        USER_ID,
        Param::integer("access_level").required().doc("The level, a number"),
        Param::time("expires_at").doc("Day on which the membership ends, at 00:00 UTC; empty for never"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Member"),
    refusals: &[404],
    handler: Handler::WriteProject(|app, cx, found| -> Later {
        Box::pin(handler(app, Site::project(&cx, &found), cx))
    }),
};

pub(crate) const IN_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/members/{user_id}",
    id: "updateGroupMember",
    summary: "Change a membership in a group",
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(handler(app, Site::group(&cx, &found), cx)) }),
    ..IN_PROJECT
};

async fn handler(app: Arc<App>, site: Site, cx: Cx) -> Outcome {
    let (place, by) = site.manager(&cx)?;
    let level = level(&cx.params);
    let expiry = match cx.params.time("expires_at") {
        Some(time) => Expiry::On(time.date()),
        None if cx.params.given("expires_at") => Expiry::Never,
        None => Expiry::Keep,
    };
    let id = UserId(cx.params.integer("user_id").unwrap_or_default());
    let now = cx.now;
    let work = move |tx: &mut landfall_store::Tx<'_>| {
        let wanted = SetMember {
            place,
            user: users::by_id(tx, id)?.ok_or(Refusal::NotFound)?,
            level,
            expiry,
            by,
            now,
        };
        let member = update_member(tx, &wanted)?;
        let creators = creators(tx, std::slice::from_ref(&member))?;
        Ok::<_, Refusal>((member, creators))
    };
    let (member, creators) = app.store.write(work).await?;
    json(StatusCode::OK, &view(&cx, &member, &creators))
}
