//! Every endpoint, one file per verb.

use super::endpoint::Endpoint;

pub mod deployments;
pub mod environments;
pub mod groups;
pub mod hook_sources;
pub mod inbox;
pub mod instance;
pub mod members;
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
    &groups::list::ALL,
    &groups::create::ENDPOINT,
    &groups::get::ENDPOINT,
    &groups::update::ENDPOINT,
    &groups::delete::ENDPOINT,
    &groups::delete::RESTORE,
    &groups::list::SUBGROUPS,
    &groups::list::DESCENDANTS,
    &groups::projects::ENDPOINT,
    &instance::VERSION,
    &instance::METADATA,
    &instance::OPENAPI,
    &members::list::OF_PROJECT,
    &members::list::ALL_OF_PROJECT,
    &members::list::OF_GROUP,
    &members::list::ALL_OF_GROUP,
    &members::get::OF_PROJECT,
    &members::get::ALL_OF_PROJECT,
    &members::get::OF_GROUP,
    &members::get::ALL_OF_GROUP,
    &members::create::IN_PROJECT,
    &members::create::IN_GROUP,
    &members::update::IN_PROJECT,
    &members::update::IN_GROUP,
    &members::delete::IN_PROJECT,
    &members::delete::IN_GROUP,
    &projects::list::ENDPOINT,
    &projects::get::ENDPOINT,
    &projects::create::ENDPOINT,
    &projects::update::ENDPOINT,
    &projects::update::ARCHIVE,
    &projects::update::UNARCHIVE,
    &projects::delete::ENDPOINT,
    &projects::delete::RESTORE,
    &projects::of_user::ENDPOINT,
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
    &tokens::list::ENDPOINT,
    &tokens::get::SELF,
    &tokens::get::ENDPOINT,
    &tokens::revoke::SELF,
    &tokens::revoke::ENDPOINT,
    &tokens::rotate::SELF,
    &tokens::rotate::ENDPOINT,
    &tokens::create::FOR_USER,
    &tokens::create::OWN,
    &tokens::of_source::LIST_OF_PROJECT,
    &tokens::of_source::GET_OF_PROJECT,
    &tokens::of_source::CREATE_OF_PROJECT,
    &tokens::of_source::REVOKE_OF_PROJECT,
    &tokens::of_source::ROTATE_OF_PROJECT,
    &tokens::of_source::LIST_OF_GROUP,
    &tokens::of_source::GET_OF_GROUP,
    &tokens::of_source::CREATE_OF_GROUP,
    &tokens::of_source::REVOKE_OF_GROUP,
    &tokens::of_source::ROTATE_OF_GROUP,
    &users::CURRENT,
    &users::LIST,
    &users::GET,
    &users::create::ENDPOINT,
    &users::create::UPDATE,
    &users::state::BLOCK,
    &users::state::UNBLOCK,
    &users::state::DEACTIVATE,
    &users::state::ACTIVATE,
    &users::state::BAN,
    &users::state::UNBAN,
];

/// The table, to walk over.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    ENDPOINTS.iter().copied()
}
