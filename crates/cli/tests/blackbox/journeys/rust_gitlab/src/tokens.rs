//! Access tokens of people and projects.

use chrono::NaiveDate;
use gitlab::{
    Gitlab,
    api::{
        self, Pagination, Query, paged,
        personal_access_tokens::{
            PersonalAccessToken, PersonalAccessTokenSelf, PersonalAccessTokens, RevokePersonalAccessToken,
            RevokePersonalAccessTokenSelf, RotatePersonalAccessToken, RotatePersonalAccessTokenSelf,
        },
        projects::{
            Project as GetProject,
            access_tokens::{
                CreateProjectAccessToken, ProjectAccessToken, ProjectAccessTokenAccessLevel, ProjectAccessTokenScope,
                ProjectAccessTokenState, ProjectAccessTokens, RevokeProjectAccessToken, RotateProjectAccessToken,
            },
        },
        users::{
            CurrentUser,
            personal_access_tokens::{CreatePersonalAccessTokenForUser, PersonalAccessTokenScope},
        },
    },
};
use serde::Deserialize;

use crate::{
    deployments::{create, success},
    projects::Project,
    world::{Outcome, PATH, client, refused, soon},
};

#[derive(Debug, Deserialize)]
struct Token {
    id: u64,
    name: String,
    scopes: Vec<String>,
    user_id: u64,
    active: bool,
    revoked: bool,
    expires_at: Option<NaiveDate>,
}

#[derive(Debug, Deserialize)]
struct NewToken {
    id: u64,
    token: String,
    access_level: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct User {
    id: u64,
}

/// A new token of somebody's, made by an administrator.
pub fn for_user(root: &Gitlab, user: u64) -> Outcome<String> {
    let made: NewToken = CreatePersonalAccessTokenForUser::builder()
        .user(user)
        .name("laptop")
        .scope(PersonalAccessTokenScope::Api)
        .expires_at(soon())
        .build()?
        .query(root)?;
    Ok(made.token)
}

pub fn journey(root: &Gitlab, alice: &Gitlab) -> Outcome {
    of_people(root, alice)?;
    of_project(alice)
}

fn of_people(root: &Gitlab, alice: &Gitlab) -> Outcome {
    let user: User = CurrentUser::builder().build()?.query(alice)?;
    let holder = client(&for_user(root, user.id)?)?;
    let itself = PersonalAccessTokenSelf::builder().build()?;
    let token: Token = itself.query(&holder)?;
    assert_eq!(
        (token.name.as_str(), token.user_id, token.active),
        ("laptop", user.id, true)
    );
    assert_eq!(
        (token.scopes.as_slice(), token.expires_at),
        (["api".to_owned()].as_slice(), Some(soon()))
    );
    let endpoint = PersonalAccessTokens::builder().search("lap").build()?;
    let found: Vec<Token> = paged(endpoint, Pagination::AllPerPageLimit(1)).query(alice)?;
    assert!(found.iter().map(|found| found.id).eq([token.id]));

    let rotated: NewToken = RotatePersonalAccessTokenSelf::builder().build()?.query(&holder)?;
    refused(401, "invalid_token", Query::<Token, _>::query(&itself, &holder));
    let endpoint = RotatePersonalAccessToken::builder().id(rotated.id).build()?;
    let rotated: NewToken = endpoint.query(alice)?;
    client(&rotated.token)?;
    let endpoint = RevokePersonalAccessToken::builder().id(rotated.id).build()?;
    api::ignore(endpoint).query(alice)?;
    let revoked: Token = PersonalAccessToken::builder().id(rotated.id).build()?.query(alice)?;
    assert!(revoked.revoked && !revoked.active);

    let brief = client(&for_user(root, user.id)?)?;
    api::ignore(RevokePersonalAccessTokenSelf::builder().build()?).query(&brief)?;
    refused(401, "invalid_token", Query::<Token, _>::query(&itself, &brief));
    Ok(())
}

fn of_project(alice: &Gitlab) -> Outcome {
    let project: Project = GetProject::builder().project(PATH).build()?.query(alice)?;
    let made: NewToken = CreateProjectAccessToken::builder()
        .project(project.id)
        .name("bot")
        .scope(ProjectAccessTokenScope::Api)
        .access_level(ProjectAccessTokenAccessLevel::Developer)
        .expires_at(soon())
        .build()?
        .query(alice)?;
    assert_eq!(made.access_level, Some(30));
    let robot = client(&made.token)?;
    let deployed = create(&robot, success("qa"))??;
    assert_eq!(deployed.user.name, "bot");

    let active = ProjectAccessTokens::builder()
        .project(project.id)
        .state(ProjectAccessTokenState::Active)
        .build()?;
    let listed: Vec<Token> = active.query(alice)?;
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, "bot"));
    let mut endpoint = RotateProjectAccessToken::builder();
    let rotated: NewToken = endpoint.project(project.id).id(made.id).build()?.query(alice)?;
    assert_ne!(rotated.token, made.token);
    client(&rotated.token)?;
    let mut endpoint = RevokeProjectAccessToken::builder();
    api::ignore(endpoint.project(project.id).id(rotated.id).build()?).query(alice)?;
    let listed: Vec<Token> = active.query(alice)?;
    assert!(listed.is_empty());
    let mut endpoint = ProjectAccessToken::builder();
    let revoked: Token = endpoint.project(project.id).id(rotated.id).build()?.query(alice)?;
    assert!(revoked.revoked);
    Ok(())
}
