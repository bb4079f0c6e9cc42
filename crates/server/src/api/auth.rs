//! Who is asking (reference section 4): where a token is looked for, what makes it dead, which scope is needed, and
//! acting as somebody else.

use http::{HeaderMap, HeaderName, Method, header::AUTHORIZATION};
use landfall_domain::{
    ids::UserId,
    time::Timestamp,
    token::{AccessToken, Digest, Scope, TokenStatus},
    user::{User, UserState},
};
use landfall_store::{Conn, changes::Position, tokens, users};
use serde_json::{Map, Value};

use super::{
    context::SignedIn,
    endpoint::{Access, Login},
    error::ApiError,
};
use crate::{
    cache::{Cache, Owned},
    urls::Urls,
};

pub(super) const PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");
const SUDO: HeaderName = HeaderName::from_static("sudo");

/// A token found in a request.
#[derive(Clone, Debug)]
pub(crate) struct Presented {
    pub(crate) digest: Digest,
}

/// Step 6: a token in the header and another among the parameters cannot both be meant.
pub(crate) fn refuse_two_tokens(headers: &HeaderMap, params: &Map<String, Value>) -> Result<(), ApiError> {
    if bearer(headers).is_some() && text(params, "access_token").is_some() {
        return Err(ApiError::TwoTokens);
    }
    Ok(())
}

/// The request's token, from the first place that has one (reference 4.1). The places of OAuth tokens come last, as
/// GitLab has it for tokens that are none.
pub(crate) fn presented(headers: &HeaderMap, params: &Map<String, Value>) -> Option<Presented> {
    let secret = text(params, "private_token")
        .or_else(|| header(headers, &PRIVATE_TOKEN))
        .or_else(|| bearer(headers))
        .or_else(|| text(params, "access_token"))
        .or_else(|| text(params, "bearer_token"))?;
    Some(Presented {
        digest: Digest::of(secret),
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

fn text<'p>(params: &'p Map<String, Value>, name: &str) -> Option<&'p str> {
    params.get(name)?.as_str().filter(|value| !value.is_empty())
}

/// Step 9: who it is, whether the token's scopes suffice, and as whom the request runs.
pub(crate) struct Request<'a> {
    pub(crate) presented: Option<&'a Presented>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) params: &'a Map<String, Value>,
    pub(crate) method: &'a Method,
    pub(crate) login: Login,
    pub(crate) access: Access,
    pub(crate) now: Timestamp,
    pub(crate) urls: &'a Urls,
    pub(crate) cache: &'a Cache,
}

impl Request<'_> {
    /// `state` is the one that the connection reads.
    pub(crate) fn authenticate(&self, state: Position, conn: &mut Conn<'_>) -> Result<Option<SignedIn>, ApiError> {
        let Some(presented) = self.presented else {
            return match self.login {
                Login::Optional if self.sudo_target().is_none() => Ok(None),
                Login::Optional | Login::Required => Err(ApiError::unauthorized()),
            };
        };
        let owned = look_up(self.cache, state, conn, presented)?.ok_or_else(ApiError::unauthorized)?;
        self.refuse_dead(&owned)?;
        let (token, user) = &*owned;
        if let Some(target) = self.sudo_target() {
            let user = sudo(conn, token, user, &target)?;
            self.refuse_shut_out(&user)?;
            let token = token.clone();
            return Ok(Some(SignedIn { user, token }));
        }
        self.check_scope(token)?;
        let (token, user) = (token.clone(), user.clone());
        Ok(Some(SignedIn { user, token }))
    }

    /// Who it is, from memory: nothing where the token is not kept, or does not open this by itself to its own user.
    pub(crate) fn remembered(&self) -> Option<Owned> {
        let owned = self.cache.token(&self.presented?.digest)?;
        let is_good =
            self.sudo_target().is_none() && self.refuse_dead(&owned).is_ok() && self.check_scope(&owned.0).is_ok();
        is_good.then_some(owned)
    }

    fn refuse_dead(&self, owned: &Owned) -> Result<(), ApiError> {
        match owned.0.status(self.now.date()) {
            TokenStatus::Active => self.refuse_shut_out(&owned.1),
            TokenStatus::Expired => Err(ApiError::token_expired()),
            TokenStatus::Revoked => Err(ApiError::token_revoked()),
        }
    }

    fn refuse_shut_out(&self, user: &User) -> Result<(), ApiError> {
        match user.state {
            UserState::Active => Ok(()),
            UserState::Blocked | UserState::Banned => {
                Err(ApiError::forbidden_because("Your account has been blocked."))
            }
            UserState::Deactivated => Err(ApiError::forbidden_because(&format!(
                "Your account has been deactivated by your administrator. Please log back in from a web browser to \
                 reactivate your account at {}",
                self.urls.instance()
            ))),
        }
    }

    fn check_scope(&self, token: &AccessToken) -> Result<(), ApiError> {
        let reads = matches!(*self.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let has = |scope| token.scopes.contains(scope);
        let (enough, wanted) = match self.access {
            Access::Any => (true, ""),
            Access::Rotate => (has(Scope::Api) || has(Scope::SelfRotate), "api self_rotate"),
            Access::Api => (has(Scope::Api) || reads && has(Scope::ReadApi), "api read_api"),
            Access::User => (
                has(Scope::Api) || reads && (has(Scope::ReadApi) || has(Scope::ReadUser)),
                "api read_api read_user",
            ),
        };
        if enough {
            Ok(())
        } else {
            Err(ApiError::InsufficientScope { scope: wanted })
        }
    }

    /// The `Sudo` header or the `sudo` parameter, which may be a number in JSON.
    fn sudo_target(&self) -> Option<String> {
        let param = match self.params.get("sudo") {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        param.or_else(|| header(self.headers, &SUDO).map(str::to_owned))
    }
}

/// The token and its user, as far as the secret is known at all.
pub(crate) fn look_up(
    cache: &Cache,
    state: Position,
    conn: &mut Conn<'_>,
    presented: &Presented,
) -> Result<Option<Owned>, ApiError> {
    if let Some(owned) = cache.token(&presented.digest) {
        return Ok(Some(owned));
    }
    let owned = tokens::by_digest(conn, &presented.digest)?.map(Owned::new);
    if let Some(owned) = &owned {
        cache.keep_token(state, &presented.digest, owned);
    }
    Ok(owned)
}

/// Reference 4.4.
fn sudo(conn: &mut Conn<'_>, token: &AccessToken, user: &User, target: &str) -> Result<User, ApiError> {
    if !user.admin {
        return Err(ApiError::forbidden_because("Must be admin to use sudo"));
    }
    if !token.scopes.contains(Scope::Sudo) {
        return Err(ApiError::InsufficientScope { scope: "sudo" });
    }
    let found = match target.parse() {
        Ok(id) => users::by_id(conn, UserId(id))?,
        Err(_) => users::by_username(conn, target)?,
    };
    found.ok_or_else(|| ApiError::thing_not_found(&format!("User with ID or username '{target}'")))
}
