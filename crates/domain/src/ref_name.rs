//! Lists of branches and tags: which ones a search finds, and how versions are ordered.

use std::cmp::Ordering;

/// What a list of branches or tags is searched for. Letter case never matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameSearch<'a> {
    /// `^text`: names that begin with it.
    Prefix(&'a str),
    /// `text$`: names that end with it.
    Suffix(&'a str),
    /// Names that have it anywhere.
    Part(&'a str),
}

impl<'a> NameSearch<'a> {
    /// Reads a client's text. `None` for an empty one, which is no search.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        Some(match (text.strip_prefix('^'), text.strip_suffix('$')) {
            (Some(prefix), _) => Self::Prefix(prefix),
            (None, Some(suffix)) => Self::Suffix(suffix),
            (None, None) => Self::Part(text),
        })
    }

    /// Whether it finds the name.
    #[must_use]
    pub fn matches(self, name: &str) -> bool {
        let name = name.to_lowercase();
        match self {
            Self::Prefix(text) => name.starts_with(&text.to_lowercase()),
            Self::Suffix(text) => name.ends_with(&text.to_lowercase()),
            Self::Part(text) => name.contains(&text.to_lowercase()),
        }
    }

    /// Whether the name is exactly what was searched for; GitLab lists that one first.
    #[must_use]
    pub fn is_exactly(self, name: &str) -> bool {
        matches!(self, Self::Part(text) if text == name)
    }
}

/// The order of versions: `v1.9` before `v1.10`, and numbers before words (`1.0` before `1.0-rc1`, as git has it).
#[must_use]
pub fn compare_versions(one: &str, other: &str) -> Ordering {
    let mut parts = (Parts(one), Parts(other));
    loop {
        let order = match (parts.0.next(), parts.1.next()) {
            (None, None) => return one.cmp(other),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(one), Some(other)) => compare_parts(one, other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Digits are compared as numbers of any length.
fn compare_parts(one: &str, other: &str) -> Ordering {
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if !is_number(one) || !is_number(other) {
        return one.cmp(other);
    }
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// A text as runs of digits and runs of everything else.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.0.chars().next()?;
        let is_digit = first.is_ascii_digit();
        let end = self
            .0
            .find(|c: char| c.is_ascii_digit() != is_digit)
            .unwrap_or(self.0.len());
        let (part, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_a_part_a_beginning_or_an_end_in_any_letter_case() {
        let names = ["main", "feature/Main", "mainline", "v1"];
        let found = |text: &str| -> Vec<&str> {
            let search = NameSearch::parse(text);
            names
                .into_iter()
                .filter(|name| search.is_none_or(|search| search.matches(name)))
                .collect()
        };
        assert_eq!(found(""), names);
        assert_eq!(found("MAIN"), ["main", "feature/Main", "mainline"]);
        assert_eq!(found("^main"), ["main", "mainline"]);
        assert_eq!(found("main$"), ["main", "feature/Main"]);
        assert_eq!(found("^v1$"), [""; 0]);
        assert!(NameSearch::parse("main").unwrap().is_exactly("main"));
        assert!(!NameSearch::parse("^main").unwrap().is_exactly("main"));
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let mut names = [
            "v1.10.0",
            "v1.9",
            "v1.9.1",
            "v02",
            "v2",
            "v1.10.0-rc10",
            "v1.10.0-rc9",
            "v1",
            "10",
            "9",
            "",
        ];
        names.sort_by(|one, other| compare_versions(one, other));
        let sorted = [
            "",
            "9",
            "10",
            "v1",
            "v1.9",
            "v1.9.1",
            "v1.10.0",
            "v1.10.0-rc9",
            "v1.10.0-rc10",
            "v02",
            "v2",
        ];
        assert_eq!(names, sorted);
        let long = "9".repeat(60);
        assert_eq!(
            compare_versions(&format!("v{long}0"), &format!("v{long}")),
            Ordering::Greater
        );
    }
}
