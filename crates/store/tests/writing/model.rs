//! Random sequences of writes, compared with a naive list in memory.

use std::{
    cell::Cell,
    sync::{Arc, Mutex},
};

use landfall_domain::{
    deployment::{Deployment, DeploymentFilter, DeploymentOrder, DeploymentQuery, Status},
    ids::{EnvironmentId, ProjectId},
    page::{Offset, Sort},
};
use landfall_store::{
    Error, Store, Tx,
    deployment_list::{self, Part},
    deployments::{self, NewDeployment},
    testing::{Engine, TestDatabase},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::world::{at, make_environment, make_project, new_deployment};

const ENVIRONMENTS: [&str; 2] = ["production", "staging"];

/// What a deployment may be: its environment, status, branch and times.
#[derive(Clone, Debug)]
struct Shape {
    environment: usize,
    status: Status,
    git_ref: &'static str,
    created: i64,
    updated: i64,
    finished: Option<i64>,
}

#[derive(Clone, Debug)]
enum Step {
    Insert(Shape),
    /// Changes the deployment at this place, counted round and round.
    Update(usize, Shape),
    Delete(usize),
    /// Inserts and gives it up.
    Refused(Shape),
}

fn shapes() -> impl Strategy<Value = Shape> {
    let status = prop::sample::select(Status::ALL.to_vec());
    let git_ref = prop::sample::select(vec!["main", "Main", "v1", "ä"]);
    let times = (0_i64..5, 0_i64..5, prop::option::of(0_i64..5));
    (0..2_usize, status, git_ref, times).prop_map(|(environment, status, git_ref, (created, updated, finished))| {
        Shape {
            environment,
            status,
            git_ref,
            created,
            updated,
            finished,
        }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => shapes().prop_map(Step::Insert),
        2 => (any::<usize>(), shapes()).prop_map(|(place, shape)| Step::Update(place, shape)),
        1 => any::<usize>().prop_map(Step::Delete),
        1 => shapes().prop_map(Step::Refused),
    ];
    prop::collection::vec(step, 1..40)
}

/// The ledger of one project as it should be.
struct Model {
    project: ProjectId,
    environments: Vec<EnvironmentId>,
    rows: Vec<Deployment>,
    last_iid: i64,
}

impl Model {
    fn new_deployment(&self, shape: &Shape) -> NewDeployment {
        NewDeployment {
            status: shape.status,
            git_ref: shape.git_ref.to_owned(),
            created_at: at(shape.created),
            updated_at: at(shape.updated),
            finished_at: shape.finished.map(at),
            ..new_deployment(self.project, self.environments[shape.environment])
        }
    }

    fn insert(&mut self, tx: &mut Tx<'_>, shape: &Shape) -> Result<(), Error> {
        let (id, iid) = deployments::insert(tx, &self.new_deployment(shape))?;
        self.last_iid += 1;
        assert_eq!(iid.0, self.last_iid);
        let made = deployments::get(tx, self.project, id)?.unwrap().deployment;
        self.rows.push(made);
        Ok(())
    }

    fn update(&mut self, tx: &mut Tx<'_>, place: usize, shape: &Shape) -> Result<(), Error> {
        let Some(place) = place.checked_rem(self.rows.len()) else {
            return Ok(());
        };
        let row = &mut self.rows[place];
        row.status = shape.status;
        row.created_at = at(shape.created);
        row.updated_at = at(shape.updated);
        row.finished_at = shape.finished.map(at);
        deployments::update(tx, row)
    }

    fn delete(&mut self, tx: &mut Tx<'_>, place: usize) -> Result<(), Error> {
        let Some(place) = place.checked_rem(self.rows.len()) else {
            return Ok(());
        };
        deployments::delete(tx, &self.rows.remove(place))
    }

    /// The ids that a query should answer.
    fn listed(&self, query: &DeploymentQuery) -> Vec<i64> {
        let filter = &query.filter;
        let environment = filter.environment.as_ref().map(|name| {
            let place = ENVIRONMENTS.iter().position(|known| known == name).unwrap();
            self.environments[place]
        });
        let mut rows: Vec<&Deployment> = self
            .rows
            .iter()
            .filter(|row| environment.is_none_or(|environment| row.environment_id == environment))
            .filter(|row| filter.status.is_none_or(|status| row.status == status))
            .filter(|row| filter.git_ref.as_ref().is_none_or(|git_ref| row.git_ref == *git_ref))
            .filter(|row| filter.updated_after.is_none_or(|time| row.updated_at >= time))
            .filter(|row| {
                filter
                    .finished_before
                    .is_none_or(|time| row.finished_at.is_some_and(|at| at < time))
            })
            .collect();
        rows.sort_by_key(|row| {
            let key = match query.order {
                DeploymentOrder::Id => (row.id.0, String::new()),
                DeploymentOrder::Iid => (row.iid.0, String::new()),
                DeploymentOrder::CreatedAt => (row.created_at.0, String::new()),
                DeploymentOrder::UpdatedAt => (row.updated_at.0, String::new()),
                DeploymentOrder::FinishedAt => (row.finished_at.map_or(i64::MAX, |at| at.0), String::new()),
                DeploymentOrder::Ref => (0, row.git_ref.clone()),
            };
            (key, row.id.0)
        });
        if query.sort == Sort::Desc {
            rows.reverse();
        }
        rows.into_iter().map(|row| row.id.0).collect()
    }

    fn last(&self, environment: EnvironmentId) -> Option<i64> {
        let successes = self
            .rows
            .iter()
            .filter(|row| row.environment_id == environment && row.status == Status::Success);
        let finished = successes.filter_map(|row| Some((row.finished_at?, row.id.0)));
        finished.max().map(|(_, id)| id)
    }

    fn compare(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let rows = i64::try_from(self.rows.len()).unwrap();
        assert_eq!(deployments::total(tx, self.project)?, rows);
        for environment in &self.environments {
            let last = deployments::last(tx, *environment)?;
            assert_eq!(last.map(|details| details.deployment.id.0), self.last(*environment));
        }
        let all = DeploymentFilter::default;
        for filter in [
            all(),
            DeploymentFilter {
                status: Some(Status::Success),
                ..all()
            },
            DeploymentFilter {
                environment: Some("production".to_owned()),
                ..all()
            },
            DeploymentFilter {
                git_ref: Some("main".to_owned()),
                updated_after: Some(at(2)),
                ..all()
            },
            DeploymentFilter {
                environment: Some("staging".to_owned()),
                finished_before: Some(at(3)),
                ..all()
            },
        ] {
            for order in DeploymentOrder::ALL {
                for sort in [Sort::Asc, Sort::Desc] {
                    let query = DeploymentQuery {
                        filter: filter.clone(),
                        order: *order,
                        sort,
                    };
                    let part = Part::Page(Offset { page: 1, per_page: 100 });
                    let ids = deployment_list::ids(tx, self.project, &query, part)?;
                    let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
                    let expected = self.listed(&query);
                    assert_eq!(ids, expected, "{query:?}");
                    let count = deployment_list::count(tx, self.project, &filter, 100)?;
                    assert_eq!(count, i64::try_from(expected.len()).unwrap(), "{filter:?}");
                }
            }
        }
        Ok(())
    }
}

/// Takes one step, in a transaction of its own, and compares everything.
async fn take(store: &Store, model: &Arc<Mutex<Model>>, step: Step) {
    let model = Arc::clone(model);
    let taken = store.write(move |tx| {
        let mut model = model.lock().unwrap();
        match &step {
            Step::Insert(shape) => model.insert(tx, shape)?,
            Step::Update(place, shape) => model.update(tx, *place, shape)?,
            Step::Delete(place) => model.delete(tx, *place)?,
            Step::Refused(shape) => {
                deployments::insert(tx, &model.new_deployment(shape))?;
                return Err(Error::Refused("on purpose".to_owned()));
            }
        }
        model.compare(tx)
    });
    match taken.await {
        Ok(()) => {}
        Err(Error::Refused(text)) if text == "on purpose" => {}
        Err(other) => panic!("{other}"),
    }
}

/// Takes the steps in a new project.
async fn play(store: &Store, name: String, steps: Vec<Step>) {
    let made = store.write(move |tx| {
        let (project, production) = make_project(tx, &name)?;
        let staging = make_environment(tx, project, "staging")?;
        Ok::<_, Error>((project, vec![production, staging]))
    });
    let (project, environments) = made.await.unwrap();
    let model = Arc::new(Mutex::new(Model {
        project,
        environments,
        rows: Vec::new(),
        last_iid: 0,
    }));
    for step in steps {
        take(store, &model, step).await;
    }
}

#[test]
fn the_ledger_is_what_was_written() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for engine in Engine::ALL {
        let database = TestDatabase::new(engine);
        let store = database.open();
        let cases = Cell::new(0);
        let config = Config {
            cases: 24,
            failure_persistence: None,
            ..Config::default()
        };
        let mut runner = TestRunner::new(config);
        let played = runner.run(&steps(), |steps| {
            cases.set(cases.get() + 1);
            runtime.block_on(play(&store, format!("case{}", cases.get()), steps));
            Ok(())
        });
        played.unwrap();
    }
}
