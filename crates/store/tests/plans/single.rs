//! The statements of single records, each by its name.

use std::fmt::Write;

use landfall_store::testing::{Engine, postgres_statements, statements};

use crate::{
    statements::everything,
    world::{World, short},
};

fn table(engine: Engine) -> String {
    let names = [statements(), postgres_statements()].concat();
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
    changes.POSITION         changes by rowid, deployments by rowid
    changes.OLDEST           changes by rowid
    changes.TRIM             changes by rowid, c by rowid
    deployments.GET          d by rowid, e by rowid, u by rowid, j by rowid, l by rowid, r by rowid
    deployments.WITH_JOB     d by rowid, j by rowid, l by rowid, r by rowid
    deployments.GET_20       d by rowid, e by rowid, u by rowid, j by rowid, l by rowid, r by rowid
    deployments.WITH_JOBS_20 d by rowid, j by rowid, l by rowid, r by rowid
    deployments.LAST         deployments_live alone
    deployments.BY_EXTERNAL_ID deployments_project_id_source_external_id, e by rowid, u by rowid, j by rowid, l by rowid, r by rowid
    deployments.TOTAL        deployment_counters by rowid
    deployments.NEWEST       deployments_project_id_id alone
    deployments.NEWEST_OF_GROUP projects_namespace_id alone, namespace_ancestors_ancestor_id alone, deployments_project_id_id alone, SORT
    deployments.NEWEST_OF_ALL deployments by rowid
    deployments.NEXT_IID     deployment_counters by rowid
    changes.SINCE            changes by rowid
    changes.NEW_DEPLOYMENTS  deployments by rowid
    deployments.NEXT_IIDS    deployment_counters by rowid
    deployment_list.COMPLETE c by rowid, deployments_project_id_iid alone
    deployment_list.UP_FROM  deployments_project_id_iid alone
    deployment_list.DOWN_FROM deployments_project_id_iid alone
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
    projects.REQUIRE         p by rowid
    origins.INSERT           deployments_origin_id alone
    origins.BY_ID            origins by rowid
    origins.FIND             origins_project_id_instance
    origins.UPDATE           origins by rowid
    deployments.BY_IID       deployments_project_id_iid alone
    deployments.KEEP_IID     deployment_counters by rowid
    deployments.OF_ORIGIN    deployments_origin_id alone
    deployments.BY_ORIGIN    deployments_origin_id, e by rowid, u by rowid, j by rowid, l by rowid, r by rowid
    jobs.PARTS               jobs by rowid
    jobs.DELETE              jobs by rowid, deployments_job_id alone
    jobs.PARTS_100           jobs by rowid
    jobs.DELETE_100          jobs by rowid, deployments_job_id alone
    jobs.DELETE_100_PIPELINES pipelines by rowid
    jobs.DELETE_100_RUNNERS  runners by rowid
    environments.BY_ID       e by rowid
    environments.BY_IDS      e by rowid
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
    events.APPEND_FOR_HOOKS  webhooks_project_id, p by rowid, sqlite_autoindex_namespace_ancestors_1 alone, webhooks_namespace_id, webhooks_of_instance
    events.LISTENERS         webhooks_project_id, p by rowid, sqlite_autoindex_namespace_ancestors_1 alone, webhooks_namespace_id, webhooks_of_instance
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
    webhook_queue.IN_CHAIN   webhook_messages_event_uuid, webhook_queue_message_id, SORT, webhook_messages_event_uuid, webhook_log_message_id, SORT
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
    merge_requests.SAVE      deployment_merge_requests_merge_request_id alone
    merge_requests.LINK      d by rowid, l by rowid
    merge_requests.SET_LINKED deployments by rowid
    merge_requests.OF_DEPLOYMENT deployment_merge_requests_deployment_id, m by rowid, SORT
    merge_requests.BY_IID    merge_requests_project_id_iid
    merge_requests.NEWEST_LINKED linked_deployments_environment_id alone, d by rowid
    merge_requests.SUCCESSES deployments_environment_id_id
    namespaces.BY_ID         n by rowid
    namespaces.BY_PATH       namespaces_full_path
    projects.BY_ID           p by rowid, n by rowid
    projects.BY_PATH         projects_full_path, n by rowid
    projects.BY_REDIRECT     redirects_full_path, p by rowid, n by rowid
    projects.DEFAULT_BRANCH  projects by rowid
    projects.MARKED          projects_marked_for_deletion_at, n by rowid
    projects.DELETE_REDIRECTS redirects_project_id alone
    projects.DELETE_MEMBERS  sqlite_autoindex_members_1 alone
    projects.REVOKE_TOKENS   tokens_project_id alone
    projects.DELETE_COUNTER  deployment_counters by rowid
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
    changes.POSITION         changes_pkey alone, deployments_pkey alone
    changes.OLDEST           changes_pkey alone
    changes.TRIM             changes_pkey, changes_pkey alone
    deployments.GET          deployments_pkey, environments_pkey, users_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    deployments.WITH_JOB     deployments_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    deployments.GET_20       deployments_pkey, jobs_pkey, pipelines_pkey, runners_pkey, environments_pkey, users_pkey
    deployments.WITH_JOBS_20 deployments_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    deployments.LAST         deployments_live alone
    deployments.BY_EXTERNAL_ID deployments_project_id_source_external_id, environments_pkey, users_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    deployments.TOTAL        deployment_counters_pkey
    deployments.NEWEST       deployments_project_id_id alone
    deployments.NEWEST_OF_GROUP SORT, namespace_ancestors_ancestor_id alone, projects_namespace_id, deployments_project_id_id alone
    deployments.NEWEST_OF_ALL deployments_pkey alone
    deployments.NEXT_IID     deployment_counters_pkey
    changes.NEWS             changes_pkey alone, deployments_pkey alone, changes_pkey, deployments_pkey
    creates.LOOK_UP          changes_pkey alone, environments_project_id_name, users_pkey, webhooks_project_id, projects_pkey, namespace_ancestors_pkey alone, webhooks_namespace_id, webhooks_of_instance, changes_pkey, deployment_counters_pkey
    deployments.LAST_IID     deployment_counters_pkey
    deployments.INSERT_MANY_OF_ONE deployment_counters_pkey, SORT
    deployments.INSERT_MANY  deployment_counters_pkey, SORT
    deployment_list.COMPLETE deployment_counters_pkey, deployments_project_id_iid alone
    deployment_list.UP_FROM  deployments_project_id_iid alone
    deployment_list.DOWN_FROM deployments_project_id_iid alone
    deployments.PREVIOUS     deployments_live
    deployments.UPDATE       deployments_pkey
    deployments.UPDATE_MANY  deployments_pkey
    deployments.REWRITE      deployments_pkey
    deployments.DELETE       deployments_pkey
    deployments.FEWER        deployment_counters_pkey
    merge_requests.UNLINK_100 deployment_merge_requests_deployment_id
    merge_requests.UNSET_LINKED_100 linked_deployments_pkey
    deployments.OF_ENVIRONMENT deployments_environment_id_id
    deployments.CHANGED_SINCE deployments_environment_id_id
    deployments.DELETE_100   deployments_pkey
    deployments.SERVICES     deployments_live
    projects.REQUIRE         projects_pkey
    origins.BY_ID            origins_pkey
    origins.FIND             origins_project_id_instance
    origins.UPDATE           origins_pkey
    deployments.BY_IID       deployments_project_id_iid alone
    deployments.KEEP_IID     deployment_counters_pkey
    deployments.OF_ORIGIN    deployments_origin_id alone
    deployments.BY_ORIGIN    deployments_origin_id, environments_pkey, users_pkey, jobs_pkey, pipelines_pkey, runners_pkey
    jobs.PARTS               jobs_pkey
    jobs.DELETE              jobs_pkey
    jobs.PARTS_100           jobs_pkey
    jobs.DELETE_100          jobs_pkey
    jobs.DELETE_100_PIPELINES pipelines_pkey
    jobs.DELETE_100_RUNNERS  runners_pkey
    environments.BY_ID       environments_project_id_id
    environments.BY_IDS      environments_pkey
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
    events.APPEND_FOR_HOOKS  webhooks_project_id, projects_pkey, namespace_ancestors_pkey alone, webhooks_namespace_id, webhooks_of_instance
    events.LISTENERS         webhooks_project_id, projects_pkey, namespace_ancestors_pkey alone, webhooks_namespace_id, webhooks_of_instance
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
    merge_requests.LINK      deployments_pkey, linked_deployments_pkey alone
    merge_requests.SET_LINKED deployments_pkey
    merge_requests.OF_DEPLOYMENT SORT, deployment_merge_requests_deployment_id, merge_requests_pkey
    merge_requests.BY_IID    merge_requests_project_id_iid
    merge_requests.NEWEST_LINKED linked_deployments_environment_id alone, deployments_pkey
    merge_requests.SUCCESSES deployments_environment_id_id
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
    projects.DELETE_COUNTER  deployment_counters_pkey
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
