//! Projects: their paths, who sees them, and which of their features are open.

use thiserror::Error;

use crate::{
    ids::{NamespaceId, ProjectId, UserId},
    time::Timestamp,
};

/// Who may see a project that they are no member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// Members only; to others the project does not exist.
    Private,
    /// Everybody who is signed in and not external.
    Internal,
    /// Everybody.
    Public,
}

texts!(Visibility { Private = "private", Internal = "internal", Public = "public" });

impl Visibility {
    /// GitLab's number for it.
    #[must_use]
    pub const fn level(self) -> i64 {
        match self {
            Self::Private => 0,
            Self::Internal => 10,
            Self::Public => 20,
        }
    }
}

/// Who may use one feature of a project (GitLab's `*_access_level` settings).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeatureAccess {
    /// Nobody, not even administrators.
    Disabled,
    /// Members only.
    Private,
    /// Everybody who may see the project.
    Enabled,
}

texts!(FeatureAccess { Disabled = "disabled", Private = "private", Enabled = "enabled" });

/// Whether a namespace is somebody's own or a group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamespaceKind {
    /// The personal namespace of a user.
    User,
    /// A group.
    Group,
}

texts!(NamespaceKind { User = "user", Group = "group" });

/// What a project's path begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Global id.
    pub id: NamespaceId,
    /// Personal or group.
    pub kind: NamespaceKind,
    /// Shown name.
    pub name: String,
    /// Shown names of the groups above and of this one, with ` / ` between them.
    pub full_name: String,
    /// Last segment of the path.
    pub path: String,
    /// Whole path.
    pub full_path: String,
    /// The group above.
    pub parent_id: Option<NamespaceId>,
    /// Whose it is, if personal.
    pub owner_id: Option<UserId>,
}

/// Where a project's git repository is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepositoryPlace {
    /// In a directory of the server's machine.
    Directory(String),
    /// At an `http` or `https` address without credentials; the server keeps a copy.
    Remote(String),
}

impl RepositoryPlace {
    /// The directory or address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Directory(text) | Self::Remote(text) => text,
        }
    }

    /// The address, if it is elsewhere.
    #[must_use]
    pub fn remote(&self) -> Option<&str> {
        match self {
            Self::Directory(_) => None,
            Self::Remote(url) => Some(url),
        }
    }
}

impl From<String> for RepositoryPlace {
    /// Directories are stored as absolute paths, so none is taken for an address.
    fn from(text: String) -> RepositoryPlace {
        if text.starts_with("http://") || text.starts_with("https://") {
            Self::Remote(text)
        } else {
            Self::Directory(text)
        }
    }
}

/// A project as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Global id.
    pub id: ProjectId,
    /// The namespace it stands in.
    pub namespace: Namespace,
    /// Who made it.
    pub creator_id: Option<UserId>,
    /// Shown name.
    pub name: String,
    /// Last segment of the path.
    pub path: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Branch shown as the default one.
    pub default_branch: Option<String>,
    /// The git repository that shas and refs are checked against.
    pub repository: Option<RepositoryPlace>,
    /// Its address on the forge that its code comes from, where its merge requests can be seen.
    pub forge_url: Option<String>,
    /// Read only.
    pub archived: bool,
    /// Who may use the repository.
    pub repository_access: FeatureAccess,
    /// Who may use CI/CD.
    pub builds_access: FeatureAccess,
    /// Who may use environments and deployments.
    pub environments_access: FeatureAccess,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When somebody asked for its deletion; it ends some days later, and is archived until then.
    pub marked_for_deletion_at: Option<Timestamp>,
}

/// What stands between the path of something that is marked for deletion and its id. The path without it can be taken
/// at once.
const DELETION_MARK: &str = "-deletion_scheduled-";

/// The path, or the shown name, of something that is marked for deletion.
#[must_use]
pub fn marked_for_deletion(text: &str, id: i64) -> String {
    format!("{text}{DELETION_MARK}{id}")
}

/// What the path or the shown name was before.
#[must_use]
pub fn without_deletion_mark(text: &str, id: i64) -> &str {
    text.strip_suffix(&format!("{DELETION_MARK}{id}")).unwrap_or(text)
}

impl Project {
    /// The whole path, GitLab's `path_with_namespace`.
    #[must_use]
    pub fn full_path(&self) -> String {
        format!("{}/{}", self.namespace.full_path, self.path)
    }

    /// The whole shown name: `Group / Subgroup / Project`.
    #[must_use]
    pub fn name_with_namespace(&self) -> String {
        format!("{} / {}", self.namespace.full_name, self.name)
    }
}

/// The path that a project may have: one group or user, any groups below, and the project's own segment. Letter case is
/// kept; look-ups disregard it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProjectPath(String);

/// What is wrong with a project's path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// No `/`.
    #[error("must be GROUP/PROJECT, with any number of groups in front")]
    NoGroup,
    /// Over [`ProjectPath::MOST_GROUPS`] groups.
    #[error("must not have more than 20 groups")]
    TooDeep,
    /// Nothing before, after or between two `/`.
    #[error("must not have an empty segment")]
    EmptySegment,
    /// A segment over [`ProjectPath::LONGEST_SEGMENT`] characters.
    #[error("must not have a segment of more than 255 characters")]
    LongSegment,
    /// A segment with a character that is not allowed, or that is not allowed in its place.
    #[error(
        "has the segment '{0}': segments can contain only letters, digits, '_', '-' and '.', \
         cannot start with '-' and cannot end in '.', '.git' or '.atom'"
    )]
    Segment(String),
}

impl ProjectPath {
    /// The most groups above a project.
    pub const MOST_GROUPS: usize = 20;

    /// The most characters between two `/`.
    pub const LONGEST_SEGMENT: usize = 255;

    /// Checks a path. The segment `-` is refused with all that begin with `-`: it separates a project's path from its
    /// pages in URLs.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let groups = path.matches('/').count();
        if groups == 0 {
            return Err(PathError::NoGroup);
        }
        if groups > Self::MOST_GROUPS {
            return Err(PathError::TooDeep);
        }
        path.split('/').try_for_each(check_segment)?;
        Ok(Self(path.to_owned()))
    }

    /// The whole path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The groups, without the project's own segment.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(namespace, _)| namespace)
    }

    /// The project's own segment.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, path)| path)
    }
}

/// Checks the whole path of a group, by the same rules.
pub fn check_group_path(full_path: &str) -> Result<(), PathError> {
    if full_path.split('/').count() > ProjectPath::MOST_GROUPS {
        return Err(PathError::TooDeep);
    }
    full_path.split('/').try_for_each(check_segment)
}

fn check_segment(segment: &str) -> Result<(), PathError> {
    if segment.is_empty() {
        return Err(PathError::EmptySegment);
    }
    if segment.chars().count() > ProjectPath::LONGEST_SEGMENT {
        return Err(PathError::LongSegment);
    }
    if is_segment(segment) {
        Ok(())
    } else {
        Err(PathError::Segment(segment.to_owned()))
    }
}

/// Whether a text fits between two `/` of a path, its length aside.
pub(crate) fn is_segment(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !text.starts_with('-')
        && ![".", ".git", ".atom"].iter().any(|end| lower.ends_with(end))
}

/// What the `:id` of a request's path names (reference section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRef {
    /// A project's number.
    Id(i64),
    /// A project's whole path, in any letter case.
    Path(String),
    /// Nothing that a project could have: there is no such project.
    Nothing,
}

impl ProjectRef {
    /// Reads `:id` after percent-decoding. Digits are always a number and never a path, and a path always has a `/`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map_or(Self::Nothing, Self::Id);
        }
        if text.contains('/') {
            Self::Path(text.to_owned())
        } else {
            Self::Nothing
        }
    }
}
