//! PUT `/groups/:id`: with another `path`, everything in the group moves.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{group::GroupAction, project::Visibility};

use super::{ID, VISIBILITIES, segment};
use crate::{
    App,
    api::{
        context::{Cx, InGroup},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        params::Param,
        pipeline::json,
        v4::members::by,
    },
    ops::update_group::{UpdateGroup, update_group},
    views::group::GroupDetail,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::PUT,
    path: "/groups/{id}",
    id: "updateGroup",
    summary: "Change a group's settings or its path",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::text("name").doc("Shown name"),
        Param::text("path").doc("Last segment of the path"),
        Param::text("description").doc("What it is for"),
        Param::text("visibility").words(VISIBILITIES).doc("Who may see it"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Group"),
    refusals: &[404],
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(handler(app, cx, found)) }),
};

async fn handler(app: Arc<App>, cx: Cx, found: InGroup) -> Outcome {
    found.authorize(&cx, GroupAction::Admin)?;
    let params = &cx.params;
    let description = params.given("description");
    let wanted = UpdateGroup {
        id: found.group.namespace.id,
        name: params.text("name").map(|name| name.trim().to_owned()),
        path: segment(params, "path")?,
        description: description.then(|| params.text("description").unwrap_or_default().to_owned()),
        visibility: params.text("visibility").and_then(Visibility::parse),
        by: by(&cx, found.level)?,
        now: cx.now,
    };
    let group = app.store.write(move |tx| update_group(tx, &wanted)).await?;
    json(StatusCode::OK, &GroupDetail::new(&group, cx.urls()))
}
