//! GET `/projects/:id/deployments/:deployment_id/events`: what happened to a deployment, and every report about it,
//! whether or not it changed anything. Our own addition.

use std::collections::BTreeMap;

use http::Method;
use landfall_domain::{access::Action, event::Event, page::COUNT_LIMIT, user::User};
use landfall_store::{Conn, deployments, events, users};

use super::{DEPLOYMENT_ID, ID, declared_id};
use crate::{
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        listing::Page,
        pagination::{self, PAGE, PER_PAGE},
    },
    views::event::EventView,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/deployments/{deployment_id}/events",
    id: "listDeploymentEvents",
    summary: "List what happened to a deployment, oldest first",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, DEPLOYMENT_ID, PAGE, PER_PAGE],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("Event"),
    refusals: &[],
    handler: Handler::ReadProject(handler),
};

fn handler(cx: &Cx, project: &InProject, conn: &mut Conn<'_>) -> Outcome {
    project.authorize(cx, Action::ReadDeployments)?;
    let id = declared_id(&cx.params)?;
    deployments::get(conn, project.project.id, id)?.ok_or_else(ApiError::not_found)?;
    let offset = pagination::offset(&cx.params);
    let found = events::of_deployment(conn, id, offset)?;
    let total = events::count_of_deployment(conn, id, COUNT_LIMIT + 1)?;
    let page = Page::new(found, offset, total);
    let users = actors(conn, &page.rows)?;
    let views: Vec<EventView<'_>> = page
        .rows
        .iter()
        .map(|(number, event)| EventView::new(*number, event, &users, cx.urls()))
        .collect();
    page.answer(cx, &views)
}

/// The users whom the events name.
fn actors(conn: &mut Conn<'_>, found: &[(i64, Event)]) -> Result<BTreeMap<i64, User>, ApiError> {
    let mut actors = BTreeMap::new();
    for actor in found.iter().filter_map(|(_, event)| event.actor_id) {
        if !actors.contains_key(&actor.0)
            && let Some(user) = users::by_id(conn, actor)?
        {
            actors.insert(actor.0, user);
        }
    }
    Ok(actors)
}
