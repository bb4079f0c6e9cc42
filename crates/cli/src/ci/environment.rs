//! The variables, files and checkout that detection may look at.

use super::git::Git;

/// What detection may ask. The commands pass in the real process; tests pass in tables.
#[derive(Clone, Copy)]
pub(crate) struct Environment<'a> {
    /// The value of an environment variable.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The content of a file that a variable names (GitHub's event).
    pub(crate) file: &'a dyn Fn(&str) -> Option<String>,
    /// The checkout in the working directory.
    pub(crate) git: &'a dyn Git,
}

impl Environment<'_> {
    /// The variable without white space around it; an empty one counts as missing.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let value = (self.variable)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The first of these variables that is there.
    pub(crate) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether the variable is `true`; `AppVeyor` and Azure Pipelines write `True`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.is(name, "true")
    }

    /// Whether the variable has this value in any casing.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }

    /// The first of these variables that is a full commit id. Some systems put `HEAD` or the number of a Subversion
    /// revision there.
    pub(crate) fn first_sha(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name).and_then(sha))
    }

    /// The first of these variables, if it is a number that can be an id.
    pub(crate) fn first_id(&self, names: &[&str]) -> Option<i64> {
        self.first(names)?.parse().ok().filter(|&id| id > 0)
    }
}

/// A full commit id in lower case, if the text is one.
pub(crate) fn sha(text: impl AsRef<str>) -> Option<String> {
    let text = text.as_ref();
    let is_full = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_full.then(|| text.to_ascii_lowercase())
}
