//! `/projects/:id/inbox` for maintainers, and `/inbox` for administrators: what hooks have sent, and what came of it. Our
//! own addition.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{
    access::Action,
    hook::{Delivery, DeliveryState},
    ids::{DeliveryId, HookSourceId, ProjectId},
    page::COUNT_LIMIT,
};
use landfall_store::{
    Conn, Tx,
    inbox::{self, InboxFilter},
};

use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pagination::{self, LinkBase, PAGE, PER_PAGE, PageInfo},
        params::Param,
        pipeline::json,
    },
    inbox::worker,
    ops::hook_source::replay_delivery,
    views::hook::DeliveryView,
};

const ID: Param = Param::text("id").in_path().doc("The project's id or URL-encoded path");
const DELIVERY_ID: Param = Param::integer("delivery_id").in_path().doc("The delivery's id");
const STATE: Param = Param::text("state")
    .words(&["waiting", "done", "ignored", "failed"])
    .doc("Only deliveries that have come to this");
const SOURCE: Param = Param::integer("hook_source_id").doc("Only deliveries of this source");

/// What the endpoints here have in common: an account with the scope `api` is needed.
const fn endpoint(
    method: Method,
    path: &'static str,
    (id, summary): (&'static str, &'static str),
    params: &'static [Param],
    (success, answer): (&'static [u16], Answer),
    paging: Paging,
    handler: Handler,
) -> Endpoint {
    Endpoint {
        method,
        path,
        id,
        summary,
        login: Login::Required,
        access: Access::Api,
        prepare: None,
        params,
        rules: &[],
        paging,
        success,
        answer,
        // A list is never missing, one delivery may be.
        refusals: if matches!(answer, Answer::Many(_)) { &[] } else { &[404] },
        handler,
    }
}

pub(crate) const LIST: Endpoint = endpoint(
    Method::GET,
    "/inbox",
    (
        "listDeliveries",
        "List what hooks have sent, newest first (administrators)",
    ),
    &[STATE, SOURCE, PAGE, PER_PAGE],
    (&[200], Answer::Many("Delivery")),
    Paging::Offset,
    Handler::Read(|cx, conn| {
        refuse_others(cx)?;
        list(cx, None, conn)
    }),
);

pub(crate) const GET: Endpoint = endpoint(
    Method::GET,
    "/inbox/{delivery_id}",
    ("getDelivery", "Get what a hook has sent, whole (administrators)"),
    &[DELIVERY_ID],
    (&[200], Answer::One("Delivery")),
    Paging::None,
    Handler::Read(|cx, conn| {
        refuse_others(cx)?;
        get(cx, None, conn)
    }),
);

pub(crate) const REPLAY: Endpoint = endpoint(
    Method::POST,
    "/inbox/{delivery_id}/replay",
    ("replayDelivery", "Read a delivery once more (administrators)"),
    &[DELIVERY_ID],
    (&[200], Answer::One("Delivery")),
    Paging::None,
    Handler::Write(|app, cx| -> Later {
        Box::pin(async move {
            refuse_others(&cx)?;
            replay(app, cx, None).await
        })
    }),
);

pub(crate) const LIST_OF_PROJECT: Endpoint = endpoint(
    Method::GET,
    "/projects/{id}/inbox",
    (
        "listProjectDeliveries",
        "List what hooks have sent about a project, newest first",
    ),
    &[ID, STATE, SOURCE, PAGE, PER_PAGE],
    (&[200], Answer::Many("Delivery")),
    Paging::Offset,
    Handler::ReadProject(|cx, project, conn| {
        project.authorize(cx, Action::AdminProject)?;
        list(cx, Some(project.project.id), conn)
    }),
);

pub(crate) const GET_OF_PROJECT: Endpoint = endpoint(
    Method::GET,
    "/projects/{id}/inbox/{delivery_id}",
    ("getProjectDelivery", "Get what a hook has sent about a project, whole"),
    &[ID, DELIVERY_ID],
    (&[200], Answer::One("Delivery")),
    Paging::None,
    Handler::ReadProject(|cx, project, conn| {
        project.authorize(cx, Action::AdminProject)?;
        get(cx, Some(project.project.id), conn)
    }),
);

pub(crate) const REPLAY_OF_PROJECT: Endpoint = endpoint(
    Method::POST,
    "/projects/{id}/inbox/{delivery_id}/replay",
    ("replayProjectDelivery", "Read a delivery about a project once more"),
    &[ID, DELIVERY_ID],
    (&[200], Answer::One("Delivery")),
    Paging::None,
    Handler::WriteProject(|app, cx, project: InProject| -> Later {
        Box::pin(async move {
            project.authorize(&cx, Action::AdminProject)?;
            replay(app, cx, Some(project.project.id)).await
        })
    }),
);

fn refuse_others(cx: &Cx) -> Result<(), ApiError> {
    if cx.user()?.admin {
        Ok(())
    } else {
        Err(ApiError::forbidden())
    }
}

fn list(cx: &Cx, project_id: Option<ProjectId>, conn: &mut Conn<'_>) -> Outcome {
    let filter = InboxFilter {
        project_id,
        source_id: cx.params.integer("hook_source_id").map(HookSourceId),
        state: cx.params.text("state").and_then(DeliveryState::parse),
    };
    let offset = pagination::offset(&cx.params);
    let mut found = inbox::list(conn, filter, offset)?;
    let total = inbox::count(conn, filter, COUNT_LIMIT + 1)?;
    let rows = usize::try_from(offset.per_page).unwrap_or(usize::MAX);
    let has_next = found.len() > rows;
    found.truncate(rows);
    let views: Vec<_> = found.iter().map(|delivery| DeliveryView::new(delivery, None)).collect();
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

fn get(cx: &Cx, project: Option<ProjectId>, conn: &mut Conn<'_>) -> Outcome {
    let delivery = find(delivery_id(cx)?, project, conn)?;
    let content = inbox::content(conn, delivery.id)?;
    json(StatusCode::OK, &DeliveryView::new(&delivery, content.as_ref()))
}

async fn replay(app: Arc<App>, cx: Cx, project: Option<ProjectId>) -> Outcome {
    let (id, now) = (delivery_id(&cx)?, cx.now);
    app.store
        .read(move |conn: &mut Conn<'_>| find(id, project, conn))
        .await?;
    let delivery = app
        .store
        .write(move |tx: &mut Tx<'_>| replay_delivery(tx, id, now))
        .await?;
    app.wakes.wake(&worker::JOB);
    json(StatusCode::OK, &DeliveryView::new(&delivery, None))
}

fn delivery_id(cx: &Cx) -> Result<DeliveryId, ApiError> {
    let id = cx.params.integer("delivery_id").ok_or_else(ApiError::not_found)?;
    Ok(DeliveryId(id))
}

/// The delivery, if it is about the project.
fn find(id: DeliveryId, project: Option<ProjectId>, conn: &mut Conn<'_>) -> Result<Delivery, ApiError> {
    let found = inbox::by_id(conn, id)?;
    found
        .filter(|found| project.is_none() || found.project_id == project)
        .ok_or_else(ApiError::not_found)
}
