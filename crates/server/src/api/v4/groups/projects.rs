//! GET `/groups/:id/projects`.

use http::Method;
use landfall_domain::page::{COUNT_LIMIT, Sort};
use landfall_store::{
    Conn,
    project_list::{self, ProjectFilter, Within},
};

use super::{ID, VISIBILITIES, viewer};
use crate::api::{
    context::{Cx, InGroup},
    endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
    listing::Page,
    pagination::{self, PAGE, PER_PAGE},
    params::Param,
    v4::projects::list::{ORDERS, filter, order, show},
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/groups/{id}/projects",
    id: "listGroupProjects",
    summary: "List the projects in a group that the caller may see",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
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
        Param::boolean("include_subgroups")
            .default("false")
            .doc("Also the projects in the groups below"),
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
    handler: Handler::ReadGroup(handler),
};

fn handler(cx: &Cx, found: &InGroup, conn: &mut Conn<'_>) -> Outcome {
    let params = &cx.params;
    let id = found.group.namespace.id;
    let place = match params.boolean("include_subgroups") {
        _ if params.boolean("starred") == Some(true) => Within::Nowhere,
        Some(true) => Within::Tree(id),
        _ => Within::Namespace(id),
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
