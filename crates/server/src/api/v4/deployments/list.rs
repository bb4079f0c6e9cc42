//! GET `/projects/:id/deployments` (reference 6.1; filters and orders combine freely, and keyset pagination is served,
//! by our own decision).

use http::Method;
use landfall_domain::{
    access::Action,
    deployment::{DeploymentFilter, DeploymentOrder, DeploymentQuery, ShaFilter, Status},
    ids::{DeploymentId, ProjectId},
    page::{COUNT_LIMIT, Cursor, Sort},
};
use landfall_store::{Conn, deployment_list, deployment_list::Part};
use serde_json::{Map, Value};

use super::{ID, row};
use crate::{
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Login, Paging},
        error::ApiError,
        kept::{Showing, Shows},
        pagination::{self, CURSOR, LinkBase, MAX_PER_PAGE, PAGE, PAGINATION, PER_PAGE, PageInfo},
        params::{Param, Values},
    },
    cache::Shown,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/deployments",
    id: "listDeployments",
    summary: "List project deployments",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        PAGE,
        PER_PAGE,
        Param::text("order_by")
            .words(&["id", "iid", "created_at", "updated_at", "finished_at", "ref"])
            .default("id")
            .doc("What the list is ordered by; ties by id"),
        Param::text("sort")
            .words(&["asc", "desc"])
            .default("asc")
            .doc("Direction"),
        Param::time("updated_after").doc("Only deployments changed at or after this time"),
        Param::time("updated_before").doc("Only deployments changed at or before this time"),
        Param::time("finished_after").doc("Only deployments finished at or after this time"),
        Param::time("finished_before").doc("Only deployments finished before this time"),
        Param::text("environment").doc("Only deployments to the environment of this name"),
        Param::text("status")
            .words(&[
                "created", "running", "success", "failed", "canceled", "skipped", "blocked",
            ])
            .doc("Only deployments with this status"),
        Param::text("sha").doc("Only deployments of this commit: its id, or 7 or more digits of it (an extension)"),
        Param::text("ref").doc("Only deployments of this branch or tag (an extension)"),
        Param::text("user").doc("Only deployments recorded by the user of this name (an extension)"),
        PAGINATION,
        CURSOR,
    ],
    rules: &[],
    paging: Paging::OffsetOrKeyset,
    success: &[200],
    answer: Answer::Many("Deployment"),
    refusals: &[],
    handler: Handler::Kept {
        is_short,
        answer: handler,
    },
};

/// Pages further in than this walk through many entries of an index.
const FAR: i64 = 2_000;

/// Whether it is a page near the beginning of the whole list, or a part by cursor. What is filtered may have to be counted.
fn is_short(given: &Map<String, Value>) -> bool {
    const HARMLESS: [&str; 7] = ["id", "page", "per_page", "order_by", "sort", "pagination", "cursor"];
    let number = |name| match given.get(name) {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    };
    let start = number("page")
        .unwrap_or(1)
        .saturating_mul(number("per_page").unwrap_or(MAX_PER_PAGE));
    given.keys().all(|name| HARMLESS.contains(&name.as_str())) && start <= FAR
}

fn handler(cx: &Cx, project: &InProject, conn: &mut Conn<'_>) -> Shows {
    project.authorize(cx, Action::ReadDeployments)?;
    let params = &cx.params;
    let query = query(params);
    let link = LinkBase::new(
        cx.urls().instance(),
        &format!("/api/v4{}", cx.raw_path),
        &cx.given,
        params,
    );
    let project = project.project.id;
    let keyset = params.text("pagination") == Some("keyset") && wanted_order(params) == DeploymentOrder::Id;
    if keyset {
        walk(cx, conn, project, query.as_ref(), &link)
    } else {
        page(cx, conn, project, query.as_ref(), &link)
    }
}

fn wanted_order(params: &Values) -> DeploymentOrder {
    params
        .text("order_by")
        .and_then(DeploymentOrder::parse)
        .unwrap_or_default()
}

/// The filter and order that the parameters ask for; `None` where nothing can match. An empty text is no filter.
fn query(params: &Values) -> Option<DeploymentQuery> {
    let filled = |name| params.text(name).filter(|text| !text.is_empty());
    let sha = match filled("sha").map(ShaFilter::parse) {
        Some(None) => return None,
        Some(sha) => sha,
        None => None,
    };
    let filter = DeploymentFilter {
        updated_after: params.time("updated_after"),
        updated_before: params.time("updated_before"),
        finished_after: params.time("finished_after"),
        finished_before: params.time("finished_before"),
        environment: filled("environment").map(str::to_owned),
        status: filled("status").and_then(Status::parse),
        sha,
        git_ref: filled("ref").map(str::to_owned),
        username: filled("user").map(str::to_owned),
    };
    let sort = params.text("sort").and_then(Sort::parse).unwrap_or_default();
    Some(DeploymentQuery {
        filter,
        order: wanted_order(params),
        sort,
    })
}

/// A page by number.
fn page(cx: &Cx, conn: &mut Conn<'_>, project: ProjectId, query: Option<&DeploymentQuery>, link: &LinkBase) -> Shows {
    let offset = pagination::offset(&cx.params);
    let mut ids = match query {
        None => Vec::new(),
        Some(query) => deployment_list::ids(conn, project, query, Part::Page(offset))?,
    };
    let has_next = cut(&mut ids, offset.per_page);
    // The last page tells how many rows there are; one behind it does not.
    let is_last = !has_next && (offset.page == 1 || !ids.is_empty());
    let total = match query {
        None => 0,
        Some(_) if is_last => offset.start().saturating_add(rows_in(&ids)),
        Some(query) => deployment_list::count(conn, project, &query.filter, COUNT_LIMIT + 1)?,
    };
    let info = PageInfo {
        offset,
        total: (total <= COUNT_LIMIT).then_some(total),
        has_next,
        is_empty: ids.is_empty(),
    };
    Ok(Showing {
        shown: Shown::List(row::all(cx, conn, &ids)?),
        headers: pagination::headers(&info, link),
    })
}

/// A part by cursor: flat in cost, however far the walk has come.
fn walk(cx: &Cx, conn: &mut Conn<'_>, project: ProjectId, query: Option<&DeploymentQuery>, link: &LinkBase) -> Shows {
    let rows_wanted = pagination::per_page(&cx.params);
    let sort = query.map(|query| query.sort).unwrap_or_default();
    let last_seen = match cx.params.text("cursor").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let cursor = Cursor::decode(text).filter(|cursor| cursor.sort == sort);
            let cursor = cursor.ok_or_else(|| ApiError::Params("cursor is invalid".to_owned()))?;
            Some(DeploymentId(cursor.last_id))
        }
    };
    let mut ids = match query {
        None => Vec::new(),
        Some(query) => deployment_list::ids(
            conn,
            project,
            query,
            Part::After {
                last_seen,
                rows: rows_wanted,
            },
        )?,
    };
    let has_next = cut(&mut ids, rows_wanted);
    let next = ids
        .last()
        .filter(|_| has_next)
        .map(|last| Cursor { last_id: last.0, sort }.encode());
    Ok(Showing {
        shown: Shown::List(row::all(cx, conn, &ids)?),
        headers: pagination::keyset_headers(next.as_deref(), rows_wanted, link),
    })
}

fn rows_in(ids: &[DeploymentId]) -> i64 {
    i64::try_from(ids.len()).unwrap_or(i64::MAX)
}

/// Takes away the row that only tells whether there is a next page.
fn cut(ids: &mut Vec<DeploymentId>, per_page: i64) -> bool {
    let rows = usize::try_from(per_page).unwrap_or(usize::MAX);
    let has_next = ids.len() > rows;
    ids.truncate(rows);
    has_next
}
