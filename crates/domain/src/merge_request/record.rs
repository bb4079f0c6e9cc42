//! What is known of a merge request, and which ones a list wants.

use std::cmp::Ordering;

use super::Forge;
use crate::{page::Sort, time::Timestamp};

/// Somebody as a commit names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

/// A merge request that was merged, as far as the history tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRequest {
    /// Its id in the index, once it is there.
    pub id: Option<i64>,
    /// Whose words tell of it.
    pub forge: Forge,
    /// Its number in its project.
    pub iid: i64,
    /// Its title.
    pub title: Option<String>,
    /// The branch that was merged.
    pub source_branch: Option<String>,
    /// The branch that it was merged into.
    pub target_branch: Option<String>,
    /// When.
    pub merged_at: Option<Timestamp>,
    /// Who wrote it.
    pub author: Option<Person>,
    /// Who merged it.
    pub merged_by: Option<Person>,
    /// The newest commit of the branch that was merged.
    pub head: Option<String>,
    /// The commit with two parents that merged it.
    pub merge_commit: Option<String>,
    /// The commit that it became, if it was squashed.
    pub squash_commit: Option<String>,
}

/// What a list of merge requests is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeRequestOrder {
    /// By the time of the merge, which is the only time that is known.
    #[default]
    MergedAt,
    /// By title.
    Title,
}

/// Which merge requests a list wants. Nothing set: all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeRequestFilter {
    /// Set if something is asked for that no merge request here can have, such as a state other than merged.
    pub nothing: bool,
    /// The address of the author, in any letter case.
    pub author_email: Option<String>,
    /// The address of who merged it.
    pub merged_by_email: Option<String>,
    /// The branch that was merged.
    pub source_branch: Option<String>,
    /// The branch that it was merged into.
    pub target_branch: Option<String>,
    /// A part of the title, in any letter case.
    pub search: Option<String>,
    /// Whether the title calls it a draft.
    pub draft: Option<bool>,
}

impl MergeRequestFilter {
    /// Whether it is wanted.
    #[must_use]
    pub fn matches(&self, record: &MergeRequest) -> bool {
        let is = |wanted: &Option<String>, value: &Option<String>| wanted.is_none() || wanted == value;
        let has_address = |wanted: &Option<String>, person: &Option<Person>| match (wanted, person) {
            (None, _) => true,
            (Some(wanted), Some(person)) => wanted.eq_ignore_ascii_case(&person.email),
            (Some(_), None) => false,
        };
        let has_title = |part: &String| {
            let title = record.title.as_deref().unwrap_or_default().to_lowercase();
            title.contains(&part.to_lowercase())
        };
        !self.nothing
            && has_address(&self.author_email, &record.author)
            && has_address(&self.merged_by_email, &record.merged_by)
            && is(&self.source_branch, &record.source_branch)
            && is(&self.target_branch, &record.target_branch)
            && self.search.as_ref().is_none_or(has_title)
            && self.draft.is_none_or(|draft| draft == record.is_draft())
    }
}

impl MergeRequest {
    /// Whether its title begins as the titles of drafts do.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        let title = self.title.as_deref().unwrap_or_default().to_lowercase();
        ["draft:", "[draft]", "(draft)"]
            .iter()
            .any(|word| title.starts_with(word))
    }
}

/// Puts a list into its order: ties by number, in the same direction; what is unknown last ascending, first descending.
pub fn sort(records: &mut [MergeRequest], order: MergeRequestOrder, sort: Sort) {
    let unknown_last = |one: bool, other: bool| one.cmp(&other);
    records.sort_by(|one, other| {
        let by_key: Ordering = match order {
            MergeRequestOrder::MergedAt => unknown_last(one.merged_at.is_none(), other.merged_at.is_none())
                .then_with(|| one.merged_at.cmp(&other.merged_at)),
            MergeRequestOrder::Title => {
                unknown_last(one.title.is_none(), other.title.is_none()).then_with(|| one.title.cmp(&other.title))
            }
        };
        let ascending = by_key.then_with(|| one.iid.cmp(&other.iid));
        match sort {
            Sort::Asc => ascending,
            Sort::Desc => ascending.reverse(),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(iid: i64, title: Option<&str>, merged_at: Option<i64>) -> MergeRequest {
        MergeRequest {
            id: None,
            forge: Forge::GitLab,
            iid,
            title: title.map(str::to_owned),
            source_branch: Some("x".to_owned()),
            target_branch: None,
            merged_at: merged_at.map(Timestamp::from_micros),
            author: Some(Person {
                name: "Ada".to_owned(),
                email: "Ada@example.com".to_owned(),
            }),
            merged_by: None,
            head: None,
            merge_commit: None,
            squash_commit: None,
        }
    }

    #[test]
    fn every_filter_takes_its_own_away() {
        let it = record(1, Some("Draft: Add X"), None);
        let text = |text: &str| Some(text.to_owned());
        let none = MergeRequestFilter::default;
        let table = [
            (none(), true),
            (
                MergeRequestFilter {
                    nothing: true,
                    ..none()
                },
                false,
            ),
            (
                MergeRequestFilter {
                    author_email: text("ada@EXAMPLE.com"),
                    ..none()
                },
                true,
            ),
            (
                MergeRequestFilter {
                    author_email: text("bo@example.com"),
                    ..none()
                },
                false,
            ),
            (
                MergeRequestFilter {
                    merged_by_email: text("ada@example.com"),
                    ..none()
                },
                false,
            ),
            (
                MergeRequestFilter {
                    source_branch: text("x"),
                    ..none()
                },
                true,
            ),
            (
                MergeRequestFilter {
                    source_branch: text("X"),
                    ..none()
                },
                false,
            ),
            (
                MergeRequestFilter {
                    target_branch: text("main"),
                    ..none()
                },
                false,
            ),
            (
                MergeRequestFilter {
                    search: text("add x"),
                    ..none()
                },
                true,
            ),
            (
                MergeRequestFilter {
                    search: text("remove"),
                    ..none()
                },
                false,
            ),
            (
                MergeRequestFilter {
                    draft: Some(true),
                    ..none()
                },
                true,
            ),
            (
                MergeRequestFilter {
                    draft: Some(false),
                    ..none()
                },
                false,
            ),
        ];
        for (filter, expected) in table {
            assert_eq!(filter.matches(&it), expected, "{filter:?}");
        }
        assert!(!record(1, None, None).is_draft());
    }

    #[test]
    fn what_is_unknown_is_last_ascending_and_first_descending() {
        let mut records = [
            record(1, Some("b"), Some(2)),
            record(2, None, None),
            record(3, Some("a"), Some(2)),
            record(4, Some("c"), Some(1)),
        ];
        let mut sorted = |order, direction| {
            sort(&mut records, order, direction);
            records.clone().map(|record| record.iid)
        };
        assert_eq!(sorted(MergeRequestOrder::MergedAt, Sort::Asc), [4, 1, 3, 2]);
        assert_eq!(sorted(MergeRequestOrder::MergedAt, Sort::Desc), [2, 3, 1, 4]);
        assert_eq!(sorted(MergeRequestOrder::Title, Sort::Asc), [3, 1, 4, 2]);
        assert_eq!(sorted(MergeRequestOrder::Title, Sort::Desc), [2, 4, 1, 3]);
    }
}
