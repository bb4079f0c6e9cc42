//! GET `/users/:user_id/projects`: those in the user's own namespace.

use http::Method;
use landfall_domain::ids::UserId;
use landfall_store::{Conn, namespaces, project_list::Within, users};

use super::list::{
    ARCHIVED, MIN_ACCESS_LEVEL, ORDER_BY, OWNED, SEARCH, SIMPLE, SORT, STARRED, VISIBILITY, by_page, filter,
};
use crate::api::{
    context::Cx,
    endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
    error::ApiError,
    pagination::{PAGE, PER_PAGE},
    params::Param,
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
        ORDER_BY,
        SORT,
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
    handler: Handler::Read(handler),
};

fn handler(cx: &Cx, conn: &mut Conn<'_>) -> Outcome {
    let named = cx.params.text("user_id").unwrap_or_default();
    let user = match named.parse() {
        Ok(id) => users::by_id(conn, UserId(id))?,
        Err(_) => users::by_username(conn, named)?,
    };
    let user = user.ok_or_else(|| ApiError::thing_not_found("User"))?;
    let place = match namespaces::personal(conn, &user)? {
        Some(namespace) => Within::Namespace(namespace.id),
        None => Within::Nowhere,
    };
    by_page(cx, conn, &filter(&cx.params, Some(place))?)
}
