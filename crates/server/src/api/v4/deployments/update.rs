//! PUT `/projects/:id/deployments/:deployment_id` (reference 6.4), with the job and the times of records from elsewhere
//! as our own additions.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{
    access::{Action, Decision},
    deployment::Status,
};
use landfall_store::deployments;

use super::{
    CREATED_AT, DEPLOYABLE, FINISHED_AT, ID, UPDATED_AT, given_job, given_times, read_job_text, undeclared_id,
};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
    },
    ops::{
        job::GivenJob,
        update_deployment::{UpdateDeployment, update_deployment},
    },
    views::deployment::DeploymentView,
    webhooks::chain_of,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::PUT,
    path: "/projects/{id}/deployments/{deployment_id}",
    id: "updateDeployment",
    summary: "Update a deployment",
    login: Login::Required,
    access: Access::Api,
    prepare: Some(read_job_text),
    params: &[
        ID,
        Param::text("status")
            .required()
            .words(&["running", "success", "failed", "canceled"])
            .doc("The new status"),
        DEPLOYABLE.members(|name, members| GivenJob::read(name, members, true).err().unwrap_or_default()),
        CREATED_AT,
        UPDATED_AT,
        FINISHED_AT,
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Deployment"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let id = undeclared_id(&cx)?;
    let job = cx.params.json("deployable");
    let times = given_times(&cx, &project);
    let mut has_job = false;
    // Whatever else is wrong with it, a deployment that is not there is not found. The command finds that out, too.
    if job.is_some() || times.is_err() || project.decide(&cx, Action::UpdateDeployment) != Decision::Allowed {
        let project_id = project.project.id;
        let found = app
            .store
            .read_at_once(move |conn| deployments::get(conn, project_id, id).map_err(ApiError::from))
            .await?;
        has_job = found.ok_or_else(ApiError::not_found)?.job.is_some();
    }
    project.authorize(&cx, Action::UpdateDeployment)?;
    let wanted = UpdateDeployment {
        id,
        user_id: cx.user()?.id,
        status: cx
            .params
            .text("status")
            .and_then(Status::parse)
            .ok_or_else(ApiError::not_found)?,
        times: times?,
        // Only a job that is there already can do without a name.
        job: given_job(job, has_job)?,
        now: cx.now,
        event_chain: chain_of(&cx.headers, cx.now),
        project: project.project,
    };
    let updated = update_deployment(&app, wanted).await?;
    json(StatusCode::OK, &DeploymentView::extended(&updated, cx.urls()))
}
