//! `/groups`: what projects stand in, as far as paths and inherited memberships need it.

use landfall_store::{
    groups::{GroupFilter, GroupOrder},
    project_list::Viewer,
};

use crate::api::{
    context::Cx,
    error::ApiError,
    params::{Param, Values},
};

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod projects;
pub mod update;

pub(super) const VISIBILITIES: &[&str] = &["private", "internal", "public"];

const ID: Param = Param::text("id").in_path().doc("The group's id or URL-encoded path");

/// On whose behalf things are listed.
pub(super) fn viewer(cx: &Cx) -> Viewer {
    match cx.actor() {
        None => Viewer::Nobody,
        Some(actor) if actor.admin => Viewer::Admin(actor.user_id),
        Some(actor) if actor.external => Viewer::External(actor.user_id),
        Some(actor) => Viewer::User(actor.user_id),
    }
}

/// The last segment of a path as it was sent: with a slash in it, the thing would stand somewhere else.
pub(super) fn segment(params: &Values, name: &str) -> Result<Option<String>, ApiError> {
    let Some(path) = params.text(name).map(str::trim) else {
        return Ok(None);
    };
    if path.is_empty() {
        return Err(ApiError::field("path", "can't be blank"));
    }
    if path.contains('/') {
        let error = landfall_domain::project::PathError::Segment(path.to_owned());
        return Err(ApiError::field("path", error.to_string()));
    }
    Ok(Some(path.to_owned()))
}

fn filter(cx: &Cx) -> Result<GroupFilter, ApiError> {
    let params = &cx.params;
    let on = |name| params.boolean(name);
    let is_admin = cx.actor().is_some_and(|actor| actor.admin);
    let owned = (on("owned") == Some(true)).then_some(landfall_domain::access::AccessLevel::Owner);
    let sees_all = on("all_available").unwrap_or(is_admin);
    Ok(GroupFilter {
        search: params.text("search").filter(|text| !text.is_empty()).map(str::to_owned),
        membership: cx.signed_in.is_some() && !sees_all,
        min_access_level: owned.or(super::projects::min_access_level(params)?),
        visibility: params
            .text("visibility")
            .and_then(landfall_domain::project::Visibility::parse),
        skip_groups: params.integer_list("skip_groups").unwrap_or_default().to_vec(),
        ..GroupFilter::default()
    })
}

/// Every match is as similar, so that order is by id.
fn order(params: &Values) -> GroupOrder {
    match params.text("order_by") {
        Some("name") => GroupOrder::Name,
        Some("path") => GroupOrder::Path,
        _ => GroupOrder::Id,
    }
}
