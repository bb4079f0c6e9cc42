//! POST `/projects/:id/environments/stop_stale` (neighbours, 1.5).

use std::{sync::Arc, time::Duration};

use http::{Method, StatusCode};
use landfall_domain::{access::Action, time::Timestamp};
use serde_json::json as object;

use super::ID;
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
    },
    ops::stop_environment::{StopStale, stop_stale},
};

/// How long an environment must have been unused at least.
const WEEK: Duration = Duration::from_hours(7 * 24);
/// Ten years of 365.25 days: nothing is that old.
const TEN_YEARS: Duration = Duration::from_hours(87_660);

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/environments/stop_stale",
    id: "stopStaleEnvironments",
    summary: "Stop the environments that nobody has used since a time",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::time("before")
            .required()
            .doc("Unused since when: between ten years and one week ago"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Message"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::StopStaleEnvironments)?;
    let wanted = StopStale {
        project_id: project.project.id,
        user_id: cx.user()?.id,
        before: before(&cx).ok_or_else(|| ApiError::bad_request("Invalid Date"))?,
        now: cx.now,
    };
    stop_stale(&app, wanted).await?;
    let message = "Successfully requested stop for all stale environments";
    json(StatusCode::OK, &object!({ "message": message }))
}

fn before(cx: &Cx) -> Option<Timestamp> {
    let range = cx.now.minus(TEN_YEARS)..=cx.now.minus(WEEK);
    cx.params.time("before").filter(|before| range.contains(before))
}
