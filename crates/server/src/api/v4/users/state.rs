//! POST `/users/:id/block` and its like, for administrators. The answer is `true`, `false` where the account was not in
//! the state that could be left, or `null` where it was so already.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::user::{Changed, StateChange};
use landfall_store::{Tx, users};

use super::create::{authorize, taken, unchanged};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::Param,
        pipeline::json,
    },
    ops::{
        Refusal,
        update_user::{UpdateUser, update_user},
    },
};

pub(crate) const BLOCK: Endpoint = Endpoint {
    method: Method::POST,
    path: "/users/{id}/block",
    id: "blockUser",
    summary: "Shut a user out",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[Param::integer("id").in_path().doc("The user's id")],
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("Changed"),
    refusals: &[404],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx, StateChange::Block)) }),
};

pub(crate) const UNBLOCK: Endpoint = Endpoint {
    path: "/users/{id}/unblock",
    id: "unblockUser",
    summary: "Let a blocked user in again",
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx, StateChange::Unblock)) }),
    ..BLOCK
};

pub(crate) const DEACTIVATE: Endpoint = Endpoint {
    path: "/users/{id}/deactivate",
    id: "deactivateUser",
    summary: "Put an account to rest",
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx, StateChange::Deactivate)) }),
    ..BLOCK
};

pub(crate) const ACTIVATE: Endpoint = Endpoint {
    path: "/users/{id}/activate",
    id: "activateUser",
    summary: "Wake a deactivated account up",
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx, StateChange::Activate)) }),
    ..BLOCK
};

pub(crate) const BAN: Endpoint = Endpoint {
    path: "/users/{id}/ban",
    id: "banUser",
    summary: "Shut a user out for abuse",
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx, StateChange::Ban)) }),
    ..BLOCK
};

pub(crate) const UNBAN: Endpoint = Endpoint {
    path: "/users/{id}/unban",
    id: "unbanUser",
    summary: "Let a banned user in again",
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx, StateChange::Unban)) }),
    ..BLOCK
};

async fn handler(app: Arc<App>, cx: Cx, change: StateChange) -> Outcome {
    let by = authorize(&cx)?;
    let unchanged = unchanged(&cx, by);
    if unchanged.id == by && change == StateChange::Block {
        return Err(ApiError::forbidden_because(
            "The API initiating user cannot be blocked by the API",
        ));
    }
    let work = move |tx: &mut Tx<'_>| {
        let user = users::by_id(tx, unchanged.id)?.ok_or(Refusal::NotFound)?;
        let changed = user.state.after(change);
        if let Changed::Now(state) = changed {
            let wanted = UpdateUser {
                state: Some(state),
                ..unchanged.clone()
            };
            update_user(tx, &wanted)?;
        }
        Ok::<_, Refusal>(changed)
    };
    match app.store.write(work).await.map_err(taken)? {
        Changed::Now(_) => json(StatusCode::CREATED, &Some(true)),
        Changed::No => json(StatusCode::CREATED, &Some(false)),
        Changed::Already => json(StatusCode::CREATED, &None::<bool>),
        Changed::Refused(reason) => Err(ApiError::forbidden_because(reason)),
    }
}
