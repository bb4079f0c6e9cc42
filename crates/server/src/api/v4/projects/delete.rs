//! DELETE `/projects/:id`, which marks it first and deletes it the second time, and POST `/projects/:id/restore`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::access::Action;

use super::{
    ID,
    update::{ARCHIVE, change},
};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        params::Param,
        reply,
    },
    ops::delete_project::{mark_project, remove_project, restore_project},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/projects/{id}",
    id: "deleteProject",
    summary: "Mark a project for deletion, or delete one that is marked",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::boolean("permanently_remove")
            .default("false")
            .doc("Delete a project that is marked at once"),
        Param::text("full_path").doc("The whole path of the project, with `permanently_remove`"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[202],
    answer: Answer::One("Accepted"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, found| -> Later { Box::pin(delete(app, cx, found)) }),
};

pub(crate) const RESTORE: Endpoint = Endpoint {
    path: "/projects/{id}/restore",
    id: "restoreProject",
    summary: "Bring a project back that is marked for deletion",
    handler: Handler::WriteProject(|app, cx, found| -> Later { Box::pin(restore(app, cx, found)) }),
    ..ARCHIVE
};

async fn delete(app: Arc<App>, cx: Cx, found: InProject) -> Outcome {
    found.authorize(&cx, Action::DestroyProject)?;
    let (id, by, now) = (found.project.id, cx.user()?.id, cx.now);
    if cx.params.boolean("permanently_remove") == Some(true) {
        let full_path = cx.params.text("full_path").unwrap_or_default().to_owned();
        app.store
            .write(move |tx| remove_project(tx, id, &full_path, by, now))
            .await?;
        app.wakes.deletions();
    } else {
        app.store
            .write(move |tx| mark_project(tx, id, by, now).map(drop))
            .await?;
    }
    Ok(reply::accepted())
}

async fn restore(app: Arc<App>, cx: Cx, found: InProject) -> Outcome {
    found.authorize(&cx, Action::DestroyProject)?;
    let (id, by, now) = (found.project.id, cx.user()?.id, cx.now);
    change(&app, cx, found, StatusCode::CREATED, move |tx| {
        restore_project(tx, id, by, now)
    })
    .await
}
