//! Branches, tags, pull requests, and variables that are missing or strange.

use super::{super::SYSTEMS, OTHER_SHA, Place, SHA, head};

/// What is recorded: commit, ref, whether it is a tag.
type Source<'a> = (Option<&'a str>, Option<&'a str>, Option<bool>);

#[track_caller]
fn assert_source(place: &Place, expected: Source<'_>) {
    let context = place.context();
    let found = (context.sha.as_deref(), context.git_ref.as_deref(), context.tag);
    assert_eq!(found, expected, "{}", context.system);
}

#[test]
fn branches_keep_their_slashes() {
    let cases = [
        ("gitlab", "CI_COMMIT_REF_NAME", "feature/a/b"),
        ("github", "GITHUB_REF", "refs/heads/feature/a/b"),
        ("jenkins", "GIT_BRANCH", "origin/feature/a/b"),
        ("circleci", "CIRCLE_BRANCH", "feature/a/b"),
        ("buildkite", "BUILDKITE_BRANCH", "feature/a/b"),
        ("azure", "BUILD_SOURCEBRANCH", "refs/heads/feature/a/b"),
        ("bitbucket", "BITBUCKET_BRANCH", "feature/a/b"),
        ("drone", "DRONE_BRANCH", "feature/a/b"),
        ("woodpecker", "CI_COMMIT_BRANCH", "feature/a/b"),
        ("travis", "TRAVIS_BRANCH", "feature/a/b"),
        ("appveyor", "APPVEYOR_REPO_BRANCH", "feature/a/b"),
    ];
    for (system, variable, value) in cases {
        let context = Place::documented(system).with(&[(variable, value)]).context();
        assert_eq!(context.git_ref.as_deref(), Some("feature/a/b"), "{system}");
        assert_eq!(context.tag, Some(false), "{system}");
    }
}

#[test]
fn tags() {
    // Each system with what it sets for a tag; some set the branch variable, too.
    let cases: [(&str, &[(&str, &str)]); 11] = [
        ("gitlab", &[("CI_COMMIT_TAG", "v1/2"), ("CI_COMMIT_REF_NAME", "v1/2")]),
        ("github", &[("GITHUB_REF", "refs/tags/v1/2")]),
        ("jenkins", &[("TAG_NAME", "v1/2"), ("BRANCH_NAME", "v1/2")]),
        ("circleci", &[("CIRCLE_TAG", "v1/2"), ("CIRCLE_BRANCH", "")]),
        ("buildkite", &[("BUILDKITE_TAG", "v1/2"), ("BUILDKITE_BRANCH", "v1/2")]),
        ("azure", &[("BUILD_SOURCEBRANCH", "refs/tags/v1/2")]),
        ("bitbucket", &[("BITBUCKET_TAG", "v1/2"), ("BITBUCKET_BRANCH", "")]),
        ("drone", &[("DRONE_TAG", "v1/2"), ("DRONE_BUILD_EVENT", "tag")]),
        ("woodpecker", &[("CI_COMMIT_TAG", "v1/2"), ("CI_PIPELINE_EVENT", "tag")]),
        ("travis", &[("TRAVIS_TAG", "v1/2"), ("TRAVIS_BRANCH", "v1/2")]),
        ("appveyor", &[("APPVEYOR_REPO_TAG_NAME", "v1/2")]),
    ];
    for (system, variables) in cases {
        let place = Place::documented(system).with(variables);
        let context = place.context();
        assert_eq!(context.git_ref.as_deref(), Some("v1/2"), "{system}");
        assert_eq!(context.tag, Some(true), "{system}");
        assert_eq!(context.to_deployable()["tag"], true, "{system}");
    }
}

#[test]
fn pull_requests_are_recorded_as_they_were_proposed() {
    let cases: [(&str, &[(&str, &str)]); 8] = [
        (
            "gitlab",
            &[
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", SHA),
                ("CI_COMMIT_SHA", OTHER_SHA),
            ],
        ),
        (
            "gitlab",
            &[
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
                ("CI_COMMIT_SHA", SHA),
            ],
        ),
        ("jenkins", &[("CHANGE_BRANCH", "topic"), ("BRANCH_NAME", "PR-24")]),
        (
            "azure",
            &[
                ("BUILD_SOURCEBRANCH", "refs/pull/17/merge"),
                ("BUILD_SOURCEVERSION", OTHER_SHA),
                ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/topic"),
                ("SYSTEM_PULLREQUEST_SOURCECOMMITID", SHA),
            ],
        ),
        (
            "drone",
            &[
                ("DRONE_BUILD_EVENT", "pull_request"),
                ("DRONE_SOURCE_BRANCH", "topic"),
                ("DRONE_COMMIT_SHA", SHA),
            ],
        ),
        (
            "woodpecker",
            &[("CI_COMMIT_SOURCE_BRANCH", "topic"), ("CI_COMMIT_SHA", SHA)],
        ),
        (
            "travis",
            &[
                ("TRAVIS_PULL_REQUEST_BRANCH", "topic"),
                ("TRAVIS_PULL_REQUEST_SHA", SHA),
                ("TRAVIS_COMMIT", OTHER_SHA),
            ],
        ),
        (
            "appveyor",
            &[
                ("APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH", "topic"),
                ("APPVEYOR_PULL_REQUEST_HEAD_COMMIT", SHA),
                ("APPVEYOR_REPO_COMMIT", OTHER_SHA),
            ],
        ),
    ];
    for (system, variables) in cases {
        assert_source(
            &Place::documented(system).with(variables),
            (Some(SHA), Some("topic"), Some(false)),
        );
    }
}

fn github_pull_request() -> Place {
    let mut place = Place::documented("github").with(&[
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_HEAD_REF", "topic"),
        ("GITHUB_SHA", OTHER_SHA),
        ("GITHUB_EVENT_PATH", "/event.json"),
    ]);
    let event = format!(r#"{{"number": 7, "pull_request": {{"head": {{"ref": "topic", "sha": "{SHA}"}}}}}}"#);
    place.files.insert("/event.json".to_owned(), event);
    place
}

#[test]
fn the_head_of_a_github_pull_request_comes_from_the_event() {
    let place = github_pull_request();
    assert_source(&place, (Some(SHA), Some("topic"), Some(false)));
    let without_file = Place {
        files: [].into(),
        ..place.clone()
    };
    assert_source(&without_file, (Some(OTHER_SHA), Some("topic"), Some(false)));
    for broken in ["", "[", "{}", r#"{"pull_request": {"head": {"sha": 7}}}"#] {
        let mut place = place.clone();
        place.files.insert("/event.json".to_owned(), broken.to_owned());
        assert_source(&place, (Some(OTHER_SHA), Some("topic"), Some(false)));
    }
}

#[test]
fn a_github_job_that_works_on_the_base_branch_is_recorded_with_it() {
    // `pull_request_target`, or `pull_request` after the merge.
    let place = github_pull_request().with(&[("GITHUB_REF", "refs/heads/main")]);
    assert_source(&place, (Some(OTHER_SHA), Some("main"), Some(false)));
}

#[test]
fn jenkins_prefers_local_names_of_branches() {
    let place = Place::documented("jenkins");
    assert_source(
        &place.with(&[("GIT_LOCAL_BRANCH", "topic")]),
        (Some(SHA), Some("topic"), Some(false)),
    );
    assert_source(
        &place.with(&[("BRANCH_NAME", "PR-24")]),
        (Some(SHA), Some("PR-24"), Some(false)),
    );
    assert_source(&place.with(&[("GIT_BRANCH", "detached")]), (Some(SHA), None, None));
    assert_source(
        &place.with(&[("GIT_BRANCH", "upstream/main")]),
        (Some(SHA), Some("upstream/main"), Some(false)),
    );
}

#[test]
fn what_is_no_commit_id_is_not_recorded_as_one() {
    for strange in [
        "HEAD",
        "",
        " ",
        "ee",
        "83a20ec",
        "4711",
        &format!("{SHA}0"),
        &"g".repeat(40),
    ] {
        assert_source(
            &Place::documented("buildkite").with(&[("BUILDKITE_COMMIT", strange)]),
            (None, Some("main"), Some(false)),
        );
    }
    let sha256 = "AB".repeat(32);
    let context = Place::documented("buildkite")
        .with(&[("BUILDKITE_COMMIT", &sha256)])
        .context();
    assert_eq!(context.sha, Some("ab".repeat(32)));
}

#[test]
fn ids_are_positive_numbers_or_unknown() {
    for strange in ["abc", "-1", "0", "1.5", "99999999999999999999"] {
        let context = Place::documented("gitlab").with(&[("CI_JOB_ID", strange)]).context();
        assert_eq!(context.job.unwrap().id, None, "{strange}");
    }
}

#[test]
fn any_variable_may_be_missing_or_empty() {
    for system in SYSTEMS {
        let place = Place::documented(system.name);
        for name in place.variables.keys() {
            let without = place.without(name).detect();
            let empty = place.with(&[(name, "")]).detect();
            assert_eq!(without, empty, "{} {name}", system.name);
            assert_eq!(place.with(&[(name, "  \n")]).detect(), empty, "{} {name}", system.name);
        }
    }
}

#[test]
fn the_mark_alone_gives_a_job_without_key_or_commit() {
    let marks: [(&str, &[&str]); 13] = [
        ("gitlab", &["GITLAB_CI"]),
        ("github", &["GITHUB_ACTIONS"]),
        ("jenkins", &["BUILD_TAG", "JENKINS_URL"]),
        ("circleci", &["CIRCLECI"]),
        ("buildkite", &["BUILDKITE"]),
        ("azure", &["TF_BUILD"]),
        ("bitbucket", &["BITBUCKET_BUILD_NUMBER"]),
        ("woodpecker", &["CI"]),
        ("drone", &["DRONE"]),
        ("teamcity", &["TEAMCITY_VERSION"]),
        ("travis", &["TRAVIS"]),
        ("appveyor", &["APPVEYOR"]),
        ("argo", &["ARGO_NODE_ID", "ARGO_CONTAINER_NAME"]),
    ];
    assert_eq!(marks.len(), SYSTEMS.len());
    for (system, marks) in marks {
        let documented = Place::documented(system);
        let variables: Vec<(&str, &str)> = marks
            .iter()
            .map(|name| (*name, documented.variables[*name].as_str()))
            .collect();
        let context = Place::default().with(&variables).context();
        assert_eq!((context.system, &context.sha, &context.git_ref), (system, &None, &None));
        // For two systems the mark is itself an identity.
        assert_eq!(context.key.is_some(), matches!(system, "jenkins" | "argo"), "{system}");
        let name = context.job.unwrap().name;
        assert_eq!(name, if system == "argo" { "deploy-x7k2p" } else { system });
    }
}

#[test]
fn a_mark_has_any_casing_and_must_be_true() {
    for mark in ["true", "True", "TRUE"] {
        assert_eq!(Place::default().with(&[("TF_BUILD", mark)]).context().system, "azure");
    }
    for no_mark in ["false", "0", ""] {
        assert_eq!(Place::default().with(&[("TRAVIS", no_mark)]).detect(), None);
    }
    assert_eq!(Place::default().with(&[("CI", "true")]).detect(), None);
    let checkout = Place::default().with(&[("CI", "true")]).checked_out(head(SHA));
    assert_eq!(checkout.context().system, "git");
}

#[test]
fn of_several_systems_the_first_in_the_table_counts() {
    let mut expected = None;
    let mut place = Place::default();
    for system in SYSTEMS {
        expected.get_or_insert(system.name);
        place.variables.extend(Place::documented(system.name).variables);
    }
    // Woodpecker's and GitLab's variables have names in common; only the marks matter here.
    assert_eq!(Some(place.context().system), expected);
}

#[test]
fn an_agent_in_a_pod_of_argo_is_what_the_agent_is() {
    let mut place = Place::documented("argo");
    place.variables.extend(Place::documented("jenkins").variables);
    assert_eq!(place.context(), Place::documented("jenkins").context());
}

#[test]
fn woodpecker_with_the_variables_for_plugins_of_drone_is_woodpecker() {
    let mut place = Place::documented("drone");
    place.variables.extend(Place::documented("woodpecker").variables);
    assert_eq!(place.context(), Place::documented("woodpecker").context());
    // It does not set `DRONE`, so without its own mark nothing is recognised by mistake.
    let foreign = place
        .without("DRONE")
        .with(&[("CI", "other"), ("CI_SYSTEM_NAME", "other")]);
    assert_eq!(foreign.detect(), None);
}

#[test]
fn robots_are_no_actors_and_unblockers_are() {
    let drone = Place::documented("drone")
        .with(&[("DRONE_BUILD_TRIGGER", "@hook")])
        .context();
    assert_eq!(drone.actor, None);
    let buildkite = Place::documented("buildkite")
        .with(&[
            ("BUILDKITE_UNBLOCKER", "Ada Lovelace"),
            ("BUILDKITE_UNBLOCKER_EMAIL", "ada@example.com"),
        ])
        .context();
    let actor = buildkite.actor.unwrap();
    assert_eq!(
        (actor.name.as_deref(), actor.email.as_deref()),
        (Some("Ada Lovelace"), Some("ada@example.com"))
    );
    let github = Place::documented("github")
        .with(&[("GITHUB_ACTOR", "first"), ("GITHUB_TRIGGERING_ACTOR", "second")])
        .context();
    assert_eq!(github.actor.unwrap().username.as_deref(), Some("second"));
}

#[test]
fn addresses_are_not_shown() {
    for system in SYSTEMS {
        let context = Place::documented(system.name).context();
        let shown = context.to_deployable().to_string();
        assert!(!shown.contains('@'), "{}: {shown}", system.name);
    }
    let context = Place::documented("azure").without("BUILD_REQUESTEDFOR").context();
    assert!(context.actor.as_ref().is_some_and(|actor| actor.email.is_some()));
    assert_eq!(context.to_deployable().get("user"), None);
}

#[test]
fn a_repository_of_azure_is_named_with_its_project() {
    let place = Place::documented("azure");
    assert_eq!(place.context().project.as_deref(), Some("Fabrikam/Scripts"));
    let on_github = place.with(&[
        ("BUILD_REPOSITORY_NAME", "acme/app"),
        ("SYSTEM_TEAMPROJECT", "Two Words"),
    ]);
    let context = on_github.context();
    assert_eq!(context.project.as_deref(), Some("acme/app"));
    let url = context.pipeline.unwrap().url.unwrap();
    assert_eq!(
        url,
        "https://dev.azure.com/fabrikamfiber/Two%20Words/_build/results?buildId=1430"
    );
}
