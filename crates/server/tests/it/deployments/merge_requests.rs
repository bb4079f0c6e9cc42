//! The merge requests of a deployment and of a commit, out of the repository's history (reference 6.6 and 8.6).

use landfall_domain::project::Visibility;
use landfall_store::projects;

use super::*;
use crate::support::{TestRepository, TestServer, each_engine};

/// `main` has a commit, a merge of GitLab's, a squashed pull request, a merge of GitHub's, and two copies.
struct History {
    commits: Vec<String>,
    /// The commit inside of GitLab's merge.
    inside: String,
    root: Caller,
}

async fn history(server: &TestServer) -> History {
    let repository = TestRepository::new(server.database.directory());
    let mut commits = vec![repository.commit_at(1, "Start")];
    repository.git(&["checkout", "--quiet", "-b", "topic"]);
    let inside = repository.commit_at(2, "Work on it");
    repository.git(&["checkout", "--quiet", "main"]);
    let merge = |minute: u32, branch: &str, message: &str| {
        let time = format!("2026-01-01T11:{minute:02}:00+02:00");
        repository.git_at(&time, &["merge", "--quiet", "--no-ff", "-m", message, branch]);
        repository.git(&["rev-parse", "HEAD"])
    };
    let message = "Merge branch 'topic' into 'main'\n\nAdd the topic\n\nSee merge request group/app!7";
    commits.push(merge(3, "topic", message));
    commits.push(repository.commit_at(4, "Draft: Fix it (#12)\n\n* one\n* two"));
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.commit_at(5, "Other work");
    repository.git(&["checkout", "--quiet", "main"]);
    commits.push(merge(6, "other", "Merge pull request #13 from bo/other\n\nOther"));
    let copy = format!("Copied\n\n(cherry picked from commit {})", commits[2]);
    commits.push(repository.commit_at(7, &copy));
    commits.push(repository.commit_at(8, "Copied\n\n(cherry-picked from merge request !99)"));
    let directory = repository.directory();
    server
        .project_with("group/app", |new| {
            new.repository = Some(directory.into());
            new.forge_url = Some("https://forge.example/group/app".to_owned());
        })
        .await;
    let root = server.root().await;
    // The author of the squashed commit is a user here, by the address in the commit.
    server
        .user_with("ada", |new| new.email = String::from("ADA@example.com"))
        .await;
    History { commits, inside, root }
}

impl History {
    async fn deploy(&self, environment: &str, commit: usize) -> i64 {
        let sha = &self.commits[commit];
        let body = json!({ "environment": environment, "sha": sha, "ref": "main", "tag": false, "status": "success" });
        self.root.post(DEPLOYMENTS).json(&body).await.json(201)["id"]
            .as_i64()
            .unwrap()
    }

    /// The numbers of what a deployment brought, or the refusal.
    async fn brought(&self, deployment: i64, query: &str) -> Vec<i64> {
        let rows = self.root.get(&merge_requests(deployment, query)).await.json(200);
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["iid"].as_i64().unwrap())
            .collect()
    }
}

fn merge_requests(deployment: i64, query: &str) -> String {
    format!("{}/merge_requests{query}", one(deployment))
}

each_engine!(
    async fn a_deployment_brought_what_was_merged_since_the_success_before(server) {
        let history = history(&server).await;
        let first = history.deploy("production", 1).await;
        let failed = json!({ "environment": "production", "sha": history.commits[2], "ref": "main", "tag": false, "status": "failed" });
        let failed = history.root.post(DEPLOYMENTS).json(&failed).await.json(201)["id"].as_i64().unwrap();
        let second = history.deploy("production", 3).await;
        let staging = history.deploy("staging", 2).await;
        // Asked in another order than deployed.
        assert_eq!(history.brought(second, "").await, [13, 12]);
        assert_eq!(history.brought(first, "").await, [7]);
        assert_eq!(history.brought(failed, "").await, [0; 0]);
        assert_eq!(history.brought(staging, "").await, [12, 7], "each environment for itself");
        // Back and forth again brings nothing new.
        let back = history.deploy("production", 1).await;
        let forth = history.deploy("production", 3).await;
        assert_eq!(history.brought(forth, "").await, [0; 0]);
        assert_eq!(history.brought(back, "").await, [0; 0]);
        // Copies of what the environment has already bring nothing; others do, with what is known of them.
        let copies = history.deploy("production", 5).await;
        assert_eq!(history.brought(copies, "").await, [99]);
        let other = history.deploy("staging", 5).await;
        assert_eq!(history.brought(other, "").await, [99, 13]);
        let rows = history.root.get(&merge_requests(second, "?sort=asc")).await.json(200);
        insta::assert_json_snapshot!("brought", rows);
        let merged = history.root.get(&merge_requests(first, "")).await.json(200);
        insta::assert_json_snapshot!("merged_with_gitlab", merged);
    }
);

each_engine!(
    async fn a_copy_of_a_merged_commit_brings_its_merge_request(server) {
        let history = history(&server).await;
        let repository = server.database.directory().join("repository");
        let git = |arguments: &[&str]| {
            let output = std::process::Command::new("git").args(arguments).current_dir(&repository).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        // On a branch that has only the copy.
        git(&["checkout", "--quiet", "-b", "stable", &history.commits[1]]);
        let message = format!("Copied\n\n(cherry picked from commit {})", history.commits[2]);
        git(&["-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "--allow-empty", "-m", &message]);
        let copy = git(&["rev-parse", "HEAD"]);
        history.deploy("production", 1).await;
        let body = json!({ "environment": "production", "sha": copy, "ref": "stable", "tag": false, "status": "success" });
        let id = history.root.post(DEPLOYMENTS).json(&body).await.json(201)["id"].as_i64().unwrap();
        let rows = history.root.get(&merge_requests(id, "")).await.json(200);
        assert_eq!((&rows[0]["iid"], &rows[0]["squash_commit_sha"]), (&json!(12), &json!(history.commits[2])));
    }
);

each_engine!(
    async fn a_first_deployment_brought_what_was_merged_into_its_branch(server) {
        let history = history(&server).await;
        let first = history.deploy("production", 3).await;
        assert_eq!(history.brought(first, "").await, [13, 12, 7]);
        let sha = &history.commits[3];
        let body = json!({ "environment": "demo", "sha": sha, "ref": "HEAD", "tag": false, "status": "success" });
        let other = history.root.post(DEPLOYMENTS).json(&body).await.json(201)["id"].as_i64().unwrap();
        assert_eq!(history.brought(other, "").await, [13, 12], "the others say no branch");
    }
);

each_engine!(
    async fn review_environments_have_none(server) {
        let history = history(&server).await;
        let review = history.deploy("review/topic", 3).await;
        assert_eq!(history.brought(review, "").await, [0; 0]);
        let eu = history.deploy("production/eu", 3).await;
        assert_eq!(history.brought(eu, "").await, [13, 12, 7]);
    }
);

each_engine!(
    async fn filters_orders_and_pages(server) {
        let history = history(&server).await;
        let id = history.deploy("production", 3).await;
        let cases: [(&str, &[i64]); 29] = [
            ("?sort=asc", &[7, 12, 13]),
            ("?order_by=title&sort=asc", &[7, 12, 13]),
            ("?order_by=title", &[13, 12, 7]),
            ("?state=merged", &[13, 12, 7]),
            ("?state=opened", &[]),
            ("?author_username=ada", &[13, 12, 7]),
            ("?author_username=root", &[]),
            ("?author_id=1", &[]),
            ("?author_username=missing", &[]),
            ("?merge_user_username=ada", &[13, 12, 7]),
            ("?scope=created_by_me", &[]),
            ("?scope=assigned_to_me", &[]),
            ("?source_branch=topic", &[7]),
            ("?target_branch=main", &[7]),
            ("?search=TOPIC", &[7]),
            ("?search=topic&in=description", &[]),
            ("?wip=yes", &[12]),
            ("?wip=no", &[13, 7]),
            ("?labels=x", &[]),
            ("?labels=None", &[13, 12, 7]),
            ("?assignee_id=1", &[]),
            ("?environment=production", &[13, 12, 7]),
            ("?environment=staging", &[]),
            ("?deployed_after=2026-01-02T00:00:00Z", &[13, 12, 7]),
            ("?deployed_before=2026-01-02T00:00:00Z", &[]),
            ("?created_after=2020-01-01", &[]),
            ("?approved=yes", &[]),
            ("?per_page=1&page=2", &[12]),
            ("?view=simple&with_labels_details=true&with_merge_status_recheck=true", &[13, 12, 7]),
        ];
        for (query, expected) in cases {
            assert_eq!(history.brought(id, query).await, expected, "{query}");
        }
        let page = history.root.get(&merge_requests(id, "?per_page=2")).await;
        assert_eq!((page.header("x-total"), page.header("x-next-page")), (Some("3"), Some("2")));
        let refused = [
            ("?author_id=1&author_username=x", "author_id, author_username are mutually exclusive"),
            ("?assignee_id=1&assignee_username=x", "assignee_id, assignee_username are mutually exclusive"),
            ("?reviewer_id=1&reviewer_username=x", "reviewer_id, reviewer_username are mutually exclusive"),
            ("?merge_user_id=1&merge_user_username=x", "merge_user_id, merge_user_username are mutually exclusive"),
            ("?state=x", "state does not have a valid value"),
            ("?order_by=id", "order_by does not have a valid value"),
            ("?not[labels]=x", "not is not supported"),
        ];
        for (query, text) in refused {
            let answer = history.root.get(&merge_requests(id, query)).await;
            assert_eq!(answer.json(400), json!({ "error": text }), "{query}");
        }
    }
);

each_engine!(
    async fn deployments_that_are_not_there_have_none_and_histories_that_are_gone_are_told(server) {
        let history = history(&server).await;
        let id = history.deploy("production", 3).await;
        assert_eq!(history.brought(999, "").await, [0; 0]);
        let bad = history.root.get("/projects/1/deployments/abc/merge_requests").await;
        assert_eq!(bad.told(), (400, r#"{"error":"deployment_id is invalid"}"#));
        server.project("group/none").await;
        let elsewhere = history.root.get(&format!("/projects/2/deployments/{id}/merge_requests")).await;
        assert_eq!(elsewhere.told(), (200, "[]"), "of another project");
        std::fs::remove_dir_all(server.database.directory().join("repository")).unwrap();
        let gone = history.root.get(&merge_requests(id, "")).await;
        assert_eq!(gone.told(), (400, r#"{"message":{"base":["The repository does not exist"]}}"#));
    }
);

each_engine!(
    async fn what_was_found_once_stays_after_the_history_is_rewritten(server) {
        let history = history(&server).await;
        let id = history.deploy("production", 3).await;
        assert_eq!(history.brought(id, "").await, [13, 12, 7]);
        std::fs::remove_dir_all(server.database.directory().join("repository")).unwrap();
        assert_eq!(history.brought(id, "").await, [13, 12, 7]);
        a_newer_success(&server).await;
        let deleted = history.root.delete(&one(id)).await;
        assert_eq!(deleted.status, 204);
        assert_eq!(history.brought(id, "").await, [0; 0]);
    }
);

each_engine!(
    async fn a_long_history_is_looked_through_in_rounds(server) {
        let history = history(&server).await;
        // Back and forth between two commits, and then on; the first time brings what there was.
        let commits: Vec<String> = [3, 1].into_iter().cycle().take(620).map(|commit| history.commits[commit].clone()).collect();
        let environment = history.root.post("/projects/1/environments").form(&[("name", "production")]).await.json(201);
        assert_eq!(environment["id"], 1);
        server
            .write(move |tx| {
                for sha in &commits {
                    let new = NewDeployment {
                        status: Status::Success,
                        finished_at: Some(NOW),
                        commit: Some(sha.clone()),
                        sha: sha.clone(),
                        ..plain_row(1, NOW)
                    };
                    landfall_store::deployments::insert(tx, &new)?;
                }
                Ok(())
            })
            .await;
        let last = history.deploy("production", 5).await;
        // A machine that is slow is asked again, and goes on from where it was.
        while history.root.get(&merge_requests(last, "")).await.status == 503 {}
        assert_eq!(history.brought(last, "").await, [99]);
        assert_eq!(history.brought(621 - 501, "").await, [0; 0]);
        assert_eq!(history.brought(1, "").await, [13, 12, 7]);
    }
);

/// The live deployment of an environment cannot be deleted, so another one has to be.
async fn a_newer_success(server: &TestServer) {
    let now = NOW.plus(std::time::Duration::from_secs(1));
    server
        .write(move |tx| {
            let new = NewDeployment {
                status: Status::Success,
                finished_at: Some(now),
                ..plain_row(1, now)
            };
            landfall_store::deployments::insert(tx, &new)?;
            Ok(())
        })
        .await;
}

each_engine!(
    async fn the_merge_requests_of_a_commit_are_those_that_brought_it_to_the_default_branch(server) {
        let history = history(&server).await;
        server
            .write(|tx| {
                let mut project = projects::by_id(tx, landfall_domain::ids::ProjectId(1))?.unwrap();
                project.visibility = Visibility::Public;
                Ok(projects::update(tx, &project)?)
            })
            .await;
        let of = |sha: &str, query: &str| format!("/projects/1/repository/commits/{sha}/merge_requests{query}");
        let cases = [
            (&history.commits[0], vec![]),
            (&history.commits[1], vec![7]),
            (&history.inside, vec![7]),
            (&history.commits[2], vec![12]),
            (&history.commits[3], vec![13]),
        ];
        for (sha, expected) in cases {
            let rows = server.nobody().get(&of(sha, "")).await.json(200);
            let iids: Vec<i64> = rows.as_array().unwrap().iter().map(|row| row["iid"].as_i64().unwrap()).collect();
            assert_eq!(iids, expected, "{sha}");
        }
        // The same record as that of a deployment.
        let id = history.deploy("production", 1).await;
        let of_deployment = history.root.get(&merge_requests(id, "")).await.json(200);
        assert_eq!(server.nobody().get(&of(&history.inside, "?state=all")).await.json(200), of_deployment);
        assert_eq!(server.nobody().get(&of(&history.inside, "?state=opened")).await.told(), (200, "[]"));
        let missing = server.nobody().get(&of("missing", "")).await;
        assert_eq!(missing.told(), (404, r#"{"message":"404 Commit Not Found"}"#));
    }
);
