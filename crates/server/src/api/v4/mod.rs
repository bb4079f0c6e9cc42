//! Every endpoint, one file per verb.

use super::endpoint::Endpoint;

pub mod deployments;
pub mod environments;
pub mod hook_sources;
pub mod inbox;
pub mod instance;
mod merge_requests;
pub mod projects;
pub mod repository;
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
    &deployments::merge_requests::ENDPOINT,
    &hook_sources::LIST,
    &hook_sources::CREATE,
    &hook_sources::ROTATE,
    &hook_sources::DELETE,
    &inbox::LIST_OF_PROJECT,
    &inbox::GET_OF_PROJECT,
    &inbox::REPLAY_OF_PROJECT,
    &inbox::LIST,
    &inbox::GET,
    &inbox::REPLAY,
    &environments::list::ENDPOINT,
    &environments::get::ENDPOINT,
    &environments::create::ENDPOINT,
    &environments::update::ENDPOINT,
    &environments::stop::ENDPOINT,
    &environments::stop_stale::ENDPOINT,
    &environments::delete::ENDPOINT,
    &environments::delete_review_apps::ENDPOINT,
    &instance::VERSION,
    &instance::METADATA,
    &instance::OPENAPI,
    &projects::list::ENDPOINT,
    &projects::get::ENDPOINT,
    &projects::create::ENDPOINT,
    &repository::branches::LIST,
    &repository::branches::GET,
    &repository::commits::LIST,
    &repository::commits::GET,
    &repository::refs::ENDPOINT,
    &repository::merge_requests::ENDPOINT,
    &repository::compare::ENDPOINT,
    &repository::merge_base::ENDPOINT,
    &repository::tags::LIST,
    &repository::tags::GET,
    &tokens::SELF,
    &users::CURRENT,
    &users::LIST,
    &users::GET,
];

/// The table, to walk over.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    ENDPOINTS.iter().copied()
}
