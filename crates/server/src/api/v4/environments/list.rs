//! GET `/projects/:id/environments` (neighbours, 1.2).

use http::Method;
use landfall_domain::{
    access::Action,
    environment::{EnvironmentFilter, Search, State},
    page::COUNT_LIMIT,
};
use landfall_store::{Conn, environment_list};

use super::{ID, project_view};
use crate::{
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        listing::Page,
        pagination::{self, PAGE, PER_PAGE},
        params::{Param, Rule, Values},
    },
    views::environment::EnvironmentView,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/environments",
    id: "listEnvironments",
    summary: "List environments",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        PAGE,
        PER_PAGE,
        Param::text("name").doc("Only the environment of this name"),
        Param::text("search")
            .doc("Only environments whose names begin so, or behind their folder: 3 characters or more"),
        Param::text("states")
            .words(&["available", "stopping", "stopped"])
            .doc("Only environments in this state"),
    ],
    rules: &[Rule::at_most_one(&["name", "search"], "cannot be used together")],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("Environment"),
    refusals: &[],
    handler: Handler::ReadProject(handler),
};

fn handler(cx: &Cx, project: &InProject, conn: &mut Conn<'_>) -> Outcome {
    project.authorize(cx, Action::ReadDeployments)?;
    let filter = filter(&cx.params)?;
    let offset = pagination::offset(&cx.params);
    let project_id = project.project.id;
    let found = environment_list::list(conn, project_id, &filter, offset)?;
    let total = environment_list::count(conn, project_id, &filter, COUNT_LIMIT + 1)?;
    let page = Page::new(found, offset, total);
    let project = project_view(cx, project);
    let views: Vec<EnvironmentView<'_>> = page
        .rows
        .iter()
        .map(|environment| EnvironmentView::with_project(environment, &project))
        .collect();
    page.answer(cx, &views)
}

/// The filter that the parameters ask for. An empty text is no filter.
fn filter(params: &Values) -> Result<EnvironmentFilter, ApiError> {
    let search = Search::parse(params.text("search").unwrap_or_default());
    Ok(EnvironmentFilter {
        name: params.text("name").filter(|name| !name.is_empty()).map(str::to_owned),
        search: search.map_err(|too_short| ApiError::bad_request(&too_short.to_string()))?,
        state: params.text("states").and_then(State::parse),
    })
}
