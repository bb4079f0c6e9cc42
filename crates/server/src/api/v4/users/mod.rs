//! Users (neighbours, section 3).

use http::{Method, StatusCode};
use landfall_domain::{ids::UserId, page::COUNT_LIMIT};
use landfall_store::{
    Conn,
    users::{self, UserFilter},
};

use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        error::ApiError,
        listing::Page,
        pagination::{self, PAGE, PER_PAGE},
        params::Param,
        pipeline::json,
    },
    views::user::{UserBasic, UserFull, UserPrivate},
};

pub mod create;
pub mod state;

pub(crate) const CURRENT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/user",
    id: "getCurrentUser",
    summary: "The user whose token the request is made with",
    login: Login::Required,
    access: Access::User,
    prepare: None,
    params: &[],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("UserPrivate"),
    refusals: &[],
    handler: Handler::Read(current),
};

pub(crate) const LIST: Endpoint = Endpoint {
    method: Method::GET,
    path: "/users",
    id: "listUsers",
    summary: "List users, newest first",
    login: Login::Optional,
    access: Access::User,
    prepare: None,
    params: &[
        PAGE,
        PER_PAGE,
        Param::text("username").doc("Only the user of this name, in any letter case"),
        Param::text("search").doc("Only users with this in their name or user name, or with this e-mail address"),
        Param::boolean("active").doc("Only active users"),
        Param::boolean("blocked").doc("Only blocked users"),
        Param::boolean("external").doc("Only external users"),
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("UserBasic"),
    refusals: &[],
    handler: Handler::Read(list),
};

pub(crate) const GET: Endpoint = Endpoint {
    method: Method::GET,
    path: "/users/{id}",
    id: "getUser",
    summary: "Get a user",
    login: Login::Optional,
    access: Access::User,
    prepare: None,
    params: &[Param::integer("id").in_path().doc("The user's id")],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("User"),
    refusals: &[404],
    handler: Handler::Read(get),
};

fn current(cx: &Cx, _: &mut Conn<'_>) -> Outcome {
    let user = cx.user()?;
    json(StatusCode::OK, &UserPrivate::new(user, user.admin, cx.urls()))
}

fn list(cx: &Cx, conn: &mut Conn<'_>) -> Outcome {
    let filled = |name| cx.params.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let filter = UserFilter {
        username: filled("username"),
        search: filled("search"),
        active: cx.params.boolean("active") == Some(true),
        blocked: cx.params.boolean("blocked") == Some(true),
        external: cx.params.boolean("external") == Some(true),
    };
    if cx.signed_in.is_none() && filter.username.is_none() {
        return Err(ApiError::forbidden_because("Not authorized to access /api/v4/users"));
    }
    let offset = pagination::offset(&cx.params);
    let found = users::list(conn, &filter, offset)?;
    let total = users::count(conn, &filter, COUNT_LIMIT + 1)?;
    let page = Page::new(found, offset, total);
    let views: Vec<UserBasic<'_>> = page.rows.iter().map(|user| UserBasic::new(user, cx.urls())).collect();
    page.answer(cx, &views)
}

fn get(cx: &Cx, conn: &mut Conn<'_>) -> Outcome {
    let Some(signed_in) = &cx.signed_in else {
        return Err(ApiError::forbidden_because("Not authorized!"));
    };
    let id = cx.params.integer("id").unwrap_or_default();
    let user = users::by_id(conn, UserId(id))?.ok_or_else(|| ApiError::thing_not_found("User"))?;
    if signed_in.user.admin {
        json(StatusCode::OK, &UserPrivate::new(&user, true, cx.urls()))
    } else {
        json(StatusCode::OK, &UserFull::new(&user, cx.urls()))
    }
}
