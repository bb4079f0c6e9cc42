//! What an empty database is filled with, so that the first request can be made at once.

use landfall_domain::{
    project::{Project, RepositoryPlace, Visibility},
    time::Timestamp,
    token::{Digest, Scope},
    user::{Profile, User},
};
use landfall_store::{Tx, users};

use super::{
    Refusal,
    create_project::{CreateProject, Features, Place, create_project},
    create_token::{CreateToken, create_token},
    create_user::{CreateUser, create_user},
};

/// A longer name of a directory is cut; a path may have 255 characters between two `/`.
const LONGEST_PATH: usize = 200;

/// Login name of the first user.
pub const ROOT: &str = "root";

/// What is known at the first start.
#[derive(Clone, Debug)]
pub struct FirstStart {
    /// Digest of the administrator's token.
    pub token: Digest,
    /// The repository that the server was started in.
    pub repository: Option<FoundRepository>,
    /// The time.
    pub now: Timestamp,
}

/// A repository that becomes the first project.
#[derive(Clone, Debug)]
pub struct FoundRepository {
    /// Name of its directory.
    pub name: String,
    /// The git directory.
    pub git_dir: String,
    /// Branch shown as the default one.
    pub default_branch: Option<String>,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The administrator.
    pub root: User,
    /// The first project.
    pub project: Option<Project>,
}

/// Makes the administrator `root` with its token, and the first project; `None` if there are users already.
pub fn first_start(tx: &mut Tx<'_>, wanted: &FirstStart) -> Result<Option<Made>, Refusal> {
    if users::any(tx)? {
        return Ok(None);
    }
    let root = create_user(
        tx,
        &CreateUser {
            username: ROOT.to_owned(),
            name: Some("Administrator".to_owned()),
            email: Some("admin@example.com".to_owned()),
            admin: true,
            external: false,
            public_email: String::new(),
            profile: Profile::default(),
            by: None,
            now: wanted.now,
        },
    )?;
    let token = CreateToken {
        user_id: root.id,
        name: "First start".to_owned(),
        description: None,
        digest: wanted.token,
        scopes: Scope::ALL.iter().copied().collect(),
        expires_at: None,
        source: None,
        now: wanted.now,
    };
    create_token(tx, &token)?;
    let found = wanted.repository.as_ref();
    let project = found.map(|found| first_project(tx, &root, found, wanted.now));
    Ok(Some(Made {
        project: project.transpose()?,
        root,
    }))
}

fn first_project(tx: &mut Tx<'_>, root: &User, found: &FoundRepository, now: Timestamp) -> Result<Project, Refusal> {
    let wanted = CreateProject {
        namespace: Place::Own(Box::new(root.clone())),
        path: path_for(&found.name),
        name: None,
        description: None,
        visibility: Visibility::Private,
        default_branch: found.default_branch.clone(),
        repository: Some(RepositoryPlace::Directory(found.git_dir.clone())),
        with_credentials: false,
        forge_url: None,
        features: Features::default(),
        creator_id: Some(root.id),
        now,
    };
    create_project(tx, &wanted)
}

/// The name of a directory, made fit for a path: `My App (new).git` becomes `My-App-new`.
fn path_for(directory: &str) -> String {
    let mut path = String::new();
    for character in directory.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '_' | '.') {
            path.push(character);
        } else if !path.ends_with('-') {
            path.push('-');
        }
    }
    // All of it is ASCII, so the limit of characters is one of bytes.
    path.truncate(LONGEST_PATH);
    let mut path = path.trim_matches(['-', '.']);
    while let Some(shorter) = [".git", ".atom"].iter().find_map(|end| strip_end(path, end)) {
        path = shorter.trim_matches(['-', '.']);
    }
    if path.is_empty() {
        "project".to_owned()
    } else {
        path.to_owned()
    }
}

fn strip_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let (start, tail) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(start)
}

#[cfg(test)]
mod tests {
    use landfall_domain::project::ProjectPath;

    use super::*;

    #[test]
    fn names_of_directories_become_paths() {
        let long = "x".repeat(300);
        let cut = "x".repeat(200);
        let ending = format!("{}.git", "y".repeat(196));
        let cases = [
            ("landfall", "landfall"),
            ("My App (new).git", "My-App-new"),
            ("app.git", "app"),
            ("app.GIT.atom", "app"),
            (".dotfiles", "dotfiles"),
            ("-odd-", "odd"),
            ("a..", "a"),
            ("Größe", "Gr-e"),
            ("日本", "project"),
            (".git", "git"),
            ("", "project"),
            (long.as_str(), cut.as_str()),
            (&format!("{ending}zzzz"), &ending[..196]),
        ];
        for (directory, path) in cases {
            let found = path_for(directory);
            assert_eq!(found, path, "{directory}");
            assert!(ProjectPath::parse(&format!("root/{found}")).is_ok(), "{found}");
        }
    }
}
