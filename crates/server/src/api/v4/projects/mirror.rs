//! GET and POST `/projects/:id/mirror/pull`: where the copy of a repository elsewhere stands, and bringing it up to date.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::access::Action;
use landfall_store::{Conn, Tx, mirrors};
use serde_json::json as object;

use super::mirror;
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
    },
    views::mirror::MirrorView,
};

const ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");

pub(crate) const GET: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/mirror/pull",
    id: "getProjectMirror",
    summary: "Get where the copy of a repository elsewhere stands",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("ProjectMirror"),
    refusals: &[],
    handler: Handler::ReadProject(get),
};

fn get(cx: &Cx, found: &InProject, conn: &mut Conn<'_>) -> Outcome {
    found.authorize(cx, Action::AdminProject)?;
    let mirror = mirror(conn, &found.project)?.ok_or_else(no_mirror)?;
    json(StatusCode::OK, &MirrorView::new(&mirror))
}

pub(crate) const PULL: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/mirror/pull",
    id: "pullProjectMirror",
    summary: "Bring the copy of a repository elsewhere up to date now",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Message"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, found| -> Later { Box::pin(pull(app, cx, found)) }),
};

/// It is done in the background; a copy that somebody is at, or that is due, is left alone.
async fn pull(app: Arc<App>, cx: Cx, found: InProject) -> Outcome {
    found.authorize(&cx, Action::AdminProject)?;
    let (project, now) = (found.project, cx.now);
    let ask = move |tx: &mut Tx<'_>| {
        let known = mirror(tx, &project)?;
        mirrors::ask(tx, project.id, now)?;
        Ok::<_, landfall_store::Error>(known)
    };
    app.store.write(ask).await?.ok_or_else(no_mirror)?;
    json(StatusCode::OK, &object!({ "message": "200 OK" }))
}

/// GitLab's words.
fn no_mirror() -> ApiError {
    ApiError::bad_request("The project is not mirrored")
}
