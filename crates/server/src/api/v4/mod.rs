//! Every endpoint, one file per verb.

use super::endpoint::Endpoint;

pub mod deployments;
pub mod hooks;
pub mod instance;
pub mod projects;
pub mod tokens;
pub mod users;

/// Every endpoint. What is not in this table does not exist.
pub(crate) const ENDPOINTS: &[&Endpoint] = &[
    &deployments::list::ENDPOINT,
    &deployments::get::ENDPOINT,
    &deployments::create::ENDPOINT,
    &deployments::update::ENDPOINT,
    &deployments::delete::ENDPOINT,
    &deployments::events::ENDPOINT,
    &hooks::list::PROJECT,
    &hooks::get::PROJECT,
    &hooks::create::PROJECT,
    &hooks::update::PROJECT,
    &hooks::delete::PROJECT,
    &hooks::test::PROJECT,
    &hooks::events::PROJECT,
    &hooks::resend::PROJECT,
    &hooks::pairs::SET_PROJECT_HEADER,
    &hooks::pairs::DELETE_PROJECT_HEADER,
    &hooks::pairs::SET_PROJECT_VARIABLE,
    &hooks::pairs::DELETE_PROJECT_VARIABLE,
    &hooks::list::GROUP,
    &hooks::get::GROUP,
    &hooks::create::GROUP,
    &hooks::update::GROUP,
    &hooks::delete::GROUP,
    &hooks::events::GROUP,
    &hooks::resend::GROUP,
    &hooks::pairs::SET_GROUP_HEADER,
    &hooks::pairs::DELETE_GROUP_HEADER,
    &hooks::pairs::SET_GROUP_VARIABLE,
    &hooks::pairs::DELETE_GROUP_VARIABLE,
    &hooks::list::INSTANCE,
    &hooks::get::INSTANCE,
    &hooks::create::INSTANCE,
    &hooks::update::INSTANCE,
    &hooks::delete::INSTANCE,
    &hooks::test::INSTANCE,
    &instance::VERSION,
    &instance::METADATA,
    &instance::OPENAPI,
    &projects::list::ENDPOINT,
    &projects::get::ENDPOINT,
    &projects::create::ENDPOINT,
    &tokens::SELF,
    &users::CURRENT,
    &users::LIST,
    &users::GET,
];

/// The table, to walk over.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    ENDPOINTS.iter().copied()
}
