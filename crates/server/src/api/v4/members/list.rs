//! GET `…/members` and `…/members/all`.

use http::Method;
use landfall_domain::page::COUNT_LIMIT;
use landfall_store::{
    Conn,
    member_list::{self, MemberFilter, Scope},
};

use super::{ID, Site, creators, view};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        listing::Page,
        pagination::{self, PAGE, PER_PAGE},
        params::Param,
    },
    views::member::MemberView,
};

pub(crate) const OF_PROJECT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/members",
    id: "listProjectMembers",
    summary: "List the members of a project itself",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        PAGE,
        PER_PAGE,
        Param::text("query").doc("Only members with this in their name or user name, or with this e-mail address"),
        Param::integer_list("user_ids").doc("Only these users"),
        Param::integer_list("skip_users").doc("Without these users"),
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("Member"),
    refusals: &[404],
    handler: Handler::ReadProject(|cx, found, conn| handler(cx, conn, Site::project(cx, found).direct())),
};

pub(crate) const ALL_OF_PROJECT: Endpoint = Endpoint {
    path: "/projects/{id}/members/all",
    id: "listAllProjectMembers",
    summary: "List the members of a project and of the groups above it",
    handler: Handler::ReadProject(|cx, found, conn| handler(cx, conn, Site::project(cx, found).all())),
    ..OF_PROJECT
};

pub(crate) const OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/members",
    id: "listGroupMembers",
    summary: "List the members of a group itself",
    handler: Handler::ReadGroup(|cx, found, conn| handler(cx, conn, Site::group(cx, found).direct())),
    ..OF_PROJECT
};

pub(crate) const ALL_OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/members/all",
    id: "listAllGroupMembers",
    summary: "List the members of a group and of the groups above it",
    handler: Handler::ReadGroup(|cx, found, conn| handler(cx, conn, Site::group(cx, found).all())),
    ..OF_PROJECT
};

fn handler(cx: &Cx, conn: &mut Conn<'_>, scope: Scope) -> Outcome {
    let params = &cx.params;
    let ids = |name| params.integer_list(name).unwrap_or_default().to_vec();
    let filter = MemberFilter {
        search: params.text("query").filter(|text| !text.is_empty()).map(str::to_owned),
        user_ids: ids("user_ids"),
        skip_users: ids("skip_users"),
    };
    let (offset, today) = (pagination::offset(params), cx.now.date());
    let found = member_list::list(conn, scope, &filter, offset, today)?;
    let total = member_list::count(conn, scope, &filter, COUNT_LIMIT + 1, today)?;
    let page = Page::new(found, offset, total);
    let creators = creators(conn, &page.rows)?;
    let views: Vec<MemberView<'_>> = page.rows.iter().map(|member| view(cx, member, &creators)).collect();
    page.answer(cx, &views)
}
