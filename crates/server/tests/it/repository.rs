//! `/projects/:id/repository` (neighbours, section 10), on a real repository.

mod commits;
mod comparisons;
mod refs;

use landfall_domain::{access::AccessLevel, project::Visibility};
use serde_json::{Value, json};

use crate::support::{Caller, TestRepository, TestServer, each_engine};

/// A public project with a repository, seen by somebody without a token.
///
/// `main` has three commits and a merge of `feature/a.b`, which has one; `v1.0` is a light tag, `v2.0` an annotated one;
/// `stale` is merged, `side` is not.
struct World {
    repository: TestRepository,
    first: String,
    second: String,
    side: String,
    merge: String,
    nobody: Caller,
}

async fn world(server: &TestServer) -> World {
    let repository = TestRepository::new(server.database.directory());
    repository.write("README", "one\ntwo\nthree\n");
    repository.write("dir/file", "alpha\n");
    let first = repository.commit_at(
        1,
        "First\n\nWith a body\n\nChangelog: added\nReviewed-by: Ada\nReviewed-by: Bo",
    );
    repository.git(&["tag", "v1.0"]);
    repository.git(&["branch", "stale"]);
    repository.write("README", "one\n2\nthree\n");
    let second = repository.commit_at(2, "Second");
    repository.git(&["checkout", "--quiet", "-b", "feature/a.b"]);
    repository.git(&["mv", "dir/file", "dir/moved"]);
    repository.write("new", "new");
    repository.commit_at(3, "Move the file");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit_at(4, "Third");
    repository.git_at(
        "2026-01-01T11:05:00+02:00",
        &[
            "merge",
            "--quiet",
            "--no-ff",
            "-m",
            "Merge branch 'feature/a.b' into 'main'",
            "feature/a.b",
        ],
    );
    let merge = repository.git(&["rev-parse", "HEAD"]);
    repository.git_at(
        "2026-01-01T11:06:00+02:00",
        &["tag", "-a", "-m", "Version 2\n\nWith notes", "v2.0"],
    );
    repository.git(&["checkout", "--quiet", "-b", "side", &second]);
    let side = repository.commit_at(6, "Side");
    repository.git(&["checkout", "--quiet", "main"]);
    let directory = repository.directory();
    server
        .project_with("group/app", |new| {
            new.repository = Some(directory.into());
            new.visibility = Visibility::Public;
        })
        .await;
    World {
        repository,
        first,
        second,
        side,
        merge,
        nobody: server.nobody(),
    }
}

const REPOSITORY: &str = "/projects/1/repository";

fn at(tail: &str) -> String {
    format!("{REPOSITORY}{tail}")
}

/// One key of every row.
fn column(rows: &Value, key: &str) -> Vec<String> {
    let text = |row: &Value| row[key].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(text).collect()
}

const PATHS: [&str; 9] = [
    "/commits",
    "/commits/main",
    "/commits/main/refs",
    "/branches",
    "/branches/main",
    "/tags",
    "/tags/v1.0",
    "/compare?from=v1.0&to=main",
    "/merge_base?refs[]=v1.0&refs[]=main",
];

each_engine!(
    async fn whoever_may_not_see_the_code_gets_none_of_it(server) {
        world(&server).await;
        server
            .write(|tx| {
                let mut project = landfall_store::projects::by_id(tx, landfall_domain::ids::ProjectId(1))?.unwrap();
                project.visibility = Visibility::Private;
                Ok(landfall_store::projects::update(tx, &project)?)
            })
            .await;
        let guest = server.user("guest").await;
        let reporter = server.user("reporter").await;
        server.member(landfall_domain::ids::ProjectId(1), "guest", AccessLevel::Guest).await;
        server.member(landfall_domain::ids::ProjectId(1), "reporter", AccessLevel::Reporter).await;
        for path in PATHS {
            let not_found = (404, r#"{"message":"404 Project Not Found"}"#);
            assert_eq!(server.nobody().get(&at(path)).await.told(), not_found, "{path}");
            assert_eq!(guest.get(&at(path)).await.told(), (403, r#"{"message":"403 Forbidden"}"#), "{path}");
            assert_eq!(reporter.get(&at(path)).await.status, 200, "{path}");
        }
    }
);

each_engine!(
    async fn a_project_without_a_repository_or_without_commits_has_empty_lists(server) {
        let empty = TestRepository::new(server.database.directory());
        let directory = empty.directory();
        server.project_with("group/empty", |new| new.repository = Some(directory.into())).await;
        server.project("group/none").await;
        let root = server.root().await;
        for project in [1, 2] {
            for list in ["commits", "branches", "tags"] {
                let answer = root.get(&format!("/projects/{project}/repository/{list}")).await;
                assert_eq!(answer.told(), (200, "[]"), "{list}");
            }
            let refused = [
                ("commits/main", 404, "404 Commit Not Found"),
                ("commits/main/refs", 404, "404 Commit Not Found"),
                ("branches/main", 404, "404 Branch Not Found"),
                ("tags/main", 404, "404 Tag Not Found"),
                ("compare?from=main&to=main", 404, "404 Ref Not Found"),
                ("merge_base?refs[]=a&refs[]=b", 400, "Could not find refs: a, b"),
            ];
            for (path, status, text) in refused {
                let answer = root.get(&format!("/projects/{project}/repository/{path}")).await;
                assert_eq!(answer.json(status), json!({ "message": text }), "{path}");
            }
        }
    }
);

each_engine!(
    async fn a_broken_repository_is_told_and_is_no_server_error(server) {
        let world = world(&server).await;
        std::fs::write(std::path::Path::new(&world.repository.directory()).join("config"), "[core\n").unwrap();
        for path in PATHS {
            let told = json!({ "message": { "base": ["The repository cannot be read"] } });
            assert_eq!(world.nobody.get(&at(path)).await.json(400), told, "{path}");
        }
    }
);
