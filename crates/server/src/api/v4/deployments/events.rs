//! GET `/projects/:id/deployments/:deployment_id/events`: what happened to a deployment, and every report about it,
//! whether or not it changed anything. Our own addition.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use landfall_domain::{access::Action, event::Event, page::COUNT_LIMIT, user::User};
use landfall_store::{Conn, deployments, events, users};

use super::{DEPLOYMENT_ID, ID, declared_id};
use crate::{
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        pagination::{self, LinkBase, PAGE, PER_PAGE, PageInfo},
        pipeline::json,
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
    let mut found = events::of_deployment(conn, id, offset)?;
    let total = events::count_of_deployment(conn, id, COUNT_LIMIT + 1)?;
    let rows = usize::try_from(offset.per_page).unwrap_or(usize::MAX);
    let has_next = found.len() > rows;
    found.truncate(rows);
    let users = actors(conn, &found)?;
    let views: Vec<EventView<'_>> = found
        .iter()
        .map(|(number, event)| EventView::new(*number, event, &users, cx.urls()))
        .collect();
    let info = PageInfo {
        offset,
        total: (total <= COUNT_LIMIT).then_some(total),
        has_next,
        is_empty: views.is_empty(),
    };
    let link = LinkBase::new(
        cx.urls().instance(),
        &format!("/api/v4{}", cx.raw_path),
        &cx.given,
        &cx.params,
    );
    let mut reply = json(StatusCode::OK, &views)?;
    reply.headers_mut().extend(pagination::headers(&info, &link));
    Ok(reply)
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
