//! Users (neighbours, section 3).
#![expect(
    clippy::format_push_string,
    reason = "a table that is shown is made line by line, and it does not matter how fast"
)]

mod manage;

use landfall_domain::user::{Profile, UserState};
use landfall_store::users;

use crate::support::{Caller, TestServer, each_engine, raw};

/// Fills the profile of a user, so that every key has something to show.
async fn describe(server: &TestServer, username: &'static str) {
    server
        .write(move |tx| {
            let mut user = users::by_username(tx, username)?.unwrap();
            "public@example.com".clone_into(&mut user.public_email);
            user.profile = Profile {
                bio: Some("Writes programs".to_owned()),
                location: Some("London".to_owned()),
                linkedin: "ada-l".to_owned(),
                twitter: "@ada".to_owned(),
                discord: "1815".to_owned(),
                github: "ada-gh".to_owned(),
                skype: "ada.skype".to_owned(),
                website_url: "https://ada.example".to_owned(),
                organization: "Analytical Engines".to_owned(),
                job_title: "Countess".to_owned(),
                pronouns: Some("she/her".to_owned()),
            };
            Ok(users::update(tx, &user)?)
        })
        .await;
}

async fn set_state(server: &TestServer, username: &'static str, state: UserState) {
    server
        .write(move |tx| {
            let mut user = users::by_username(tx, username)?.unwrap();
            user.state = state;
            Ok(users::update(tx, &user)?)
        })
        .await;
}

each_engine!(
    async fn a_user_sees_itself(server) {
        let ada = server.user("ada").await;
        describe(&server, "ada").await;
        insta::assert_json_snapshot!(ada.get("/user").await.json(200), @r#"
        {
          "id": 1,
          "username": "ada",
          "public_email": "public@example.com",
          "name": "ada",
          "state": "active",
          "locked": false,
          "avatar_url": "https://www.gravatar.com/avatar/b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72?s=80&d=identicon",
          "web_url": "http://landfall.example/ada",
          "created_at": "2026-01-02T03:04:05.678Z",
          "bio": "Writes programs",
          "location": "London",
          "skype": "ada.skype",
          "linkedin": "ada-l",
          "twitter": "@ada",
          "discord": "1815",
          "website_url": "https://ada.example",
          "github": "ada-gh",
          "job_title": "Countess",
          "pronouns": "she/her",
          "organization": "Analytical Engines",
          "bot": false,
          "work_information": "Countess at Analytical Engines",
          "followers": 0,
          "following": 0,
          "is_followed": false,
          "local_time": null,
          "last_sign_in_at": null,
          "confirmed_at": "2026-01-02T03:04:05.678Z",
          "last_activity_on": null,
          "email": "ada@example.com",
          "theme_id": 1,
          "color_scheme_id": 1,
          "projects_limit": 100000,
          "current_sign_in_at": null,
          "identities": [],
          "can_create_group": true,
          "can_create_project": true,
          "two_factor_enabled": false,
          "external": false,
          "private_profile": false,
          "commit_email": "ada@example.com",
          "preferred_language": "en",
          "shared_runners_minutes_limit": null,
          "extra_shared_runners_minutes_limit": null,
          "scim_identities": []
        }
        "#);
        assert_eq!(server.nobody().get("/user").await.told(), (401, r#"{"message":"401 Unauthorized"}"#));
    }
);

each_engine!(
    async fn an_administrator_sees_more(server) {
        let root = server.root().await;
        insta::assert_json_snapshot!(root.get("/user").await.json(200), @r#"
        {
          "id": 1,
          "username": "root",
          "public_email": "",
          "name": "Administrator",
          "state": "active",
          "locked": false,
          "avatar_url": "https://www.gravatar.com/avatar/258d8dc916db8cea2cafb6c3cd0cb0246efe061421dbd83ec3a350428cabda4f?s=80&d=identicon",
          "web_url": "http://landfall.example/root",
          "created_at": "2026-01-02T03:04:05.678Z",
          "bio": null,
          "location": null,
          "skype": "",
          "linkedin": "",
          "twitter": "",
          "discord": "",
          "website_url": "",
          "github": "",
          "job_title": "",
          "pronouns": null,
          "organization": "",
          "bot": false,
          "work_information": null,
          "followers": 0,
          "following": 0,
          "is_followed": false,
          "local_time": null,
          "last_sign_in_at": null,
          "confirmed_at": "2026-01-02T03:04:05.678Z",
          "last_activity_on": null,
          "email": "admin@example.com",
          "theme_id": 1,
          "color_scheme_id": 1,
          "projects_limit": 100000,
          "current_sign_in_at": null,
          "identities": [],
          "can_create_group": true,
          "can_create_project": true,
          "two_factor_enabled": false,
          "external": false,
          "private_profile": false,
          "commit_email": "admin@example.com",
          "preferred_language": "en",
          "shared_runners_minutes_limit": null,
          "extra_shared_runners_minutes_limit": null,
          "scim_identities": [],
          "is_admin": true,
          "note": null,
          "namespace_id": null,
          "created_by": null
        }
        "#);
        server.user("ada").await;
        let ada = root.get("/users/2").await.json(200);
        assert_eq!((&ada["email"], &ada["is_admin"]), (&"ada@example.com".into(), &false.into()));
        assert_eq!(keys(&ada), keys(&root.get("/user").await.json(200)));
    }
);

fn keys(object: &serde_json::Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

each_engine!(
    async fn another_user_is_shown_without_what_is_private(server) {
        server.user("ada").await;
        let bob = server.user("bob").await;
        describe(&server, "ada").await;
        insta::assert_json_snapshot!(bob.get("/users/1").await.json(200), @r#"
        {
          "id": 1,
          "username": "ada",
          "public_email": "public@example.com",
          "name": "ada",
          "state": "active",
          "locked": false,
          "avatar_url": "https://www.gravatar.com/avatar/b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72?s=80&d=identicon",
          "web_url": "http://landfall.example/ada",
          "created_at": "2026-01-02T03:04:05.678Z",
          "bio": "Writes programs",
          "location": "London",
          "skype": "ada.skype",
          "linkedin": "ada-l",
          "twitter": "@ada",
          "discord": "1815",
          "website_url": "https://ada.example",
          "github": "ada-gh",
          "job_title": "Countess",
          "pronouns": "she/her",
          "organization": "Analytical Engines",
          "bot": false,
          "work_information": "Countess at Analytical Engines",
          "followers": 0,
          "following": 0,
          "is_followed": false,
          "local_time": null
        }
        "#);
        // Another user's private keys are not shown to it either, and one's own only at `/user`.
        assert_eq!(keys(&bob.get("/users/2").await.json(200)), keys(&bob.get("/users/1").await.json(200)));
        let mut lines = String::new();
        for (who, caller) in [("bob", &bob), ("nobody", &server.nobody())] {
            for target in ["/users/9", "/users/abc", "/users/-1", "/users/1.json", "/users/99999999999999999999"] {
                let answer = caller.get(target).await;
                lines.push_str(&format!("{who} {target} -> {}\n", raw::brief(answer.status.as_u16(), &answer.body)));
            }
        }
        insta::assert_snapshot!(lines, @r#"
        bob /users/9 -> 404 {"message":"404 User Not Found"}
        bob /users/abc -> 400 {"error":"id is invalid"}
        bob /users/-1 -> 404 {"message":"404 User Not Found"}
        bob /users/1.json -> 200 id 1
        bob /users/99999999999999999999 -> 400 {"error":"id is invalid"}
        nobody /users/9 -> 403 {"message":"403 Forbidden - Not authorized!"}
        nobody /users/abc -> 400 {"error":"id is invalid"}
        nobody /users/-1 -> 403 {"message":"403 Forbidden - Not authorized!"}
        nobody /users/1.json -> 403 {"message":"403 Forbidden - Not authorized!"}
        nobody /users/99999999999999999999 -> 400 {"error":"id is invalid"}
        "#);
    }
);

async fn names(caller: &Caller, query: &str) -> String {
    let answer = caller.get(&format!("/users{query}")).await;
    match answer.status.as_u16() {
        200 => {
            let users = answer.json(200);
            let names: Vec<&str> = users
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["username"].as_str().unwrap())
                .collect();
            let shown = if names.is_empty() { "none" } else { &names.join(" ") };
            format!("{query} -> {shown}\n")
        }
        status => format!("{query} -> {status} {}\n", answer.body),
    }
}

each_engine!(
    async fn the_list_is_filtered(server) {
        let root = server.root().await;
        server.user("Ada").await;
        server.user_with("ed_win", |new| "Edwin Ada 100%".clone_into(&mut new.name)).await;
        server.user_with("ext", |new| new.external = true).await;
        server.user("gone").await;
        set_state(&server, "gone", UserState::Blocked).await;
        let mut lines = String::new();
        for query in [
            "",
            "?username=ada",
            "?username=ADA",
            "?username=a",
            "?username=nobody",
            "?username=",
            "?search=ada",
            "?search=EDWIN",
            "?search=d_w",
            "?search=a_a",
            "?search=0%25",
            "?search=ada@example.com",
            "?search=example.com",
            "?search=",
            "?active=true",
            "?active=false",
            "?blocked=true",
            "?external=true",
            "?external=true&active=true&search=ext",
            "?username=ada&search=edwin",
            "?active=x",
            "?search[]=a",
        ] {
            lines.push_str(&names(&root, query).await);
        }
        insta::assert_snapshot!(lines, @r#"
         -> gone ext ed_win Ada root
        ?username=ada -> Ada
        ?username=ADA -> Ada
        ?username=a -> none
        ?username=nobody -> none
        ?username= -> gone ext ed_win Ada root
        ?search=ada -> ed_win Ada
        ?search=EDWIN -> ed_win
        ?search=d_w -> ed_win
        ?search=a_a -> none
        ?search=0%25 -> ed_win
        ?search=ada@example.com -> Ada
        ?search=example.com -> none
        ?search= -> gone ext ed_win Ada root
        ?active=true -> ext ed_win Ada root
        ?active=false -> gone ext ed_win Ada root
        ?blocked=true -> gone
        ?external=true -> ext
        ?external=true&active=true&search=ext -> ext
        ?username=ada&search=edwin -> none
        ?active=x -> 400 {"error":"active is invalid"}
        ?search[]=a -> 400 {"error":"search is invalid"}
        "#);
        insta::assert_json_snapshot!(root.get("/users?username=ed_win").await.json(200), @r#"
        [
          {
            "id": 3,
            "username": "ed_win",
            "public_email": "",
            "name": "Edwin Ada 100%",
            "state": "active",
            "locked": false,
            "avatar_url": "https://www.gravatar.com/avatar/ed4990c92bb8af3936f0830bd392c88079050624350d788c7bd7a8885ba09cd6?s=80&d=identicon",
            "web_url": "http://landfall.example/ed_win"
          }
        ]
        "#);

        let nobody = server.nobody();
        let mut lines = String::new();
        for query in ["", "?search=ada", "?username=", "?username=ada", "?username=nobody"] {
            lines.push_str(&names(&nobody, query).await);
        }
        insta::assert_snapshot!(lines, @r#"
         -> 403 {"message":"403 Forbidden - Not authorized to access /api/v4/users"}
        ?search=ada -> 403 {"message":"403 Forbidden - Not authorized to access /api/v4/users"}
        ?username= -> 403 {"message":"403 Forbidden - Not authorized to access /api/v4/users"}
        ?username=ada -> Ada
        ?username=nobody -> none
        "#);
    }
);
