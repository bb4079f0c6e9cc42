//! GET `/projects/:id/environments/:environment_id` (neighbours, section 1).

use http::{Method, StatusCode};
use landfall_domain::access::Action;
use landfall_store::{Conn, deployments, environments};

use super::{ENVIRONMENT_ID, ID, environment_id};
use crate::{
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        pipeline::json,
    },
    views::environment::EnvironmentView,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/environments/{environment_id}",
    id: "getEnvironment",
    summary: "Get a specific environment",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, ENVIRONMENT_ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Environment"),
    refusals: &[],
    handler: Handler::ReadProject(handler),
};

fn handler(cx: &Cx, project: &InProject, conn: &mut Conn<'_>) -> Outcome {
    project.authorize(cx, Action::ReadDeployments)?;
    let id = environment_id(&cx.params)?;
    let found = environments::by_id(conn, project.project.id, id)?.ok_or_else(ApiError::not_found)?;
    let last = deployments::last(conn, id)?;
    let view = EnvironmentView::with_last_deployment(&found, last.as_ref(), cx.urls());
    json(StatusCode::OK, &view)
}
