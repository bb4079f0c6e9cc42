//! The statements of single records, each by its name.

use std::fmt::Write;

use landfall_domain::{
    deployment::{Facts, Source, Status},
    event::{self, Event},
    hook::{DeliveryState, Sender},
    ids::{
        DeliveryId, DeploymentId, EnvironmentId, HookSourceId, Iid, JobRowId, NamespaceId, OriginId, ProjectId,
        TokenId, UserId, WebhookId,
    },
    merge_request::{Forge, MergeRequest},
    origin::{DeploymentOrigin, Kind, Origin, Progress},
    page::Offset,
    project::{FeatureAccess, Namespace, NamespaceKind, Project, Visibility},
    token::Digest,
    webhook::{Health, Owner},
};
use landfall_store::{
    Error, Tx,
    deployments::{self, NewDeployment},
    environments, events, groups, hook_sources, inbox, jobs, members, merge_requests, mirrors, namespaces,
    observations, origins, projects, purges,
    testing::{Engine, statements},
    tokens, users,
    webhook_queue::{self, Old},
    webhooks,
};

use crate::world::{PROJECT, World, at, short};

fn everything(tx: &mut Tx<'_>) -> Result<(), Error> {
    let production = EnvironmentId(1);
    deployments::get(tx, PROJECT, DeploymentId(7))?;
    deployments::get_many(tx, &[DeploymentId(7)])?;
    deployments::last(tx, production)?;
    deployments::by_external_id(tx, PROJECT, Source::Api, "run 7")?;
    deployments::total(tx, PROJECT)?;
    deployments::newest(tx, Some(PROJECT))?;
    deployments::newest(tx, None)?;
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
    let made = deployments::get(tx, PROJECT, id)?.unwrap().deployment;
    deployments::previous(tx, &made)?;
    deployments::update(tx, &made)?;
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
    merge_requests::link(tx, PROJECT, production, DeploymentId(7), &[a_merge_request()])?;
    merge_requests::of_deployment(tx, DeploymentId(7))?;
    merge_requests::by_iid(tx, PROJECT, 1)?;
    merge_requests::successes(tx, production, DeploymentId(20_000), 500)?;
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
    let hook = WebhookId(7);
    webhooks::listeners(tx, &a_project())?;
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
    webhook_queue::in_chain(tx, "event7")?;
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
    deployments::rewrite_imported(tx, &imported)
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

fn table(engine: Engine) -> String {
    let names = statements();
    let mut table = String::new();
    let mut lines: Vec<String> = Vec::new();
    for (statement, steps) in World::new(engine).plans(everything) {
        let (name, _) = names.iter().find(|(_, sql)| *sql == statement.sql).unwrap();
        let line = format!("{name:<24} {}", short(&steps));
        if !short(&steps).is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    for line in lines {
        writeln!(table, "{line}").unwrap();
    }
    table
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line for each statement")]
fn sqlite_finds_single_records_by_index() {
    let table = table(Engine::Sqlite);
    assert!(!table.contains("SCAN"), "{table}");
    insta::assert_snapshot!(table, @"
    deployments.GET          d by rowid, e by rowid, u by rowid, j by rowid, l by rowid, r by rowid
    deployments.GET_20       d by rowid, e by rowid, u by rowid, j by rowid, l by rowid, r by rowid
    deployments.LAST         deployments_live alone
    deployments.BY_EXTERNAL_ID deployments_project_id_source_external_id, e by rowid, u by rowid, j by rowid, l by rowid, r by rowid
    deployments.TOTAL        deployment_counters by rowid
    deployments.NEWEST       deployments_project_id_id alone
    deployments.NEWEST_OF_ALL deployments by rowid
    deployments.NEXT_IID     deployment_counters by rowid
    deployments.PREVIOUS     deployments_live
    deployments.UPDATE       deployments by rowid
    deployments.REWRITE      deployments by rowid
    deployments.DELETE       deployments by rowid
    deployments.FEWER        deployment_counters by rowid
    merge_requests.UNLINK_100 deployment_merge_requests_deployment_id alone
    merge_requests.UNSET_LINKED_100 linked_deployments by rowid
    deployments.OF_ENVIRONMENT deployments_environment_id_id
    deployments.CHANGED_SINCE deployments_environment_id_id
    deployments.DELETE_100   deployments by rowid
    deployments.SERVICES     deployments_live
    origins.INSERT           deployments_origin_id alone
    origins.BY_ID            origins by rowid
    origins.FIND             origins_project_id_instance
    origins.UPDATE           origins by rowid
    deployments.BY_IID       deployments_project_id_iid alone
    deployments.KEEP_IID     deployment_counters by rowid
    deployments.OF_ORIGIN    deployments_origin_id alone
    deployments.BY_ORIGIN    deployments_origin_id, e by rowid, u by rowid, j by rowid, l by rowid, r by rowid
    deployments.REWRITE_IMPORTED deployments by rowid
    jobs.PARTS               jobs by rowid
    jobs.DELETE              jobs by rowid, deployments_job_id alone
    jobs.PARTS_100           jobs by rowid
    jobs.DELETE_100          jobs by rowid, deployments_job_id alone
    jobs.DELETE_100_PIPELINES pipelines by rowid, jobs_pipeline_id alone
    jobs.DELETE_100_RUNNERS  runners by rowid, jobs_runner_id alone
    environments.BY_ID       e by rowid
    environments.BY_NAME     environments_project_id_name
    environments.BY_SLUG     environments_project_id_slug
    environments.DUE_TO_STOP environments_auto_stop_at
    environments.DUE_TO_DELETE environments_auto_delete_at
    environments.UNCHANGED   environments_project_id_state
    environments.REVIEW_APPS environments_project_id_name, SORT
    environments.DELETE      environments by rowid, linked_deployments_environment_id alone, sqlite_autoindex_deployment_merge_requests_1 alone, deployments_environment_id_id alone
    events.AFTER             events by rowid
    events.OF_DEPLOYMENT     events_deployment_id
    events.COUNT_OF_DEPLOYMENT events_deployment_id alone
    events.REPORTS           events_deployment_id
    events.APPEND_FOR_HOOKS  webhooks_project_id, webhooks_project_id
    webhooks.LISTENERS       webhooks_project_id, webhooks_namespace_id, namespaces by rowid, n by rowid, SORT, webhooks_namespace_id
    webhooks.BY_ID           w by rowid
    webhooks.HEALTH          webhooks by rowid
    webhooks.SET_HEALTH      webhooks by rowid
    webhook_queue.DUE        webhook_queue_hook_id alone, webhook_queue_hook_id alone, w by rowid, webhook_queue_held, webhook_queue_hook_id_due_at alone
    webhook_queue.LENGTH     webhook_queue_created_at alone
    webhook_queue.TAKE       webhook_queue by rowid, webhook_queue_hook_id, webhook_queue_held
    webhook_queue.LATER      webhook_queue by rowid
    webhook_queue.DONE       webhook_queue by rowid
    webhook_queue.MESSAGE    webhook_messages by rowid
    webhook_queue.SET_BODY   webhook_messages by rowid
    webhook_queue.IN_CHAIN   webhook_messages_event_uuid alone, webhook_queue_message_id, SORT, webhook_messages_event_uuid alone, webhook_log_message_id, SORT
    webhook_queue.LOGGED     l by rowid
    webhook_queue.HAS_OLD    webhook_log_created_at alone, webhook_queue_created_at alone
    webhook_queue.PRUNE_LOG  webhook_log by rowid, webhook_log_created_at alone
    webhook_queue.PRUNE_QUEUE webhook_queue by rowid, webhook_queue_created_at alone
    webhook_queue.PRUNE_MESSAGES webhook_messages by rowid, webhook_messages_created_at alone, webhook_log_message_id alone, webhook_queue_message_id alone, webhook_log_message_id alone, webhook_queue_message_id alone
    webhooks.DELETE          webhooks by rowid
    members.LEVELS           sqlite_autoindex_members_1, group_members_user_id, sqlite_autoindex_namespace_ancestors_1 alone
    members.GROUP_LEVEL      group_members_user_id, sqlite_autoindex_namespace_ancestors_1 alone
    members.INHERITED        group_members_user_id, sqlite_autoindex_namespace_ancestors_1 alone, n by rowid, SORT
    members.OTHER_OWNERS     sqlite_autoindex_namespace_ancestors_1 alone, sqlite_autoindex_group_members_1, u by rowid
    members.REMOVE           sqlite_autoindex_members_1
    members.REMOVE_GROUP     sqlite_autoindex_group_members_1
    groups.BY_ID             n by rowid
    groups.BY_PATH           namespaces_full_path
    groups.IS_MEMBER_BELOW   namespace_ancestors_ancestor_id alone, sqlite_autoindex_group_members_1, members_user_id, p by rowid, sqlite_autoindex_namespace_ancestors_1 alone
    hook_sources.BY_ID       s by rowid
    hook_sources.OF_SENDER   hook_sources_sender
    hook_sources.OF_PROJECT  hook_sources_project_id
    inbox.NEXT_DUE           inbox_waiting alone
    inbox.LEASE              inbox by rowid, inbox_waiting alone
    inbox.BY_ID              i by rowid
    inbox.CONTENT            inbox_contents by rowid
    inbox.REPLAY             inbox by rowid
    inbox.OLD                inbox_state_processed_at alone
    inbox.DELETE_CONTENT     inbox_contents by rowid
    inbox.DELETE             inbox by rowid, inbox_contents by rowid
    observations.OF_SUBJECT  observations_project_id_subject_digest, SORT
    observations.OF_OBJECT   observations_project_id_object
    observations.OF_DEPLOYMENT observations_deployment_id
    observations.SUBJECTS_OF_RUN observations_project_id_run
    observations.SET_DEPLOYMENT observations by rowid
    observations.DELETE      observations by rowid
    mirrors.KNOWN            mirrors_key alone
    mirrors.FAILING          mirrors_failing
    mirrors.DUE              mirrors_next_at
    mirrors.TAKE             mirrors_key
    mirrors.HOLD             mirrors_key
    mirrors.GIVE_BACK        mirrors_key
    mirrors.FAILED           mirrors_key
    mirrors.RELEASE          mirrors_key
    mirrors.ASK              sqlite_autoindex_mirrors_1
    mirrors.FETCHED          mirrors_key
    mirrors.OF_PROJECT       sqlite_autoindex_mirrors_1
    mirrors.REMOVE           sqlite_autoindex_mirrors_1
    merge_requests.SET_LINKED deployments by rowid
    merge_requests.SAVE      deployment_merge_requests_merge_request_id alone
    merge_requests.OF_DEPLOYMENT deployment_merge_requests_deployment_id, m by rowid, SORT
    merge_requests.BY_IID    merge_requests_project_id_iid
    merge_requests.SUCCESSES deployments_environment_id_status, l by rowid
    namespaces.BY_ID         n by rowid
    namespaces.BY_PATH       namespaces_full_path
    projects.BY_ID           p by rowid, n by rowid
    projects.BY_PATH         projects_full_path, n by rowid
    projects.BY_REDIRECT     redirects_full_path, p by rowid, n by rowid
    projects.DEFAULT_BRANCH  projects by rowid
    projects.MARKED          projects_marked_for_deletion_at, n by rowid
    projects.DELETE_REDIRECTS redirects_project_id alone
    projects.DELETE_MEMBERS  sqlite_autoindex_members_1 alone
    projects.REVOKE_TOKENS   tokens_project_id
    hook_sources.DELETE_OF_PROJECT hook_sources_project_id
    webhooks.DELETE_OF_PROJECT webhooks_project_id alone
    projects.DELETE          projects by rowid
    purges.NEXT              u by rowid
    purges.DEPLOYMENTS       deployments_project_id_id
    purges.UNSET_LINKED      linked_deployments by rowid
    purges.DELIVERIES        inbox_project_id alone
    purges.DELETE_MERGE_REQUESTS merge_requests by rowid, merge_requests_project_id_iid alone, deployment_merge_requests_merge_request_id alone
    purges.DELETE_ENVIRONMENTS environments by rowid, environments_project_id_lower_name alone, linked_deployments_environment_id alone, sqlite_autoindex_deployment_merge_requests_1 alone, deployments_environment_id_id alone
    purges.DELETE_OBSERVATIONS observations by rowid, observations_project_id_subject_digest alone
    purges.DELETE_ORIGINS    origins by rowid, origins_project_id_instance alone, deployments_origin_id alone
    purges.DONE              purges by rowid
    groups.MARKED            namespaces_marked_for_deletion_at
    tokens.BY_DIGEST         tokens_digest, u by rowid
    tokens.BY_ID             t by rowid
    tokens.OF_USER           tokens_user_id
    tokens.TOUCH             tokens by rowid
    users.BY_ID              u by rowid
    users.BY_EMAIL           users_email
    users.BY_PUBLIC_EMAIL    users_public_email
    users.BY_USERNAME        users_username
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line for each statement")]
fn postgresql_finds_single_records_by_index() {
    let table = table(Engine::Postgres);
    insta::assert_snapshot!(table, @"
    deployments.GET          deployments_pkey, environments_pkey, users_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    deployments.GET_20       deployments_pkey, environments_pkey, users_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    deployments.LAST         deployments_live alone
    deployments.BY_EXTERNAL_ID deployments_project_id_source_external_id, environments_pkey, users_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    deployments.TOTAL        deployment_counters_pkey
    deployments.NEWEST       deployments_project_id_id alone
    deployments.NEWEST_OF_ALL deployments_pkey alone
    deployments.NEXT_IID     deployment_counters_pkey
    deployments.PREVIOUS     deployments_live
    deployments.UPDATE       deployments_pkey
    deployments.REWRITE      deployments_pkey
    deployments.DELETE       deployments_pkey
    deployments.FEWER        deployment_counters_pkey
    merge_requests.UNLINK_100 deployment_merge_requests_deployment_id
    merge_requests.UNSET_LINKED_100 linked_deployments_pkey
    deployments.OF_ENVIRONMENT deployments_environment_id_id
    deployments.CHANGED_SINCE deployments_environment_id_id
    deployments.DELETE_100   deployments_pkey
    deployments.SERVICES     deployments_live
    origins.BY_ID            origins_pkey
    origins.FIND             origins_project_id_instance
    origins.UPDATE           origins_pkey
    deployments.BY_IID       deployments_project_id_iid alone
    deployments.KEEP_IID     deployment_counters_pkey
    deployments.OF_ORIGIN    deployments_origin_id alone
    deployments.BY_ORIGIN    deployments_origin_id, environments_pkey, users_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    deployments.REWRITE_IMPORTED deployments_pkey
    jobs.PARTS               jobs_pkey
    jobs.DELETE              jobs_pkey
    jobs.PARTS_100           jobs_pkey
    jobs.DELETE_100          jobs_pkey
    jobs.DELETE_100_PIPELINES pipelines_pkey
    jobs.DELETE_100_RUNNERS  runners_pkey
    environments.BY_ID       environments_project_id_id
    environments.BY_NAME     environments_project_id_name
    environments.BY_SLUG     environments_project_id_slug
    environments.DUE_TO_STOP environments_auto_stop_at
    environments.DUE_TO_DELETE environments_auto_delete_at
    environments.UNCHANGED   environments_project_id_id
    environments.REVIEW_APPS SORT, environments_project_id_state
    environments.DELETE      environments_pkey
    events.AFTER             events_pkey
    events.OF_DEPLOYMENT     events_deployment_id
    events.COUNT_OF_DEPLOYMENT events_deployment_id alone
    events.REPORTS           events_deployment_id
    events.APPEND_FOR_HOOKS  webhooks_project_id, webhooks_project_id
    webhooks.LISTENERS       SORT, webhooks_project_id, webhooks_namespace_id, namespaces_pkey, namespaces_pkey, webhooks_namespace_id
    webhooks.BY_ID           webhooks_pkey
    webhooks.HEALTH          webhooks_pkey
    webhooks.SET_HEALTH      webhooks_pkey
    webhook_queue.DUE        webhook_queue_hook_id_due_at alone, webhooks_pkey, webhook_queue_hook_id_due_at alone, webhook_queue_held alone
    webhook_queue.LENGTH     webhook_queue_message_id alone
    webhook_queue.TAKE       webhook_queue_held alone, webhook_queue_hook_id, webhook_queue_pkey
    webhook_queue.LATER      webhook_queue_held
    webhook_queue.DONE       webhook_queue_pkey
    webhook_queue.MESSAGE    webhook_messages_pkey
    webhook_queue.SET_BODY   webhook_messages_pkey
    webhook_queue.IN_CHAIN   SORT, webhook_messages_event_uuid, webhook_queue_message_id, webhook_messages_event_uuid, webhook_log_message_id
    webhook_queue.LOGGED     webhook_log_pkey
    webhook_queue.HAS_OLD    webhook_log_created_at alone, webhook_queue_created_at alone
    webhook_queue.PRUNE_LOG  webhook_log_created_at alone, webhook_log_pkey
    webhook_queue.PRUNE_QUEUE webhook_queue_created_at alone, webhook_queue_pkey
    webhook_queue.PRUNE_MESSAGES SORT, webhook_messages_created_at alone, webhook_log_message_id alone, webhook_queue_message_id alone, webhook_messages_pkey
    webhooks.DELETE          webhooks_pkey
    members.LEVELS           members_pkey, namespace_ancestors_pkey alone, group_members_pkey
    members.GROUP_LEVEL      namespace_ancestors_pkey alone, group_members_pkey
    members.INHERITED        SORT, namespace_ancestors_pkey alone, namespaces_pkey, group_members_pkey
    members.OTHER_OWNERS     SORT, namespace_ancestors_pkey alone, group_members_pkey, users_pkey
    members.REMOVE           members_pkey
    members.REMOVE_GROUP     group_members_pkey
    groups.BY_ID             namespaces_pkey
    groups.BY_PATH           namespaces_full_path
    groups.IS_MEMBER_BELOW   namespace_ancestors_ancestor_id alone, SORT, group_members_user_id, projects_pkey, SORT, members_user_id, namespace_ancestors_ancestor_id alone
    hook_sources.BY_ID       hook_sources_pkey
    hook_sources.OF_SENDER   hook_sources_sender
    hook_sources.OF_PROJECT  hook_sources_project_id
    inbox.NEXT_DUE           inbox_waiting alone
    inbox.LEASE              inbox_waiting alone, inbox_pkey
    inbox.BY_ID              inbox_pkey
    inbox.CONTENT            inbox_contents_pkey
    inbox.REPLAY             inbox_pkey
    inbox.OLD                inbox_state_processed_at alone
    inbox.DELETE_CONTENT     inbox_contents_pkey
    inbox.DELETE             inbox_pkey
    observations.OF_SUBJECT  SORT, observations_project_id_subject_digest
    observations.OF_OBJECT   SORT, observations_project_id_object
    observations.OF_DEPLOYMENT SORT, observations_deployment_id
    observations.SUBJECTS_OF_RUN observations_project_id_run
    observations.SET_DEPLOYMENT observations_pkey
    observations.DELETE      observations_pkey
    mirrors.KNOWN            mirrors_key alone
    mirrors.FAILING          mirrors_failing
    mirrors.DUE              mirrors_next_at
    mirrors.TAKE             mirrors_key
    mirrors.HOLD             mirrors_key
    mirrors.GIVE_BACK        mirrors_key
    mirrors.FAILED           mirrors_key
    mirrors.RELEASE          mirrors_key
    mirrors.ASK              mirrors_pkey
    mirrors.FETCHED          mirrors_key
    mirrors.OF_PROJECT       mirrors_pkey
    mirrors.REMOVE           mirrors_pkey
    merge_requests.SET_LINKED deployments_pkey
    merge_requests.OF_DEPLOYMENT SORT, deployment_merge_requests_deployment_id, merge_requests_pkey
    merge_requests.BY_IID    merge_requests_project_id_iid
    merge_requests.SUCCESSES deployments_pkey, SORT, linked_deployments_pkey alone
    namespaces.BY_ID         namespaces_pkey
    namespaces.BY_PATH       namespaces_full_path
    projects.BY_ID           projects_pkey, namespaces_pkey
    projects.BY_PATH         projects_full_path, namespaces_pkey
    projects.BY_REDIRECT     redirects_full_path, projects_pkey, namespaces_pkey
    projects.DEFAULT_BRANCH  projects_pkey
    projects.MARKED          SORT, projects_marked_for_deletion_at, namespaces_pkey
    projects.DELETE_REDIRECTS redirects_project_id
    projects.DELETE_MEMBERS  members_pkey
    projects.REVOKE_TOKENS   tokens_project_id
    hook_sources.DELETE_OF_PROJECT hook_sources_project_id
    webhooks.DELETE_OF_PROJECT webhooks_project_id
    projects.DELETE          projects_pkey
    purges.NEXT              purges_pkey alone
    purges.DEPLOYMENTS       deployments_project_id_id
    purges.UNSET_LINKED      linked_deployments_pkey
    purges.DELIVERIES        inbox_project_id alone
    purges.DELETE_MERGE_REQUESTS merge_requests_project_id_iid, merge_requests_pkey
    purges.DELETE_ENVIRONMENTS environments_project_id_lower_name alone, environments_pkey
    purges.DELETE_OBSERVATIONS observations_project_id_subject_digest, observations_pkey
    purges.DELETE_ORIGINS    origins_project_id_instance, origins_pkey
    purges.DONE              purges_pkey
    groups.MARKED            SORT, namespaces_marked_for_deletion_at
    tokens.BY_DIGEST         tokens_digest, users_pkey
    tokens.BY_ID             tokens_pkey
    tokens.OF_USER           SORT, tokens_user_id
    tokens.TOUCH             tokens_pkey
    users.BY_ID              users_pkey
    users.BY_EMAIL           users_email
    users.BY_PUBLIC_EMAIL    SORT, users_public_email
    users.BY_USERNAME        users_username
    ");
}
