//! The description of the API, OpenAPI 3.1, made from the endpoint table and from the views: an endpoint, a parameter or
//! a key that is not here does not exist.

use http::Method;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    endpoint::{Answer, Endpoint, Login, Paging},
    params::{Allowed, Kind, Param},
    v4,
};
use crate::{
    urls::Urls,
    views::{
        commit::{CommitDetail, CommitView, ListedCommit},
        deployment::DeploymentView,
        environment::{EnvironmentView, PlannedDeletions},
        event::EventView,
        group::{GroupDetail, GroupView},
        hook::{DeliveryView, HookSourceView},
        member::{MemberView, MembersAdded},
        merge_request::MergeRequestView,
        mirror::MirrorView,
        project::{ProjectBasic, ProjectFull},
        repository::{BranchView, CompareView, RefView, TagView},
        token::{NewTokenView, ResourceTokenView, TokenBasic, TokenView},
        user::{UserBasic, UserFull, UserPrivate},
        webhook::{WebhookAttemptView, WebhookView},
    },
};

/// The OpenAPI document of a server with these addresses.
#[must_use]
pub fn document(urls: &Urls) -> Value {
    let mut paths = Map::new();
    for endpoint in v4::endpoints() {
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(endpoint.method.as_str().to_lowercase(), operation(endpoint));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Landfall",
            "summary": "A deployment ledger that speaks GitLab's Deployments API",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": urls.api("") }],
        "security": [{ "privateToken": [] }, { "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "privateToken": { "type": "apiKey", "in": "header", "name": "PRIVATE-TOKEN" },
                "bearer": { "type": "http", "scheme": "bearer" },
            },
            "headers": headers(),
            "schemas": schemas(),
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let in_body = matches!(endpoint.method, Method::POST | Method::PUT);
    let mut parameters: Vec<Value> = undeclared_in_path(endpoint)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(
        endpoint
            .params
            .iter()
            .filter(|param| param.in_path || !in_body)
            .map(parameter),
    );
    parameters.extend(endpoint.params.iter().filter_map(header_parameter));
    let mut operation = json!({
        "operationId": endpoint.id,
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": responses(endpoint),
    });
    if let Some(keys) = operation.as_object_mut() {
        if in_body {
            keys.insert("requestBody".to_owned(), request_body(endpoint));
        }
        if endpoint.login == Login::Optional {
            keys.insert(
                "security".to_owned(),
                json!([{}, { "privateToken": [] }, { "bearer": [] }]),
            );
        }
    }
    operation
}

/// The names in the path that the parameter table leaves to the handler.
fn undeclared_in_path(endpoint: &Endpoint) -> impl Iterator<Item = &'static str> {
    let names = endpoint
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    names.filter(|name| endpoint.params.iter().all(|param| param.name != *name))
}

fn header_parameter(param: &Param) -> Option<Value> {
    Some(json!({
        "name": param.header?,
        "in": "header",
        "required": false,
        "description": format!("May be sent instead of `{}`", param.name),
        "schema": parameter_schema(param),
    }))
}

fn parameter(param: &Param) -> Value {
    json!({
        "name": param.name,
        "in": if param.in_path { "path" } else { "query" },
        "required": param.in_path || param.required,
        "description": param.doc,
        "schema": parameter_schema(param),
    })
}

fn request_body(endpoint: &Endpoint) -> Value {
    let params = || endpoint.params.iter().filter(|param| !param.in_path);
    let properties: Map<String, Value> = params()
        .map(|param| {
            let mut schema = parameter_schema(param);
            if let Some(keys) = schema.as_object_mut() {
                keys.insert("description".to_owned(), param.doc.into());
            }
            (param.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = params()
        .filter(|param| param.required)
        .map(|param| param.name)
        .collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    json!({
        "required": !required.is_empty(),
        "content": {
            "application/json": { "schema": schema },
            "application/x-www-form-urlencoded": { "schema": schema },
            "multipart/form-data": { "schema": schema },
        },
    })
}

fn parameter_schema(param: &Param) -> Value {
    let mut schema = match param.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Integer => json!({ "type": "integer", "format": "int64" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::DateTime => json!({ "type": "string", "format": "date-time" }),
        Kind::Json => json!({ "type": "object" }),
        Kind::TextList => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::JsonList => json!({ "type": "array", "items": { "type": "object" } }),
        Kind::IntegerList => json!({ "type": "array", "items": { "type": "integer", "format": "int64" } }),
    };
    let Some(keys) = schema.as_object_mut() else {
        return schema;
    };
    match param.allowed {
        Allowed::Anything => {}
        Allowed::Words(words) => {
            // Of a list, each entry is one of the words.
            let words = json!(words);
            if let Some(items) = keys.get_mut("items").and_then(Value::as_object_mut) {
                items.insert("enum".to_owned(), words);
            } else {
                keys.insert("enum".to_owned(), words);
            }
        }
        Allowed::Between(first, last) => {
            keys.insert("minimum".to_owned(), first.into());
            keys.insert("maximum".to_owned(), last.into());
        }
    }
    if !param.forbidden.is_empty() {
        keys.insert("not".to_owned(), json!({ "enum": param.forbidden }));
    }
    if param.not_blank {
        keys.insert("pattern".to_owned(), r"\S".into());
    }
    if let Some(default) = param.default {
        let default = match param.kind {
            Kind::Integer | Kind::Boolean => default.parse().unwrap_or_else(|_| default.into()),
            _ => default.into(),
        };
        keys.insert("default".to_owned(), default);
    }
    schema
}

fn responses(endpoint: &Endpoint) -> Value {
    let mut responses = Map::new();
    for status in endpoint.success {
        responses.insert(status.to_string(), success(endpoint));
    }
    for (status, description) in refusals(endpoint) {
        let content = if status == 301 {
            json!({ "text/plain": { "schema": { "type": "string" } } })
        } else {
            json!({
                "application/json": { "schema": { "$ref": "#/components/schemas/Refusal" } },
                "text/plain": { "schema": { "type": "string" } },
            })
        };
        responses.insert(
            status.to_string(),
            json!({ "description": description, "content": content }),
        );
    }
    Value::Object(responses)
}

fn success(endpoint: &Endpoint) -> Value {
    let named = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let schema = match endpoint.answer {
        Answer::Nothing => return json!({ "description": "Done" }),
        Answer::One(name) => named(name),
        Answer::Many(name) => json!({ "type": "array", "items": named(name) }),
    };
    let mut success = json!({ "description": "Done", "content": { "application/json": { "schema": schema } } });
    if endpoint.paging != Paging::None
        && let Some(keys) = success.as_object_mut()
    {
        let shown = [
            "Link",
            "X-Page",
            "X-Per-Page",
            "X-Next-Page",
            "X-Prev-Page",
            "X-Total",
            "X-Total-Pages",
        ];
        let headers: Map<String, Value> = shown
            .iter()
            .map(|name| {
                (
                    (*name).to_owned(),
                    json!({ "$ref": format!("#/components/headers/{name}") }),
                )
            })
            .collect();
        keys.insert("headers".to_owned(), Value::Object(headers));
    }
    success
}

/// The refusals of an endpoint: its own, and those of the steps before it (reference section 2).
fn refusals(endpoint: &Endpoint) -> Vec<(u16, &'static str)> {
    let reads = endpoint.method == Method::GET;
    let in_project = endpoint.is_in_project();
    let mut statuses = vec![400, 401, 403, 406, 413, 429, 503];
    if reads {
        statuses.push(304);
    } else {
        statuses.push(415);
    }
    if in_project {
        statuses.extend([404, if reads { 301 } else { 405 }]);
    }
    statuses.extend(endpoint.refusals);
    statuses.sort_unstable();
    statuses.dedup();
    statuses
        .into_iter()
        .map(|status| (status, description(status)))
        .collect()
}

fn description(status: u16) -> &'static str {
    match status {
        301 => "The project has moved",
        304 => "Not changed since the ETag of If-None-Match",
        400 => "Something in the request is wrong",
        401 => "No token, or one that is not known, expired or revoked",
        403 => "The caller may not do this",
        404 => "There is no such thing, or none that the caller may know of",
        405 => "Not with this method or order",
        406 => "There is nothing but JSON",
        409 => "There is such a thing already, or somebody else is changing it",
        412 => "Changed since If-Unmodified-Since",
        413 => "The body is too large",
        415 => "The body's media type is not read",
        422 => "Something in the request cannot be",
        429 => "Too many requests",
        503 => "Not now; see Retry-After",
        _ => "Refused",
    }
}

fn headers() -> Value {
    let header = |description: &str, kind: &str| json!({ "description": description, "schema": { "type": kind } });
    json!({
        "Link": header("The pages around this one", "string"),
        "X-Page": header("Number of the page", "string"),
        "X-Per-Page": header("Rows on a page", "string"),
        "X-Next-Page": header("Number of the next page, empty on the last", "string"),
        "X-Prev-Page": header("Number of the previous page, empty on the first", "string"),
        "X-Total": header("Rows in all, missing above 10,000", "string"),
        "X-Total-Pages": header("Pages in all, missing above 10,000 rows", "string"),
    })
}

/// The views, as they describe themselves, and the shapes that are no views.
fn schemas() -> Value {
    let mut collected = Vec::new();
    let mut add = |name: String, schema, nested: Vec<_>| {
        collected.push((name, schema));
        collected.extend(nested);
    };
    macro_rules! views {
        ($($view:ty),+) => {$({
            let mut nested = Vec::new();
            <$view>::schemas(&mut nested);
            add(<$view>::name().into_owned(), <$view as utoipa::PartialSchema>::schema(), nested);
        })+};
    }
    views!(
        BranchView<'_>,
        CommitDetail<'_>,
        CommitView<'_>,
        CompareView<'_>,
        DeliveryView<'_>,
        DeploymentView<'_>,
        EnvironmentView<'_>,
        PlannedDeletions<'_>,
        EventView<'_>,
        GroupDetail<'_>,
        GroupView<'_>,
        ListedCommit<'_>,
        MemberView<'_>,
        MembersAdded,
        MergeRequestView<'_>,
        MirrorView<'_>,
        HookSourceView<'_>,
        ProjectBasic<'_>,
        ProjectFull<'_>,
        RefView<'_>,
        TagView<'_>,
        NewTokenView<'_>,
        ResourceTokenView<'_>,
        TokenBasic<'_>,
        TokenView<'_>,
        UserBasic<'_>,
        UserFull<'_>,
        UserPrivate<'_>,
        WebhookAttemptView<'_>,
        WebhookView<'_>
    );
    let mut schemas: Map<String, Value> = collected
        .into_iter()
        .filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)))
        .collect();
    schemas.insert(
        "Accepted".to_owned(),
        json!({ "type": "object", "properties": { "message": { "type": "string" } } }),
    );
    schemas.insert("Anything".to_owned(), json!({ "type": "object" }));
    schemas.insert("Changed".to_owned(), json!({ "type": ["boolean", "null"] }));
    schemas.insert("Message".to_owned(), message());
    schemas.insert("Metadata".to_owned(), metadata());
    // The full form for those who are signed in, unless they ask for the basic one.
    schemas.insert("ProjectAsShown".to_owned(), any_of(&["Project", "ProjectBasic"]));
    schemas.insert("MemberOrMembersAdded".to_owned(), any_of(&["Member", "MembersAdded"]));
    schemas.insert("Refusal".to_owned(), refusal());
    Value::Object(schemas)
}

fn any_of(names: &[&str]) -> Value {
    let references: Vec<Value> = names
        .iter()
        .map(|name| json!({ "$ref": format!("#/components/schemas/{name}") }))
        .collect();
    json!({ "anyOf": references })
}

fn message() -> Value {
    json!({ "type": "object", "required": ["message"], "properties": { "message": { "type": "string" } } })
}

fn metadata() -> Value {
    json!({
        "type": "object",
        "required": ["version", "revision", "kas", "enterprise", "landfall"],
        "properties": {
            "version": { "type": "string" },
            "revision": { "type": "string" },
            "kas": { "type": "object" },
            "enterprise": { "type": "boolean" },
            "landfall": {
                "type": "object",
                "required": ["version"],
                "properties": { "version": { "type": "string" } },
            },
        },
    })
}

/// Reference 2.5.
fn refusal() -> Value {
    json!({
        "type": "object",
        "properties": {
            "message": { "type": ["string", "object", "array"] },
            "error": { "type": "string" },
            "error_description": { "type": "string" },
            "scope": { "type": "string" },
        },
        "anyOf": [{ "required": ["message"] }, { "required": ["error"] }],
    })
}

#[cfg(test)]
mod tests;
