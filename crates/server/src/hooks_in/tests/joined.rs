//! Reports of one deployment make one record, in whatever order and number they come.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// The smallest thing that applies observations: of each leaf what the newest report told.
#[derive(Default)]
struct Ledger {
    deployments: BTreeMap<String, Record>,
    runs: BTreeMap<String, Leaves>,
}

#[derive(Default)]
struct Record {
    run: Option<String>,
    leaves: Leaves,
}

#[derive(Clone, Default)]
struct Leaves(BTreeMap<String, (Order, Value)>);

impl Leaves {
    fn put(&mut self, path: &str, order: Order, value: &Value) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    self.put(&format!("{path}.{key}"), order, value);
                }
            }
            _ => self.put_leaf(path.trim_start_matches('.'), order, value),
        }
    }

    fn put_leaf(&mut self, path: &str, order: Order, value: &Value) {
        if let Some((known, old)) = self.0.get(path) {
            assert!(
                *known != order || old == value,
                "two reports of {order:?} contradict each other about {path}: {old} and {value}"
            );
            if *known > order {
                return;
            }
        }
        self.0.insert(path.to_owned(), (order, value.clone()));
    }

    fn plain(&self) -> BTreeMap<&str, &Value> {
        self.0.iter().map(|(path, (_, value))| (path.as_str(), value)).collect()
    }
}

impl Ledger {
    fn of(observations: &[Observation]) -> Value {
        let mut ledger = Ledger::default();
        for observation in observations {
            ledger.apply(observation);
        }
        ledger.show()
    }

    fn apply(&mut self, observation: &Observation) {
        let mut shown = show(observation);
        let members = shown.as_object_mut().unwrap();
        for key in ["about", "occurred_at", "sequence"] {
            members.remove(key);
        }
        match &observation.about {
            About::Deployment { key, run, .. } => {
                let record = self.deployments.entry(key.external_id()).or_default();
                record.run = run.as_ref().map(RunKey::external_id).or(record.run.take());
                record.leaves.put("", observation.order(), &shown);
            }
            About::Run(run) => {
                let leaves = self.runs.entry(run.external_id()).or_default();
                leaves.put("", observation.order(), &shown);
            }
            About::Environment => {}
        }
    }

    /// Completes deployments from their runs, only now, so that either may come first.
    fn show(&self) -> Value {
        let mut shown = Map::new();
        for (key, record) in &self.deployments {
            let mut leaves = record.leaves.clone();
            let run = record.run.as_ref().and_then(|run| self.runs.get(run));
            for (path, (order, value)) in run.into_iter().flat_map(|run| &run.0) {
                leaves.0.entry(path.clone()).or_insert((*order, value.clone()));
            }
            shown.insert(key.clone(), json!(leaves.plain()));
        }
        Value::Object(shown)
    }
}

fn all(sender: Sender, names: &[&str]) -> Vec<Observation> {
    names.iter().flat_map(|name| observations(sender, name)).collect()
}

/// Shuffled, and every report twice.
fn in_any_order(observations: Vec<Observation>) -> impl Strategy<Value = Vec<Observation>> {
    let mut twice = observations.clone();
    twice.extend(observations);
    Just(twice).prop_shuffle()
}

const GITLAB: [&str; 8] = [
    "deployment.running",
    "deployment.success",
    "job.created",
    "job.pending",
    "job.running",
    "job.success",
    "pipeline.running",
    "pipeline.success",
];

const GITHUB: [&str; 10] = [
    "deployment.created",
    "deployment_status.waiting",
    "deployment_status.queued",
    "deployment_status.in_progress",
    "deployment_status.success",
    "workflow_job.waiting",
    "workflow_job.in_progress",
    "workflow_job.completed",
    "workflow_run.requested",
    "workflow_run.completed",
];

#[test]
fn gitlabs_three_hooks_are_one_deployment() {
    insta::assert_json_snapshot!("joined__gitlab", Ledger::of(&all(Sender::Gitlab, &GITLAB)));
}

#[test]
fn githubs_events_are_one_deployment() {
    insta::assert_json_snapshot!("joined__github", Ledger::of(&all(Sender::Github, &GITHUB)));
}

#[test]
fn each_gitlab_hook_alone_leads_to_the_same_deployment() {
    for name in GITLAB {
        let keys: Vec<String> = observations(Sender::Gitlab, name)
            .iter()
            .filter_map(|observation| match &observation.about {
                About::Deployment { key, .. } => Some(key.external_id()),
                _ => None,
            })
            .collect();
        assert!(
            keys.contains(&"gitlab:gitlab.example.com/1027/jobs/90412".to_owned()),
            "{name}: {keys:?}"
        );
    }
}

#[test]
fn a_cancelled_job_is_canceled_whichever_event_comes_last() {
    let names = ["deployment_status.failure_of_cancelled_job", "workflow_job.cancelled"];
    let mut reports = all(Sender::Github, &names);
    for _ in 0..2 {
        let shown = Ledger::of(&reports);
        let record = shown.as_object().unwrap().values().next().unwrap();
        assert_eq!(record["status"], json!("canceled"));
        assert_eq!(record["deployable.status"], json!("canceled"));
        reports.reverse();
    }
}

#[test]
fn a_sync_back_to_the_same_revision_is_another_deployment() {
    let names = ["running", "succeeded", "rolled_back_to_same_revision"];
    let shown = Ledger::of(&all(Sender::Argocd, &names));
    let keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "argocd:argocd.example.com/argocd/shop-production@2026-03-02T10:10:00.000Z",
            "argocd:argocd.example.com/argocd/shop-production@2026-03-02T13:00:00.000Z",
        ]
    );
}

#[test]
fn events_that_name_one_deployment_are_one() {
    let names = ["binary.running_with_custom_data", "structured.failed_with_custom_data"];
    let shown = Ledger::of(&all(Sender::Cdevents, &names));
    let records = shown.as_object().unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records["cdevents:/ci/jenkins/shop shop-412"]["status"], json!("failed"));
}

/// The statuses of an object's deployments, by the rule of [`Key::recurs`].
fn states(mut observations: Vec<Observation>) -> Vec<(String, Vec<&'static str>)> {
    observations.sort_by_key(Observation::order);
    let mut found: Vec<(String, Vec<&'static str>)> = Vec::new();
    for observation in observations {
        let About::Deployment { key, .. } = &observation.about else {
            continue;
        };
        assert!(key.recurs() && key.object().is_some());
        if found.last().is_none_or(|(last, _)| *last != key.external_id()) {
            found.push((key.external_id(), Vec::new()));
        }
        let (_, statuses) = found.last_mut().unwrap();
        let status = observation.status.unwrap().as_str();
        if statuses.last() != Some(&status) {
            statuses.push(status);
        }
    }
    found
}

const FLUX: [&str; 5] = [
    "kustomization.progressing",
    "kustomization.succeeded",
    "kustomization.succeeded_again",
    "kustomization.health_check_failed",
    "kustomization.succeeded_of_earlier",
];

#[test]
fn a_revision_of_flux_that_comes_back_is_another_deployment() {
    let object = "flux:Kustomization/apps/webapp/7d0cdc51-ddcf-4743-b223-83ca5c699632";
    let first = format!("{object}@main@sha1:4c1e5d0b9a7f3c2e8d6b1a0f9e8d7c6b5a493827");
    let second = format!("{object}@main/9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c");
    assert_eq!(
        states(all(Sender::Flux, &FLUX)),
        [
            (first.clone(), vec!["running", "success"]),
            (second, vec!["failed"]),
            (first, vec!["success"]),
        ]
    );
}

#[test]
fn a_repeated_report_of_flux_does_not_move_the_end() {
    let told = |name| {
        let mut observation = observations(Sender::Flux, name).remove(0);
        observation.occurred_at = None;
        observation.description = None;
        observation
    };
    assert_eq!(told("kustomization.succeeded"), told("kustomization.succeeded_again"));
}

/// Reports of one second, for each sender, and what is the newest in them.
const TIES: [(Sender, &[&str], &str, &str); 2] = [
    (
        Sender::Gitlab,
        &["job.created", "job.manual", "job.pending"],
        "blocked",
        "pending",
    ),
    (
        Sender::Github,
        &["workflow_job.queued", "workflow_job.waiting", "deployment.created"],
        "blocked",
        "manual",
    ),
];

#[test]
fn the_same_second_has_an_order_too() {
    for (sender, names, status, job) in TIES {
        for turn in 0..names.len() {
            let mut names = names.to_vec();
            names.rotate_left(turn);
            let backwards: Vec<&str> = names.iter().rev().copied().collect();
            for names in [names, backwards] {
                let shown = Ledger::of(&all(sender, &names));
                let record = shown.as_object().unwrap().values().next().unwrap();
                assert_eq!(record["status"], json!(status), "{names:?}");
                assert_eq!(record["deployable.status"], json!(job), "{names:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn gitlabs_order_does_not_matter(shuffled in in_any_order(all(Sender::Gitlab, &GITLAB))) {
        prop_assert_eq!(Ledger::of(&shuffled), Ledger::of(&all(Sender::Gitlab, &GITLAB)));
    }

    #[test]
    fn githubs_order_does_not_matter(shuffled in in_any_order(all(Sender::Github, &GITHUB))) {
        prop_assert_eq!(Ledger::of(&shuffled), Ledger::of(&all(Sender::Github, &GITHUB)));
    }

    #[test]
    fn argocds_order_does_not_matter(shuffled in in_any_order(all(Sender::Argocd, &["running", "succeeded"]))) {
        prop_assert_eq!(Ledger::of(&shuffled), Ledger::of(&all(Sender::Argocd, &["running", "succeeded"])));
    }

    #[test]
    fn fluxs_order_does_not_matter(shuffled in in_any_order(all(Sender::Flux, &FLUX))) {
        prop_assert_eq!(states(shuffled), states(all(Sender::Flux, &FLUX)));
    }
}
