//! GET `/groups/:id/projects`.

use http::Method;
use landfall_store::{Conn, project_list::Within};

use super::ID;
use crate::api::{
    context::{Cx, InGroup},
    endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
    pagination::{PAGE, PER_PAGE},
    params::Param,
    v4::projects::list::{
        ARCHIVED, MIN_ACCESS_LEVEL, ORDER_BY, OWNED, SEARCH, SIMPLE, SORT, STARRED, VISIBILITY, by_page, filter,
    },
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
        ORDER_BY,
        SORT,
        Param::boolean("include_subgroups")
            .default("false")
            .doc("Also the projects in the groups below"),
        SEARCH,
        OWNED,
        STARRED,
        SIMPLE,
        ARCHIVED,
        VISIBILITY,
        MIN_ACCESS_LEVEL,
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("ProjectAsShown"),
    refusals: &[404],
    handler: Handler::ReadGroup(handler),
};

fn handler(cx: &Cx, found: &InGroup, conn: &mut Conn<'_>) -> Outcome {
    let id = found.group.namespace.id;
    let place = match cx.params.boolean("include_subgroups") {
        Some(true) => Within::Tree(id),
        _ => Within::Namespace(id),
    };
    by_page(cx, conn, &filter(&cx.params, Some(place))?)
}
