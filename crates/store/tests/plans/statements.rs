//! Calls of everything that finds single records.

use landfall_domain::{
    deployment::{DeploymentQuery, Facts, Source, Status},
    event::{self, Event},
    hook::{DeliveryState, Sender},
    ids::{
        DeliveryId, DeploymentId, EnvironmentId, HookSourceId, Iid, JobRowId, NamespaceId, OriginId, ProjectId,
        TokenId, UserId, WebhookId,
    },
    merge_request::{Forge, MergeRequest},
    origin::{DeploymentOrigin, Kind, Origin, Progress},
    page::{Offset, Sort},
    project::{FeatureAccess, Namespace, NamespaceKind, Project, Visibility},
    token::Digest,
    webhook::{Health, Owner},
};
use landfall_store::{
    Error, Tx, changes,
    creates::{self, Wanted},
    deployment_list::{self, Part},
    deployments::{self, LastIids, NewDeployment},
    environments, events, groups, hook_sources, inbox, jobs, members, merge_requests, mirrors, namespaces,
    observations, origins, projects, purges, tokens, users,
    webhook_queue::{self, Old},
    webhooks,
};

use crate::world::{PROJECT, at};

fn far_pages(tx: &mut Tx<'_>) -> Result<(), Error> {
    for sort in [Sort::Asc, Sort::Desc] {
        let query = DeploymentQuery {
            sort,
            ..DeploymentQuery::default()
        };
        let part = Part::Page(Offset {
            page: 500,
            per_page: 20,
        });
        deployment_list::ids(tx, PROJECT, &query, part)?;
    }
    Ok(())
}

fn create_together(tx: &mut Tx<'_>, new: &NewDeployment) -> Result<(), Error> {
    let wanted = Wanted {
        project: PROJECT,
        environment: "production",
        user: UserId(1),
    };
    creates::look_up(tx, &[wanted], None, &mut LastIids::default())?;
    let event = |_: Iid| Event {
        kind: event::Kind::DeploymentCreated,
        project_id: Some(PROJECT),
        deployment_id: None,
        environment_id: Some(new.environment_id),
        actor_id: None,
        data: "{}".to_owned(),
        at: at(1),
    };
    let elsewhere = NewDeployment {
        project_id: ProjectId(3),
        ..new.clone()
    };
    for second in [new, &elsewhere] {
        let all = vec![(new.clone(), event), (second.clone(), event)];
        deployments::insert_many(tx, &mut LastIids::default(), all)?;
    }
    Ok(())
}

fn some_deployments(tx: &mut Tx<'_>) -> Result<(), Error> {
    for ids in [&[DeploymentId(7)][..], &[DeploymentId(7), DeploymentId(8)]] {
        deployments::get_many(tx, ids)?;
        deployments::map_many(tx, ids, |_, _| ())?;
    }
    Ok(())
}

/// Calls it all, for the statements that it runs.
pub(crate) fn everything(tx: &mut Tx<'_>) -> Result<(), Error> {
    let production = EnvironmentId(1);
    let state = changes::position(tx)?;
    changes::is_long(tx, 100)?;
    changes::trim(tx, 100, 100)?;
    deployments::get(tx, PROJECT, DeploymentId(7))?;
    some_deployments(tx)?;
    deployments::last(tx, production)?;
    deployments::by_external_id(tx, PROJECT, Source::Api, "run 7")?;
    deployments::total(tx, PROJECT)?;
    for of in [Owner::Project(PROJECT), Owner::Group(NamespaceId(1)), Owner::Instance] {
        deployments::newest(tx, of)?;
    }
    let new = NewDeployment {
        project_id: PROJECT,
        environment_id: production,
        user_id: None,
        job_id: None,
        git_ref: "main".to_owned(),
        tag: false,
        sha: "a91957a".to_owned(),
        commit: None,
        status: Status::Created,
        source: Source::Api,
        external_id: None,
        facts: Facts::default(),
        owned_by_gitlab: false,
        created_at: at(1),
        updated_at: at(1),
        finished_at: None,
    };
    let (id, _) = deployments::insert(tx, &new)?;
    changes::news(tx, Some(state))?;
    create_together(tx, &new)?;
    far_pages(tx)?;
    let made = deployments::get(tx, PROJECT, id)?.unwrap().deployment;
    deployments::previous(tx, &made)?;
    deployments::update(tx, &made)?;
    deployments::update_many(tx, &[&made, &made])?;
    deployments::rewrite(tx, &made)?;
    deployments::delete(tx, &made)?;
    deployments::of_environment(tx, production, 200)?;
    deployments::changed_since(tx, production, at(1), i64::MAX)?;
    deployments::delete_many(tx, PROJECT, std::slice::from_ref(&made))?;
    deployments::services(tx, production, 1000)?;
    import(tx, &new)?;
    jobs::delete(tx, JobRowId(1))?;
    jobs::delete_many(tx, &[JobRowId(1)])?;
    environments::by_id(tx, PROJECT, production)?;
    environments::by_ids(tx, &[production])?;
    environments::by_name(tx, PROJECT, "production")?;
    environments::by_slug(tx, PROJECT, "slug1")?;
    environments::due_to_stop(tx, at(1), 100)?;
    environments::due_to_delete(tx, at(1), 100)?;
    environments::unchanged_since(tx, PROJECT, at(1), EnvironmentId(7), 100)?;
    environments::review_apps(tx, PROJECT, at(1), 100)?;
    environments::delete(tx, EnvironmentId(1999))?;
    events::after(tx, 1000, 100)?;
    events::of_deployment(tx, id, Offset { page: 1, per_page: 20 })?;
    events::count_of_deployment(tx, id, 10_001)?;
    events::reports(tx, id)?;
    webhook_statements(tx)?;
    let today = at(1).date();
    members::levels(tx, &a_project(), UserId(1), today)?;
    members::group_level(tx, NamespaceId(1), UserId(1), today)?;
    members::inherited(tx, PROJECT.into(), NamespaceId(1), UserId(1), today)?;
    members::has_other_owner(tx, NamespaceId(1), UserId(1), today)?;
    members::remove(tx, PROJECT.into(), UserId(1))?;
    members::remove(tx, NamespaceId(1).into(), UserId(1))?;
    groups::by_id(tx, NamespaceId(1))?;
    groups::by_path(tx, "g1")?;
    groups::is_member_below(tx, NamespaceId(1), UserId(1), today)?;
    hooks(tx)?;
    mirrors(tx)?;
    merge_requests::link(tx, PROJECT, DeploymentId(7), &a_merge_request())?;
    merge_requests::set_linked(tx, DeploymentId(7))?;
    merge_requests::of_deployment(tx, DeploymentId(7))?;
    merge_requests::by_iid(tx, PROJECT, 1)?;
    merge_requests::newest_linked(tx, production, DeploymentId(20_000))?;
    merge_requests::successes(tx, production, (DeploymentId(1), DeploymentId(20_000)), 100)?;
    namespaces::by_id(tx, NamespaceId(1))?;
    namespaces::by_path(tx, "g1")?;
    projects::by_id(tx, ProjectId(1))?;
    projects::by_path(tx, "g1/p")?;
    projects::by_redirect(tx, "old1")?;
    projects::set_default_branch(tx, ProjectId(1), "main")?;
    projects::marked(tx, at(1))?;
    projects::delete(tx, ProjectId(7), at(1))?;
    purges::next(tx)?;
    purges::step(tx, ProjectId(2), 10)?;
    while !purges::step(tx, ProjectId(7), 10)? {}
    groups::marked(tx, at(1))?;
    tokens::by_digest(tx, &Digest::of("secret"))?;
    tokens::by_id(tx, TokenId(1))?;
    tokens::of_user(tx, UserId(1))?;
    tokens::touch(tx, TokenId(1), at(1))?;
    users::by_id(tx, UserId(1))?;
    users::by_email(tx, "bot@example.com")?;
    users::by_public_email(tx, "ada@example.com")?;
    users::by_username(tx, "bot").map(drop)
}

fn mirrors(tx: &mut Tx<'_>) -> Result<(), Error> {
    mirrors::set(tx, ProjectId(6), "key", "https://git.example/app.git", false, at(1))?;
    mirrors::is_known(tx, "key")?;
    mirrors::failing(tx, ProjectId(0), 100)?;
    for mirror in mirrors::due(tx, at(1), 1000)? {
        mirrors::take(tx, &mirror, "node", at(1), at(2))?;
        mirrors::hold(tx, &mirror.key, "node", at(3))?;
        mirrors::give_back(tx, &mirror, "node")?;
    }
    mirrors::failed(tx, "key", "node", "It is gone", at(4))?;
    mirrors::ask(tx, ProjectId(6), at(3))?;
    mirrors::fetched(tx, "key", "node", at(4), "digest", at(5))?;
    mirrors::of_project(tx, ProjectId(6))?;
    mirrors::remove(tx, ProjectId(6))
}

fn webhook_statements(tx: &mut Tx<'_>) -> Result<(), Error> {
    let event = Event {
        kind: event::Kind::DeploymentCreated,
        project_id: Some(PROJECT),
        deployment_id: None,
        environment_id: None,
        actor_id: None,
        data: String::new(),
        at: at(1),
    };
    events::append_for_hooks(tx, &event)?;
    events::append_many(tx, &[event.clone(), event.clone()])?;
    events::listeners(tx, PROJECT)?;
    let hook = WebhookId(7);
    webhooks::get(tx, Owner::Project(PROJECT), hook)?;
    webhooks::health(tx, hook)?;
    webhooks::set_health(tx, hook, Health::GOOD)?;
    webhook_queue::is_due(tx, at(1))?;
    webhook_queue::length(tx, 10)?;
    webhook_queue::take(tx, hook, "node", at(1), at(2))?;
    webhook_queue::later(tx, 7, "node", at(1))?;
    webhook_queue::done(tx, 7)?;
    webhook_queue::message(tx, 7)?;
    webhook_queue::set_body(tx, 7, "{}")?;
    webhook_queue::in_chain(tx, "event7", at(1))?;
    webhook_queue::logged(tx, hook, 7)?;
    let old = Old {
        log: at(1),
        queue: at(1),
    };
    webhook_queue::has_old(tx, old)?;
    webhook_queue::prune(tx, old, 10)?;
    webhooks::delete(tx, hook)
}

fn hooks(tx: &mut Tx<'_>) -> Result<(), Error> {
    hook_sources::by_id(tx, HookSourceId(1))?;
    hook_sources::of_sender(tx, Sender::Github)?;
    hook_sources::of_project(tx, PROJECT)?;
    inbox::next_due(tx)?;
    inbox::lease(tx, at(1), at(2), 4)?;
    inbox::by_id(tx, DeliveryId(1))?;
    inbox::content(tx, DeliveryId(1))?;
    inbox::replay(tx, DeliveryId(1), at(1))?;
    inbox::old(tx, DeliveryState::Done, at(1), 50)?;
    inbox::forget(tx, DeliveryId(1))?;
    observations::of_subject(tx, PROJECT, "job 1")?;
    observations::of_object(tx, PROJECT, "app")?;
    observations::of_deployment(tx, DeploymentId(7))?;
    observations::subjects_of_run(tx, PROJECT, "run 1")?;
    observations::set_deployment(tx, 1, DeploymentId(7))?;
    observations::delete(tx, 1)
}

fn import(tx: &mut Tx<'_>, new: &NewDeployment) -> Result<(), Error> {
    let origin = Origin {
        id: OriginId(0),
        project_id: PROJECT,
        kind: Kind::Gitlab,
        instance: "gitlab.example.com".to_owned(),
        external_project_id: 77,
        progress: Progress::default(),
        created_at: at(1),
    };
    let id = origins::insert(tx, &origin)?;
    origins::by_id(tx, id)?;
    origins::find(tx, PROJECT, Kind::Gitlab, "gitlab.example.com", 77)?;
    origins::advance(tx, id, &Progress::default())?;
    let origin = DeploymentOrigin {
        origin_id: id,
        id: 9,
        url: None,
    };
    deployments::insert_imported(tx, new, Some(Iid(1_000_000)), &origin)?;
    deployments::count_of_origin(tx, id, 9)?;
    let imported = deployments::by_origin(tx, id, 9)?.unwrap().deployment;
    deployments::rewrite(tx, &imported)
}

fn a_merge_request() -> MergeRequest {
    MergeRequest {
        id: None,
        forge: Forge::GitLab,
        iid: 1,
        title: None,
        source_branch: None,
        target_branch: None,
        merged_at: None,
        author: None,
        merged_by: None,
        head: None,
        merge_commit: None,
        squash_commit: None,
    }
}

/// A project in a group; the statement only looks at its id.
fn a_project() -> Project {
    Project {
        id: PROJECT,
        namespace: Namespace {
            id: NamespaceId(1),
            kind: NamespaceKind::Group,
            name: String::new(),
            path: String::new(),
            full_path: String::new(),
            full_name: String::new(),
            parent_id: None,
            owner_id: None,
        },
        creator_id: None,
        name: String::new(),
        path: String::new(),
        description: None,
        visibility: Visibility::Private,
        default_branch: None,
        repository: None,
        forge_url: None,
        archived: false,
        repository_access: FeatureAccess::Enabled,
        builds_access: FeatureAccess::Enabled,
        environments_access: FeatureAccess::Enabled,
        created_at: at(1),
        updated_at: at(1),
        marked_for_deletion_at: None,
    }
}
