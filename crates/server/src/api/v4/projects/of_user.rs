//! GET `/users/:user_id/projects`: those in the user's own namespace.

use http::Method;
use landfall_domain::{
    ids::UserId,
    page::{COUNT_LIMIT, Sort},
};
use landfall_store::{
    Conn, namespaces,
    project_list::{self, ProjectFilter, Within},
    users,
};

use super::list::{ORDERS, filter, order, show};
use crate::api::{
    context::Cx,
    endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
    error::ApiError,
    listing::Page,
    pagination::{self, PAGE, PER_PAGE},
    params::Param,
    v4::groups::{VISIBILITIES, viewer},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/users/{user_id}/projects",
    id: "listUserProjects",
    summary: "List the projects in a user's own namespace that the caller may see",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        Param::text("user_id").in_path().doc("The user's id or login name"),
        PAGE,
        PER_PAGE,
        Param::text("order_by")
            .words(ORDERS)
            .default("created_at")
            .doc("What the list is ordered by"),
        Param::text("sort")
            .words(&["asc", "desc"])
            .default("desc")
            .doc("Direction"),
        Param::text("search").doc("Only projects with this in their name or path"),
        Param::boolean("owned")
            .default("false")
            .doc("Only projects that the caller owns"),
        Param::boolean("starred")
            .default("false")
            .doc("Only starred projects: nothing can be starred here"),
        Param::boolean("simple").default("false").doc("The basic form"),
        Param::boolean("archived").doc("Only archived projects, or only others"),
        Param::text("visibility")
            .words(VISIBILITIES)
            .doc("Only projects with this visibility"),
        Param::integer("min_access_level").doc("Only projects where the caller has this level or more"),
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("ProjectAsShown"),
    refusals: &[404],
    handler: Handler::Read(handler),
};

fn handler(cx: &Cx, conn: &mut Conn<'_>) -> Outcome {
    let (params, named) = (&cx.params, cx.params.text("user_id").unwrap_or_default());
    let user = match named.parse() {
        Ok(id) => users::by_id(conn, UserId(id))?,
        Err(_) => users::by_username(conn, named)?,
    };
    let user = user.ok_or_else(|| ApiError::thing_not_found("User"))?;
    let namespace = namespaces::personal(conn, &user)?;
    let place = match namespace {
        Some(namespace) if params.boolean("starred") != Some(true) => Within::Namespace(namespace.id),
        _ => Within::Nowhere,
    };
    let filter = ProjectFilter {
        within: Some(place),
        ..filter(params)?
    };
    let sort = params.text("sort").and_then(Sort::parse).unwrap_or(Sort::Desc);
    let (offset, today, viewer) = (pagination::offset(params), cx.now.date(), viewer(cx));
    let found = project_list::list(conn, viewer, &filter, (order(params), sort), offset, today)?;
    let total = project_list::count(conn, viewer, &filter, COUNT_LIMIT + 1, today)?;
    let page = Page::new(found, offset, total);
    show(cx, conn, &page.rows, |views| page.answer(cx, views))?
}
