//! How a project is named in a path.

use std::fmt;

/// A project by its id or by its full path (reference 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRef {
    /// The number that never changes.
    Id(i64),
    /// Groups and name, `group/subgroup/project`, not encoded.
    Path(String),
}

impl fmt::Display for ProjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProjectRef::Id(id) => write!(f, "{id}"),
            ProjectRef::Path(path) => f.write_str(path),
        }
    }
}

impl From<i64> for ProjectRef {
    fn from(id: i64) -> ProjectRef {
        ProjectRef::Id(id)
    }
}

/// Digits alone are an id, as they are for the server.
impl From<&str> for ProjectRef {
    fn from(text: &str) -> ProjectRef {
        text.parse()
            .map_or_else(|_| ProjectRef::Path(text.to_owned()), ProjectRef::Id)
    }
}
