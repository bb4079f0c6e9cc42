//! Webhooks of projects and groups. The crate has no call for a test of one, and none for those of the instance.

use gitlab::{
    Gitlab,
    api::{
        self, Query,
        groups::hooks as of_groups,
        projects::hooks::{CreateHook, DeleteHook, EditHook, Hook as GetHook, Hooks},
    },
};
use serde::Deserialize;

use crate::{
    deployments::{create, success},
    world::{Outcome, PATH, refused, variable},
};

const URL: &str = "https://receiver.invalid/hook";

#[derive(Debug, Deserialize)]
struct Hook {
    id: u64,
    url: String,
    name: Option<String>,
    push_events: bool,
    job_events: bool,
    deployment_events: bool,
}

pub fn journey(root: &Gitlab, alice: &Gitlab) -> Outcome {
    of_project(alice)?;
    sent(alice)?;
    of_group(root)
}

fn of_project(alice: &Gitlab) -> Outcome {
    let mut endpoint = CreateHook::builder();
    endpoint
        .project(PATH)
        .push_events(false)
        .job_events(true)
        .token("secret");
    let hook: Hook = endpoint.url(URL).build()?.query(alice)?;
    assert_eq!(
        (hook.url.as_str(), hook.push_events, hook.job_events),
        (URL, false, true)
    );
    let inside = endpoint.url("http://127.0.0.2/").build()?;
    refused(422, "Invalid url given", Query::<Hook, _>::query(&inside, alice));

    let changed: Hook = EditHook::builder()
        .project(PATH)
        .hook_id(hook.id)
        .url(URL)
        .name("chat")
        .deployment_events(true)
        .build()?
        .query(alice)?;
    assert_eq!(
        (changed.name.as_deref(), changed.deployment_events),
        (Some("chat"), true)
    );
    let listed: Vec<Hook> = Hooks::builder().project(PATH).build()?.query(alice)?;
    assert!(listed.iter().map(|found| found.id).eq([hook.id]));
    let endpoint = DeleteHook::builder().project(PATH).hook_id(hook.id).build()?;
    api::ignore(endpoint).query(alice)?;
    let gone = GetHook::builder().project(PATH).hook(hook.id).build()?;
    refused(404, "404 Not found", Query::<Hook, _>::query(&gone, alice));
    Ok(())
}

/// The receiver looks at what comes.
fn sent(alice: &Gitlab) -> Outcome {
    let endpoint = CreateHook::builder()
        .project(PATH)
        .url(variable("RECEIVER"))
        .token("secret")
        .push_events(false)
        .deployment_events(true)
        .build()?;
    api::ignore(endpoint).query(alice)?;
    create(alice, success("hooked"))??;
    Ok(())
}

fn of_group(root: &Gitlab) -> Outcome {
    let endpoint = of_groups::CreateHook::builder()
        .group("team")
        .url(URL)
        .deployment_events(true)
        .build()?;
    let hook: Hook = endpoint.query(root)?;
    assert!(hook.deployment_events);
    let endpoint = of_groups::DeleteHook::builder()
        .group("team")
        .hook_id(hook.id)
        .build()?;
    api::ignore(endpoint).query(root)?;
    let listed: Vec<Hook> = of_groups::Hooks::builder().group("team").build()?.query(root)?;
    assert!(listed.is_empty());
    Ok(())
}
