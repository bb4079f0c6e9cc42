//! DELETE `/groups/:id`, which marks it first and deletes it the second time, and POST `/groups/:id/restore`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::group::GroupAction;

use super::ID;
use crate::{
    App,
    api::{
        context::{Cx, InGroup},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        params::Param,
        pipeline::json,
        reply,
        v4::members::by,
    },
    ops::delete_group::{mark_group, remove_group, restore_group},
    views::group::GroupDetail,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/groups/{id}",
    id: "deleteGroup",
    summary: "Mark a group for deletion, or delete one that is marked with everything in it",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::boolean("permanently_remove")
            .default("false")
            .doc("Delete a group that is marked at once"),
        Param::text("full_path").doc("The whole path of the group, with `permanently_remove`"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[202],
    answer: Answer::One("Accepted"),
    refusals: &[404],
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(delete(app, cx, found)) }),
};

pub(crate) const RESTORE: Endpoint = Endpoint {
    method: Method::POST,
    path: "/groups/{id}/restore",
    id: "restoreGroup",
    summary: "Bring a group back that is marked for deletion",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID],
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("Group"),
    refusals: &[404],
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(restore(app, cx, found)) }),
};

async fn delete(app: Arc<App>, cx: Cx, found: InGroup) -> Outcome {
    found.authorize(&cx, GroupAction::Destroy)?;
    let (id, by, now) = (found.group.namespace.id, by(&cx, found.level)?, cx.now);
    if cx.params.boolean("permanently_remove") == Some(true) {
        let full_path = cx.params.text("full_path").unwrap_or_default().to_owned();
        app.store
            .write(move |tx| remove_group(tx, id, &full_path, by, now))
            .await?;
        app.wakes.deletions();
    } else {
        app.store.write(move |tx| mark_group(tx, id, by, now).map(drop)).await?;
    }
    Ok(reply::accepted())
}

async fn restore(app: Arc<App>, cx: Cx, found: InGroup) -> Outcome {
    found.authorize(&cx, GroupAction::Destroy)?;
    let (id, by, now) = (found.group.namespace.id, by(&cx, found.level)?, cx.now);
    let group = app.store.write(move |tx| restore_group(tx, id, by, now)).await?;
    json(StatusCode::CREATED, &GroupDetail::new(&group, cx.urls()))
}
