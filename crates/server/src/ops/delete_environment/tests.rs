//! What happens between the steps of a deletion, which cannot be told apart from the outside.

use landfall_domain::{
    deployment::{Source, Status},
    environment::AutoStopSetting,
    project::Visibility,
};
use landfall_store::{
    Store,
    deployments::NewDeployment,
    testing::{Engine, TestDatabase},
};

use super::*;
use crate::ops::create_project::{CreateProject, Features, Place, create_project};

const NOW: Timestamp = Timestamp(1_767_323_045_000_000);
const PROJECT: ProjectId = ProjectId(1);
const ENVIRONMENT: EnvironmentId = EnvironmentId(1);
const WANTED: DeleteEnvironment = DeleteEnvironment {
    project_id: PROJECT,
    id: ENVIRONMENT,
    user_id: UserId(1),
    unmodified_since: None,
    now: NOW,
};

/// A stopped environment with one deployment more than a step deletes.
fn fill(tx: &mut Tx<'_>) -> Result<(), Refusal> {
    let project = CreateProject {
        namespace: Place::Below("group".to_owned()),
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
    let mut new = environment::blank(PROJECT, "qa", NOW);
    new.auto_stop_setting = AutoStopSetting::WithAction;
    new.state = State::Stopped;
    environments::insert(tx, &new)?;
    for _ in 0..=STEP {
        let new = NewDeployment {
            project_id: PROJECT,
            environment_id: ENVIRONMENT,
            user_id: None,
            job_id: None,
            git_ref: "main".to_owned(),
            tag: false,
            sha: "a91957a858320c0e17f3a0eca7cfacbff50ea29a".to_owned(),
            commit: None,
            status: Status::Failed,
            source: Source::Api,
            external_id: None,
            facts: landfall_domain::deployment::Facts::default(),
            owned_by_gitlab: false,
            created_at: NOW,
            updated_at: NOW,
            finished_at: Some(NOW),
        };
        deployments::insert(tx, &new)?;
    }
    Ok(())
}

/// A database in which the first step has been taken.
async fn begun(engine: Engine) -> (TestDatabase, Store) {
    let database = TestDatabase::new(engine);
    let store = database.open();
    store.write(fill).await.unwrap();
    let left = store.write(|tx| begin(tx, &WANTED)).await.unwrap();
    assert_eq!(left, Left::More);
    (database, store)
}

async fn next(store: &Store) -> Result<Left, Refusal> {
    store.write(|tx| go_on(tx, PROJECT, ENVIRONMENT, None, NOW)).await
}

async fn left(store: &Store) -> (bool, i64) {
    let work = |tx: &mut Tx<'_>| {
        let is_there = environments::by_id(tx, PROJECT, ENVIRONMENT)?.is_some();
        Ok::<_, Refusal>((is_there, deployments::total(tx, PROJECT)?))
    };
    store.write(work).await.unwrap()
}

#[tokio::test]
async fn a_deletion_that_has_begun_is_planned_and_ends_after_its_last_step() {
    for engine in Engine::ALL {
        let (_database, store) = begun(engine).await;
        assert_eq!(left(&store).await, (true, 1));
        let due = |at: Timestamp| store.read(move |conn| environments::due_to_delete(conn, at, 1));
        assert_eq!(due(NOW).await.unwrap().len(), 0, "it is under way");
        assert_eq!(due(NOW.plus(TAKE_OVER)).await.unwrap().len(), 1, "it is left");
        assert_eq!(next(&store).await.unwrap(), Left::Nothing);
        assert_eq!(left(&store).await, (false, 0));
        assert_eq!(next(&store).await.unwrap(), Left::Nothing, "somebody else ended it");
    }
}

#[tokio::test]
async fn a_success_between_two_steps_keeps_the_environment() {
    for engine in Engine::ALL {
        let (_database, store) = begun(engine).await;
        let wake = |tx: &mut Tx<'_>| {
            let mut found = environments::by_id(tx, PROJECT, ENVIRONMENT)?.ok_or(Refusal::NotFound)?;
            let user = UserId(1);
            environment::wake(
                tx,
                &mut found,
                environment::By {
                    user: Some(user),
                    now: NOW,
                    chain: None,
                },
            )
        };
        store.write(wake).await.unwrap();
        assert!(matches!(next(&store).await, Err(Refusal::Conflict)));
        assert_eq!(left(&store).await, (true, 1));
    }
}
