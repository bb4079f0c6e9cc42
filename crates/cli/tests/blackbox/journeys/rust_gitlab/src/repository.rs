//! What stands in a repository. The crate has no call for the merge requests of a deployment.

use chrono::{DateTime, Utc};
use gitlab::{
    Gitlab,
    api::{
        Pagination, Query, paged,
        projects::repository::{
            branches::{Branch as GetBranch, Branches},
            commits::{
                Commit as GetCommit, CommitReferences, CommitRefsType, Commits, CommitsBuilder, CompareCommits,
                MergeRequests,
            },
            tags::{Tag as GetTag, Tags},
        },
    },
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    deployments::{New, create, success},
    world::{Outcome, refused},
};

const PATH: &str = "team/tool-5";
const TITLES: [&str; 4] = ["Squashed (#3)", "Merge branch 'topic' into 'main'", "Work", "Start"];

/// Which commits are listed.
type Choice = CommitsBuilder<'static>;

#[derive(Debug, Deserialize)]
struct Commit {
    id: String,
    title: String,
    parent_ids: Vec<String>,
    author_email: String,
    stats: Option<Stats>,
}

#[derive(Debug, Deserialize)]
struct Stats {
    additions: u64,
    deletions: u64,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Branch {
    name: String,
    merged: bool,
    default: bool,
    commit: Commit,
}

#[derive(Debug, Deserialize)]
struct Tag {
    name: String,
    target: String,
    commit: Commit,
}

#[derive(Debug, Deserialize)]
struct Comparison {
    commits: Vec<Commit>,
    diffs: Vec<Diff>,
}

#[derive(Debug, Deserialize)]
struct Diff {
    new_path: String,
    diff: String,
}

#[derive(Debug, Deserialize)]
struct MergeRequest {
    iid: u64,
    title: String,
    merged_at: DateTime<Utc>,
}

pub fn journey(root: &Gitlab, alice: &Gitlab) -> Outcome {
    let commits = log(alice, |log| log)?;
    assert_eq!(titles(&commits), TITLES);
    history(alice, &commits)?;
    refs(alice, &commits)?;
    comparison(alice)?;
    let new = New {
        project: PATH,
        sha: &commits[0].id,
        ..success("production")
    };
    create(root, new)??;
    let missing = json!({ "sha": ["The commit does not exist"] });
    let sha = &"0".repeat(40);
    refused(400, missing, create(root, New { sha, ..new })?);
    Ok(())
}

fn log(alice: &Gitlab, choose: impl Fn(&mut Choice) -> &mut Choice) -> Outcome<Vec<Commit>> {
    let mut endpoint = Commits::builder();
    endpoint.project(PATH);
    choose(&mut endpoint);
    Ok(paged(endpoint.build()?, Pagination::AllPerPageLimit(2)).query(alice)?)
}

fn titles(commits: &[Commit]) -> Vec<&str> {
    commits.iter().map(|commit| commit.title.as_str()).collect()
}

fn history(alice: &Gitlab, commits: &[Commit]) -> Outcome {
    assert_eq!(titles(&log(alice, |log| log.path("file"))?), ["Work", "Start"]);
    assert_eq!(titles(&log(alice, |log| log.ref_name("topic"))?), ["Work", "Start"]);
    let straight = log(alice, |log| log.first_parent(true))?;
    assert_eq!(titles(&straight), [TITLES[0], TITLES[1], "Start"]);
    let since: DateTime<Utc> = "2026-01-01T10:03:00Z".parse()?;
    assert_eq!(titles(&log(alice, |log| log.since(since))?), TITLES[..2]);

    let mut endpoint = GetCommit::builder();
    endpoint.project(PATH);
    let work: Commit = endpoint.commit(commits[2].id.as_str()).build()?.query(alice)?;
    assert_eq!(work.parent_ids, [commits[3].id.as_str()]);
    assert_eq!(work.author_email, "ada@example.com");
    let stats = work.stats.ok_or("there are no stats")?;
    assert_eq!((stats.additions, stats.deletions), (1, 0));
    let nothing = endpoint.commit("missing").build()?;
    refused(404, "404 Commit Not Found", Query::<Commit, _>::query(&nothing, alice));

    let mut endpoint = CommitReferences::builder();
    endpoint
        .project(PATH)
        .sha(work.id.as_str())
        .type_(CommitRefsType::Branch);
    let branches: Vec<Named> = endpoint.build()?.query(alice)?;
    assert!(branches.iter().map(|found| found.name.as_str()).eq(["main", "topic"]));
    let requests: Vec<MergeRequest> = MergeRequests::builder()
        .project(PATH)
        .sha(work.id.as_str())
        .build()?
        .query(alice)?;
    assert_eq!((requests[0].iid, requests[0].title.as_str()), (7, "Topic"));
    assert_eq!(requests[0].merged_at, since);
    Ok(())
}

fn refs(alice: &Gitlab, commits: &[Commit]) -> Outcome {
    let endpoint = Branches::builder().project(PATH).build()?;
    let branches: Vec<Branch> = paged(endpoint, Pagination::AllPerPageLimit(1)).query(alice)?;
    let shown: Vec<(&str, bool, bool)> = branches
        .iter()
        .map(|branch| (branch.name.as_str(), branch.merged, branch.default))
        .collect();
    assert_eq!(shown, [("main", false, true), ("topic", true, false)]);
    let mut endpoint = GetBranch::builder();
    endpoint.project(PATH);
    let topic: Branch = endpoint.branch("topic").build()?.query(alice)?;
    assert_eq!(topic.commit.id, commits[2].id);
    let nothing = endpoint.branch("missing").build()?;
    refused(404, "404 Branch Not Found", Query::<Branch, _>::query(&nothing, alice));

    let tags: Vec<Tag> = Tags::builder().project(PATH).build()?.query(alice)?;
    assert_eq!((tags.len(), tags[0].name.as_str()), (1, "v1.0"));
    let tag: Tag = GetTag::builder().project(PATH).tag_name("v1.0").build()?.query(alice)?;
    assert_eq!((&tag.target, &tag.commit.id), (&commits[3].id, &commits[3].id));
    Ok(())
}

fn comparison(alice: &Gitlab) -> Outcome {
    let mut endpoint = CompareCommits::builder();
    endpoint.project(PATH).to("main");
    let compared: Comparison = endpoint.from("v1.0").build()?.query(alice)?;
    assert_eq!(titles(&compared.commits), [TITLES[2], TITLES[1], TITLES[0]]);
    let [diff] = compared.diffs.as_slice() else {
        panic!("this is not one file: {:?}", compared.diffs);
    };
    assert_eq!(
        (diff.new_path.as_str(), diff.diff.as_str()),
        ("file", "@@ -1 +1,2 @@\n one\n+two\n")
    );
    let nothing = endpoint.from("missing").build()?;
    refused(404, "404 Ref Not Found", Query::<Comparison, _>::query(&nothing, alice));
    Ok(())
}
