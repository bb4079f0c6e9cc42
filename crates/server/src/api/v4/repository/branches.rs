//! GET `/projects/:id/repository/branches` and `…/branches/:branch`.

use std::{cmp::Reverse, sync::Arc};

use http::{Method, StatusCode};
use landfall_git::{Branch, Error, Limits, RefKind, RefName, Repository};

use super::{ID, SEARCH, add_counted_pages, ask, default_branch, page_of, search, wanted_branch};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pagination::{self, PAGE, PER_PAGE},
        params::Param,
        pipeline::json,
        reply,
    },
    views::repository::BranchView,
};

pub(crate) const LIST: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/branches",
    id: "listBranches",
    summary: "List branches",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        SEARCH,
        Param::text("regex").refused("is not supported"),
        Param::text("sort")
            .words(&["name_asc", "updated_asc", "updated_desc"])
            .default("name_asc")
            .doc("By name, or by the time of the newest commit"),
        PAGE,
        PER_PAGE,
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("Branch"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(list(app, cx, project)) }),
};

/// Branches, and the name of the default one.
#[derive(Default)]
struct Found {
    branches: Vec<Branch>,
    default: Option<String>,
    total: usize,
}

async fn list(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let text = cx.params.text("search").map(str::to_owned);
    let sort = cx.params.text("sort").unwrap_or_default().to_owned();
    let offset = pagination::offset(&cx.params);
    let wanted = wanted_branch(&project.project);
    let question = move |repository: &Repository, limits: &Limits| -> Result<Found, Error> {
        let mut refs = repository.ref_names(RefKind::Branch, limits)?;
        if sort != "name_asc" {
            let times = repository.ref_times(&refs, limits)?;
            let mut by_time: Vec<_> = times.into_iter().zip(refs).collect();
            match sort.as_str() {
                "updated_asc" => by_time.sort_by_key(|(time, _)| *time),
                _ => by_time.sort_by_key(|(time, _)| Reverse(*time)),
            }
            refs = by_time.into_iter().map(|(_, name)| name).collect();
        }
        let (page, total) = page_of(search(refs, text.as_deref()), offset);
        let default = default_branch(repository, wanted.as_deref())?;
        Ok(Found {
            branches: repository.branches(&page, default.as_ref().map(|branch| &branch.commit), limits)?,
            default: default.and_then(|branch| branch.name),
            total,
        })
    };
    let found = ask(&app, &cx, &project, &[], question).await?.unwrap_or_default();
    let view = |branch| BranchView::new(branch, found.default.as_deref(), &project.project, cx.urls());
    let views: Vec<BranchView<'_>> = found.branches.iter().map(view).collect();
    let mut reply = json(StatusCode::OK, &views)?;
    add_counted_pages(&cx, &mut reply, offset, views.len(), found.total);
    Ok(reply)
}

pub(crate) const GET: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/branches/{branch}",
    id: "getBranch",
    summary: "Get a branch",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[ID, Param::text("branch").in_path().doc("The branch's URL-encoded name")],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Branch"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(get(app, cx, project)) }),
};

/// HEAD only tells whether it is there.
async fn get(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let name = cx.path_param("branch").to_owned();
    let branch = format!("refs/heads/{name}");
    let wanted = wanted_branch(&project.project);
    let question = move |repository: &Repository, limits: &Limits| -> Result<Found, Error> {
        let refs: Vec<RefName> = repository.ref_name(RefKind::Branch, &name)?.into_iter().collect();
        let default = default_branch(repository, wanted.as_deref())?;
        Ok(Found {
            branches: repository.branches(&refs, default.as_ref().map(|branch| &branch.commit), limits)?,
            default: default.and_then(|branch| branch.name),
            total: refs.len(),
        })
    };
    let found = ask(&app, &cx, &project, &[branch.as_str()], question)
        .await?
        .unwrap_or_default();
    let branch = found
        .branches
        .first()
        .ok_or_else(|| ApiError::thing_not_found("Branch"))?;
    if cx.method == Method::HEAD {
        return Ok(reply::no_content());
    }
    json(
        StatusCode::OK,
        &BranchView::new(branch, found.default.as_deref(), &project.project, cx.urls()),
    )
}
