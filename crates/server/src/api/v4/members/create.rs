//! POST `…/members`: one user, or several by a list of ids with commas.

use std::{collections::BTreeMap, sync::Arc};

use http::{Method, StatusCode};
use landfall_domain::{access::AccessLevel, ids::UserId, user::User};
use landfall_store::{Conn, users};

use super::{ID, Site, creators, view};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::{Param, Rule, Values},
        pipeline::json,
    },
    ops::{
        Refusal,
        set_member::{By, Expiry, Place, SetMember, add_member, set_member},
    },
    views::member::MembersAdded,
};

pub(crate) const IN_PROJECT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/members",
    id: "createProjectMember",
    summary: "Make a user a member of a project",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::integer("access_level").required().doc("The level, a number"),
        Param::integer_list("user_id").doc("The user's id, or several with commas between them"),
        Param::text("username").doc("The user's login name"),
        Param::time("expires_at").doc("Day on which the membership ends, at 00:00 UTC"),
    ],
    rules: &[
        Rule::at_least_one(&["user_id", "username"]),
        Rule::mutually_exclusive(&["user_id", "username"]),
    ],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("MemberOrMembersAdded"),
    refusals: &[404, 409],
    handler: Handler::WriteProject(|app, cx, found| -> Later {
        Box::pin(handler(app, Site::project(&cx, &found), cx))
    }),
};

pub(crate) const IN_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/members",
    id: "createGroupMember",
    summary: "Make a user a member of a group",
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(handler(app, Site::group(&cx, &found), cx)) }),
    ..IN_PROJECT
};

/// What the members are to become.
#[derive(Clone)]
struct Wanted {
    place: Place,
    by: By,
    level: Option<AccessLevel>,
    expiry: Expiry,
}

impl Wanted {
    fn of(&self, user: User, cx: &Cx) -> SetMember {
        SetMember {
            place: self.place,
            user,
            level: self.level,
            expiry: self.expiry,
            by: self.by,
            now: cx.now,
        }
    }
}

async fn handler(app: Arc<App>, site: Site, cx: Cx) -> Outcome {
    let (place, by) = site.manager(&cx)?;
    let wanted = Wanted {
        place,
        by,
        level: level(&cx.params),
        expiry: cx
            .params
            .time("expires_at")
            .map_or(Expiry::Never, |time| Expiry::On(time.date())),
    };
    match cx.params.integer_list("user_id") {
        Some(ids) if ids.len() != 1 => {
            let ids = ids.to_vec();
            several(&app, &cx, &wanted, ids).await
        }
        one => {
            let id = one.and_then(|ids| ids.first().copied());
            let username = cx.params.text("username").unwrap_or_default().to_owned();
            let find = move |conn: &mut Conn<'_>| match id {
                Some(id) => users::by_id(conn, UserId(id)),
                None => users::by_username(conn, &username),
            };
            let user = app
                .store
                .read(find)
                .await?
                .ok_or_else(|| ApiError::thing_not_found("User"))?;
            let wanted = wanted.of(user, &cx);
            let (member, creators) = app
                .store
                .write(move |tx| {
                    let member = add_member(tx, &wanted)?;
                    let creators = creators(tx, std::slice::from_ref(&member))?;
                    Ok::<_, Refusal>((member, creators))
                })
                .await?;
            json(StatusCode::CREATED, &view(&cx, &member, &creators))
        }
    }
}

/// Adds or changes several members; what goes wrong with one of them does not keep the others from it.
async fn several(app: &App, cx: &Cx, wanted: &Wanted, ids: Vec<i64>) -> Outcome {
    let mut failed = BTreeMap::new();
    for id in ids {
        let Some(user) = app.store.read(move |conn| users::by_id(conn, UserId(id))).await? else {
            failed.insert(id.to_string(), "User not found".to_owned());
            continue;
        };
        let (name, wanted) = (user.username.clone(), wanted.of(user, cx));
        match app.store.write(move |tx| set_member(tx, &wanted)).await {
            Ok(_) => {}
            Err(Refusal::Field { field, text }) => {
                failed.insert(name, format!("{} {text}", sentence_case(field)));
            }
            Err(other) => return Err(other.into()),
        }
    }
    json(StatusCode::CREATED, &MembersAdded::new(failed))
}

/// `access_level` becomes `Access level`.
fn sentence_case(field: &str) -> String {
    let words = field.replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The level that is asked for, if it is one.
pub(super) fn level(params: &Values) -> Option<AccessLevel> {
    params.integer("access_level").and_then(AccessLevel::from_number)
}
