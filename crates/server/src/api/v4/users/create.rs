//! POST `/users` and PUT `/users/:id`, for administrators.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{
    ids::UserId,
    user::{Profile, ProfileField, User},
};

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
        create_user::{CreateUser, create_user},
        update_user::{UpdateUser, update_user},
    },
    views::user::UserPrivate,
};

macro_rules! params {
    ($($param:expr),* $(,)?) => {
        &[
            $($param,)*
            Param::boolean("admin").doc("Administrator of the instance"),
            Param::boolean("external").doc("External user"),
            Param::text("public_email").doc("Address that everybody may see"),
            Param::text("bio").doc("About the user"),
            Param::text("location").doc("Place"),
            Param::text("linkedin").doc("Link or name"),
            Param::text("twitter").doc("Link or name"),
            Param::text("discord").doc("Link or name"),
            Param::text("github").doc("Link or name"),
            Param::text("skype").doc("Name"),
            Param::text("website_url").doc("Home page"),
            Param::text("organization").doc("Employer"),
            Param::text("job_title").doc("Position"),
            Param::text("pronouns").doc("Pronouns"),
        ]
    };
}

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/users",
    id: "createUser",
    summary: "Create a user",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: params![
        Param::text("email").required().not_blank().doc("Address for mail"),
        Param::text("name").required().not_blank().doc("Full name"),
        Param::text("username").required().not_blank().doc("Login name"),
        Param::text("password").doc("There are no passwords here: it is not kept"),
        Param::boolean("reset_password").doc("There are no passwords here: nothing is sent"),
        Param::boolean("force_random_password").doc("There are no passwords here: none is made"),
    ],
    rules: &[Rule::at_least_one(&[
        "password",
        "reset_password",
        "force_random_password",
    ])],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("UserPrivate"),
    refusals: &[409],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(create(app, cx)) }),
};

pub(crate) const UPDATE: Endpoint = Endpoint {
    method: Method::PUT,
    path: "/users/{id}",
    id: "updateUser",
    summary: "Change a user's account",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: params![
        Param::integer("id").in_path().doc("The user's id"),
        Param::text("email").doc("Address for mail"),
        Param::text("name").doc("Full name"),
        Param::text("username").doc("Login name; the paths of the user's projects change with it"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("UserPrivate"),
    refusals: &[404, 409],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(update(app, cx)) }),
};

/// Refuses everybody but administrators.
pub(super) fn authorize(cx: &Cx) -> Result<UserId, ApiError> {
    let user = cx.user()?;
    if user.admin {
        Ok(user.id)
    } else {
        Err(ApiError::forbidden())
    }
}

fn told_profile(params: &Values) -> Vec<(ProfileField, String)> {
    let given = ProfileField::ALL.iter().filter(|field| params.given(field.as_str()));
    given
        .map(|field| (*field, params.text(field.as_str()).unwrap_or_default().to_owned()))
        .collect()
}

async fn create(app: Arc<App>, cx: Cx) -> Outcome {
    let by = authorize(&cx)?;
    let params = &cx.params;
    let mut profile = Profile::default();
    for (field, text) in told_profile(params) {
        profile.set(field, &text);
    }
    let wanted = CreateUser {
        username: params.text("username").unwrap_or_default().to_owned(),
        name: params.text("name").map(str::to_owned),
        email: params.text("email").map(str::to_owned),
        admin: params.boolean("admin") == Some(true),
        external: params.boolean("external") == Some(true),
        public_email: params.text("public_email").unwrap_or_default().to_owned(),
        profile,
        by: Some(by),
        now: cx.now,
    };
    let user = app
        .store
        .write(move |tx| create_user(tx, &wanted))
        .await
        .map_err(taken)?;
    show(&cx, StatusCode::CREATED, &user)
}

async fn update(app: Arc<App>, cx: Cx) -> Outcome {
    let by = authorize(&cx)?;
    let params = &cx.params;
    let wanted = UpdateUser {
        username: params.text("username").map(str::to_owned),
        name: params.text("name").map(str::to_owned),
        email: params.text("email").map(str::to_owned),
        public_email: params
            .given("public_email")
            .then(|| params.text("public_email").unwrap_or_default().to_owned()),
        admin: params.boolean("admin"),
        external: params.boolean("external"),
        profile: told_profile(params),
        ..unchanged(&cx, by)
    };
    let updated = app.store.write(move |tx| update_user(tx, &wanted)).await;
    show(&cx, StatusCode::OK, &updated.map_err(taken)?)
}

/// The user in the path, left as it is.
pub(super) fn unchanged(cx: &Cx, by: UserId) -> UpdateUser {
    UpdateUser {
        id: UserId(cx.params.integer("id").unwrap_or_default()),
        username: None,
        name: None,
        email: None,
        public_email: None,
        avatar_url: None,
        admin: None,
        external: None,
        state: None,
        profile: Vec::new(),
        by: Some(by),
        now: cx.now,
    }
}

fn show(cx: &Cx, status: StatusCode, user: &User) -> Outcome {
    json(status, &UserPrivate::new(user, true, cx.urls()))
}

/// GitLab answers 409 to what is taken.
pub(super) fn taken(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::NotFound => ApiError::thing_not_found("User"),
        Refusal::Field { field: "email", text } if text == "has already been taken" => {
            ApiError::Message(StatusCode::CONFLICT, "Email has already been taken".into())
        }
        Refusal::Field {
            field: "username",
            text,
        } if text == "has already been taken" => {
            ApiError::Message(StatusCode::CONFLICT, "Username has already been taken".into())
        }
        other => other.into(),
    }
}
