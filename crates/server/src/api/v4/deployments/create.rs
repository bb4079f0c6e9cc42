//! POST `/projects/:id/deployments` (reference 6.3), with the job and the times of records from elsewhere as our own
//! additions.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{
    access::Action,
    deployment::{Source, Status},
};
use serde_json::{Map, Value};

use super::{CREATED_AT, DEPLOYABLE, FINISHED_AT, ID, UPDATED_AT, given_job, given_times, read_job_text};
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
        Refusal,
        create_deployment::{CreateDeployment, create_deployment},
        job::GivenJob,
        report_deployment::{Landing, ReportDeployment, report_deployment},
    },
    views::deployment::DeploymentView,
    webhooks::chain_of,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/deployments",
    id: "createDeployment",
    summary: "Create a deployment",
    login: Login::Required,
    access: Access::Api,
    prepare: Some(as_shown),
    params: &[
        ID,
        Param::text("environment")
            .required()
            .not_blank()
            .doc("Name of the environment, made if it is missing"),
        Param::text("sha")
            .required()
            .not_blank()
            .doc("The commit that is deployed"),
        Param::text("ref")
            .required()
            .not_blank()
            .doc("The branch or tag that is deployed"),
        Param::boolean("tag").required().doc("Whether `ref` is a tag"),
        Param::text("status")
            .required()
            .words(&["created", "running", "success", "failed", "canceled"])
            .doc("Where the deployment stands"),
        DEPLOYABLE.members(|name, members| GivenJob::read(name, members, false).err().unwrap_or_default()),
        CREATED_AT,
        UPDATED_AT,
        FINISHED_AT,
        EXTERNAL_ID,
        SEQUENCE,
        OCCURRED_AT,
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200, 201],
    answer: Answer::One("Deployment"),
    refusals: &[],
    handler: Handler::Record(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

const EXTERNAL_ID: Param = Param::text("external_id").or_header("Idempotency-Key").not_blank().doc(
    "The caller's own key of the deployment, unique in the project: later requests with it are reports about the \
         same deployment and are answered with 200 (an extension)",
);
const SEQUENCE: Param = Param::integer("sequence")
    .doc("The caller's own count of its reports about the deployment: lower ones do not change it (an extension)");
const OCCURRED_AT: Param = Param::time("occurred_at")
    .doc("When it happened at the caller: older reports do not change the deployment (an extension)");

/// Where [`as_shown`] puts the address of an environment; no request can name it, because of the blank.
const EXTERNAL_URL: &str = "environment external_url";

/// A deployment as a GitLab or a Landfall shows it can be recorded here as it is: then the environment is an object,
/// whether `ref` is a tag stands in the job or among Landfall's own facts, and among these is the time of the finish.
fn as_shown(given: &mut Map<String, Value>) {
    given.remove(EXTERNAL_URL);
    read_job_text(given);
    if let Some(Value::Object(environment)) = given.get_mut("environment")
        && let Some(name @ Value::String(_)) = environment.remove("name")
    {
        let external_url = environment.remove("external_url");
        given.insert("environment".to_owned(), name);
        given.extend(external_url.map(|url| (EXTERNAL_URL.to_owned(), url)));
    }
    let within = |object: &str, key: &str| given.get(object).and_then(|object| object.get(key)).cloned();
    let tags = [within("landfall", "tag"), within("deployable", "tag")];
    let tag = tags.into_iter().flatten().find(Value::is_boolean);
    let finished_at = within("landfall", "finished_at").filter(Value::is_string);
    for (name, value) in [("tag", tag), ("finished_at", finished_at)] {
        if let Some(value) = value {
            given.entry(name).or_insert(value);
        }
    }
}

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::CreateDeployment)?;
    project.authorize(&cx, Action::CreateEnvironment)?;
    let times = given_times(&cx, &project)?;
    let params = &cx.params;
    let text = |name: &str| params.text(name).unwrap_or_default().to_owned();
    let wanted = CreateDeployment {
        user_id: cx.user()?.id,
        environment: text("environment"),
        external_url: cx.given.get(EXTERNAL_URL).and_then(Value::as_str).map(str::to_owned),
        sha: text("sha"),
        git_ref: text("ref"),
        // Only `tag=` comes this far without a value; GitLab's own answer to it is a broken one.
        tag: params
            .boolean("tag")
            .ok_or_else(|| ApiError::Params("tag is invalid".to_owned()))?,
        status: params
            .text("status")
            .and_then(Status::parse)
            .ok_or_else(ApiError::not_found)?,
        times,
        job: given_job(params.json("deployable"), false)?,
        source: Source::Api,
        now: cx.now,
        event_chain: chain_of(&cx.headers, cx.now),
        allowed_in: cx.is_provisional.then_some(cx.state),
        project: project.project,
    };
    let Some(external_id) = key(&cx)? else {
        let created = create_deployment(&app, wanted).await?;
        return json(StatusCode::CREATED, &DeploymentView::extended(&created, cx.urls()));
    };
    if cx.is_provisional {
        // A report does not find out by itself whether its caller may still make it.
        return Err(Refusal::Conflict.into());
    }
    let wanted = ReportDeployment {
        external_id,
        sequence: cx.params.integer("sequence"),
        occurred_at: cx.params.time("occurred_at"),
        deployment: wanted,
    };
    let reported = report_deployment(&app, wanted).await?;
    let status = match reported.landing {
        Landing::Created => StatusCode::CREATED,
        Landing::Applied | Landing::Older | Landing::Repeated => StatusCode::OK,
    };
    json(status, &DeploymentView::reported(&reported, cx.urls()))
}

/// The caller's key of the deployment. What only means something with a key is refused without one.
fn key(cx: &Cx) -> Result<Option<String>, ApiError> {
    if let Some(told) = cx.params.text("external_id") {
        return Ok(Some(told.to_owned()));
    }
    if cx.params.integer("sequence").is_some() || cx.params.time("occurred_at").is_some() {
        return Err(ApiError::Params("external_id is missing".to_owned()));
    }
    Ok(None)
}
