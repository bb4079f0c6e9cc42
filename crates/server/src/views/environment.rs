//! Environments: the short form inside deployments (reference 7.4), and the whole one (neighbours, 1.1).

use landfall_domain::{deployment::DeploymentDetails, environment::Environment};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Wire, deployment::DeploymentView, project::ProjectBasic};
use crate::urls::Urls;

/// An environment in the short form (reference 7.4).
#[derive(Debug, Serialize, ToSchema)]
pub struct EnvironmentBasic<'a> {
    id: i64,
    name: &'a str,
    slug: &'a str,
    external_url: Option<&'a str>,
    created_at: Wire,
    updated_at: Wire,
}

impl<'a> EnvironmentBasic<'a> {
    /// The short form.
    #[must_use]
    pub fn new(environment: &'a Environment) -> EnvironmentBasic<'a> {
        EnvironmentBasic {
            id: environment.id.0,
            name: &environment.name,
            slug: &environment.slug,
            external_url: environment.external_url.as_deref(),
            created_at: Wire(environment.created_at),
            updated_at: Wire(environment.updated_at),
        }
    }
}

/// An environment. It is shown either with its project or, alone, with its last deployment.
#[expect(
    clippy::option_option,
    reason = "absent beside a project, null where there was no success yet"
)]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Environment)]
pub struct EnvironmentView<'a> {
    #[serde(flatten)]
    basic: EnvironmentBasic<'a>,
    tier: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    project: Option<&'a ProjectBasic<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_deployment: Option<Option<Box<DeploymentView<'a>>>>,
    state: &'static str,
    auto_stop_at: Option<Wire>,
    description: Option<&'a str>,
    auto_stop_setting: &'static str,
}

impl<'a> EnvironmentView<'a> {
    /// The form of a list, and of the answer to a change.
    #[must_use]
    pub fn with_project(environment: &'a Environment, project: &'a ProjectBasic<'a>) -> EnvironmentView<'a> {
        EnvironmentView {
            basic: EnvironmentBasic::new(environment),
            tier: environment.tier.as_str(),
            project: Some(project),
            last_deployment: None,
            state: environment.state.as_str(),
            auto_stop_at: environment.auto_stop_at.map(Wire),
            description: environment.description.as_deref(),
            auto_stop_setting: environment.auto_stop_setting.as_str(),
        }
    }

    /// The form of a single environment.
    #[must_use]
    pub fn with_last_deployment(
        environment: &'a Environment,
        last: Option<&'a DeploymentDetails>,
        urls: &Urls,
    ) -> EnvironmentView<'a> {
        let last = last.map(|last| Box::new(DeploymentView::in_environment(last, urls)));
        EnvironmentView {
            basic: EnvironmentBasic::new(environment),
            tier: environment.tier.as_str(),
            project: None,
            last_deployment: Some(last),
            state: environment.state.as_str(),
            auto_stop_at: environment.auto_stop_at.map(Wire),
            description: environment.description.as_deref(),
            auto_stop_setting: environment.auto_stop_setting.as_str(),
        }
    }
}

/// What came of planning the deletion of review apps (neighbours, 1.6).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlannedDeletions)]
pub struct PlannedDeletions<'a> {
    scheduled_entries: Vec<EnvironmentBasic<'a>>,
    unprocessable_entries: Vec<EnvironmentBasic<'a>>,
}

impl<'a> PlannedDeletions<'a> {
    /// Of these environments.
    #[must_use]
    pub fn of(environments: &'a [Environment]) -> PlannedDeletions<'a> {
        PlannedDeletions {
            scheduled_entries: environments.iter().map(EnvironmentBasic::new).collect(),
            unprocessable_entries: Vec::new(),
        }
    }
}
