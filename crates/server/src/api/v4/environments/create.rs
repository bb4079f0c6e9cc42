//! POST `/projects/:id/environments` (neighbours, 1.3).

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::access::Action;

use super::{
    AUTO_STOP_AT, AUTO_STOP_SETTING, CLUSTER_AGENT_ID, DESCRIPTION, EXTERNAL_URL, FLUX_RESOURCE_PATH, ID,
    KUBERNETES_NAMESPACE, SLUG, TIER, settings, show,
};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
    },
    ops::create_environment::{CreateEnvironment, create_environment},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/environments",
    id: "createEnvironment",
    summary: "Create a new environment",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::text("name")
            .required()
            .doc("Name of the environment, unique in the project"),
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
    success: &[201],
    answer: Answer::One("Environment"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::CreateEnvironment)?;
    let wanted = CreateEnvironment {
        project_id: project.project.id,
        user_id: cx.user()?.id,
        name: cx.params.text("name").unwrap_or_default().to_owned(),
        settings: settings(&cx.params)?,
        now: cx.now,
    };
    let created = app.store.write(move |tx| create_environment(tx, &wanted)).await;
    let created = created.map_err(ApiError::of_environment_create)?;
    show(&cx, StatusCode::CREATED, &project, &created)
}
