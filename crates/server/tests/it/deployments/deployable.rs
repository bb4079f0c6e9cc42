//! The job of a deployment (`deployable`): recorded as it is told, completed from what is known, shown whole.

use super::*;
use crate::support::each_engine;

/// What a GitLab of today answers for a deployment by a job with everything that a job can have.
const FROM_GITLAB: &str = include_str!("gitlab-18.json");

each_engine!(
    async fn an_answer_of_gitlab_is_recorded_as_it_is(server) {
        let team = team(&server).await;
        let from_gitlab: Value = serde_json::from_str(FROM_GITLAB).unwrap();
        let created = team
            .maintainer
            .post(DEPLOYMENTS)
            .body(Some("application/json"), FROM_GITLAB)
            .await
            .json(201);
        // One key is ours: the profile that the first GitLabs showed had one more.
        let mut deployable = created["deployable"].clone();
        assert_eq!(
            deployable["user"].as_object_mut().unwrap().shift_remove("skype"),
            Some(Value::Null)
        );
        assert_eq!(
            deployable.to_string(),
            from_gitlab["deployable"].to_string(),
            "in GitLab's order, too"
        );
        for key in ["ref", "sha", "created_at", "updated_at", "status"] {
            assert_eq!(created[key], from_gitlab[key], "{key}");
        }
        assert_eq!(created["environment"]["external_url"], "https://www.example.com");
        assert_eq!(created["landfall"]["tag"], json!(false), "from the job");
        assert_eq!(team.reporter.get(&one(1)).await.json(200), created);
        assert_eq!(
            team.reporter.get(DEPLOYMENTS).await.json(200)[0]["deployable"],
            created["deployable"]
        );
        let again = team
            .maintainer
            .post(DEPLOYMENTS)
            .body(Some("application/json"), FROM_GITLAB)
            .await
            .json(201);
        assert_eq!(again, created, "posted twice, recorded once");
    }
);

each_engine!(
    async fn an_answer_of_ours_is_recorded_as_it_is(server) {
        let team = team(&server).await;
        let elsewhere = "/projects/2/deployments";
        server.project("group/copy").await;
        let times = json!({ "created_at": "2026-01-01T08:00:00Z", "finished_at": "2026-01-01T09:00:00Z", "updated_at": "2026-01-01T10:00:00Z" });
        for (status, keys) in [
            (
                "success",
                with(
                    times,
                    json!({ "tag": true, "deployable": { "name": "deploy", "tag": false, "user": { "username": "ada" } } }),
                ),
            ),
            ("failed", json!({})),
            ("running", json!({ "tag": true })),
        ] {
            let original = team
                .maintainer
                .post(DEPLOYMENTS)
                .json(&with(report("production", 1, status), keys))
                .await
                .json(201);
            let copy = team.root.post(elsewhere).json(&original).await.json(201);
            for key in [
                "ref",
                "sha",
                "created_at",
                "updated_at",
                "deployable",
                "status",
                "landfall",
            ] {
                assert_eq!(copy[key], original[key], "{status} {key}");
            }
        }
    }
);

each_engine!(
    async fn a_name_is_enough_and_what_nobody_knows_is_null(server) {
        let team = team(&server).await;
        insta::assert_json_snapshot!(shown(&team.developer, json!({ "name": "deploy" })).await, @r#"
        {
          "id": 1,
          "status": null,
          "stage": null,
          "name": "deploy",
          "ref": null,
          "tag": null,
          "coverage": null,
          "allow_failure": null,
          "created_at": null,
          "started_at": null,
          "finished_at": null,
          "erased_at": null,
          "duration": null,
          "queued_duration": null,
          "user": null,
          "commit": null,
          "pipeline": null,
          "web_url": null,
          "project": {
            "ci_job_token_scope_enabled": null
          },
          "artifacts": [],
          "runner": null,
          "runner_manager": null,
          "artifacts_expire_at": null,
          "archived": null,
          "tag_list": []
        }
        "#);
    }
);

each_engine!(
    async fn every_object_in_a_job_has_all_its_keys(server) {
        let team = team(&server).await;
        let mut nested = json!({ "name": "deploy", "runner": { "created_by": {} } });
        for key in [
            "user",
            "commit",
            "pipeline",
            "project",
            "artifacts_file",
            "runner_manager",
        ] {
            nested[key] = json!({});
        }
        let mut job = shown(&team.developer, nested).await;
        let created_by = job["runner"]["created_by"].take();
        let keys = |name: &str, object: &Value| {
            let members = object.as_object().unwrap();
            assert!(members.values().all(Value::is_null), "{object}");
            format!("{name}: {}\n", members.keys().cloned().collect::<Vec<_>>().join(" "))
        };
        let objects = job.as_object().unwrap().iter().filter(|(_, value)| value.is_object());
        let mut all: String = objects.map(|(name, object)| keys(name, object)).collect();
        all.push_str(&keys("created_by", &created_by));
        insta::assert_snapshot!(all, @r#"
        user: id username public_email name state locked avatar_url web_url created_at bio location skype linkedin twitter discord website_url github job_title pronouns organization bot work_information followers following is_followed local_time
        commit: id short_id created_at parent_ids title message author_name author_email authored_date committer_name committer_email committed_date trailers extended_trailers web_url
        pipeline: id iid project_id sha ref status source created_at updated_at web_url
        project: ci_job_token_scope_enabled
        artifacts_file: filename size
        runner: id description ip_address active paused is_shared runner_type name online created_by created_at status job_execution_status
        runner_manager: id system_id version revision platform architecture created_at contacted_at ip_address status job_execution_status
        created_by: id username public_email name state locked avatar_url web_url
        "#);
    }
);

each_engine!(
    async fn a_job_without_an_id_gets_one_of_ours_and_told_ids_may_repeat(server) {
        let team = team(&server).await;
        let id = async |job: Value| shown(&team.developer, job).await["id"].clone();
        assert_eq!(id(json!({ "name": "a" })).await, 1);
        assert_eq!(id(json!({ "name": "b", "id": null })).await, 2);
        for told in [json!(657), json!("657"), json!(2), json!(0), json!(-1), json!(i64::MAX)] {
            let expected = told.as_i64().unwrap_or(657);
            assert_eq!(id(json!({ "name": "c", "id": told })).await, expected);
        }
    }
);

each_engine!(
    async fn some_keys_are_only_there_with_a_reason(server) {
        let team = team(&server).await;
        let has = async |job: Value, key: &str| shown(&team.developer, job).await.get(key).cloned();
        for (status, expected) in [
            ("failed", Some(json!("script_failure"))),
            ("success", None),
            ("canceled", None),
        ] {
            let job = json!({ "name": "deploy", "status": status, "failure_reason": "script_failure" });
            assert_eq!(has(job, "failure_reason").await, expected, "{status}");
        }
        assert_eq!(
            has(json!({ "name": "deploy", "status": "failed" }), "failure_reason").await,
            None
        );
        let archive = json!({ "filename": "a.zip", "size": 7 });
        assert_eq!(
            has(json!({ "name": "deploy", "artifacts_file": archive }), "artifacts_file").await,
            Some(archive)
        );
        assert_eq!(
            has(json!({ "name": "deploy", "artifacts_file": null }), "artifacts_file").await,
            None
        );
    }
);

each_engine!(
    async fn values_are_converted_as_parameters_are_and_unknown_keys_are_passed_over(server) {
        let team = team(&server).await;
        let told = json!({
            "name": 7, "tag": "yes", "coverage": "98.5", "duration": 3, "queued_duration": "", "tag_list": ["a", 1],
            "created_at": "2016-08-11T09:36:27.357123+02:00", "erased_at": "", "pipeline": { "id": "36", "web": "x" },
            "commit": { "created_at": "2016-08-11T09:36:01.000+02:00", "more": [] }, "runner": { "id": 1.9 }, "made_up": { "x": 1 }
        });
        let job = shown(&team.developer, told).await;
        let of = |keys: &[&str]| -> Vec<Value> {
            keys.iter()
                .map(|key| job.pointer(key).cloned().unwrap_or(json!("missing")))
                .collect()
        };
        let known = of(&[
            "/name",
            "/tag",
            "/coverage",
            "/duration",
            "/queued_duration",
            "/tag_list",
            "/created_at",
            "/erased_at",
            "/pipeline/id",
            "/runner/id",
        ]);
        assert_eq!(
            Value::from(known),
            json!([
                "7",
                true,
                98.5,
                3.0,
                null,
                ["a", "1"],
                "2016-08-11T07:36:27.357Z",
                null,
                36,
                1
            ])
        );
        assert_eq!(
            of(&["/commit/created_at"]),
            ["2016-08-11T09:36:01.000+02:00"],
            "the commit's own zone stays"
        );
        assert_eq!(
            of(&["/made_up", "/pipeline/web", "/commit/more"]),
            ["missing", "missing", "missing"]
        );
    }
);

each_engine!(
    async fn wrong_keys_are_named_beside_the_other_parameters(server) {
        let team = team(&server).await;
        for (job, error) in [
            (json!({}), "deployable[name] is missing"),
            (json!({ "name": null }), "deployable[name] is empty"),
            (json!({ "name": " " }), "deployable[name] is empty"),
            (
                json!({ "name": [] }),
                "deployable[name] is invalid, deployable[name] is missing",
            ),
            (json!([]), "deployable is invalid"),
            (json!("deploy"), "deployable is invalid"),
            (json!(1), "deployable is invalid"),
            (
                json!({ "name": "deploy", "id": "x", "started_at": 5 }),
                "deployable[id] is invalid, deployable[started_at] is invalid",
            ),
            (
                json!({ "name": "deploy", "pipeline": [] }),
                "deployable[pipeline] is invalid",
            ),
            (
                json!({ "name": "deploy", "runner": { "created_by": { "id": {} } } }),
                "deployable[runner][created_by][id] is invalid",
            ),
            (
                json!({ "name": "deploy", "artifacts": {}, "tag_list": "a" }),
                "deployable[artifacts] is invalid, deployable[tag_list] is invalid",
            ),
            (
                json!({ "name": "deploy", "coverage": "much", "duration": [] }),
                "deployable[coverage] is invalid, deployable[duration] is invalid",
            ),
        ] {
            let answer = team.developer.post(DEPLOYMENTS).json(&by_job(&job)).await;
            assert_eq!(
                answer.told(),
                (400, json!({ "error": error }).to_string().as_str()),
                "{job}"
            );
        }
        let both = with(by_job(&json!({})), json!({ "sha": "", "created_at": "x" }));
        let error = r#"{"error":"sha is empty, deployable[name] is missing, created_at is invalid"}"#;
        assert_eq!(team.maintainer.post(DEPLOYMENTS).json(&both).await.told(), (400, error));
        assert_eq!(team.reporter.get(DEPLOYMENTS).await.told(), (200, "[]"));
        for nothing in [json!(null), json!("")] {
            assert_eq!(shown(&team.developer, nothing).await, Value::Null);
        }
    }
);

each_engine!(
    async fn a_form_tells_a_job_in_brackets_or_as_json_text(server) {
        let team = team(&server).await;
        let sha = sha(1);
        let base = [
            ("environment", "production"),
            ("sha", &sha),
            ("ref", "main"),
            ("tag", "false"),
            ("status", "running"),
        ];
        let post = async |more: &[(&str, &str)]| {
            let form: Vec<_> = base.iter().chain(more).copied().collect();
            team.developer.post(DEPLOYMENTS).form(&form).await
        };
        let brackets = [
            ("deployable[name]", "deploy"),
            ("deployable[pipeline][id]", "36"),
            ("deployable[tag_list][]", "a"),
        ];
        let text = [(
            "deployable",
            r#"{"name":"deploy","pipeline":{"id":36},"tag_list":["a"]}"#,
        )];
        for form in [&brackets[..], &text] {
            let job = &post(form).await.json(201)["deployable"];
            assert_eq!(
                (&job["name"], &job["pipeline"]["id"], &job["tag_list"]),
                (&json!("deploy"), &json!(36), &json!(["a"]))
            );
        }
        let invalid = (400, r#"{"error":"deployable is invalid"}"#);
        assert_eq!(post(&[("deployable", "deploy")]).await.told(), invalid);
        assert_eq!(post(&[("deployable", "[1]")]).await.told(), invalid);
        let missing = (400, r#"{"error":"deployable[name] is missing"}"#);
        assert_eq!(post(&[("deployable", "{}")]).await.told(), missing);
        assert_eq!(
            post(&[("deployable", r#"{"name":"a\u0000b"}"#)]).await.told(),
            invalid,
            "a NUL byte is none here either"
        );
        assert_eq!(
            post(&[("deployable", r#"{"name":"a","artifacts":[{"x":["\u0000"]}]}"#)])
                .await
                .told(),
            invalid
        );
        let completes = [("status", "success"), text[0]];
        let updated = team.developer.put(&one(1)).form(&completes).await.json(200);
        assert_eq!(updated["deployable"]["tag_list"], json!(["a"]));
        let completes = [("status", "success"), ("deployable", r#"{"stage":"\u0000"}"#)];
        assert_eq!(team.developer.put(&one(1)).form(&completes).await.told(), invalid);
    }
);
