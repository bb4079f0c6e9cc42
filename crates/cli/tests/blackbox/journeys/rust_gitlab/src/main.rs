//! What users of the crate `gitlab` do, with the crate as it is published; any surprise ends it with an error. The crate
//! leaves it to its users what they read out of an answer.

mod deployments;
mod environments;
mod hooks;
mod people;
mod projects;
mod repository;
mod tokens;
mod world;

use gitlab::{
    Gitlab, GitlabBuilder,
    api::{Query, users::CurrentUser},
};
use serde::Deserialize;

use world::{Outcome, client, variable};

#[derive(Debug, Deserialize)]
struct User {
    id: u64,
    username: String,
    name: String,
    email: String,
    is_admin: Option<bool>,
}

fn who_am_i(root: &Gitlab, alice: &Gitlab) -> Outcome {
    let administrator: User = CurrentUser::builder().build()?.query(root)?;
    assert_eq!(
        (administrator.username.as_str(), administrator.is_admin),
        ("root", Some(true))
    );
    let user: User = CurrentUser::builder().build()?.query(alice)?;
    assert_eq!((user.username.as_str(), user.name.as_str()), ("alice", "Alice Smith"));
    assert_eq!((user.email.as_str(), user.is_admin), ("alice@example.com", None));

    let url = variable("URL");
    let host = url.trim_start_matches("http://");
    let bearer = GitlabBuilder::new(host, variable("ALICE"))
        .insecure()
        .oauth2_token()
        .build()?;
    let same: User = CurrentUser::builder().build()?.query(&bearer)?;
    assert_eq!(same.id, user.id);
    // The crate looks who it is before anything else.
    assert!(client("nonsense").is_err());
    Ok(())
}

fn main() -> Outcome {
    let root = client(&variable("ROOT"))?;
    let alice = client(&variable("ALICE"))?;
    who_am_i(&root, &alice)?;
    projects::find(&root, &alice)?;
    deployments::journey(&alice)?;
    environments::journey(&alice)?;
    repository::journey(&root, &alice)?;
    projects::journey(&alice)?;
    people::journey(&root)?;
    tokens::journey(&root, &alice)?;
    hooks::journey(&root, &alice)
}
