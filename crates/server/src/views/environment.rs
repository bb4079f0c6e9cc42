//! Environments, as deployments show them.

use landfall_domain::environment::Environment;
use serde::Serialize;
use utoipa::ToSchema;

use super::Wire;

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
