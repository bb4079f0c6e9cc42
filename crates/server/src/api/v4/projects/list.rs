//! GET `/projects` (neighbours, 4.2), by page number or by `id_after`/`id_before` with `pagination=keyset`.

use http::{HeaderValue, Method, StatusCode, header::LINK};
use landfall_domain::{
    ids::UserId,
    member::Levels,
    page::{COUNT_LIMIT, Offset, Sort},
    project::{Project, Visibility},
};
use landfall_store::{
    Conn, members,
    project_list::{self, ProjectFilter, ProjectOrder, Within},
    users,
};

use serde::Serialize;

use super::{may_read_code, min_access_level, mirror, standing};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        listing::Page,
        pagination::{self, LinkBase, PAGE, PAGINATION, PER_PAGE},
        params::{Param, Values},
        pipeline::json,
        v4::groups::{VISIBILITIES, viewer},
    },
    views::project::{ProjectBasic, ProjectFull},
};

/// The parameters of every list of projects.
pub(in crate::api::v4) const ORDER_BY: Param = Param::text("order_by")
    .words(&[
        "id",
        "name",
        "path",
        "created_at",
        "updated_at",
        "last_activity_at",
        "similarity",
        "star_count",
    ])
    .default("created_at")
    .doc("What the list is ordered by");
pub(in crate::api::v4) const SORT: Param = Param::text("sort")
    .words(&["asc", "desc"])
    .default("desc")
    .doc("Direction");
pub(in crate::api::v4) const SEARCH: Param = Param::text("search").doc("Only projects with this in their name or path");
pub(in crate::api::v4) const OWNED: Param = Param::boolean("owned")
    .default("false")
    .doc("Only projects that the caller owns");
pub(in crate::api::v4) const STARRED: Param = Param::boolean("starred")
    .default("false")
    .doc("Only starred projects: nothing can be starred here");
pub(in crate::api::v4) const SIMPLE: Param = Param::boolean("simple").default("false").doc("The basic form");
pub(in crate::api::v4) const ARCHIVED: Param = Param::boolean("archived").doc("Only archived projects, or only others");
pub(in crate::api::v4) const VISIBILITY: Param = Param::text("visibility")
    .words(VISIBILITIES)
    .doc("Only projects with this visibility");
pub(in crate::api::v4) const MIN_ACCESS_LEVEL: Param =
    Param::integer("min_access_level").doc("Only projects where the caller has this level or more");

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects",
    id: "listProjects",
    summary: "List the projects that the caller may see",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        PAGE,
        PER_PAGE,
        PAGINATION,
        ORDER_BY,
        SORT,
        SEARCH,
        Param::boolean("search_namespaces")
            .default("false")
            .doc("Search in the names of the groups above too"),
        Param::boolean("membership")
            .default("false")
            .doc("Only projects that the caller is a member of"),
        OWNED,
        STARRED,
        SIMPLE,
        ARCHIVED,
        VISIBILITY,
        MIN_ACCESS_LEVEL,
        Param::integer("id_after").doc("Only ids above this"),
        Param::integer("id_before").doc("Only ids below this"),
        Param::time("updated_after").doc("Only projects changed at or after this time"),
        Param::time("updated_before").doc("Only projects changed at or before this time"),
        Param::time("last_activity_after").doc("The same as `updated_after`"),
        Param::time("last_activity_before").doc("The same as `updated_before`"),
    ],
    rules: &[],
    paging: Paging::OffsetOrKeyset,
    success: &[200],
    answer: Answer::Many("ProjectAsShown"),
    refusals: &[405],
    handler: Handler::Read(handler),
};

fn handler(cx: &Cx, conn: &mut Conn<'_>) -> Outcome {
    let filter = all_filters(cx)?;
    if cx.params.text("pagination") == Some("keyset") {
        by_keyset(cx, conn, &filter)
    } else {
        by_page(cx, conn, &filter)
    }
}

/// The page of those that the filter lets through.
pub(in crate::api::v4) fn by_page(cx: &Cx, conn: &mut Conn<'_>, filter: &ProjectFilter) -> Outcome {
    let (params, viewer, today) = (&cx.params, viewer(cx), cx.now.date());
    let (offset, order) = (pagination::offset(params), (order(params), sort(params)));
    let found = project_list::list(conn, viewer, filter, order, offset, today)?;
    let total = project_list::count(conn, viewer, filter, COUNT_LIMIT + 1, today)?;
    let page = Page::new(found, offset, total);
    show(cx, conn, &page.rows, |views| page.answer(cx, views))?
}

fn by_keyset(cx: &Cx, conn: &mut Conn<'_>, filter: &ProjectFilter) -> Outcome {
    let (params, sort) = (&cx.params, sort(&cx.params));
    if params.text("order_by") != Some("id") {
        return Err(ApiError::keyset_unavailable());
    }
    let offset = Offset {
        page: 1,
        per_page: pagination::per_page(params),
    };
    let order = (ProjectOrder::Id, sort);
    let mut found = project_list::list(conn, viewer(cx), filter, order, offset, cx.now.date())?;
    let rows = usize::try_from(offset.per_page).unwrap_or(usize::MAX);
    let has_next = found.len() > rows;
    found.truncate(rows);
    let mut reply = show(cx, conn, &found, |views| json(StatusCode::OK, &views))??;
    let boundary = if sort == Sort::Asc { "id_after" } else { "id_before" };
    if let Some(last) = found.last().filter(|_| has_next) {
        let path = format!("/api/v4{}", cx.raw_path);
        let link = LinkBase::new(cx.urls().instance(), &path, &cx.given, params);
        let next = format!("<{}>; rel=\"next\"", link.boundary(boundary, last.id.0));
        let next = HeaderValue::try_from(next).map_err(ApiError::internal)?;
        reply.headers_mut().insert(LINK, next);
    }
    Ok(reply)
}

/// The filters of every list of projects, of those that stand in `place`.
pub(in crate::api::v4) fn filter(params: &Values, place: Option<Within>) -> Result<ProjectFilter, ApiError> {
    let on = |name| params.boolean(name) == Some(true);
    Ok(ProjectFilter {
        search: params.text("search").filter(|text| !text.is_empty()).map(str::to_owned),
        owned: on("owned"),
        min_access_level: min_access_level(params)?,
        visibility: params.text("visibility").and_then(Visibility::parse),
        archived: params.boolean("archived"),
        within: if on("starred") { Some(Within::Nowhere) } else { place },
        ..ProjectFilter::default()
    })
}

fn all_filters(cx: &Cx) -> Result<ProjectFilter, ApiError> {
    let params = &cx.params;
    let on = |name| params.boolean(name) == Some(true);
    let updates = params.time("updated_after").is_some() || params.time("updated_before").is_some();
    if updates && cx.given.contains_key("order_by") && params.text("order_by") != Some("updated_at") {
        return Err(ApiError::bad_request(
            "`updated_at` filter and `updated_at` sorting must be paired",
        ));
    }
    Ok(ProjectFilter {
        search_namespaces: on("search_namespaces"),
        membership: on("membership"),
        id_after: params.integer("id_after"),
        id_before: params.integer("id_before"),
        updated_after: params.time("updated_after").or(params.time("last_activity_after")),
        updated_before: params.time("updated_before").or(params.time("last_activity_before")),
        ..filter(params, None)?
    })
}

fn sort(params: &Values) -> Sort {
    params.text("sort").and_then(Sort::parse).unwrap_or(Sort::Desc)
}

/// Nothing can be starred and every match is as similar, so those orders are by id.
fn order(params: &Values) -> ProjectOrder {
    match params.text("order_by") {
        Some("name") => ProjectOrder::Name,
        Some("path") => ProjectOrder::Path,
        Some("created_at") => ProjectOrder::CreatedAt,
        Some("updated_at" | "last_activity_at") => ProjectOrder::UpdatedAt,
        _ => ProjectOrder::Id,
    }
}

/// A project as a list shows it.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    /// To those who are not signed in, or ask for it.
    Basic(Box<ProjectBasic<'a>>),
    /// Else.
    Full(Box<ProjectFull<'a>>),
}

/// Shows projects as the caller may see them; what that borrows is gone after `answer`.
fn show<T>(
    cx: &Cx,
    conn: &mut Conn<'_>,
    found: &[Project],
    answer: impl FnOnce(&[Shown<'_>]) -> T,
) -> Result<T, ApiError> {
    let levels = match cx.actor() {
        Some(actor) => members::levels_in(conn, found, actor.user_id, cx.now.date())?,
        None => vec![Levels::default(); found.len()],
    };
    let with_levels = found.iter().zip(levels);
    if cx.signed_in.is_none() || cx.params.boolean("simple") == Some(true) {
        let view = |(project, levels): (_, Levels)| {
            let may_read_code = may_read_code(cx, project, levels.highest());
            Shown::Basic(Box::new(ProjectBasic::new(project, may_read_code, cx.urls())))
        };
        return Ok(answer(&with_levels.map(view).collect::<Vec<_>>()));
    }
    let owners: Vec<UserId> = found.iter().filter_map(|project| project.namespace.owner_id).collect();
    let owners = users::by_ids(conn, &owners)?;
    let mut views = Vec::with_capacity(found.len());
    let mirrors = found.iter().map(|project| mirror(conn, project));
    let mirrors = mirrors.collect::<Result<Vec<_>, _>>()?;
    for ((project, levels), mirror) in with_levels.zip(&mirrors) {
        let owner = owners.iter().find(|owner| Some(owner.id) == project.namespace.owner_id);
        let standing = standing(cx, project, levels, owner, mirror.as_ref());
        views.push(Shown::Full(Box::new(ProjectFull::new(project, standing, cx.urls()))));
    }
    Ok(answer(&views))
}
