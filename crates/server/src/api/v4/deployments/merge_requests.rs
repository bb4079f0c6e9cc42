//! GET `/projects/:id/deployments/:deployment_id/merge_requests` (reference 6.6 and 8.6): what a deployment brought, read
//! from the history between it and the successful one before.

use std::sync::Arc;

use http::Method;
use landfall_domain::{access::Action, deployment::DeploymentDetails, merge_request::MergeRequest};
use landfall_store::{Conn, deployments, merge_requests};

use super::{DEPLOYMENT_ID, ID, declared_id};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pagination::{PAGE, PER_PAGE},
        params::{Param, Rule, Values},
        v4::merge_requests::{STATE, chosen, show},
    },
    ops::link_merge_requests::{Linked, link_merge_requests},
};

const YES_NO: &[&str] = &["yes", "no"];

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/deployments/{deployment_id}/merge_requests",
    id: "listDeploymentMergeRequests",
    summary: "List the merge requests that a deployment brought",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        DEPLOYMENT_ID,
        PAGE,
        PER_PAGE,
        STATE,
        Param::text("order_by")
            .words(&[
                "created_at",
                "label_priority",
                "milestone_due",
                "popularity",
                "priority",
                "title",
                "updated_at",
                "merged_at",
            ])
            .default("created_at")
            .doc("By title, or by the time of the merge, which is the only time that is known"),
        Param::text("sort")
            .words(&["asc", "desc"])
            .default("desc")
            .doc("Direction"),
        Param::text("labels").doc("Only with these labels: there are none"),
        Param::text("not").refused("is not supported"),
        Param::text("milestone").doc("Only of this milestone: there are none"),
        Param::integer("author_id").doc("Only those whose author has the address of this user"),
        Param::text("author_username").doc("Only those whose author has the address of this user"),
        Param::integer("assignee_id").doc("Only those of this assignee: there are none"),
        Param::text("assignee_username").doc("Only those of this assignee: there are none"),
        Param::integer("reviewer_id").doc("Only those of this reviewer: there are none"),
        Param::text("reviewer_username").doc("Only those of this reviewer: there are none"),
        Param::text("my_reaction_emoji").doc("Only those with this emoji: there are none"),
        Param::text("scope")
            .words(&[
                "created_by_me",
                "assigned_to_me",
                "reviews_for_me",
                "created-by-me",
                "assigned-to-me",
                "all",
            ])
            .default("all")
            .doc("Only the caller's own"),
        Param::text("source_branch").doc("Only those of this branch"),
        Param::text("target_branch").doc("Only those into this branch"),
        Param::integer("source_project_id").doc("Only those from this project: it is not known"),
        Param::text("search").doc("Only those with this text in the title"),
        Param::text("in").default("title,description").doc("Where to search"),
        Param::text("wip").words(YES_NO).doc("Only drafts, or only others"),
        Param::time("created_after").doc("The time is not known"),
        Param::time("created_before").doc("The time is not known"),
        Param::time("updated_after").doc("The time is not known"),
        Param::time("updated_before").doc("The time is not known"),
        Param::time("deployed_after").doc("Only if the deployment finished then or later"),
        Param::time("deployed_before").doc("Only if the deployment finished then or earlier"),
        Param::text("environment").doc("Only if the deployment went to the environment of this name"),
        Param::text("approved")
            .words(YES_NO)
            .doc("Only approved ones, or only others: approvals are not known"),
        Param::integer("merge_user_id").doc("Only those that somebody with the address of this user merged"),
        Param::text("merge_user_username").doc("Only those that somebody with the address of this user merged"),
        Param::text("view")
            .words(&["simple"])
            .doc("Without effect, as in GitLab"),
        Param::boolean("with_labels_details").doc("There are no labels"),
        Param::boolean("with_merge_status_recheck").doc("All of them are merged"),
    ],
    rules: &[
        Rule::mutually_exclusive(&["author_id", "author_username"]),
        Rule::mutually_exclusive(&["assignee_id", "assignee_username"]),
        Rule::mutually_exclusive(&["reviewer_id", "reviewer_username"]),
        Rule::mutually_exclusive(&["merge_user_id", "merge_user_username"]),
    ],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("MergeRequest"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

/// A deployment that is not there has brought nothing, as in GitLab.
async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::ReadDeployments)?;
    let id = declared_id(&cx.params)?;
    let project = project.project;
    let project_id = project.id;
    let find = move |conn: &mut Conn<'_>| deployments::get(conn, project_id, id);
    let found: Option<DeploymentDetails> = app.store.read(find).await?;
    let brought = match found.filter(|details| is_asked_for(&cx.params, details)) {
        None => Vec::new(),
        Some(details) => {
            if link_merge_requests(&app, &project, &details).await? == Linked::NotYet {
                return Err(ApiError::Unavailable { retry_after: 1 });
            }
            let list = move |conn: &mut Conn<'_>| merge_requests::of_deployment(conn, id);
            let all: Vec<MergeRequest> = app.store.read(list).await?;
            all
        }
    };
    let chosen = chosen(&app, &cx, brought).await?;
    show(&app, &cx, &project, chosen).await
}

/// The filters about the deployment itself.
fn is_asked_for(params: &Values, details: &DeploymentDetails) -> bool {
    let finished = details.deployment.finished_at;
    let environment = params.text("environment").filter(|name| !name.is_empty());
    let after = params.time("deployed_after");
    let before = params.time("deployed_before");
    environment.is_none_or(|name| name == details.environment.name)
        && after.is_none_or(|after| finished.is_some_and(|finished| finished >= after))
        && before.is_none_or(|before| finished.is_some_and(|finished| finished <= before))
}
