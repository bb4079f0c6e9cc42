//! GET `/projects/:id/repository/commits/:sha/merge_requests`: which merge requests brought a commit to the default
//! branch.

use std::sync::Arc;

use http::Method;
use landfall_domain::merge_request::MergeRequest;
use landfall_git::{Error, Limits, Repository};

use super::{ID, SHA, ask, default_branch, wanted_branch};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pagination::{PAGE, PER_PAGE},
        v4::merge_requests::{STATE, show},
    },
    ops::link_merge_requests::{index, merge_request},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/commits/{sha}/merge_requests",
    id: "listCommitMergeRequests",
    summary: "List the merge requests that brought a commit",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[ID, SHA, STATE, PAGE, PER_PAGE],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("MergeRequest"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let sha = cx.path_param("sha").to_owned();
    let branch = wanted_branch(&project.project);
    let question = move |repository: &Repository, limits: &Limits| brought(repository, &sha, branch.as_deref(), limits);
    let found = ask(&app, &cx, &project, &[cx.path_param("sha")], question)
        .await?
        .flatten();
    let found = found.ok_or_else(|| ApiError::thing_not_found("Commit"))?;
    let mut all = index(&app, project.project.id, found).await?;
    if matches!(cx.params.text("state"), Some("opened" | "closed" | "locked")) {
        all.clear();
    }
    show(&app, &cx, &project.project, all).await
}

/// From the default branch down to the commit; of a commit that is not on it, what its own message tells.
fn brought(
    repository: &Repository,
    sha: &str,
    branch: Option<&str>,
    limits: &Limits,
) -> Result<Option<Vec<MergeRequest>>, Error> {
    let Some(id) = repository.resolve(sha)? else {
        return Ok(None);
    };
    let mut commits = match default_branch(repository, branch)? {
        Some(tip) => repository.brought_by(&id, &tip.commit, limits)?,
        None => Vec::new(),
    };
    if commits.is_empty() {
        commits.extend(repository.commit(&id)?);
    }
    let mut found: Vec<MergeRequest> = Vec::new();
    for commit in &commits {
        if let Some(it) = merge_request(repository, commit)?
            && found.iter().all(|other| other.iid != it.iid)
        {
            found.push(it);
        }
    }
    Ok(Some(found))
}
