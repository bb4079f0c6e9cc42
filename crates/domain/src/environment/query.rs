//! What the list of environments can be asked (neighbours, 1.2).

use thiserror::Error;

use super::State;

/// Which environments of a project are listed: those that meet every condition that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentFilter {
    /// Name, compared exactly.
    pub name: Option<String>,
    /// How the name begins.
    pub search: Option<Search>,
    /// State.
    pub state: Option<State>,
}

/// The beginning of a name, or of what stands in a name behind its folder, without regard to letter case. No character
/// in it has a meaning of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search(String);

/// Fewer than [`Search::SHORTEST`] characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("Search query is less than {} characters", Search::SHORTEST)]
pub struct TooShort;

impl Search {
    /// The fewest characters that are searched for.
    pub const SHORTEST: usize = 3;

    /// Reads what somebody searches for. White space alone is no search.
    pub fn parse(text: &str) -> Result<Option<Self>, TooShort> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        if text.chars().count() < Self::SHORTEST {
            return Err(TooShort);
        }
        Ok(Some(Self(text.to_ascii_lowercase())))
    }

    /// The text, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
