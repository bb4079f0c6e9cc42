//! A delivery as an HTTP request (neighbours, 11.2; signatures as Standard Webhooks has them).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use landfall_domain::{
    time::Timestamp,
    webhook::{Hidden, Owner, SigningSecret, Webhook, is_reserved_header},
};
use landfall_net::{
    Method, Request, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use sha2::Sha256;
use thiserror::Error;
use uuid::Uuid;

use super::template;

/// GitLab's name first, because receivers look for it.
const AGENT: &str = concat!("GitLab/18.9.0 Landfall/", env!("CARGO_PKG_VERSION"));
/// What the log shows in place of a secret.
const REDACTED: &str = "[REDACTED]";

/// What is sent, and to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Letter<'a> {
    pub(crate) hook: &'a Webhook,
    pub(crate) body: &'a str,
    /// The chain of events that it belongs to.
    pub(crate) event_uuid: &'a str,
    /// The same at each attempt.
    pub(crate) idempotency_key: &'a str,
    /// This attempt's own.
    pub(crate) attempt_uuid: Uuid,
    /// Address of this instance.
    pub(crate) instance: &'a str,
    pub(crate) now: Timestamp,
}

/// Why a hook's settings make no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Unsendable {
    #[error("Invalid url given")]
    Url,
    #[error("Error while parsing rendered custom webhook template")]
    Template,
    #[error("A header cannot be sent")]
    Header,
}

/// A request, and its headers as they may be shown.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) request: Request,
    pub(crate) shown_headers: Map<String, Value>,
}

impl Letter<'_> {
    /// Makes the request.
    pub(crate) fn seal(&self) -> Result<Sealed, Unsendable> {
        let (url, login) = address(self.hook)?;
        let body = match &self.hook.custom_webhook_template {
            Some(template) if !template.trim().is_empty() => {
                let values = serde_json::from_str(self.body).map_err(|_| Unsendable::Template)?;
                template::fill_in(template, &values).ok_or(Unsendable::Template)?
            }
            _ => self.body.to_owned(),
        };
        let headers = self.headers(login.as_deref(), &body)?;
        let mut request = Request::new(Method::POST, url);
        let mut shown_headers = Map::new();
        for header in headers {
            let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| Unsendable::Header)?;
            let value = HeaderValue::from_bytes(header.value.as_bytes()).map_err(|_| Unsendable::Header)?;
            let shown: &str = if header.is_secret { REDACTED } else { &header.value };
            set(request.headers_mut(), name, value);
            shown_headers.insert(header.name, shown.into());
        }
        *request.body_mut() = Some(body.into());
        Ok(Sealed { request, shown_headers })
    }

    /// The owner's first, so that they replace none of ours.
    fn headers(&self, login: Option<&str>, body: &str) -> Result<Vec<Header>, Unsendable> {
        let hook = self.hook;
        let mut headers: Vec<Header> = login
            .map(|login| secret(AUTHORIZATION.as_str(), login))
            .into_iter()
            .collect();
        let own = hook.custom_headers.iter().filter(|(name, _)| !is_reserved_header(name));
        headers.extend(own.map(|(name, value)| secret(name, value.expose())));
        headers.push(open(CONTENT_TYPE.as_str(), "application/json"));
        headers.push(open(USER_AGENT.as_str(), AGENT));
        headers.push(open("X-Gitlab-Event", event_name(hook.owner)));
        headers.push(open("X-Gitlab-Webhook-UUID", &self.attempt_uuid.to_string()));
        headers.push(open("X-Gitlab-Instance", self.instance));
        headers.push(open("X-Gitlab-Event-UUID", self.event_uuid));
        headers.push(open("Idempotency-Key", self.idempotency_key));
        if let Some(token) = &hook.token {
            headers.push(secret("X-Gitlab-Token", &token.expose().replace(['\r', '\n'], "")));
        }
        if let Some(key) = &hook.signing_secret {
            headers.extend(self.signature(key, body)?);
        }
        for header in &mut headers {
            header.name = titled(&header.name);
        }
        Ok(headers)
    }

    /// The headers of Standard Webhooks.
    fn signature(&self, secret: &SigningSecret, body: &str) -> Result<[Header; 3], Unsendable> {
        let seconds = self.now.as_micros().div_euclid(1_000_000).to_string();
        let mac = <Hmac<Sha256>>::new_from_slice(secret.key()).map_err(|_| Unsendable::Header)?;
        let signed = mac
            .chain_update(self.idempotency_key)
            .chain_update(".")
            .chain_update(&seconds)
            .chain_update(".")
            .chain_update(body);
        let signature = STANDARD.encode(signed.finalize().into_bytes());
        Ok([
            open("webhook-id", self.idempotency_key),
            open("webhook-timestamp", &seconds),
            open("webhook-signature", &format!("v1,{signature}")),
        ])
    }
}

struct Header {
    name: String,
    value: String,
    is_secret: bool,
}

fn open(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: value.to_owned(),
        is_secret: false,
    }
}

fn secret(name: &str, value: &str) -> Header {
    Header {
        is_secret: true,
        ..open(name, value)
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}

/// Names of the HTTP library are in lower case; in the log they stand as people write them.
fn titled(name: &str) -> String {
    match name {
        "content-type" => "Content-Type".to_owned(),
        "user-agent" => "User-Agent".to_owned(),
        "authorization" => "Authorization".to_owned(),
        other => other.to_owned(),
    }
}

/// What the hook is told of, as a header.
const fn event_name(owner: Owner) -> &'static str {
    match owner {
        Owner::Project(_) | Owner::Group(_) => "Deployment Hook",
        Owner::Instance => "System Hook",
    }
}

/// Where a hook is sent, and the value of `Authorization` if the address holds a name.
pub(crate) fn address(hook: &Webhook) -> Result<(Url, Option<String>), Unsendable> {
    let mut text = hook.url.expose().to_owned();
    for (key, value) in &hook.url_variables {
        text = text.replace(&format!("{{{key}}}"), value.expose());
    }
    let mut url = Url::parse(&text).map_err(|_| Unsendable::Url)?;
    // A variable that nobody set is part of a path as it is, but no host.
    let has_host = url.host_str().is_some_and(|host| !host.contains(['{', '}']));
    if !matches!(url.scheme(), "http" | "https") || !has_host {
        return Err(Unsendable::Url);
    }
    let has_login = !url.username().is_empty() || url.password().is_some();
    let login = has_login.then(|| {
        let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
        let mut login = decoded(url.username());
        login.push(b':');
        login.extend(decoded(url.password().unwrap_or_default()));
        format!("Basic {}", STANDARD.encode(login))
    });
    // An `http` address can always do without.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    Ok((url, login))
}

/// A hook's address as it may be shown in the log: with the names of its variables, without a login.
pub(crate) fn shown_address(url: &Hidden) -> String {
    let text = url.expose();
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}
