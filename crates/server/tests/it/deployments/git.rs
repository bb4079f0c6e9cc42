//! `sha` and `ref` against the project's repository (reference 6.3.2).

use std::{fs, path::PathBuf};

use super::*;
use crate::support::{TestRepository, each_engine};

const NO_SHA: (u16, &str) = (400, r#"{"message":{"sha":["The commit does not exist"]}}"#);
const NO_REF: (u16, &str) = (400, r#"{"message":{"ref":["The branch or tag does not exist"]}}"#);

/// A project with a repository of two commits on `main`, a branch, two tags, and its maintainer.
struct WithRepository {
    repository: TestRepository,
    first: String,
    second: String,
    root: Caller,
}

async fn repository(server: &TestServer) -> WithRepository {
    let repository = TestRepository::new(server.database.directory());
    let first = repository.commit("First");
    repository.git(&["branch", "feature/a.b"]);
    repository.git(&["tag", "v1.0"]);
    let second = repository.commit("Second");
    repository.git(&["tag", "-a", "-m", "Annotated", "v2.0"]);
    let directory = repository.directory();
    server
        .project_with("group/app", |new| new.repository = Some(directory.into()))
        .await;
    let root = server.root().await;
    WithRepository {
        repository,
        first,
        second,
        root,
    }
}

fn deployed(sha: &str, git_ref: &str) -> Value {
    with(
        report("production", 0, "running"),
        json!({ "sha": sha, "ref": git_ref }),
    )
}

each_engine!(
    async fn both_are_looked_up_alike_and_stored_as_sent(server) {
        let WithRepository {
            repository,
            first,
            second,
            root,
        } = repository(&server).await;
        let tree = repository.git(&["rev-parse", "HEAD^{tree}"]);
        let tag_object = repository.git(&["rev-parse", "v2.0"]);
        let (short, upper) = (second[..8].to_owned(), second.to_uppercase());
        let found = [
            (&second[..], &second),
            (&first, &first),
            (&short, &second),
            (&second[..4], &second),
            (&upper, &second),
            (&upper[..10], &second),
            ("main", &second),
            ("feature/a.b", &first),
            ("heads/main", &second),
            ("refs/heads/main", &second),
            ("v1.0", &first),
            ("v2.0", &second),
            ("refs/tags/v2.0", &second),
            (&tag_object, &second),
            ("HEAD", &second),
            ("@", &second),
            ("main~1", &first),
            ("main^", &first),
            ("v2.0^{}", &second),
            ("HEAD~0", &second),
        ];
        for (text, commit) in found {
            for body in [deployed(text, "main"), deployed(&second, text)] {
                let created = root.post(DEPLOYMENTS).json(&body).await.json(201);
                assert_eq!(
                    (&created["sha"], &created["ref"]),
                    (&body["sha"], &body["ref"]),
                    "{text}"
                );
                assert_eq!(created["landfall"]["verified"], json!(true));
            }
            let created = root.post(DEPLOYMENTS).json(&deployed(text, text)).await.json(201);
            assert_eq!(created["landfall"]["commit"], json!(commit), "{text}");
        }
        let missing = [
            &"0".repeat(40),
            &second[..3],
            "nothing",
            "MAIN",
            "refs/heads",
            "main~2",
            "main^2",
            "-main",
            "--all",
            "main:",
            "main:file",
            ":/First",
            "main~1001",
            "a..b",
            "main..HEAD",
            "^main",
            "main@{0}",
            "main@{1 day ago}",
            "v2.0^{tree}",
            "ma in",
            "main\t",
            "\u{1}",
            &tree,
        ];
        for text in missing {
            assert_eq!(
                root.post(DEPLOYMENTS).json(&deployed(text, "main")).await.told(),
                NO_SHA,
                "{text}"
            );
            assert_eq!(
                root.post(DEPLOYMENTS).json(&deployed(&second, text)).await.told(),
                NO_REF,
                "{text}"
            );
            assert_eq!(
                root.post(DEPLOYMENTS).json(&deployed(text, text)).await.told(),
                NO_SHA,
                "{text}"
            );
        }
    }
);

each_engine!(
    async fn bare_packed_and_changing_repositories_are_read_as_they_are_now(server) {
        let WithRepository {
            repository,
            first,
            second,
            root,
        } = repository(&server).await;
        let bare = server.database.directory().join("bare.git");
        repository.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
        let bare_directory = bare.to_str().unwrap().to_owned();
        server
            .project_with("group/bare", |new| new.repository = Some(bare_directory.into()))
            .await;
        for sha in [&first, &second, "v1.0"] {
            let created = root.post("/projects/2/deployments").json(&deployed(sha, "main")).await;
            assert_eq!(created.json(201)["landfall"]["verified"], json!(true));
        }
        repository.git(&["gc", "--quiet"]);
        repository.git(&["pack-refs", "--all"]);
        for text in [&first[..7], "feature/a.b", "v2.0"] {
            assert_eq!(
                root.post(DEPLOYMENTS).json(&deployed(text, text)).await.status,
                201,
                "packed {text}"
            );
        }
        let third = repository.commit("Third");
        assert_eq!(
            root.post(DEPLOYMENTS).json(&deployed(&third, "later")).await.told(),
            NO_REF
        );
        repository.git(&["branch", "later"]);
        assert_eq!(
            root.post(DEPLOYMENTS).json(&deployed(&third, "later")).await.status,
            201
        );
        repository.git(&["branch", "-D", "later"]);
        assert_eq!(
            root.post(DEPLOYMENTS).json(&deployed(&third, "later")).await.told(),
            NO_REF
        );
        repository.git(&["update-ref", "refs/heads/main", &first]);
        let moved = root.post(DEPLOYMENTS).json(&deployed("main", "main")).await.json(201);
        assert_eq!(moved["landfall"]["commit"], json!(first));
    }
);

each_engine!(
    async fn a_repository_without_commits_refuses_every_sha(server) {
        let empty = TestRepository::new(server.database.directory());
        let directory = empty.directory();
        server
            .project_with("group/app", |new| new.repository = Some(directory.into()))
            .await;
        let root = server.root().await;
        for sha in ["main", "HEAD", &sha(1)] {
            assert_eq!(root.post(DEPLOYMENTS).json(&deployed(sha, "main")).await.told(), NO_SHA);
        }
    }
);

/// What is done to a repository, and how the API tells of it.
type Damage = (fn(&TestRepository, &str), &'static str);

fn git_dir(repository: &TestRepository) -> PathBuf {
    PathBuf::from(repository.directory())
}

each_engine!(
    async fn a_repository_that_vanished_or_is_broken_is_told_and_is_no_server_error(server) {
        let gone = "The repository does not exist";
        let broken = "The repository cannot be read";
        let damages: [Damage; 4] = [
            (
                |repository, commit| {
                    let object = git_dir(repository)
                        .join("objects")
                        .join(&commit[..2])
                        .join(&commit[2..]);
                    fs::remove_file(&object).unwrap();
                    fs::write(object, "rubbish").unwrap();
                },
                broken,
            ),
            (
                |repository, _| fs::write(git_dir(repository).join("config"), "[core\n").unwrap(),
                broken,
            ),
            (
                |repository, _| fs::remove_file(git_dir(repository).join("HEAD")).unwrap(),
                gone,
            ),
            (|repository, _| fs::remove_dir_all(git_dir(repository)).unwrap(), gone),
        ];
        let WithRepository {
            repository,
            second,
            root,
            ..
        } = repository(&server).await;
        let before = record(&root, &deployed(&second, "main")).await;
        for (number, (damage, text)) in damages.into_iter().enumerate() {
            damage(&repository, &second);
            let told = json!({ "message": { "base": [text] } }).to_string();
            for body in [deployed(&second, "main"), deployed("main", "main")] {
                let answer = root.post(DEPLOYMENTS).json(&body).await;
                assert_eq!(answer.told(), (400, told.as_str()), "damage {number}");
            }
            // What is recorded can still be read, and changed unless the repository has to be asked.
            assert_eq!(root.get(&one(before)).await.status, 200);
            let completed =
                json!({ "status": "running", "deployable": { "name": "deploy", "commit": { "id": second } } });
            assert_eq!(
                root.put(&one(before)).json(&completed).await.status,
                400,
                "damage {number}"
            );
        }
        assert_eq!(root.put(&one(before)).form(&[("status", "success")]).await.status, 200);
        assert_eq!(ids(&root.get(DEPLOYMENTS).await.json(200)), [before]);
    }
);

each_engine!(
    async fn a_project_that_gets_a_repository_later_keeps_its_unverified_records(server) {
        let WithRepository { second, root, .. } = repository(&server).await;
        record(&root, &deployed(&second, "main")).await;
        server
            .write(|tx| {
                landfall_store::deployments::insert(tx, &plain_row(1, NOW))?;
                Ok(())
            })
            .await;
        let facts = |list: &Value| -> Vec<Value> {
            list.as_array()
                .unwrap()
                .iter()
                .map(|row| row["landfall"]["verified"].clone())
                .collect()
        };
        assert_eq!(
            facts(&root.get(DEPLOYMENTS).await.json(200)),
            [json!(true), json!(false)]
        );
        let completed = json!({ "status": "success", "deployable": { "name": "deploy" } });
        let updated = root.put(&one(2)).json(&completed).await.json(200);
        assert_eq!(
            updated["deployable"]["commit"],
            Value::Null,
            "nothing is guessed for it"
        );
    }
);

each_engine!(
    async fn a_report_about_a_branch_that_is_gone_by_now_is_taken(server) {
        let WithRepository {
            repository,
            first,
            second,
            root,
        } = repository(&server).await;
        let keyed = |sha: &str, git_ref: &str, status: &str| {
            let job = json!({ "name": "deploy", "status": status });
            with(
                deployed(sha, git_ref),
                json!({ "external_id": "a", "status": status, "deployable": job }),
            )
        };
        let running = keyed("HEAD", "feature/a.b", "running");
        let told = root.post(DEPLOYMENTS).json(&running).await.json(201);
        assert_eq!(told["landfall"]["commit"], json!(second));
        repository.git(&["branch", "-D", "feature/a.b"]);
        repository.commit("Third");
        // Sent again, and then what has become of it: of the commit that was meant when it began.
        let again = root.post(DEPLOYMENTS).json(&running).await.json(200);
        assert_eq!(again["landfall"]["report"]["reason"], "repeated");
        let success = keyed("HEAD", "feature/a.b", "success");
        let told = root.post(DEPLOYMENTS).json(&success).await.json(200);
        assert_eq!(
            (&told["status"], &told["landfall"]["commit"], &told["deployable"]["commit"]["id"]),
            (&json!("success"), &json!(second), &json!(second))
        );
        // What was not reported before is looked up.
        let unknown = keyed(&first, "feature/a.b", "failed");
        assert_eq!(root.post(DEPLOYMENTS).json(&unknown).await.told(), NO_REF);
        let other = keyed(&first, "main", "failed");
        let told = root.post(DEPLOYMENTS).json(&other).await.json(200);
        assert_eq!(told["landfall"]["commit"], json!(first));
    }
);
