//! The addresses that answers show (reference 7): all of them begin with the configured external URL, never with what
//! the `Host` header says.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a name in a path is escaped for, slashes left as they are.
const NAME: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'%')
    .add(b'{')
    .add(b'}');

fn in_path(name: &str) -> String {
    utf8_percent_encode(name, NAME).to_string()
}

/// Maker of links.
#[derive(Clone, Debug)]
pub struct Urls {
    external: String,
}

impl Urls {
    /// Links below this address.
    #[must_use]
    pub fn new(external_url: &str) -> Urls {
        Urls {
            external: external_url.trim_end_matches('/').to_owned(),
        }
    }

    /// The instance itself.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.external
    }

    /// A user's page.
    #[must_use]
    pub fn user(&self, username: &str) -> String {
        format!("{}/{username}", self.external)
    }

    /// A project's or a user's page.
    #[must_use]
    pub fn path(&self, full_path: &str) -> String {
        format!("{}/{full_path}", self.external)
    }

    /// A group's page.
    #[must_use]
    pub fn group(&self, full_path: &str) -> String {
        format!("{}/groups/{full_path}", self.external)
    }

    /// A commit's page.
    #[must_use]
    pub fn commit(&self, project: &str, id: &str) -> String {
        format!("{}/{project}/-/commit/{id}", self.external)
    }

    /// The files of a branch.
    #[must_use]
    pub fn tree(&self, project: &str, branch: &str) -> String {
        format!("{}/{project}/-/tree/{}", self.external, in_path(branch))
    }

    /// What lies between two commits; `dots` are `..` or `...`.
    #[must_use]
    pub fn compare(&self, project: &str, from: &str, dots: &str, to: &str) -> String {
        format!("{}/{project}/-/compare/{from}{dots}{to}", self.external)
    }

    /// Something of the API, with its leading slash.
    #[must_use]
    pub fn api(&self, path: &str) -> String {
        format!("{}/api/v4{path}", self.external)
    }
}
