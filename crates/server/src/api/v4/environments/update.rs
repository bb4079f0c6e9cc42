//! PUT `/projects/:id/environments/:environment_id` (neighbours, 1.4).

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::access::Action;

use super::{
    AUTO_STOP_AT, AUTO_STOP_SETTING, CLUSTER_AGENT_ID, DESCRIPTION, ENVIRONMENT_ID, EXTERNAL_URL, FLUX_RESOURCE_PATH,
    ID, KUBERNETES_NAMESPACE, SLUG, TIER, environment_id, settings, show,
};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
    },
    ops::update_environment::{UpdateEnvironment, update_environment},
};
use landfall_store::environments;

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::PUT,
    path: "/projects/{id}/environments/{environment_id}",
    id: "updateEnvironment",
    summary: "Update an existing environment",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        ENVIRONMENT_ID,
        EXTERNAL_URL,
        SLUG,
        TIER,
        CLUSTER_AGENT_ID,
        KUBERNETES_NAMESPACE,
        FLUX_RESOURCE_PATH,
        DESCRIPTION,
        AUTO_STOP_SETTING,
        AUTO_STOP_AT,
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Environment"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::UpdateEnvironment)?;
    let (project_id, id) = (project.project.id, environment_id(&cx.params)?);
    let found = app
        .store
        .read(move |conn| environments::by_id(conn, project_id, id).map_err(ApiError::from))
        .await?;
    found.ok_or_else(ApiError::not_found)?;
    let wanted = UpdateEnvironment {
        project_id,
        id,
        user_id: cx.user()?.id,
        settings: settings(&cx.params)?,
        now: cx.now,
    };
    let updated = app.store.write(move |tx| update_environment(tx, &wanted)).await?;
    show(&cx, StatusCode::OK, &project, &updated)
}
