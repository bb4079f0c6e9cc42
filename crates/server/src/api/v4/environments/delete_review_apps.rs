//! DELETE `/projects/:id/environments/review_apps` (neighbours, 1.6).

use std::{sync::Arc, time::Duration};

use http::{Method, StatusCode};
use landfall_domain::access::{Action, Decision};

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
    ops::delete_review_apps::{ReviewApps, find_review_apps, plan_deletion},
    views::environment::PlannedDeletions,
};

/// How old a review app must be, where the request does not say.
const MONTH: Duration = Duration::from_hours(30 * 24);

/// How many are deleted, where the request does not say.
const LIMIT: i64 = 100;

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/projects/{id}/environments/review_apps",
    id: "deleteReviewApps",
    summary: "Delete stopped review apps one week later",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::time("before").doc("Only those made before this: 30 days ago by default"),
        Param::integer("limit")
            .between(1, 1000)
            .default("100")
            .doc("How many, the oldest first"),
        Param::boolean("dry_run")
            .default("true")
            .doc("Only tell which they would be"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("PlannedDeletions"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::ReadDeployments)?;
    if project.decide(&cx, Action::DestroyEnvironment) != Decision::Allowed {
        return Err(ApiError::may_not_delete_environments());
    }
    let wanted = ReviewApps {
        project_id: project.project.id,
        before: cx.params.time("before").unwrap_or_else(|| cx.now.minus(MONTH)),
        limit: cx.params.integer("limit").unwrap_or(LIMIT),
    };
    let found = if cx.params.boolean("dry_run") == Some(false) {
        let (user, now) = (cx.user()?.id, cx.now);
        app.store.write(move |tx| plan_deletion(tx, wanted, user, now)).await?
    } else {
        app.store.read(move |conn| find_review_apps(conn, wanted)).await?
    };
    if found.is_empty() {
        return Err(ApiError::no_review_apps());
    }
    json(StatusCode::OK, &PlannedDeletions::of(&found))
}
