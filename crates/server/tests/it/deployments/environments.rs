//! The environments that deployments make and wake (reference section 9).

use landfall_domain::environment::{Environment, State};
use landfall_store::environments;

use super::*;
use crate::support::each_engine;

/// An environment of the first project as it is stored.
async fn stored(server: &TestServer, name: &str) -> Option<Environment> {
    let name = name.to_owned();
    server
        .write(move |tx| Ok(environments::by_name(tx, ProjectId(1), &name)?))
        .await
}

each_engine!(
    async fn a_missing_environment_is_made_with_slug_and_tier(server) {
        let team = team(&server).await;
        let (a24, a25) = ("a".repeat(24), "a".repeat(25));
        for (name, slug, tier) in [
            ("production", "production", "production"),
            ("Production", "production-iis43c", "production"),
            ("PRODUCTION", "production-vl4voz", "production"),
            ("review/feature-1", "review-feature-1-1q251u", "development"),
            ("review/fix-foo", "review-fix-foo-v25cyx", "development"),
            ("production/www.gitlab.com", "production-www-gi-q2zue0", "production"),
            ("1-foo", "env-1-foo-1k46wz", "other"),
            ("foo--bar", "foo-bar-q006cp", "other"),
            ("foo-", "foo", "other"),
            ("dev_1", "dev-1-m9ln26", "development"),
            ("$HOME", "env-home-a0ra4m", "other"),
            ("QA env 2", "qa-env-2-rxeoht", "testing"),
            ("somewhere/1", "somewhere-1-78avk6", "other"),
            (&a24, &a24, "other"),
            (&a25, "aaaaaaaaaaaaaaaaa-1n7uof", "other"),
            ("production-test", "production-test", "testing"),
            ("pre-prod", "pre-prod", "staging"),
            ("nonprod", "nonprod", "staging"),
            ("review/product", "review-product-9smeux", "development"),
            ("unproductive", "unproductive", "production"),
            ("gprd", "gprd", "production"),
            ("sprint", "sprint", "testing"),
            ("canary", "canary", "other"),
            ("device", "device", "development"),
        ] {
            let created = team
                .developer
                .post(DEPLOYMENTS)
                .json(&report(name, 1, "running"))
                .await
                .json(201);
            assert_eq!(created["environment"]["name"], name);
            assert_eq!(created["environment"]["slug"], slug, "{name}");
            let made = stored(&server, name).await.unwrap();
            assert_eq!(
                (made.tier.as_str(), made.state, made.auto_stop_setting.as_str()),
                (tier, State::Available, "always"),
                "{name}"
            );
            assert_eq!((made.external_url, made.description), (None, None));
        }
    }
);

each_engine!(
    async fn names_that_cannot_be_are_told_why(server) {
        let team = team(&server).await;
        let long = "is too long (maximum is 255 characters)";
        let letters = "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'";
        let (most, more, many) = ("a".repeat(255), "a".repeat(256), "ä".repeat(256));
        for (name, errors) in [
            ("/production", &[letters][..]),
            ("production/", &[letters]),
            ("pröduction", &[letters]),
            ("a,b", &[letters]),
            ("a\nb", &[letters]),
            (&more, &[long]),
            (&many, &[long, letters]),
        ] {
            let answer = team.developer.post(DEPLOYMENTS).json(&report(name, 1, "running")).await;
            assert_eq!(
                answer.told(),
                (400, json!({ "message": { "name": errors } }).to_string().as_str()),
                "{name}"
            );
            assert_eq!(stored(&server, name).await, None);
        }
        for name in [" blanks ", &most, "${CI}/{x}", "a/b/c.d_e-f"] {
            let created = team
                .developer
                .post(DEPLOYMENTS)
                .json(&report(name, 1, "running"))
                .await
                .json(201);
            assert_eq!(created["environment"]["name"], name);
        }
    }
);

each_engine!(
    async fn the_second_name_with_the_same_slug_is_refused(server) {
        let team = team(&server).await;
        record(&team.developer, &report("foo", 1, "running")).await;
        let taken = team
            .developer
            .post(DEPLOYMENTS)
            .json(&report("foo-", 1, "running"))
            .await;
        assert_eq!(
            taken.told(),
            (400, r#"{"message":{"slug":["has already been taken"]}}"#)
        );
        assert_eq!(stored(&server, "foo-").await, None);
        server.project("group/other").await;
        let elsewhere = team
            .root
            .post("/projects/2/deployments")
            .json(&report("foo-", 1, "running"))
            .await;
        assert_eq!(elsewhere.json(201)["environment"]["slug"], "foo");
    }
);

each_engine!(
    async fn a_refused_create_makes_no_environment(server) {
        let team = team(&server).await;
        let body = report("production", 1, "running");
        for wrong in [
            json!({ "sha": "x" }),
            json!({ "ref": ".." }),
            json!({ "status": "x" }),
            json!({ "finished_at": "2026-01-01" }),
        ] {
            assert_eq!(
                team.maintainer
                    .post(DEPLOYMENTS)
                    .json(&with(body.clone(), wrong))
                    .await
                    .status,
                400
            );
        }
        assert_eq!(team.reporter.post(DEPLOYMENTS).json(&body).await.status, 403);
        assert_eq!(stored(&server, "production").await, None);
    }
);

each_engine!(
    async fn a_success_wakes_a_stopped_environment_and_nothing_else_does(server) {
        let team = team(&server).await;
        for (number, status) in (1..).zip(["created", "running", "failed", "canceled", "success"]) {
            for (asleep, by_update) in [
                (State::Stopped, false),
                (State::Stopping, false),
                (State::Stopped, true),
            ] {
                let name = format!("{status}-{}-{by_update}", asleep.as_str());
                let id = record(&team.developer, &report(&name, 99, "created")).await;
                let mut environment = stored(&server, &name).await.unwrap();
                environment.state = asleep;
                server
                    .write(move |tx| Ok(environments::update(tx, &environment)?))
                    .await;
                if by_update && status != "created" {
                    team.developer.put(&one(id)).form(&[("status", status)]).await.json(200);
                } else {
                    record(&team.developer, &report(&name, number, status)).await;
                }
                let then = stored(&server, &name).await.unwrap().state;
                let expected = if status == "success" { State::Available } else { asleep };
                assert_eq!(then, expected, "{name}");
            }
        }
    }
);

each_engine!(
    async fn an_address_that_runs_a_script_is_refused(server) {
        let team = team(&server).await;
        let post = async |name: &str, url: Value| {
            let environment = json!({ "environment": { "name": name, "external_url": url } });
            team.developer
                .post(DEPLOYMENTS)
                .json(&with(report("", 1, "running"), environment))
                .await
        };
        let long = format!("https://{}", "x".repeat(248));
        for (url, error) in [
            ("javascript:alert(1)", "javascript scheme is not allowed"),
            (" JavaScript:alert(1)", "javascript scheme is not allowed"),
            ("data:text/html,x", "data scheme is not allowed"),
            ("VBSCRIPT:x", "vbscript scheme is not allowed"),
            ("java\tscript:alert(1)", "URI is invalid"),
            ("\u{1}javascript:alert(1)", "URI is invalid"),
            (&long, "is too long (maximum is 255 characters)"),
        ] {
            let told = json!({ "message": { "external_url": [error] } }).to_string();
            assert_eq!(
                post("production", json!(url)).await.told(),
                (400, told.as_str()),
                "{url}"
            );
        }
        assert_eq!(stored(&server, "production").await, None);
        for (number, (url, kept)) in (0..).zip([
            (json!("https://example.com"), Some("https://example.com")),
            (json!(long[..255]), Some(&long[..255])),
            (json!("example.com"), Some("example.com")),
            (json!("custom://x"), Some("custom://x")),
            (json!("$URL"), Some("$URL")),
            (json!("example.com/javascript:x"), Some("example.com/javascript:x")),
            (json!(""), None),
            (json!(null), None),
            (json!(1), None),
        ]) {
            let created = post(&format!("e{number}"), url.clone()).await.json(201);
            assert_eq!(created["environment"]["external_url"], json!(kept), "{url}");
        }
    }
);
