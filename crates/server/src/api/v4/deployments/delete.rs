//! DELETE `/projects/:id/deployments/:deployment_id` (reference 6.5).

use std::sync::Arc;

use http::Method;
use landfall_domain::access::Action;
use landfall_store::deployments;

use super::{DEPLOYMENT_ID, ID, declared_id};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        reply,
    },
    ops::delete_deployment::{DeleteDeployment, delete_deployment},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/projects/{id}/deployments/{deployment_id}",
    id: "deleteDeployment",
    summary: "Delete a specific deployment",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, DEPLOYMENT_ID],
    rules: &[],
    paging: Paging::None,
    success: &[204],
    answer: Answer::Nothing,
    refusals: &[412],
    handler: Handler::WriteProject(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let id = declared_id(&cx.params)?;
    let project_id = project.project.id;
    let found = app
        .store
        .read(move |conn| deployments::get(conn, project_id, id).map_err(ApiError::from))
        .await?;
    if found.is_none() {
        return Err(ApiError::not_found());
    }
    project.authorize(&cx, Action::DestroyDeployment)?;
    let wanted = DeleteDeployment {
        project_id,
        id,
        user_id: cx.user()?.id,
        unmodified_since: cx.unmodified_since(),
        now: cx.now,
    };
    app.store.write(move |tx| delete_deployment(tx, &wanted)).await?;
    Ok(reply::no_content())
}
