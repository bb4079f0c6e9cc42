//! Refusals about environments (neighbours, section 1).

use http::StatusCode;
use landfall_domain::environment::Invalid;

use super::ApiError;
use crate::ops::Refusal;

impl ApiError {
    /// A cluster agent is named, and there are none here.
    #[must_use]
    pub fn no_cluster_agent() -> Self {
        Self::bad_request("cluster agent doesn't exist or cannot be associated with this environment")
    }

    /// The caller may see the project's environments, but not delete them. It is 401 nevertheless.
    #[must_use]
    pub fn may_not_delete_environments() -> Self {
        Self::NoReviewApps(
            StatusCode::UNAUTHORIZED,
            "You do not have permission to destroy environments in this project",
        )
    }

    /// There are no review apps to be deleted.
    #[must_use]
    pub fn no_review_apps() -> Self {
        Self::NoReviewApps(
            StatusCode::BAD_REQUEST,
            "No environments found for scheduled deletion. Either your query did not match any environments (default \
             parameters match environments that are 30 days or older), or you have insufficient permissions to delete \
             matching environments.",
        )
    }

    /// What is wrong with an environment, field by field: everywhere but on create.
    pub(super) fn environment_fields(invalid: &[Invalid]) -> Self {
        let mut fields: Vec<(&'static str, Vec<String>)> = Vec::new();
        for wrong in invalid {
            match fields.last_mut() {
                Some((field, texts)) if *field == wrong.field() => texts.push(wrong.to_string()),
                _ => fields.push((wrong.field(), vec![wrong.to_string()])),
            }
        }
        Self::Fields(StatusCode::BAD_REQUEST, fields)
    }

    /// What is wrong with an environment, in sentences: on create.
    fn environment_sentences(invalid: &[Invalid]) -> Self {
        let sentences = invalid.iter().map(|wrong| {
            let field = wrong.field().replace('_', " ");
            let (first, rest) = field.split_at(1);
            format!("{}{rest} {wrong}", first.to_ascii_uppercase())
        });
        Self::Sentences(StatusCode::BAD_REQUEST, sentences.collect())
    }

    /// The refusal of a command, as the creation of an environment tells it.
    #[must_use]
    pub fn of_environment_create(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Environment(invalid) => Self::environment_sentences(&invalid),
            other => other.into(),
        }
    }
}
