//! Access tokens (neighbours, section 6): everybody's own ones, and those of projects and groups.

use jiff::civil::Date;
use landfall_domain::{
    ids::{TokenId, UserId},
    page::{COUNT_LIMIT, Offset, Sort},
    token::{AccessToken, Scope, Scopes, Secret, expiry},
};
use landfall_store::{
    Conn,
    token_list::{self, TokenFilter, TokenOrder},
    tokens,
};
use serde_json::{Map, Value};

use crate::api::{
    context::Cx,
    error::ApiError,
    listing::Page,
    params::{Param, Values},
};

pub mod create;
pub mod get;
pub mod list;
pub mod of_source;
pub mod revoke;
pub mod rotate;

/// Days that a token made over the API is good for, unless something else is asked for.
const DEFAULT_DAYS: i32 = 365;
/// The same after a rotation.
const DEFAULT_DAYS_ROTATED: i32 = 7;

const ID: Param = Param::integer("id").in_path().doc("The token's id");
const NAME: Param = Param::text("name").required().not_blank().doc("What it is called");
const DESCRIPTION: Param = Param::text("description").doc("What is noted about it");
const EXPIRES_AT: Param = Param::time("expires_at").doc("Day on which it ends, at 00:00 UTC: at most 365 days ahead");
const SCOPES: Param = Param::text_list("scopes")
    .required()
    .not_blank()
    .words(&["api", "read_api", "read_user", "sudo", "self_rotate"])
    .doc("What it allows");

/// The filters of every list of tokens.
const STATE: Param = Param::text("state")
    .words(&["active", "inactive"])
    .doc("Only tokens that open something, or only others");
const REVOKED: Param = Param::boolean("revoked").doc("Only revoked tokens, or only others");
const SEARCH: Param = Param::text("search").doc("Only tokens with this in their name");
const CREATED_AFTER: Param = Param::time("created_after").doc("Only tokens made at this time or later");
const CREATED_BEFORE: Param = Param::time("created_before").doc("Only tokens made at this time or earlier");
const LAST_USED_AFTER: Param = Param::time("last_used_after").doc("Only tokens last used at this time or later");
const LAST_USED_BEFORE: Param = Param::time("last_used_before").doc("Only tokens last used at this time or earlier");
const EXPIRES_AFTER: Param = Param::time("expires_after").doc("Only tokens that end on this day or later");
const EXPIRES_BEFORE: Param = Param::time("expires_before").doc("Only tokens that end on this day or earlier");
const SORT: Param = Param::text("sort")
    .words(&[
        "created_asc",
        "created_desc",
        "expires_asc",
        "expires_desc",
        "last_used_asc",
        "last_used_desc",
        "name_asc",
        "name_desc",
    ])
    .doc("Order; by id if missing");

fn filter(params: &Values) -> TokenFilter {
    let day = |name| params.time(name).map(landfall_domain::time::Timestamp::date);
    TokenFilter {
        active: params.text("state").map(|state| state == "active"),
        revoked: params.boolean("revoked"),
        search: params.text("search").filter(|text| !text.is_empty()).map(str::to_owned),
        created_after: params.time("created_after"),
        created_before: params.time("created_before"),
        last_used_after: params.time("last_used_after"),
        last_used_before: params.time("last_used_before"),
        expires_after: day("expires_after"),
        expires_before: day("expires_before"),
        ..TokenFilter::default()
    }
}

fn order(params: &Values) -> (TokenOrder, Sort) {
    let Some((order, sort)) = params.text("sort").and_then(|sort| sort.rsplit_once('_')) else {
        return (TokenOrder::Id, Sort::Asc);
    };
    let order = match order {
        "created" => TokenOrder::CreatedAt,
        "expires" => TokenOrder::ExpiresAt,
        "last_used" => TokenOrder::LastUsedAt,
        _ => TokenOrder::Name,
    };
    (order, Sort::parse(sort).unwrap_or_default())
}

fn page(conn: &mut Conn<'_>, cx: &Cx, filter: &TokenFilter, offset: Offset) -> Result<Page<AccessToken>, ApiError> {
    let today = cx.now.date();
    let found = token_list::list(conn, filter, order(&cx.params), offset, today)?;
    let total = token_list::count(conn, filter, COUNT_LIMIT + 1, today)?;
    Ok(Page::new(found, offset, total))
}

/// GitLab reads one text with commas in it as a list.
fn split_scopes(given: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = given.get("scopes")
        && !text.is_empty()
    {
        let scopes: Vec<Value> = text.split(',').map(|scope| scope.trim().into()).collect();
        given.insert("scopes".to_owned(), scopes.into());
    }
}

fn scopes(params: &Values) -> Scopes {
    let told = params.text_list("scopes").unwrap_or_default();
    told.iter().filter_map(|scope| Scope::parse(scope)).collect()
}

/// The last day of a new token, or what is wrong with the one that was asked for.
fn last_day(cx: &Cx, default_days: i32) -> Result<Date, String> {
    let wanted = cx.params.time("expires_at").map(landfall_domain::time::Timestamp::date);
    expiry(wanted, default_days, cx.now.date()).map_err(|error| error.to_string())
}

fn new_secret() -> Result<Secret, ApiError> {
    Secret::generate().map_err(ApiError::internal)
}

/// A token that the caller may see and end: an own one, or for administrators any.
fn own(cx: &Cx, conn: &mut Conn<'_>) -> Result<Option<AccessToken>, ApiError> {
    let user = cx.user()?;
    let id = TokenId(cx.params.integer("id").unwrap_or_default());
    let is_seen = |token: &AccessToken| user.admin || token.user_id == user.id;
    Ok(tokens::by_id(conn, id)?.filter(is_seen))
}

/// Only administrators learn that there is no such token.
fn hidden(cx: &Cx) -> ApiError {
    match cx.user() {
        Ok(user) if user.admin => ApiError::not_found(),
        _ => ApiError::unauthorized(),
    }
}

/// Whose tokens are asked for.
fn owner(cx: &Cx) -> Result<Option<UserId>, ApiError> {
    let user = cx.user()?;
    match cx.params.integer("user_id") {
        None if user.admin => Ok(None),
        None => Ok(Some(user.id)),
        Some(id) if user.admin || id == user.id.0 => Ok(Some(UserId(id))),
        Some(_) => Err(ApiError::unauthorized()),
    }
}
