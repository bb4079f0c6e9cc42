//! GET `/projects/:id/repository/compare`.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::access::Action;
use landfall_git::{Limits, Repository};

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
    views::repository::{CompareView, Compared},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/repository/compare",
    id: "compareRefs",
    summary: "Compare branches, tags or commits",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::text("from")
            .required()
            .doc("The commit, branch or tag to begin with"),
        Param::text("to")
            .required()
            .doc("The commit, branch or tag to end with"),
        Param::integer("from_project_id").doc("The project of `from`: this one, as there are no forks"),
        Param::boolean("straight")
            .default("false")
            .doc("Compare files with `from` itself and not with the common ancestor"),
        Param::boolean("unidiff")
            .default("false")
            .doc("Patches with the lines that name their files"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Comparison"),
    refusals: &[],
    handler: Handler::LookUp(|app, cx, project| -> Later { Box::pin(handler(app, cx, project)) }),
};

async fn handler(app: Arc<App>, cx: Cx, project: InProject) -> Outcome {
    project.authorize(&cx, Action::ReadCode)?;
    let given = |name| cx.params.text(name).unwrap_or_default().to_owned();
    let on = |name| cx.params.boolean(name) == Some(true);
    let (from, to, straight) = (given("from"), given("to"), on("straight"));
    if let Some(id) = cx
        .params
        .integer("from_project_id")
        .filter(|id| *id != project.project.id.0)
    {
        return Err(ApiError::not_a_fork(id, cx.path_param("id")));
    }
    let question = move |repository: &Repository, limits: &Limits| {
        let (Some(from), Some(to)) = (repository.resolve(&from)?, repository.resolve(&to)?) else {
            return Ok(None);
        };
        let found = repository.compare(&from, &to, straight, limits)?;
        Ok(found.map(|found| (from, to, found)))
    };
    let names = [given("from"), given("to")];
    let names = names.each_ref().map(String::as_str);
    let found = ask(&app, &cx, &project, &names, question).await?.flatten();
    let (from, to, found) = found.ok_or_else(|| ApiError::thing_not_found("Ref"))?;
    let asked = Compared {
        from: from.as_str(),
        to: to.as_str(),
        straight,
        unidiff: on("unidiff"),
    };
    json(
        StatusCode::OK,
        &CompareView::new(&found, asked, &project.project, cx.urls()),
    )
}
