//! POST `…/hooks/:hook_id/test/:trigger`: sends the newest deployment, and waits for the answer. One that arrives brings a
//! disabled hook back.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::webhook::{Owner, Webhook};
use landfall_store::{Tx, deployments, webhook_queue::Message};
use serde_json::json;

use super::{GROUP_ID, HOOK_ID, PROJECT_ID, find_hook, group_owner, instance_owner, project_owner};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        limits::Limited,
        params::Param,
        reply,
    },
    ops::{Refusal, announce::new_uuid},
    webhooks::{
        attempt::{self, Made},
        body_of, message_about,
    },
};

/// What can be tested, and what GitLab says where there is nothing to send.
const TRIGGERS: &[(&str, &str)] = &[
    ("push_events", "Ensure the project has at least one commit."),
    ("tag_push_events", "Ensure the project has at least one commit."),
    ("issues_events", "Ensure the project has issues."),
    ("confidential_issues_events", "Ensure the project has issues."),
    ("note_events", "Ensure the project has notes."),
    ("confidential_note_events", "Ensure the project has notes."),
    ("merge_requests_events", "Ensure the project has merge requests."),
    ("job_events", "Ensure the project has CI jobs."),
    ("pipeline_events", "Ensure the project has CI pipelines."),
    ("wiki_page_events", "Ensure the wiki is enabled and has pages."),
    ("deployment_events", NO_DEPLOYMENTS),
    ("feature_flag_events", "Ensure the project has feature flags."),
    ("releases_events", "Ensure the project has releases."),
    ("milestone_events", "Ensure the project has milestones."),
    ("emoji_events", "Ensure the project has notes."),
    ("resource_access_token_events", "Ensure the project has access tokens."),
    ("vulnerability_events", "Ensure the project has vulnerabilities."),
];
const NO_DEPLOYMENTS: &str = "Ensure the project has deployments.";
const DEPLOYMENTS: &str = "deployment_events";

const TRIGGER: Param = Param::text("trigger")
    .in_path()
    .words(&[
        "push_events",
        "tag_push_events",
        "issues_events",
        "confidential_issues_events",
        "note_events",
        "confidential_note_events",
        "merge_requests_events",
        "job_events",
        "pipeline_events",
        "wiki_page_events",
        "deployment_events",
        "feature_flag_events",
        "releases_events",
        "milestone_events",
        "emoji_events",
        "resource_access_token_events",
        "vulnerability_events",
    ])
    .doc("What is tested; there is something to send only for `deployment_events`");

pub(crate) const PROJECT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/hooks/{hook_id}/test/{trigger}",
    id: "testProjectHook",
    summary: "Send a project's webhook the newest deployment",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[PROJECT_ID, HOOK_ID, TRIGGER],
    rules: &[],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("Anything"),
    refusals: &[422, 429],
    handler: Handler::WriteProject(|app, cx, project| -> Later {
        Box::pin(async move {
            let owner = project_owner(&cx, &project)?;
            let trigger = cx.params.text("trigger").unwrap_or_default().to_owned();
            test(app, cx, owner, &trigger).await
        })
    }),
};

pub(crate) const GROUP: Endpoint = Endpoint {
    path: "/groups/{id}/hooks/{hook_id}/test/{trigger}",
    id: "testGroupHook",
    summary: "Send a group's webhook the newest deployment",
    params: &[GROUP_ID, HOOK_ID, TRIGGER],
    refusals: &[404, 422, 429],
    handler: Handler::WriteGroup(|app, cx, group| -> Later {
        Box::pin(async move {
            let owner = group_owner(&cx, &group)?;
            let trigger = cx.params.text("trigger").unwrap_or_default().to_owned();
            test(app, cx, owner, &trigger).await
        })
    }),
    ..PROJECT
};

pub(crate) const INSTANCE: Endpoint = Endpoint {
    path: "/hooks/{hook_id}",
    id: "testSystemHook",
    summary: "Send a webhook of the instance the newest deployment (administrators)",
    params: &[HOOK_ID],
    refusals: &[404, 422, 429],
    handler: Handler::Write(|app, cx| -> Later {
        Box::pin(async move {
            let owner = instance_owner(&cx)?;
            test(app, cx, owner, DEPLOYMENTS).await
        })
    }),
    ..PROJECT
};

async fn test(app: Arc<App>, cx: Cx, owner: Owner, trigger: &str) -> Outcome {
    let hook = find_hook(&app, &cx, owner).await?;
    app.limits
        .count(Limited::WebhookTest, cx.user()?.id, format!("{owner:?}"), cx.now)?;
    if trigger != DEPLOYMENTS {
        let known = TRIGGERS.iter().find(|(name, _)| *name == trigger);
        return Err(ApiError::unprocessable(known.map_or(NO_DEPLOYMENTS, |(_, text)| text)));
    }
    let message = newest(&app, owner, &cx)
        .await?
        .ok_or_else(|| ApiError::unprocessable(NO_DEPLOYMENTS))?;
    let made = send(&app, &hook, &message, &new_uuid()?.to_string()).await?;
    if made
        .attempt
        .response_status
        .is_some_and(|status| (200..300).contains(&status))
    {
        Ok(reply::json(
            StatusCode::CREATED,
            json!({ "message": "201 Created" }).to_string(),
        ))
    } else {
        Err(ApiError::unprocessable(made.attempt.response_body))
    }
}

/// The newest deployment that the owner's hooks are told of, as a message.
async fn newest(app: &App, owner: Owner, cx: &Cx) -> Result<Option<Message>, ApiError> {
    let now = cx.now;
    let work = move |tx: &mut Tx<'_>| -> Result<Option<Message>, Refusal> {
        match deployments::newest(tx, owner)? {
            Some(details) => Ok(Some(message_about(tx, &details, now)?)),
            None => Ok(None),
        }
    };
    Ok(app.store.write(work).await?)
}

/// Sends a message now, and notes it.
pub(super) async fn send(app: &App, hook: &Webhook, message: &Message, key: &str) -> Result<Made, ApiError> {
    let body = body_of(app, message).await?;
    let made = attempt::make(app, hook, (message, &body), key).await?;
    let noted = made.clone();
    app.store.write(move |tx| attempt::note(tx, &noted)).await?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::params::Allowed;

    #[test]
    fn every_trigger_has_a_sentence() {
        let names: Vec<&str> = TRIGGERS.iter().map(|(name, _)| *name).collect();
        assert_eq!(TRIGGER.allowed, Allowed::Words(names.leak()));
    }
}
