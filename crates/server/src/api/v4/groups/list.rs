//! GET `/groups`, and the groups below a group.

use http::Method;
use landfall_domain::page::{COUNT_LIMIT, Sort};
use landfall_store::{
    Conn,
    groups::{self, GroupFilter},
};

use super::{ID, VISIBILITIES, filter, order, viewer};
use crate::{
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Login, Outcome, Paging},
        listing::Page,
        pagination::{self, PAGE, PER_PAGE},
        params::Param,
    },
    views::group::GroupView,
};

const SEARCH: Param = Param::text("search").doc("Only groups with this in their name or path");
const OWNED: Param = Param::boolean("owned")
    .default("false")
    .doc("Only groups that the caller owns");
const ALL_AVAILABLE: Param = Param::boolean("all_available")
    .doc("All groups that the caller may see, not only those that it belongs to; administrators: by default");
const MIN_ACCESS_LEVEL: Param =
    Param::integer("min_access_level").doc("Only groups where the caller has this level or more");
const VISIBILITY: Param = Param::text("visibility")
    .words(VISIBILITIES)
    .doc("Only groups with this visibility");
const SKIP_GROUPS: Param = Param::integer_list("skip_groups").doc("Without these groups");
const ORDER_BY: Param = Param::text("order_by")
    .words(&["name", "path", "id", "similarity"])
    .default("name")
    .doc("What the list is ordered by");
const SORT: Param = Param::text("sort")
    .words(&["asc", "desc"])
    .default("asc")
    .doc("Direction");

pub(crate) const ALL: Endpoint = Endpoint {
    method: Method::GET,
    path: "/groups",
    id: "listGroups",
    summary: "List groups",
    login: Login::Optional,
    access: Access::Api,
    prepare: None,
    params: &[
        Param::boolean("top_level_only")
            .default("false")
            .doc("Only groups without a group above"),
        PAGE,
        PER_PAGE,
        SEARCH,
        OWNED,
        ALL_AVAILABLE,
        MIN_ACCESS_LEVEL,
        VISIBILITY,
        SKIP_GROUPS,
        ORDER_BY,
        SORT,
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("GroupBasic"),
    refusals: &[404],
    handler: Handler::Read(|cx, conn| {
        let filter = GroupFilter {
            top_level_only: cx.params.boolean("top_level_only") == Some(true),
            ..filter(cx)?
        };
        handler(cx, conn, &filter)
    }),
};

pub(crate) const SUBGROUPS: Endpoint = Endpoint {
    path: "/groups/{id}/subgroups",
    id: "listSubgroups",
    summary: "List the groups right below a group",
    params: &[
        ID,
        PAGE,
        PER_PAGE,
        SEARCH,
        OWNED,
        ALL_AVAILABLE,
        MIN_ACCESS_LEVEL,
        VISIBILITY,
        SKIP_GROUPS,
        ORDER_BY,
        SORT,
    ],
    handler: Handler::ReadGroup(|cx, found, conn| {
        let filter = GroupFilter {
            parent: Some(found.group.namespace.id),
            membership: false,
            ..filter(cx)?
        };
        handler(cx, conn, &filter)
    }),
    ..ALL
};

pub(crate) const DESCENDANTS: Endpoint = Endpoint {
    path: "/groups/{id}/descendant_groups",
    id: "listDescendantGroups",
    summary: "List the groups anywhere below a group",
    handler: Handler::ReadGroup(|cx, found, conn| {
        let filter = GroupFilter {
            below: Some(found.group.namespace.id),
            membership: false,
            ..filter(cx)?
        };
        handler(cx, conn, &filter)
    }),
    ..SUBGROUPS
};

fn handler(cx: &Cx, conn: &mut Conn<'_>, filter: &GroupFilter) -> Outcome {
    let params = &cx.params;
    let sort = params.text("sort").and_then(Sort::parse).unwrap_or_default();
    let (offset, today, viewer) = (pagination::offset(params), cx.now.date(), viewer(cx));
    let found = groups::list(conn, viewer, filter, (order(params), sort), offset, today)?;
    let total = groups::count(conn, viewer, filter, COUNT_LIMIT + 1, today)?;
    let page = Page::new(found, offset, total);
    let views: Vec<GroupView<'_>> = page.rows.iter().map(|group| GroupView::new(group, cx.urls())).collect();
    page.answer(cx, &views)
}
