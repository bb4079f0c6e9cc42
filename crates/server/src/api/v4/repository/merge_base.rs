//! GET `/projects/:id/repository/merge_base`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::access::Action;
use landfall_git::{Commit, Limits, Repository};
use serde_json::{Map, Value};

use super::{ID, ask};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
    },
    views::commit::CommitView,
};

/// How many refs are taken: each is looked up, and people give two.
const MAX_REFS: usize = 100;

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/merge_base",
    id: "getMergeBase",
    summary: "Get the common ancestor of branches, tags or commits",
    login: Login::Optional,
    access: Access::Api,
    prepare: Some(split_at_commas),
    params: &[
        ID,
        Param::text_list("refs")
            .required()
            .doc("Two or more commits, branches or tags, also with commas between them"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Commit"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

/// `refs=a,b` is `refs[]=a&refs[]=b`.
fn split_at_commas(given: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = given.get("refs")
        && !text.is_empty()
    {
        let refs = text.split(',').map(|part| part.trim().into()).collect();
        given.insert("refs".to_owned(), Value::Array(refs));
    }
}

enum Found {
    Unknown(Vec<String>),
    Base(Option<Box<Commit>>),
}

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::ReadCode)?;
    let refs = cx.params.text_list("refs").unwrap_or_default().to_vec();
    match refs.len() {
        0 | 1 => return Err(ApiError::too_few_refs()),
        number if number > MAX_REFS => return Err(ApiError::bad_request("Too many refs")),
        _ => {}
    }
    let all = refs.clone();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let question = move |repository: &Repository, limits: &Limits| {
        let mut commits = Vec::with_capacity(refs.len());
        let mut unknown = Vec::new();
        for name in refs {
            match repository.resolve(&name)? {
                Some(commit) => commits.push(commit),
                None => unknown.push(name),
            }
        }
        if !unknown.is_empty() {
            return Ok(Found::Unknown(unknown));
        }
        Ok(Found::Base(repository.merge_base(&commits, limits)?.map(Box::new)))
    };
    let found = ask(&app, &cx, &project, &names, question).await?;
    match found.unwrap_or(Found::Unknown(all)) {
        Found::Unknown(names) => Err(ApiError::unknown_refs(&names)),
        Found::Base(None) => Err(ApiError::thing_not_found("Merge Base")),
        Found::Base(Some(commit)) => json(StatusCode::OK, &CommitView::new(&commit, &project.project, cx.urls())),
    }
}
