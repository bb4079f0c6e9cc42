//! GET `/projects/:id/repository/commits/:sha/refs`: which branches and tags have a commit.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_git::{Limits, RefKind, Repository};

use super::{ID, SHA, add_counted_pages, ask, page_of};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pagination::{self, PAGE, PER_PAGE},
        params::Param,
        pipeline::json,
    },
    views::repository::RefView,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/commits/{sha}/refs",
    id: "listCommitRefs",
    summary: "List the branches and tags that have a commit",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        SHA,
        Param::text("type")
            .words(&["branch", "tag", "all"])
            .default("all")
            .doc("Only branches, or only tags"),
        PAGE,
        PER_PAGE,
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("RefName"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    let sha = cx.path_param("sha").to_owned();
    let wanted = cx.params.text("type").unwrap_or_default().to_owned();
    let question = move |repository: &Repository, limits: &Limits| {
        let Some(id) = repository.resolve(&sha)? else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for (kind, word) in [(RefKind::Branch, "branch"), (RefKind::Tag, "tag")] {
            if wanted == "all" || wanted == word {
                let names = repository.refs_containing(kind, &id, limits)?;
                found.extend(names.into_iter().map(|name| (word, name)));
            }
        }
        Ok(Some(found))
    };
    let found = ask(&app, &cx, &project, &[cx.path_param("sha")], question)
        .await?
        .flatten();
    let all = found.ok_or_else(|| ApiError::thing_not_found("Commit"))?;
    let offset = pagination::offset(&cx.params);
    let (page, total) = page_of(all, offset);
    let views: Vec<RefView<'_>> = page.iter().map(|(kind, name)| RefView { kind, name }).collect();
    let mut reply = json(StatusCode::OK, &views)?;
    add_counted_pages(&cx, &mut reply, offset, page.len(), total);
    Ok(reply)
}
