//! What telling webhooks costs: the statements that are run for it, which cannot be seen from the outside.

use landfall_domain::{
    deployment::Status,
    ids::{EnvironmentId, NamespaceId, ProjectId, UserId},
    project::Visibility,
    webhook::{BranchFilter, Health, Hidden, Owner, Trigger, Triggers, Webhook},
};
use landfall_store::{
    Store,
    deployments::NewDeployment,
    environments,
    testing::{Engine, TestDatabase, record},
    webhooks,
};

use super::*;
use crate::ops::{
    create_deployment::append,
    create_project::{CreateProject, Features, Place, create_project},
    environment,
};

const NOW: Timestamp = Timestamp(1_767_323_045_000_000);
const PROJECT: ProjectId = ProjectId(1);

/// A project (1) in the group `top/middle` (1 and 2) with an environment, and one elsewhere (2, in 3).
fn fill(tx: &mut Tx<'_>) -> Result<(), Refusal> {
    for group in ["top/middle", "elsewhere"] {
        let project = CreateProject {
            namespace: Place::Below(group.to_owned()),
            path: "app".to_owned(),
            name: None,
            description: None,
            visibility: Visibility::Private,
            default_branch: None,
            repository: None,
            with_credentials: false,
            forge_url: None,
            features: Features::default(),
            creator_id: None,
            now: NOW,
        };
        create_project(tx, &project)?;
    }
    environments::insert(tx, &environment::blank(PROJECT, "qa", NOW))?;
    Ok(())
}

fn hook(owner: Owner, trigger: Trigger, failures: i64) -> Webhook {
    Webhook {
        id: WebhookId(0),
        owner,
        url: Hidden::new("https://receiver.example".to_owned()),
        name: None,
        description: None,
        token: None,
        signing_secret: None,
        ssl_verification: true,
        triggers: [trigger].into_iter().collect::<Triggers>(),
        push_events_branch_filter: None,
        branch_filter_strategy: BranchFilter::Wildcard,
        custom_webhook_template: None,
        custom_headers: Vec::new(),
        url_variables: Vec::new(),
        health: Health {
            failures,
            paused_until: None,
        },
        created_at: NOW,
    }
}

/// How many statements it takes to note that a deployment was recorded, and to tell of it.
async fn statements(store: &Store) -> usize {
    let work = |tx: &mut Tx<'_>| -> Result<usize, Refusal> {
        let new = NewDeployment {
            project_id: PROJECT,
            environment_id: EnvironmentId(1),
            user_id: None,
            job_id: None,
            git_ref: "main".to_owned(),
            tag: false,
            sha: "a91957a858320c0e17f3a0eca7cfacbff50ea29a".to_owned(),
            commit: None,
            status: Status::Success,
            source: Source::Api,
            external_id: None,
            facts: landfall_domain::deployment::Facts::default(),
            owned_by_gitlab: false,
            created_at: NOW,
            updated_at: NOW,
            finished_at: Some(NOW),
        };
        let (id, _) = deployments::insert(tx, &new)?;
        let created = deployments::get(tx, PROJECT, id)?.ok_or(Refusal::NotFound)?;
        let by = By {
            user: Some(UserId(1)),
            now: NOW,
            chain: None,
        };
        let (told, statements) = record(|| append(tx, &created, by));
        told.map(|()| statements.len())
    };
    store.write(work).await.unwrap()
}

#[tokio::test]
async fn where_nobody_listens_nothing_is_asked_and_where_somebody_does_only_who() {
    for engine in Engine::ALL {
        let database = TestDatabase::new(engine);
        let store = database.open();
        store.write(fill).await.unwrap();
        assert_eq!(statements(&store).await, 1, "the event itself");
        let add = async |owner, trigger, failures| {
            let hook = hook(owner, trigger, failures);
            store.write(move |tx| webhooks::insert(tx, &hook)).await.unwrap();
            statements(&store).await
        };
        let deaf = [
            (Owner::Project(ProjectId(2)), Trigger::Deployment, 0),
            (Owner::Group(NamespaceId(3)), Trigger::Deployment, 0),
            (Owner::Project(PROJECT), Trigger::Push, 0),
            (Owner::Group(NamespaceId(1)), Trigger::Push, 0),
            (Owner::Instance, Trigger::Push, 0),
            (Owner::Instance, Trigger::Deployment, Health::FATAL),
        ];
        for (owner, trigger, failures) in deaf {
            assert_eq!(add(owner, trigger, failures).await, 1, "{owner:?} {trigger:?}");
        }
        // The project, what was deployed before, the message, and a delivery for each hook.
        for (number, owner) in [Owner::Project(PROJECT), Owner::Group(NamespaceId(1)), Owner::Instance]
            .into_iter()
            .enumerate()
        {
            assert_eq!(add(owner, Trigger::Deployment, 0).await, 5 + number, "{owner:?}");
        }
    }
}
