//! GET `/projects/:id/deployments/:deployment_id` (reference 6.2).

use http::{Method, StatusCode};
use landfall_domain::access::Action;
use landfall_store::{Conn, deployments};

use super::{DEPLOYMENT_ID, ID, declared_id};
use crate::{
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        pipeline::json,
    },
    views::deployment::DeploymentView,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/deployments/{deployment_id}",
    id: "getDeployment",
    summary: "Get a specific deployment",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, DEPLOYMENT_ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Deployment"),
    refusals: &[],
    handler: Handler::ReadProject(handler),
};

fn handler(cx: &Cx, project: &InProject, conn: &mut Conn<'_>) -> Outcome {
    project.authorize(cx, Action::ReadDeployments)?;
    let id = declared_id(&cx.params)?;
    let found = deployments::get(conn, project.project.id, id)?.ok_or_else(ApiError::not_found)?;
    json(StatusCode::OK, &DeploymentView::extended(&found, cx.urls()))
}
