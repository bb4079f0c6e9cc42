//! `/projects/:id/environments` (neighbours, section 1).

use std::sync::Arc;

use http::StatusCode;
use landfall_domain::{
    access::{Action, Decision},
    environment::{AutoStopSetting, Change, Environment, Settings, Tier},
    ids::EnvironmentId,
};
use landfall_store::environments;

use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::Outcome,
        error::ApiError,
        params::{Param, Values},
        pipeline::json,
    },
    views::{environment::EnvironmentView, project::ProjectBasic},
};

pub mod create;
pub mod delete;
pub mod delete_review_apps;
pub mod get;
pub mod list;
pub mod stop;
pub mod stop_stale;
pub mod update;

const ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");

const ENVIRONMENT_ID: Param = Param::integer("environment_id").in_path().doc("The environment's id");

/// What may be set, on create and update.
const EXTERNAL_URL: Param = Param::text("external_url").doc("Where the environment can be seen running");
const SLUG: Param = Param::text("slug")
    .refused("is automatically generated and cannot be changed")
    .doc("Not to be sent: it is made from the name");
const TIER: Param = Param::text("tier")
    .words(&["production", "staging", "testing", "development", "other"])
    .doc("What the environment is for; guessed from the name if it is not told");
const DESCRIPTION: Param = Param::text("description").doc("What its owners note about it");
const AUTO_STOP_SETTING: Param = Param::text("auto_stop_setting")
    .words(&["always", "with_action"])
    .doc("Whether it is only stopped where a stop job exists: there are none here, so `with_action` asks for `force`");
const AUTO_STOP_AT: Param = Param::time("auto_stop_at").doc("When it is to be stopped (an extension)");
const CLUSTER_AGENT_ID: Param = Param::integer("cluster_agent_id").doc("Refused: there are no cluster agents here");
const KUBERNETES_NAMESPACE: Param = Param::text("kubernetes_namespace").doc("Refused without a cluster agent");
const FLUX_RESOURCE_PATH: Param = Param::text("flux_resource_path").doc("Refused without a Kubernetes namespace");

/// What the request tells about an environment.
fn settings(params: &Values) -> Result<Settings, ApiError> {
    if params.integer("cluster_agent_id").is_some() {
        return Err(ApiError::no_cluster_agent());
    }
    let text = |name: &str| params.text(name).map(str::to_owned);
    Ok(Settings {
        external_url: change(params, "external_url", text("external_url")),
        tier: change(params, "tier", params.text("tier").and_then(Tier::parse)),
        description: change(params, "description", text("description")),
        auto_stop_setting: params.text("auto_stop_setting").and_then(AutoStopSetting::parse),
        auto_stop_at: change(params, "auto_stop_at", params.time("auto_stop_at")),
        kubernetes_namespace: text("kubernetes_namespace"),
        flux_resource_path: text("flux_resource_path"),
    })
}

fn change<T>(params: &Values, name: &str, value: Option<T>) -> Change<T> {
    if params.given(name) {
        Change::told(value)
    } else {
        Change::Leave
    }
}

/// The id in the path; validation has made sure that it is a number.
fn environment_id(params: &Values) -> Result<EnvironmentId, ApiError> {
    params
        .integer("environment_id")
        .map(EnvironmentId)
        .ok_or_else(ApiError::not_found)
}

/// The environment that is to be stopped or deleted: who may see it is told first, then whether it is there, then who
/// may do that with it.
async fn authorized(app: &Arc<App>, cx: &Cx, project: &InProject, action: Action) -> Result<EnvironmentId, ApiError> {
    project.authorize(cx, Action::ReadDeployments)?;
    let (project_id, id) = (project.project.id, environment_id(&cx.params)?);
    let found = app
        .store
        .read(move |conn| environments::by_id(conn, project_id, id).map_err(ApiError::from))
        .await?;
    found.ok_or_else(ApiError::not_found)?;
    project.authorize(cx, action)?;
    Ok(id)
}

/// The project as environments show it to the caller.
fn project_view<'a>(cx: &Cx, project: &'a InProject) -> ProjectBasic<'a> {
    let may_read_code = project.decide(cx, Action::ReadCode) == Decision::Allowed;
    ProjectBasic::new(&project.project, may_read_code, cx.urls())
}

/// The answer to a change.
fn show(cx: &Cx, status: StatusCode, project: &InProject, environment: &Environment) -> Outcome {
    let project = project_view(cx, project);
    json(status, &EnvironmentView::with_project(environment, &project))
}
