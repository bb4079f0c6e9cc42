//! Environments, as far as the crate goes: it finds and shows them.

use gitlab::{
    Gitlab,
    api::{
        Pagination, Query, paged,
        projects::environments::{Environment as GetEnvironment, EnvironmentState, Environments, EnvironmentsBuilder},
    },
};
use serde::Deserialize;

use crate::world::{Outcome, PATH, refused};

/// Which environments are listed.
type Choice = EnvironmentsBuilder<'static>;

#[derive(Debug, Deserialize)]
struct Environment {
    id: u64,
    name: String,
    slug: String,
    tier: String,
    state: String,
    external_url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct EnvironmentDetail {
    name: String,
    last_deployment: Option<LastDeployment>,
}

/// It does not tell its environment.
#[derive(Debug, Deserialize)]
struct LastDeployment {
    iid: u64,
    status: String,
}

fn list(client: &Gitlab, choose: impl Fn(&mut Choice) -> &mut Choice) -> Outcome<Vec<Environment>> {
    let mut endpoint = Environments::builder();
    endpoint.project(PATH);
    choose(&mut endpoint);
    Ok(paged(endpoint.build()?, Pagination::AllPerPageLimit(1)).query(client)?)
}

pub fn journey(alice: &Gitlab) -> Outcome {
    let everything = list(alice, |list| list)?;
    let names: Vec<&str> = everything.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["staging", "production"]);
    let production = &everything[1];
    assert_eq!(
        (production.slug.as_str(), production.tier.as_str()),
        ("production", "production")
    );
    assert_eq!(
        (production.state.as_str(), &production.external_url),
        ("available", &None)
    );

    let found = |choose: fn(&mut Choice) -> &mut Choice| -> Outcome<Vec<u64>> {
        Ok(list(alice, choose)?.iter().map(|found| found.id).collect())
    };
    assert_eq!(found(|list| list.name("production"))?, [production.id]);
    assert_eq!(found(|list| list.search("PROD"))?, [production.id]);
    assert_eq!(found(|list| list.states(EnvironmentState::Stopped))?, [0; 0]);
    assert_eq!(found(|list| list.states(EnvironmentState::Available))?.len(), 2);

    let mut endpoint = GetEnvironment::builder();
    endpoint.project(PATH);
    let shown: EnvironmentDetail = endpoint.environment(production.id).build()?.query(alice)?;
    let last = shown.last_deployment.ok_or("nothing is live")?;
    assert_eq!(
        (shown.name.as_str(), last.iid, last.status.as_str()),
        ("production", 8, "success")
    );
    let nothing = endpoint.environment(999_999).build()?;
    refused(
        404,
        "404 Not found",
        Query::<EnvironmentDetail, _>::query(&nothing, alice),
    );
    Ok(())
}
