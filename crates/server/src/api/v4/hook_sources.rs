//! `/projects/:id/hook_sources`: who may send hooks about a project. Our own addition, for maintainers.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{
    access::Action,
    hook::{HookSource, Scope, Sender},
    ids::HookSourceId,
    token::Secret,
};
use landfall_store::{Conn, hook_sources};

use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
        reply,
    },
    ops::hook_source::{CreateHookSource, create_hook_source, delete_hook_source, rotate_hook_source},
    views::hook::HookSourceView,
};

const ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");
const SOURCE_ID: Param = Param::integer("hook_source_id").in_path().doc("The source's id");
const SECRET: Param =
    Param::text("secret").doc("What the sender signs with or sends along, 16 characters at least; made if missing");

/// What the endpoints here have in common: an account with the scope `api` is needed.
const fn endpoint(
    method: Method,
    path: &'static str,
    (id, summary): (&'static str, &'static str),
    params: &'static [Param],
    (success, answer): (&'static [u16], Answer),
    paging: Paging,
    handler: Handler,
) -> Endpoint {
    Endpoint {
        method,
        path,
        id,
        summary,
        login: Login::Required,
        access: Access::Api,
        prepare: None,
        params,
        rules: &[],
        paging,
        success,
        answer,
        refusals: &[],
        handler,
    }
}

pub(crate) const LIST: Endpoint = endpoint(
    Method::GET,
    "/projects/{id}/hook_sources",
    ("listHookSources", "List who may send hooks about a project"),
    &[ID],
    (&[200], Answer::Many("HookSource")),
    Paging::None,
    Handler::ReadProject(list),
);

pub(crate) const CREATE: Endpoint = endpoint(
    Method::POST,
    "/projects/{id}/hook_sources",
    ("createHookSource", "Let somebody send hooks about a project"),
    &[
        ID,
        Param::text("sender")
            .required()
            .words(&["gitlab", "github", "argocd", "flux", "cdevents"])
            .doc("Which kind of sender"),
        Param::text("name").doc("What it is called"),
        SECRET,
    ],
    (&[201], Answer::One("HookSource")),
    Paging::None,
    Handler::WriteProject(|app, cx, project| -> Later { Box::pin(create(app, cx, project)) }),
);

pub(crate) const ROTATE: Endpoint = endpoint(
    Method::POST,
    "/projects/{id}/hook_sources/{hook_source_id}/rotate",
    ("rotateHookSource", "Give a source of hooks another secret"),
    &[ID, SOURCE_ID, SECRET],
    (&[200], Answer::One("HookSource")),
    Paging::None,
    Handler::WriteProject(|app, cx, project| -> Later { Box::pin(rotate(app, cx, project)) }),
);

pub(crate) const DELETE: Endpoint = endpoint(
    Method::DELETE,
    "/projects/{id}/hook_sources/{hook_source_id}",
    ("deleteHookSource", "Delete a source of hooks"),
    &[ID, SOURCE_ID],
    (&[204], Answer::Nothing),
    Paging::None,
    Handler::WriteProject(|app, cx, project| -> Later { Box::pin(delete(app, cx, project)) }),
);

fn list(cx: &Cx, project: &InProject, conn: &mut Conn<'_>) -> Outcome {
    project.authorize(cx, Action::AdminProject)?;
    let found = hook_sources::of_project(conn, project.project.id)?;
    let views: Vec<_> = found
        .iter()
        .map(|source| HookSourceView::new(source, None, cx.urls()))
        .collect();
    json(StatusCode::OK, &views)
}

async fn create(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::AdminProject)?;
    let secret = secret(&cx)?;
    let wanted = CreateHookSource {
        sender: cx
            .params
            .text("sender")
            .and_then(Sender::parse)
            .ok_or_else(ApiError::not_found)?,
        scope: Scope::Project(project.project.id),
        name: cx.params.text("name").unwrap_or_default().trim().to_owned(),
        user_id: None,
        projects: std::collections::BTreeMap::new(),
        secret: secret.clone(),
        actor_id: Some(cx.user()?.id),
        now: cx.now,
    };
    let source = app.store.write(move |tx| create_hook_source(tx, &wanted)).await?;
    json(
        StatusCode::CREATED,
        &HookSourceView::new(&source, Some(secret.expose()), cx.urls()),
    )
}

async fn rotate(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let id = find(&app, &cx, &project).await?.id;
    let (secret, actor, now) = (secret(&cx)?, cx.user()?.id, cx.now);
    let given = secret.clone();
    let rotate = move |tx: &mut landfall_store::Tx<'_>| rotate_hook_source(tx, id, &given, Some(actor), now);
    let source = app.store.write(rotate).await?;
    json(
        StatusCode::OK,
        &HookSourceView::new(&source, Some(secret.expose()), cx.urls()),
    )
}

async fn delete(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let id = find(&app, &cx, &project).await?.id;
    let (actor, now) = (cx.user()?.id, cx.now);
    let delete = move |tx: &mut landfall_store::Tx<'_>| delete_hook_source(tx, id, Some(actor), now);
    app.store.write(delete).await?;
    Ok(reply::no_content())
}

/// The project's source in the path, for those who may administer it.
async fn find(app: &App, cx: &Cx, project: &InProject) -> Result<HookSource, ApiError> {
    project.authorize(cx, Action::AdminProject)?;
    let id = cx.params.integer("hook_source_id").ok_or_else(ApiError::not_found)?;
    let scope = Scope::Project(project.project.id);
    let look_up = move |conn: &mut Conn<'_>| hook_sources::by_id(conn, HookSourceId(id)).map_err(ApiError::from);
    let found = app.store.read(look_up).await?;
    found
        .filter(|source| source.scope == scope)
        .ok_or_else(ApiError::not_found)
}

fn secret(cx: &Cx) -> Result<Secret, ApiError> {
    match cx.params.text("secret").filter(|text| !text.is_empty()) {
        Some(text) => Ok(Secret::new(text.to_owned())),
        None => Secret::generate().map_err(ApiError::internal),
    }
}
