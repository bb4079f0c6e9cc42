//! What may be set of a hook, and how a request sets it.

use landfall_domain::{
    time::Timestamp,
    webhook::{
        BranchFilter, Health, Hidden, Owner, Pair, SigningSecret, Trigger, Webhook, is_reserved_header, validate_pair,
    },
};
use landfall_net::Client;
use serde_json::{Map, Value};

use crate::{
    api::{
        error::ApiError,
        params::{Param, Values},
    },
    ops::{Refusal, webhook::Unfit},
    webhooks::letter::address,
};

/// Headers, and variables, that one hook may have.
const MOST_PAIRS: usize = 20;
/// What asks for a signing secret to be made.
const GENERATE: &str = "generate";

/// The parameters, with those of an owner's path in front.
macro_rules! with_settings {
    ($url:expr, $($in_path:expr),*) => {
        &[
            $($in_path,)*
            $url.doc("Where it is sent; `{name}` stands for a variable"),
            $crate::api::params::Param::text("name").doc("What its owner calls it"),
            $crate::api::params::Param::text("description").doc("What its owner notes about it"),
            $crate::api::params::Param::text("token").doc("Sent in `X-Gitlab-Token`; never shown"),
            $crate::api::params::Param::text("signing_secret").doc(
                "What deliveries are signed with, as Standard Webhooks has it: `whsec_…`, or `generate` to have one made and \
                 shown once; never shown otherwise (an extension)",
            ),
            $crate::api::params::Param::boolean("enable_ssl_verification")
                .doc("Whether the receiver's certificate must be a good one"),
            $crate::api::v4::hooks::settings::switch("push_events"),
            $crate::api::v4::hooks::settings::switch("tag_push_events"),
            $crate::api::v4::hooks::settings::switch("merge_requests_events"),
            $crate::api::v4::hooks::settings::switch("repository_update_events"),
            $crate::api::v4::hooks::settings::switch("issues_events"),
            $crate::api::v4::hooks::settings::switch("confidential_issues_events"),
            $crate::api::v4::hooks::settings::switch("note_events"),
            $crate::api::v4::hooks::settings::switch("confidential_note_events"),
            $crate::api::v4::hooks::settings::switch("pipeline_events"),
            $crate::api::v4::hooks::settings::switch("wiki_page_events"),
            $crate::api::params::Param::boolean("deployment_events").doc("Told when a deployment changes its status"),
            $crate::api::v4::hooks::settings::switch("feature_flag_events"),
            $crate::api::v4::hooks::settings::switch("job_events"),
            $crate::api::v4::hooks::settings::switch("releases_events"),
            $crate::api::v4::hooks::settings::switch("milestone_events"),
            $crate::api::v4::hooks::settings::switch("emoji_events"),
            $crate::api::v4::hooks::settings::switch("resource_access_token_events"),
            $crate::api::v4::hooks::settings::switch("vulnerability_events"),
            $crate::api::params::Param::text("push_events_branch_filter").doc("Which branches pushes are told of"),
            $crate::api::params::Param::text("branch_filter_strategy")
                .words(&["wildcard", "regex", "all_branches"])
                .doc("How that is read"),
            $crate::api::params::Param::text("custom_webhook_template")
                .doc("JSON that is sent instead, where `{{a.b}}` stands for a value of the body"),
            $crate::api::params::Param::json_list("custom_headers").doc("Headers of one's own: `key` and `value`"),
            $crate::api::params::Param::json_list("url_variables").doc("Variables of the address: `key` and `value`"),
        ]
    };
}
pub(super) use with_settings;

/// A switch for what does not happen here.
pub(super) const fn switch(name: &'static str) -> Param {
    Param::boolean(name).doc("Kept as it is set")
}

/// A hook as it is before anything is set.
pub(super) fn fresh(owner: Owner, now: Timestamp) -> Webhook {
    // There is nothing else that the instance could tell.
    let on_first = match owner {
        Owner::Project(_) | Owner::Group(_) => Trigger::Push,
        Owner::Instance => Trigger::Deployment,
    };
    Webhook {
        id: landfall_domain::ids::WebhookId(0),
        owner,
        url: Hidden::new(String::new()),
        name: None,
        description: None,
        token: None,
        signing_secret: None,
        ssl_verification: true,
        triggers: [on_first].into_iter().collect(),
        push_events_branch_filter: None,
        branch_filter_strategy: BranchFilter::Wildcard,
        custom_webhook_template: None,
        custom_headers: Vec::new(),
        url_variables: Vec::new(),
        health: Health::GOOD,
        created_at: now,
    }
}

/// The signing secret that a request asks to be made.
pub(super) fn generated(params: &Values) -> Result<Option<SigningSecret>, ApiError> {
    match params.text("signing_secret") {
        Some(GENERATE) => Ok(Some(SigningSecret::generate().map_err(ApiError::internal)?)),
        _ => Ok(None),
    }
}

/// Sets what a request names.
pub(super) fn apply(
    params: &Values,
    generated: Option<&SigningSecret>,
    client: &Client,
    hook: &mut Webhook,
) -> Result<(), Refusal> {
    set_url(params, hook);
    let filled = |name| params.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    for (name, field) in [
        ("name", &mut hook.name),
        ("description", &mut hook.description),
        ("push_events_branch_filter", &mut hook.push_events_branch_filter),
        ("custom_webhook_template", &mut hook.custom_webhook_template),
    ] {
        if params.given(name) {
            *field = filled(name);
        }
    }
    if params.given("token") {
        hook.token = filled("token").map(Hidden::new);
    }
    if params.given("signing_secret") {
        hook.signing_secret = match (generated, filled("signing_secret")) {
            (Some(made), _) => Some(made.clone()),
            (None, Some(told)) => {
                Some(SigningSecret::parse(&told).map_err(|error| Unfit::Field("signing_secret", error.to_string()))?)
            }
            (None, None) => None,
        };
    }
    if let Some(on) = params.boolean("enable_ssl_verification") {
        hook.ssl_verification = on;
    }
    for trigger in Trigger::ALL {
        if let Some(on) = params.boolean(trigger.as_str()) {
            hook.triggers.set(*trigger, on);
        }
    }
    if let Some(strategy) = params.text("branch_filter_strategy").and_then(BranchFilter::parse) {
        hook.branch_filter_strategy = strategy;
    }
    check(hook, client)
}

/// A new address gets none of what was a secret between the owner and the old one, unless it is told again.
fn set_url(params: &Values, hook: &mut Webhook) {
    if let Some(url) = params.text("url").map(str::trim)
        && url != hook.url.expose()
    {
        hook.url = Hidden::new(url.to_owned());
        hook.token = None;
        hook.custom_headers = Vec::new();
        hook.url_variables = Vec::new();
    }
    if let Some(told) = params.json_list("custom_headers") {
        hook.custom_headers = pairs(told);
    }
    if let Some(told) = params.json_list("url_variables") {
        hook.url_variables = pairs(told);
    }
}

/// Entries of one key: the last one counts.
fn pairs(told: &[Map<String, Value>]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for entry in told {
        let text = |key| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        set_pair(&mut pairs, text("key"), text("value"));
    }
    pairs
}

/// Puts a pair in the place of the one with its key, or behind the others.
pub(super) fn set_pair(pairs: &mut Vec<Pair>, key: String, value: String) {
    match pairs.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known = Hidden::new(value),
        None => pairs.push((key, Hidden::new(value))),
    }
}

/// Refuses what a hook cannot be.
pub(super) fn check(hook: &Webhook, client: &Client) -> Result<(), Refusal> {
    if hook
        .token
        .as_ref()
        .is_some_and(|token| token.expose().contains(['\r', '\n']))
    {
        return Err(Unfit::Field("token", "is invalid".to_owned()).into());
    }
    check_pairs("custom_headers", &hook.custom_headers)?;
    check_pairs("url_variables", &hook.url_variables)?;
    let (url, _) = address(hook).map_err(|_| Unfit::Url)?;
    // A name is looked up when something is sent: it may lead elsewhere by then.
    if client.may_reach(&url) {
        Ok(())
    } else {
        Err(Unfit::Url.into())
    }
}

fn check_pairs(field: &'static str, pairs: &[Pair]) -> Result<(), Refusal> {
    if pairs.len() > MOST_PAIRS {
        return Err(Unfit::Field(field, format!("has more than {MOST_PAIRS} entries")).into());
    }
    for (key, value) in pairs {
        validate_pair(key, value.expose()).map_err(|_| Unfit::Pair)?;
        if field == "custom_headers" && is_reserved_header(key) {
            return Err(Unfit::Pair.into());
        }
    }
    Ok(())
}
