//! Keys: the same for all reports of one run of one job, another one for everything else.

use std::collections::BTreeSet;

use super::{
    super::{SYSTEMS, key},
    Place,
};

fn key_of(system: &str, variables: &[(&str, &str)]) -> Option<String> {
    Place::documented(system).with(variables).context().key
}

/// Variables that differ from the documented ones.
type Change = [(&'static str, &'static str)];

/// Each system with the changes that make another run or another job.
const OTHER_RUNS: [(&str, &[&Change]); 13] = [
    ("gitlab", &[&[("CI_JOB_ID", "51")], &[("CI_SERVER_HOST", "gitlab.com")]]),
    (
        "github",
        &[
            &[("GITHUB_RUN_ATTEMPT", "2")],
            &[("GITHUB_RUN_ID", "7")],
            &[("GITHUB_JOB", "other")],
            &[("RUNNER_NAME", "Hosted Agent 2")],
            &[("GITHUB_REPOSITORY", "octocat/other")],
            &[("GITHUB_SERVER_URL", "https://github.example.com")],
        ],
    ),
    (
        "jenkins",
        &[
            &[("BUILD_URL", "https://jenkins.example.com/job/foo/job/bar/16/")],
            &[("STAGE_NAME", "Deploy elsewhere")],
            &[("BUILD_URL", "")],
            &[("BUILD_URL", ""), ("BUILD_TAG", "jenkins-foo-bar-16")],
        ],
    ),
    (
        "circleci",
        &[&[("CIRCLE_WORKFLOW_JOB_ID", "other")], &[("CIRCLE_NODE_INDEX", "1")]],
    ),
    (
        "buildkite",
        &[&[("BUILDKITE_JOB_ID", "other")], &[("BUILDKITE_RETRY_COUNT", "1")]],
    ),
    (
        "azure",
        &[
            &[("SYSTEM_JOBID", "other")],
            &[("BUILD_BUILDID", "1431")],
            &[("SYSTEM_TEAMPROJECT", "Other")],
            &[("SYSTEM_JOBID", ""), ("AGENT_JOBNAME", "a"), ("SYSTEM_JOBATTEMPT", "1")],
            &[("SYSTEM_JOBID", ""), ("AGENT_JOBNAME", "a"), ("SYSTEM_JOBATTEMPT", "2")],
            &[
                ("SYSTEM_JOBID", ""),
                ("AGENT_JOBNAME", "a"),
                ("SYSTEM_STAGEATTEMPT", "2"),
            ],
            &[("SYSTEM_JOBID", ""), ("AGENT_JOBNAME", "a"), ("SYSTEM_STAGENAME", "b")],
        ],
    ),
    (
        "bitbucket",
        &[
            &[("BITBUCKET_BUILD_NUMBER", "6")],
            &[("BITBUCKET_STEP_RUN_NUMBER", "2")],
            &[("BITBUCKET_STEP_UUID", "{other}")],
            &[("BITBUCKET_REPO_FULL_NAME", "acme/other")],
        ],
    ),
    (
        "woodpecker",
        &[
            &[("CI_PIPELINE_NUMBER", "9")],
            &[("CI_WORKFLOW_NUMBER", "2")],
            &[("CI_WORKFLOW_NAME", "other")],
            &[("CI_STEP_NAME", "other")],
            &[("CI_SYSTEM_HOST", "ci2.example.com")],
        ],
    ),
    (
        "drone",
        &[
            &[("DRONE_BUILD_NUMBER", "43")],
            &[("DRONE_STAGE_NUMBER", "2")],
            &[("DRONE_STEP_NUMBER", "3")],
            &[("DRONE_SYSTEM_HOST", "drone2.example.com")],
        ],
    ),
    (
        "teamcity",
        &[&[("BUILD_NUMBER", "6")], &[("TEAMCITY_BUILDCONF_NAME", "Other")]],
    ),
    ("travis", &[&[("TRAVIS_JOB_ID", "7")]]),
    (
        "appveyor",
        &[
            &[("APPVEYOR_BUILD_ID", "7")],
            &[("APPVEYOR_JOB_ID", "other")],
            &[("APPVEYOR_RE_RUN_INCOMPLETE", "True")],
            &[("APPVEYOR_URL", "https://appveyor.example.com")],
        ],
    ),
    (
        "argo",
        &[
            &[("ARGO_NODE_ID", "deploy-x7k2p-1234")],
            &[("ARGO_WORKFLOW_NAME", "other")],
            &[("ARGO_CONTAINER_NAME", "other")],
        ],
    ),
];

#[test]
fn a_re_run_or_another_job_has_another_key() {
    assert_eq!(OTHER_RUNS.len(), SYSTEMS.len());
    let mut seen = BTreeSet::new();
    for (system, changes) in OTHER_RUNS {
        assert!(seen.insert(key_of(system, &[]).unwrap()));
        for change in changes {
            let key = key_of(system, change).unwrap();
            assert!(key.starts_with(&format!("{system}:")), "{key}");
            assert!(seen.insert(key), "{system} {change:?}");
        }
    }
}

#[test]
fn later_reports_of_a_run_have_the_same_key() {
    // What changes while a job runs, or does not belong to the identity of the run.
    let cases: [(&str, &[(&str, &str)]); 6] = [
        ("gitlab", &[("CI_JOB_STATUS", "success"), ("CI_JOB_NAME", "renamed")]),
        ("github", &[("GITHUB_ACTION", "__run_2"), ("GITHUB_SHA", "")]),
        ("jenkins", &[("EXECUTOR_NUMBER", "2"), ("GIT_COMMIT", "")]),
        (
            "buildkite",
            &[("BUILDKITE_COMMAND_EXIT_STATUS", "1"), ("BUILDKITE_LABEL", "x")],
        ),
        (
            "azure",
            &[("AGENT_JOBSTATUS", "Failed"), ("SYSTEM_JOBDISPLAYNAME", "x")],
        ),
        ("drone", &[("DRONE_BUILD_STATUS", "failure"), ("DRONE_STEP_NAME", "x")]),
    ];
    for (system, change) in cases {
        assert_eq!(key_of(system, change), key_of(system, &[]), "{system}");
    }
}

#[test]
fn without_what_tells_runs_apart_there_is_no_key() {
    let cases = [
        ("gitlab", "CI_JOB_ID"),
        ("github", "GITHUB_RUN_ID"),
        ("github", "GITHUB_REPOSITORY"),
        ("github", "GITHUB_JOB"),
        ("buildkite", "BUILDKITE_JOB_ID"),
        ("azure", "SYSTEM_JOBID"),
        ("azure", "BUILD_BUILDID"),
        ("azure", "SYSTEM_COLLECTIONURI"),
        ("bitbucket", "BITBUCKET_STEP_UUID"),
        ("woodpecker", "CI_PIPELINE_NUMBER"),
        ("drone", "DRONE_BUILD_NUMBER"),
        ("teamcity", "BUILD_NUMBER"),
        ("travis", "TRAVIS_JOB_ID"),
        ("appveyor", "APPVEYOR_JOB_ID"),
        ("appveyor", "APPVEYOR_URL"),
    ];
    for (system, variable) in cases {
        assert_eq!(key_of(system, &[(variable, "")]), None, "{system} {variable}");
    }
}

#[test]
fn what_is_left_empty_tells_nothing_apart() {
    for address in ["/", "https://", "//"] {
        assert_eq!(key_of("jenkins", &[("BUILD_URL", address)]), None, "{address}");
    }
    assert_eq!(key_of("bitbucket", &[("BITBUCKET_STEP_UUID", "{}")]), None);
}

#[test]
fn a_server_is_the_same_by_http_and_https() {
    let plain = &[("BUILD_URL", "http://jenkins.example.com/job/foo/job/bar/15")];
    assert_eq!(key_of("jenkins", plain), key_of("jenkins", &[]));
}

#[test]
fn two_environments_of_one_job_are_two_deployments() {
    let context = Place::documented("gitlab").context();
    let id = |environment| context.external_id(environment).unwrap();
    assert_eq!(id("production"), "gitlab:gitlab.example.com:50:production");
    assert_ne!(id("production"), id("staging"));
    assert_eq!(id("review/a b"), "gitlab:gitlab.example.com:50:review/a%20b");
}

#[test]
fn no_text_in_a_part_makes_the_key_of_other_parts() {
    let key = |job: &str, runner: &str| key_of("github", &[("GITHUB_JOB", job), ("RUNNER_NAME", runner)]);
    assert_ne!(key("a:b", "c"), key("a", "b:c"));
    assert_ne!(key("a%3Ab", "c"), key("a:b", "c"));
    assert_eq!(key::escaped("a:b%\n\u{a0}ä"), "a%3Ab%25%0A%C2%A0ä");
}
