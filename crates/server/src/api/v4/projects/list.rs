//! GET `/projects` (neighbours, 4.2), by page number or by `id_after`/`id_before` with `pagination=keyset`.

use http::{HeaderValue, Method, StatusCode, header::LINK};
use landfall_domain::{
    access::AccessLevel,
    ids::UserId,
    page::{COUNT_LIMIT, Offset, Sort},
    project::{Project, Visibility},
};
use landfall_store::{
    Conn, members,
    project_list::{self, ProjectFilter, ProjectOrder, Viewer},
    users,
};

use super::{may_read_code, standing};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        pagination::{self, LinkBase, PAGE, PAGINATION, PER_PAGE, PageInfo},
        params::{Param, Values},
        pipeline::json,
    },
    views::project::{ProjectBasic, ProjectFull},
};

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
        Param::text("order_by")
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
            .doc("What the list is ordered by"),
        Param::text("sort")
            .words(&["asc", "desc"])
            .default("desc")
            .doc("Direction"),
        Param::text("search").doc("Only projects with this in their name or path"),
        Param::boolean("search_namespaces")
            .default("false")
            .doc("Search in the names of the groups above too"),
        Param::boolean("membership")
            .default("false")
            .doc("Only projects that the caller is a member of"),
        Param::boolean("owned")
            .default("false")
            .doc("Only projects that the caller owns"),
        Param::boolean("starred")
            .default("false")
            .doc("Only starred projects: nothing can be starred here"),
        Param::boolean("simple").default("false").doc("The basic form"),
        Param::boolean("archived").doc("Only archived projects, or only others"),
        Param::text("visibility")
            .words(&["private", "internal", "public"])
            .doc("Only projects with this visibility"),
        Param::integer("min_access_level").doc("Only projects where the caller has this level or more"),
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
    let params = &cx.params;
    let filter = filter(cx)?;
    let sort = params.text("sort").and_then(Sort::parse).unwrap_or(Sort::Desc);
    let nothing_matches = params.boolean("starred") == Some(true);
    let today = cx.now.date();
    let keyset = params.text("pagination") == Some("keyset");
    if keyset && params.text("order_by") != Some("id") {
        return Err(ApiError::keyset_unavailable());
    }
    let offset = if keyset {
        Offset {
            page: 1,
            per_page: pagination::per_page(params),
        }
    } else {
        pagination::offset(params)
    };
    let (mut found, total) = if nothing_matches {
        (Vec::new(), 0)
    } else {
        (
            project_list::list(conn, viewer(cx), &filter, (order(params), sort), offset, today)?,
            project_list::count(conn, viewer(cx), &filter, COUNT_LIMIT + 1, today)?,
        )
    };
    let rows = usize::try_from(offset.per_page).unwrap_or(usize::MAX);
    let has_next = found.len() > rows;
    found.truncate(rows);
    let mut reply = show(cx, conn, &found)?;
    let link = LinkBase::new(
        cx.urls().instance(),
        &format!("/api/v4{}", cx.raw_path),
        &cx.given,
        params,
    );
    if keyset {
        let boundary = if sort == Sort::Asc { "id_after" } else { "id_before" };
        if let Some(last) = found.last().filter(|_| has_next) {
            let next = link.boundary(boundary, last.id.0);
            let next = HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).map_err(ApiError::internal)?;
            reply.headers_mut().insert(LINK, next);
        }
    } else {
        let total = (total <= COUNT_LIMIT).then_some(total);
        let info = PageInfo {
            offset,
            total,
            has_next,
            is_empty: found.is_empty(),
        };
        reply.headers_mut().extend(pagination::headers(&info, &link));
    }
    Ok(reply)
}

fn viewer(cx: &Cx) -> Viewer {
    match cx.actor() {
        None => Viewer::Nobody,
        Some(actor) if actor.admin => Viewer::Admin(actor.user_id),
        Some(actor) if actor.external => Viewer::External(actor.user_id),
        Some(actor) => Viewer::User(actor.user_id),
    }
}

fn filter(cx: &Cx) -> Result<ProjectFilter, ApiError> {
    let params = &cx.params;
    let on = |name| params.boolean(name) == Some(true);
    let updates = params.time("updated_after").is_some() || params.time("updated_before").is_some();
    if updates && cx.given.contains_key("order_by") && params.text("order_by") != Some("updated_at") {
        return Err(ApiError::bad_request(
            "`updated_at` filter and `updated_at` sorting must be paired",
        ));
    }
    let min_access_level = match params.integer("min_access_level") {
        None => None,
        Some(number) => Some(
            AccessLevel::from_number(number)
                .ok_or_else(|| ApiError::Params("min_access_level does not have a valid value".to_owned()))?,
        ),
    };
    Ok(ProjectFilter {
        search: params.text("search").filter(|text| !text.is_empty()).map(str::to_owned),
        search_namespaces: on("search_namespaces"),
        membership: on("membership"),
        owned: on("owned"),
        min_access_level,
        visibility: params.text("visibility").and_then(Visibility::parse),
        archived: params.boolean("archived"),
        id_after: params.integer("id_after"),
        id_before: params.integer("id_before"),
        updated_after: params.time("updated_after").or(params.time("last_activity_after")),
        updated_before: params.time("updated_before").or(params.time("last_activity_before")),
    })
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

fn show(cx: &Cx, conn: &mut Conn<'_>, found: &[Project]) -> Outcome {
    let levels = match cx.actor() {
        Some(actor) => members::levels(conn, found, actor.user_id, cx.now.date())?,
        None => vec![None; found.len()],
    };
    let with_levels = found.iter().zip(levels);
    if cx.signed_in.is_none() || cx.params.boolean("simple") == Some(true) {
        let view = |(project, level)| ProjectBasic::new(project, may_read_code(cx, project, level), cx.urls());
        let views: Vec<ProjectBasic<'_>> = with_levels.map(view).collect();
        return json(StatusCode::OK, &views);
    }
    let owners: Vec<UserId> = found.iter().filter_map(|project| project.namespace.owner_id).collect();
    let owners = users::by_ids(conn, &owners)?;
    let views: Vec<ProjectFull<'_>> = with_levels
        .map(|(project, level)| {
            let owner = owners.iter().find(|owner| Some(owner.id) == project.namespace.owner_id);
            ProjectFull::new(project, standing(cx, project, level, owner), cx.urls())
        })
        .collect();
    json(StatusCode::OK, &views)
}
