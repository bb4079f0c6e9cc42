//! `/projects/:id/access_tokens` and `/groups/:id/access_tokens`: tokens whose user is a bot that was made for them.

use std::{collections::HashMap, sync::Arc};

use http::{Method, StatusCode};
use landfall_domain::{
    access::{AccessLevel, Action},
    group::GroupAction,
    ids::{TokenId, UserId},
    member::Source,
    page::Offset,
    token::AccessToken,
};
use landfall_store::{
    Conn,
    member_list::{self, MemberFilter, Scope},
    token_list::TokenFilter,
    tokens, users,
};

use super::{
    CREATED_AFTER, CREATED_BEFORE, DEFAULT_DAYS, DESCRIPTION, EXPIRES_AFTER, EXPIRES_AT, EXPIRES_BEFORE,
    LAST_USED_AFTER, LAST_USED_BEFORE, NAME, REVOKED, SCOPES, SEARCH, SORT, STATE, filter, hidden, last_day,
    new_secret, page, rotate::rotate, scopes, split_scopes,
};
use crate::{
    App,
    api::{
        context::{Cx, InGroup, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        pagination::{self, PAGE, PER_PAGE},
        params::Param,
        pipeline::json,
        reply,
        v4::members::by,
    },
    ops::{
        create_bot::{CreateBot, create_bot},
        revoke_token::revoke_token,
    },
    views::token::ResourceTokenView,
};

const ID: Param = Param::text("id").in_path().doc("Id or URL-encoded path");
const TOKEN_ID: Param = Param::integer("token_id").in_path().doc("The token's id");
const ACCESS_LEVEL: Param = Param::integer("access_level")
    .default("40")
    .doc("The bot's level, at most the caller's own");

pub(crate) const LIST_OF_PROJECT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/access_tokens",
    id: "listProjectTokens",
    summary: "List the access tokens of a project",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        PAGE,
        PER_PAGE,
        REVOKED,
        STATE,
        CREATED_BEFORE,
        CREATED_AFTER,
        LAST_USED_BEFORE,
        LAST_USED_AFTER,
        EXPIRES_BEFORE,
        EXPIRES_AFTER,
        SEARCH,
        SORT,
    ],
    rules: &[],
    paging: Paging::Offset,
    success: &[200],
    answer: Answer::Many("ResourceAccessToken"),
    refusals: &[404],
    handler: Handler::ReadProject(|cx, found, conn| list(cx, &Site::project(cx, found), conn)),
};

pub(crate) const LIST_OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/access_tokens",
    id: "listGroupTokens",
    summary: "List the access tokens of a group",
    handler: Handler::ReadGroup(|cx, found, conn| list(cx, &Site::group(cx, found), conn)),
    ..LIST_OF_PROJECT
};

pub(crate) const GET_OF_PROJECT: Endpoint = Endpoint {
    method: Method::GET,
    path: "/projects/{id}/access_tokens/{token_id}",
    id: "getProjectToken",
    summary: "Get an access token of a project",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, TOKEN_ID],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("ResourceAccessToken"),
    refusals: &[404],
    handler: Handler::ReadProject(|cx, found, conn| get(cx, &Site::project(cx, found), conn)),
};

pub(crate) const GET_OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/access_tokens/{token_id}",
    id: "getGroupToken",
    summary: "Get an access token of a group",
    handler: Handler::ReadGroup(|cx, found, conn| get(cx, &Site::group(cx, found), conn)),
    ..GET_OF_PROJECT
};

pub(crate) const CREATE_OF_PROJECT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/access_tokens",
    id: "createProjectToken",
    summary: "Create an access token of a project, with a bot as its user",
    login: Login::Required,
    access: Access::Api,
    prepare: Some(split_scopes),
    params: &[ID, NAME, DESCRIPTION, SCOPES, EXPIRES_AT, ACCESS_LEVEL],
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("ResourceAccessToken"),
    refusals: &[404],
    handler: Handler::WriteProject(|app, cx, found| -> Later { Box::pin(create(app, Site::project(&cx, &found), cx)) }),
};

pub(crate) const CREATE_OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/access_tokens",
    id: "createGroupToken",
    summary: "Create an access token of a group, with a bot as its user",
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(create(app, Site::group(&cx, &found), cx)) }),
    ..CREATE_OF_PROJECT
};

pub(crate) const REVOKE_OF_PROJECT: Endpoint = Endpoint {
    method: Method::DELETE,
    path: "/projects/{id}/access_tokens/{token_id}",
    id: "revokeProjectToken",
    summary: "Revoke an access token of a project, whose bot is no member after that",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, TOKEN_ID],
    rules: &[],
    paging: Paging::None,
    success: &[204],
    answer: Answer::Nothing,
    refusals: &[404],
    handler: Handler::WriteProject(|app, cx, found| -> Later { Box::pin(revoke(app, Site::project(&cx, &found), cx)) }),
};

pub(crate) const REVOKE_OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/access_tokens/{token_id}",
    id: "revokeGroupToken",
    summary: "Revoke an access token of a group, whose bot is no member after that",
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(revoke(app, Site::group(&cx, &found), cx)) }),
    ..REVOKE_OF_PROJECT
};

pub(crate) const ROTATE_OF_PROJECT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/access_tokens/{token_id}/rotate",
    id: "rotateProjectToken",
    summary: "Put a new access token into the place of one of a project",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[ID, TOKEN_ID, EXPIRES_AT],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("ResourceAccessToken"),
    refusals: &[404],
    handler: Handler::WriteProject(|app, cx, found| -> Later {
        Box::pin(put_new(app, Site::project(&cx, &found), cx))
    }),
};

pub(crate) const ROTATE_OF_GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/access_tokens/{token_id}/rotate",
    id: "rotateGroupToken",
    summary: "Put a new access token into the place of one of a group",
    handler: Handler::WriteGroup(|app, cx, found| -> Later { Box::pin(put_new(app, Site::group(&cx, &found), cx)) }),
    ..ROTATE_OF_PROJECT
};

/// The project or the group in the path.
struct Site {
    source: Source,
    level: Option<AccessLevel>,
    may_manage: bool,
}

impl Site {
    fn project(cx: &Cx, found: &InProject) -> Site {
        Site {
            source: Source::Project(found.project.id),
            level: found.level,
            may_manage: found.authorize(cx, Action::ManageAccessTokens).is_ok(),
        }
    }

    fn group(cx: &Cx, found: &InGroup) -> Site {
        Site {
            source: Source::Group(found.group.namespace.id),
            level: found.level,
            may_manage: found.authorize(cx, GroupAction::ManageAccessTokens).is_ok(),
        }
    }

    /// GitLab's answer to those who may not look at the tokens.
    fn authorize(&self) -> Result<(), ApiError> {
        if self.may_manage {
            Ok(())
        } else {
            Err(ApiError::unauthorized())
        }
    }

    /// The token in the path, if it is one of this project or group.
    fn token(&self, cx: &Cx, conn: &mut Conn<'_>) -> Result<Option<AccessToken>, landfall_store::Error> {
        let id = TokenId(cx.params.integer("token_id").unwrap_or_default());
        Ok(tokens::by_id(conn, id)?.filter(|token| token.source == Some(self.source)))
    }

    fn missing(&self, cx: &Cx) -> ApiError {
        let id = cx.params.integer("token_id").unwrap_or_default();
        let source = self.source.as_str();
        ApiError::thing_not_found(&format!("Could not find {source} access token with token_id: {id}"))
    }
}

/// The levels of the tokens' bots.
fn levels(
    cx: &Cx,
    conn: &mut Conn<'_>,
    source: Source,
    tokens: &[AccessToken],
) -> Result<HashMap<UserId, AccessLevel>, ApiError> {
    if tokens.is_empty() {
        return Ok(HashMap::new());
    }
    let filter = MemberFilter {
        user_ids: tokens.iter().map(|token| token.user_id.0).collect(),
        ..MemberFilter::default()
    };
    let all = Offset {
        page: 1,
        per_page: i64::try_from(tokens.len()).unwrap_or(i64::MAX),
    };
    let found = member_list::list(conn, Scope::Direct(source), &filter, all, cx.now.date())?;
    Ok(found
        .into_iter()
        .map(|member| (member.user.id, member.access_level))
        .collect())
}

fn list(cx: &Cx, site: &Site, conn: &mut Conn<'_>) -> Outcome {
    site.authorize()?;
    let (source, today) = (site.source, cx.now.date());
    let filter = TokenFilter {
        source: Some(source),
        ..filter(&cx.params)
    };
    let page = page(conn, cx, &filter, pagination::offset(&cx.params))?;
    let levels = levels(cx, conn, source, &page.rows)?;
    let level = |token: &AccessToken| levels.get(&token.user_id).copied();
    let views: Vec<ResourceTokenView<'_>> = page
        .rows
        .iter()
        .map(|token| ResourceTokenView::new(token, source, level(token), None, today))
        .collect();
    page.answer(cx, &views)
}

fn get(cx: &Cx, site: &Site, conn: &mut Conn<'_>) -> Outcome {
    site.authorize()?;
    let token = site.token(cx, conn)?.ok_or_else(|| site.missing(cx))?;
    let level = levels(cx, conn, site.source, std::slice::from_ref(&token))?.remove(&token.user_id);
    let view = ResourceTokenView::new(&token, site.source, level, None, cx.now.date());
    json(StatusCode::OK, &view)
}

async fn create(app: Arc<App>, site: Site, cx: Cx) -> Outcome {
    let source = site.source.as_str();
    // A bot makes no bots.
    if !site.may_manage || cx.user()?.bot {
        let text = format!("User does not have permission to create {source} access token");
        return Err(ApiError::bad_request(&text));
    }
    let number = cx.params.integer("access_level").unwrap_or_default();
    let level = AccessLevel::from_number(number).filter(|level| *level > AccessLevel::Minimal);
    let level = level.ok_or_else(|| ApiError::Params("access_level does not have a valid value".to_owned()))?;
    let by = by(&cx, site.level)?;
    if !cx.user()?.admin && site.level < Some(level) {
        let text = format!(
            "Could not provision {} access to {source} access token",
            level.as_str().to_lowercase()
        );
        return Err(ApiError::bad_request(&text));
    }
    let secret = new_secret()?;
    let wanted = CreateBot {
        source: site.source,
        name: cx.params.text("name").unwrap_or_default().to_owned(),
        description: cx.params.text("description").map(str::to_owned),
        access_level: level,
        suffix: suffix()?,
        digest: secret.digest(),
        scopes: scopes(&cx.params),
        expires_at: last_day(&cx, DEFAULT_DAYS).map_err(|text| ApiError::bad_request(&text))?,
        by,
        now: cx.now,
    };
    let token = app.store.write(move |tx| create_bot(tx, &wanted)).await?;
    let view = ResourceTokenView::new(&token, site.source, Some(level), Some(&secret), cx.now.date());
    json(StatusCode::CREATED, &view)
}

/// Sixteen hexadecimal digits that nobody else has.
fn suffix() -> Result<String, ApiError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(ApiError::internal)?;
    Ok(format!("{:016x}", u64::from_be_bytes(random)))
}

async fn revoke(app: Arc<App>, site: Site, cx: Cx) -> Outcome {
    let find = move |conn: &mut Conn<'_>| {
        let token = site.token(&cx, conn)?;
        let bot = match &token {
            Some(token) => users::by_id(conn, token.user_id)?,
            None => None,
        };
        Ok::<_, ApiError>((token, bot, cx, site))
    };
    let (token, bot, cx, site) = app.store.read(find).await?;
    let token = token.ok_or_else(|| site.missing(&cx))?;
    if !site.may_manage {
        let bot = bot.map(|bot| bot.name).unwrap_or_default();
        return Err(ApiError::bad_request(&format!(
            "{} cannot delete {bot}",
            cx.user()?.name
        )));
    }
    let now = cx.now;
    app.store.write(move |tx| revoke_token(tx, token.id, now)).await?;
    Ok(reply::no_content())
}

async fn put_new(app: Arc<App>, site: Site, cx: Cx) -> Outcome {
    site.authorize()?;
    let find = move |conn: &mut Conn<'_>| {
        let token = site.token(&cx, conn)?;
        let levels = levels(&cx, conn, site.source, token.as_slice())?;
        Ok::<_, ApiError>((token, levels, cx, site))
    };
    let (old, levels, cx, site) = app.store.read(find).await?;
    let old = old.ok_or_else(|| hidden(&cx))?;
    let level = levels.get(&old.user_id).copied();
    // The new secret would carry the bot's level.
    if !cx.user()?.admin && site.level < level {
        return Err(ApiError::unauthorized());
    }
    let (token, secret) = rotate(&app, &cx, old.id).await?;
    let view = ResourceTokenView::new(&token, site.source, level, Some(&secret), cx.now.date());
    json(StatusCode::OK, &view)
}
