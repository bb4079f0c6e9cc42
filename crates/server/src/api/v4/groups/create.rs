//! POST `/groups`: with `parent_id` below another one.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{group::GroupAction, ids::NamespaceId, project::Visibility};
use landfall_store::{Conn, groups};

use super::{VISIBILITIES, segment};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
        places::in_group,
    },
    ops::{
        Refusal,
        create_group::{CreateGroup, create_group},
    },
    views::group::GroupDetail,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/groups",
    id: "createGroup",
    summary: "Create a group",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        Param::text("name").required().not_blank().doc("Shown name"),
        Param::text("path")
            .required()
            .not_blank()
            .doc("Last segment of the path"),
        Param::integer("parent_id").doc("The group above"),
        Param::text("description").doc("What it is for"),
        Param::text("visibility")
            .words(VISIBILITIES)
            .default("private")
            .doc("Who may see it"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("Group"),
    refusals: &[404],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx)) }),
};

async fn handler(app: Arc<App>, cx: Cx) -> Outcome {
    let (parent, cx) = app
        .store
        .read(move |conn| Ok::<_, ApiError>((parent(&cx, conn)?, cx)))
        .await?;
    let params = &cx.params;
    let wanted = CreateGroup {
        parent,
        name: params.text("name").unwrap_or_default().trim().to_owned(),
        path: segment(params, "path")?.unwrap_or_default(),
        description: params
            .text("description")
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        visibility: params
            .text("visibility")
            .and_then(Visibility::parse)
            .unwrap_or(Visibility::Private),
        creator: cx.user()?.clone(),
        now: cx.now,
    };
    let made = app
        .store
        .write(move |tx| create_group(tx, &wanted))
        .await
        .map_err(failed)?;
    json(StatusCode::CREATED, &GroupDetail::new(&made, cx.urls()))
}

/// The group above, if one is wanted, where the caller may make one; else whether it may make one at all.
fn parent(cx: &Cx, conn: &mut Conn<'_>) -> Result<Option<NamespaceId>, ApiError> {
    let user = cx.user()?;
    let Some(id) = cx.params.integer("parent_id") else {
        return if user.external || user.bot {
            Err(ApiError::forbidden())
        } else {
            Ok(None)
        };
    };
    let found = groups::by_id(conn, NamespaceId(id))?.ok_or_else(ApiError::group_not_found)?;
    let found = in_group(cx, conn, found)?;
    found.authorize(cx, GroupAction::CreateSubgroup)?;
    Ok(Some(found.group.namespace.id))
}

/// GitLab prints a hash of its language here.
fn failed(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Field { field, text } => ApiError::Message(
            StatusCode::BAD_REQUEST,
            format!("Failed to save group {{:{field}=>[{text:?}]}}").into(),
        ),
        other => other.into(),
    }
}
