//! `/projects/:id/deployments` (reference section 6).

use landfall_domain::{deployment::GivenTimes, ids::DeploymentId};
use serde_json::{Map, Value};

use crate::{
    api::{
        context::{Cx, InProject},
        convert::leading_integer,
        error::ApiError,
        input::{check_strings, json_guard},
        params::{Param, Values},
    },
    ops::job::GivenJob,
};
use landfall_domain::access::{Action, Decision};

pub mod create;
pub mod delete;
pub mod events;
pub mod get;
pub mod list;
pub mod merge_requests;
mod row;
pub mod update;

const ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");

const DEPLOYMENT_ID: Param = Param::integer("deployment_id")
    .in_path()
    .doc("The deployment's id, not its iid");

/// What Landfall takes beside GitLab's own parameters, on create and update.
const DEPLOYABLE: Param = Param::json("deployable")
    .doc("The job that did it, in the shape in which a deployment shows it (an extension; `name` is required)");
const CREATED_AT: Param = Param::time("created_at").doc("When it was made, for records from elsewhere (maintainers)");
const UPDATED_AT: Param =
    Param::time("updated_at").doc("When it last changed, for records from elsewhere (maintainers)");
const FINISHED_AT: Param = Param::time("finished_at").doc("When it finished, for records from elsewhere (maintainers)");

/// The id in the path of a route that declares it; validation has made sure that it is a number.
fn declared_id(params: &Values) -> Result<DeploymentId, ApiError> {
    params
        .integer("deployment_id")
        .map(DeploymentId)
        .ok_or_else(ApiError::not_found)
}

/// The id in the path of PUT, which GitLab does not declare: a leading number is enough, and nothing is not found
/// (reference 3.2).
fn undeclared_id(cx: &Cx) -> Result<DeploymentId, ApiError> {
    leading_integer(cx.path_param("deployment_id"))
        .map(DeploymentId)
        .ok_or_else(ApiError::not_found)
}

/// The times that the caller tells; only maintainers may.
fn given_times(cx: &Cx, project: &InProject) -> Result<GivenTimes, ApiError> {
    let times = GivenTimes {
        created_at: cx.params.time("created_at"),
        updated_at: cx.params.time("updated_at"),
        finished_at: cx.params.time("finished_at"),
    };
    if times.any() && project.decide(cx, Action::SetHistory) != Decision::Allowed {
        return Err(ApiError::forbidden_because(
            "Only maintainers can set created_at, updated_at and finished_at",
        ));
    }
    Ok(times)
}

/// A form has only texts, so there a job may be JSON text, within the limits of a JSON body. Any other text stays, and is
/// found invalid.
fn read_job_text(given: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = given.get("deployable")
        && let Ok(Some(Value::Object(job))) = json_guard(Some("application/json"), text.as_bytes())
        && check_strings("", [], &job).is_ok()
    {
        given.insert("deployable".to_owned(), Value::Object(job));
    }
}

/// The job that the caller tells.
fn given_job(told: Option<&Map<String, Value>>, completes: bool) -> Result<Option<GivenJob>, ApiError> {
    told.map(|told| GivenJob::read("deployable", told, completes))
        .transpose()
        .map_err(|refusals| ApiError::Params(refusals.join(", ")))
}
