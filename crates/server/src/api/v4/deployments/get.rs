//! GET `/projects/:id/deployments/:deployment_id` (reference 6.2).

use http::Method;
use landfall_domain::access::Action;
use landfall_store::Conn;

use super::{DEPLOYMENT_ID, ID, declared_id, row};
use crate::{
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Login, Paging},
        error::ApiError,
        kept::{Showing, Shows},
    },
    cache::Shown,
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
    handler: Handler::Kept {
        is_short: |_| true,
        answer: handler,
    },
};

fn handler(cx: &Cx, project: &InProject, conn: &mut Conn<'_>) -> Shows {
    project.authorize(cx, Action::ReadDeployments)?;
    let id = declared_id(&cx.params)?;
    let project = project.project.id;
    let found = row::all(cx, conn, &[id])?.pop();
    let row = found
        .filter(|row| row.project == project)
        .ok_or_else(ApiError::not_found)?;
    Ok(Showing {
        shown: Shown::One(row),
        headers: Vec::new(),
    })
}
