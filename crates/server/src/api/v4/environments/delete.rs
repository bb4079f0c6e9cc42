//! DELETE `/projects/:id/environments/:environment_id` (neighbours, 1.5).

use std::sync::Arc;

use http::Method;
use landfall_domain::access::Action;

use super::{ENVIRONMENT_ID, ID, authorized};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        reply,
    },
    ops::delete_environment::{DeleteEnvironment, delete_environment},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/projects/{id}/environments/{environment_id}",
    id: "deleteEnvironment",
    summary: "Delete a stopped environment with all its deployments",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, ENVIRONMENT_ID],
    rules: &[],
    paging: Paging::None,
    success: &[204],
    answer: Answer::Nothing,
    refusals: &[409, 412],
    handler: Handler::WriteProject(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let id = authorized(&app, &cx, &project, Action::DestroyEnvironment).await?;
    let wanted = DeleteEnvironment {
        project_id: project.project.id,
        id,
        user_id: cx.user()?.id,
        unmodified_since: cx.unmodified_since(),
        now: cx.now,
    };
    delete_environment(&app, wanted).await?;
    Ok(reply::no_content())
}
