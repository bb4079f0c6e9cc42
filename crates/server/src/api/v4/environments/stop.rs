//! POST `/projects/:id/environments/:environment_id/stop` (neighbours, 1.5).

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::access::Action;

use super::{ENVIRONMENT_ID, ID, authorized, show};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        params::Param,
    },
    ops::stop_environment::{StopEnvironment, stop_environment},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/environments/{environment_id}/stop",
    id: "stopEnvironment",
    summary: "Stop an environment",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        ENVIRONMENT_ID,
        Param::boolean("force")
            .default("false")
            .doc("Stop it although it waits for a stop job"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Environment"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let id = authorized(&app, &cx, &project, Action::StopEnvironment).await?;
    let wanted = StopEnvironment {
        project_id: project.project.id,
        id,
        user_id: cx.user()?.id,
        force: cx.params.boolean("force") == Some(true),
        now: cx.now,
    };
    let stopped = app.store.write(move |tx| stop_environment(tx, &wanted)).await?;
    show(&cx, StatusCode::OK, &project, &stopped)
}
