//! Webhooks and their log (neighbours, 11.3). Tokens, secrets and the values of headers and variables are never in it.

use landfall_domain::{
    time::Timestamp,
    webhook::{Owner, Pair, Trigger, Webhook},
};
use landfall_store::webhook_queue::Attempt;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Wire;

/// A webhook. Those of the instance have fewer switches.
#[expect(clippy::struct_excessive_bools, reason = "GitLab's keys")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookView<'a> {
    id: i64,
    url: &'a str,
    name: Option<&'a str>,
    description: Option<&'a str>,
    created_at: Wire,
    push_events: bool,
    tag_push_events: bool,
    merge_requests_events: bool,
    repository_update_events: bool,
    enable_ssl_verification: bool,
    alert_status: &'static str,
    disabled_until: Option<Wire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url_variables: Option<Vec<KeyView<'a>>>,
    push_events_branch_filter: Option<&'a str>,
    branch_filter_strategy: &'static str,
    custom_webhook_template: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_headers: Option<Vec<KeyView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<i64>,
    #[serde(flatten)]
    switches: Option<Switches>,
    /// Of the instance's hooks, which have no other switch here.
    #[serde(skip_serializing_if = "Option::is_none", rename = "deployment_events")]
    deployments: Option<bool>,
    landfall: HookFacts<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookKey)]
struct KeyView<'a> {
    key: &'a str,
}

/// The further switches of projects' and groups' hooks.
#[expect(clippy::struct_excessive_bools, reason = "GitLab's keys")]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookSwitches)]
struct Switches {
    issues_events: bool,
    confidential_issues_events: bool,
    note_events: bool,
    confidential_note_events: bool,
    pipeline_events: bool,
    wiki_page_events: bool,
    deployment_events: bool,
    feature_flag_events: bool,
    job_events: bool,
    releases_events: bool,
    milestone_events: bool,
    emoji_events: bool,
    resource_access_token_events: bool,
    vulnerability_events: bool,
}

/// What GitLab does not have of a hook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookFacts)]
struct HookFacts<'a> {
    /// Whether deliveries are signed.
    signed: bool,
    /// The secret of the signatures: once, in the answer to the request that had it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_secret: Option<&'a str>,
}

impl<'a> WebhookView<'a> {
    /// As it stands in lists.
    #[must_use]
    pub fn listed(hook: &'a Webhook, now: Timestamp) -> WebhookView<'a> {
        let on = |trigger| hook.triggers.has(trigger);
        let (project_id, group_id, is_instance) = match hook.owner {
            Owner::Project(id) => (Some(id.0), None, false),
            Owner::Group(id) => (None, Some(id.0), false),
            Owner::Instance => (None, None, true),
        };
        WebhookView {
            id: hook.id.0,
            url: hook.url.expose(),
            name: hook.name.as_deref(),
            description: hook.description.as_deref(),
            created_at: Wire(hook.created_at),
            push_events: on(Trigger::Push),
            tag_push_events: on(Trigger::TagPush),
            merge_requests_events: on(Trigger::MergeRequests),
            repository_update_events: on(Trigger::RepositoryUpdate),
            enable_ssl_verification: hook.ssl_verification,
            alert_status: hook.health.status(now).as_str(),
            disabled_until: hook.health.disabled_until(now).map(Wire),
            url_variables: None,
            push_events_branch_filter: hook.push_events_branch_filter.as_deref(),
            branch_filter_strategy: hook.branch_filter_strategy.as_str(),
            custom_webhook_template: hook.custom_webhook_template.as_deref(),
            custom_headers: None,
            project_id,
            group_id,
            switches: (!is_instance).then(|| Switches::of(hook)),
            deployments: is_instance.then(|| on(Trigger::Deployment)),
            landfall: HookFacts {
                signed: hook.signing_secret.is_some(),
                signing_secret: None,
            },
        }
    }

    /// Alone, with the keys of its headers and variables.
    #[must_use]
    pub fn full(hook: &'a Webhook, now: Timestamp) -> WebhookView<'a> {
        WebhookView {
            url_variables: Some(keys(&hook.url_variables)),
            custom_headers: Some(keys(&hook.custom_headers)),
            ..WebhookView::listed(hook, now)
        }
    }

    /// With the secret that was made for it just now.
    #[must_use]
    pub fn with_secret(hook: &'a Webhook, made: Option<&'a str>, now: Timestamp) -> WebhookView<'a> {
        let mut view = WebhookView::full(hook, now);
        view.landfall.signing_secret = made;
        view
    }
}

impl Switches {
    fn of(hook: &Webhook) -> Switches {
        let on = |trigger| hook.triggers.has(trigger);
        Switches {
            issues_events: on(Trigger::Issues),
            confidential_issues_events: on(Trigger::ConfidentialIssues),
            note_events: on(Trigger::Note),
            confidential_note_events: on(Trigger::ConfidentialNote),
            pipeline_events: on(Trigger::Pipeline),
            wiki_page_events: on(Trigger::WikiPage),
            deployment_events: on(Trigger::Deployment),
            feature_flag_events: on(Trigger::FeatureFlag),
            job_events: on(Trigger::Job),
            releases_events: on(Trigger::Releases),
            milestone_events: on(Trigger::Milestone),
            emoji_events: on(Trigger::Emoji),
            resource_access_token_events: on(Trigger::ResourceAccessToken),
            vulnerability_events: on(Trigger::Vulnerability),
        }
    }
}

fn keys(pairs: &[Pair]) -> Vec<KeyView<'_>> {
    pairs.iter().map(|(key, _)| KeyView { key }).collect()
}

/// An attempt to send a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
pub struct WebhookAttemptView<'a> {
    id: i64,
    url: &'a str,
    trigger: &'a str,
    #[schema(value_type = Object)]
    request_headers: Option<&'a RawValue>,
    #[schema(value_type = Object)]
    request_data: Option<&'a RawValue>,
    #[schema(value_type = Object)]
    response_headers: Option<&'a RawValue>,
    response_body: &'a str,
    execution_duration: f64,
    /// The status of the answer, or `internal error`.
    response_status: String,
    /// When it was made (an extension).
    created_at: Wire,
}

impl<'a> WebhookAttemptView<'a> {
    /// The attempt, and the body that was to be sent.
    #[must_use]
    pub fn new(attempt: &'a Attempt, body: Option<&'a str>) -> WebhookAttemptView<'a> {
        let raw = |text: &'a str| serde_json::from_str(text).ok();
        WebhookAttemptView {
            id: attempt.id,
            url: &attempt.url,
            trigger: &attempt.trigger,
            request_headers: raw(&attempt.request_headers),
            request_data: body.and_then(raw),
            response_headers: raw(&attempt.response_headers),
            response_body: &attempt.response_body,
            execution_duration: attempt.duration,
            response_status: attempt
                .response_status
                .map_or_else(|| "internal error".to_owned(), |status| status.to_string()),
            created_at: Wire(attempt.created_at),
        }
    }
}
