//! Members of projects and groups (neighbours, section 5).

use landfall_domain::user::User;
use landfall_store::member_list::Member;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Wire, user::UserBasic};
use crate::urls::Urls;

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView<'a> {
    #[serde(flatten)]
    user: UserBasic<'a>,
    access_level: i64,
    created_at: Wire,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<UserBasic<'a>>,
    expires_at: Option<String>,
    membership_state: &'static str,
}

impl<'a> MemberView<'a> {
    /// The member, and who made it one. Nobody waits for a seat here, so every membership is active.
    #[must_use]
    pub fn new(member: &'a Member, created_by: Option<&'a User>, urls: &Urls) -> MemberView<'a> {
        MemberView {
            user: UserBasic::new(&member.user, urls),
            access_level: member.access_level.number(),
            created_at: Wire(member.created_at),
            created_by: created_by.map(|user| UserBasic::new(user, urls)),
            expires_at: member.expires_at.map(|day| day.to_string()),
            membership_state: "active",
        }
    }
}

/// The answer to adding several users at once: GitLab's is 201 whatever came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembersAdded {
    /// `success` or `error`.
    status: &'static str,
    /// What went wrong, by login name or, of an unknown user, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<std::collections::BTreeMap<String, String>>,
}

impl MembersAdded {
    /// With what went wrong.
    #[must_use]
    pub fn new(failed: std::collections::BTreeMap<String, String>) -> MembersAdded {
        MembersAdded {
            status: if failed.is_empty() { "success" } else { "error" },
            message: Some(failed).filter(|failed| !failed.is_empty()),
        }
    }
}
