//! The first start: an administrator, a token, perhaps a project, and lines to try them with.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use landfall_domain::{project::Project, token::Secret};
use landfall_git::{Discovered, Repository};
use landfall_server::ops::first_start::{FirstStart, FoundRepository, first_start};
use landfall_store::users;
use tracing::warn;

use super::{repository, root_token};
use crate::{
    config::Config,
    data::{Data, make_data_dir, now},
    failure::Failure,
};

/// Whether this start was the first, and what there is to say about it.
pub(crate) enum Start {
    /// It was.
    First(Box<First>),
    /// There were users already. The file with the administrator's token, if it is in this data directory.
    Later(Option<PathBuf>),
}

/// What the first start has made.
pub(crate) struct First {
    token_file: PathBuf,
    /// The project, with the commit of its `HEAD`.
    project: Option<(Project, Discovered)>,
}

/// Fills an empty database.
pub(crate) fn prepare(data: &Data, config: &Config) -> Result<Start, Failure> {
    let chosen = root_token::chosen()?;
    if data.read(users::any)? {
        return Ok(later(&config.data_dir));
    }
    let token_file = root_token::path(&make_data_dir(&config.data_dir)?);
    let kept = root_token::kept(&token_file);
    let is_new_file = kept.is_none();
    let secret = match chosen.or(kept) {
        Some(secret) => secret,
        None => Secret::generate().map_err(|error| Failure::failed(error.to_string()))?,
    };
    // Before the database has it: a token whose only copy is lost would lock everybody out.
    root_token::write(&token_file, &secret).map_err(|error| {
        Failure::failed(format!(
            "cannot write {}: {error}; make the directory writable or name another with --data-dir",
            token_file.display()
        ))
    })?;
    let found = repository_here();
    let wanted = FirstStart {
        token: secret.digest(),
        repository: found.as_ref().map(|(found, _)| found.clone()),
        now: now(),
    };
    let Some(made) = data.write(move |tx| first_start(tx, &wanted))? else {
        // Another node was faster; the token just written opens nothing.
        if is_new_file && let Err(error) = fs::remove_file(&token_file) {
            warn!(%error, file = %token_file.display(), "a token that is not used could not be deleted");
        }
        return Ok(later(&config.data_dir));
    };
    Ok(Start::First(Box::new(First {
        token_file,
        project: made.project.zip(found.map(|(_, discovered)| discovered)),
    })))
}

fn later(data_dir: &Path) -> Start {
    let file = root_token::path(data_dir);
    Start::Later(file.canonicalize().ok())
}

/// The repository whose work tree the program was started in.
fn repository_here() -> Option<(FoundRepository, Discovered)> {
    let here = env::current_dir().ok()?;
    let discovered = match Repository::discover(&here) {
        Ok(discovered) => discovered,
        Err(landfall_git::Error::NotARepository { .. }) => return None,
        Err(error) => {
            warn!(%error, "the repository in the working directory is not made a project");
            return None;
        }
    };
    let found = FoundRepository {
        name: here.file_name()?.to_string_lossy().into_owned(),
        git_dir: repository::stored(&discovered).ok()?,
        default_branch: discovered.default_branch.clone(),
    };
    Some((found, discovered))
}

/// What is printed below the ready line.
pub(crate) fn announcement(start: &Start, address: &str) -> String {
    match start {
        Start::Later(Some(file)) => format!(
            "The token of the administrator root is in {}, where the first start has put it.",
            file.display()
        ),
        Start::Later(None) => {
            "The token of the administrator root was made at the first start, in another data directory; \
                               make one more with: landfall token create --user root"
                .to_owned()
        }
        Start::First(first) => first.announcement(address),
    }
}

impl First {
    fn announcement(&self, address: &str) -> String {
        let mut lines = vec![format!(
            "The administrator is root; its token is in {}.",
            self.token_file.display()
        )];
        let lines_to_try = if let Some((project, discovered)) = &self.project {
            lines.push(format!(
                "The repository in this directory is the project {} (id {}).",
                project.full_path(),
                project.id
            ));
            Lines::of(project, discovered, address, &self.token_file).seed()
        } else {
            lines.push("The working directory is no git repository, so the first line makes a project.".to_owned());
            Lines::without_repository(address, &self.token_file).with_project()
        };
        lines.push(String::new());
        lines.push("Try it, one line after the other:".to_owned());
        lines.push(String::new());
        lines.extend(lines_to_try);
        lines.join("\n")
    }
}

/// The first deployment of an empty database.
const FIRST_ID: i64 = 1;
/// A commit of the documentation of GitLab's API.
const ANY_COMMIT: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";

/// The parts of the lines to try: each is safe to be pasted into a shell.
struct Lines {
    api: String,
    project: i64,
    header: String,
    sha: String,
    git_ref: String,
}

impl Lines {
    fn of(project: &Project, discovered: &Discovered, address: &str, token_file: &Path) -> Lines {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        Lines {
            project: project.id.0,
            // Without a commit yet, the one that is there by the time of pasting.
            sha: discovered
                .head
                .as_ref()
                .map_or_else(|| "$(git rev-parse HEAD)".to_owned(), ToString::to_string),
            git_ref: encoded(discovered.default_branch.as_deref().unwrap_or("HEAD")),
            ..Lines::without_repository(address, token_file)
        }
    }

    fn without_repository(address: &str, token_file: &Path) -> Lines {
        Lines {
            api: format!("{address}/api/v4"),
            project: 1,
            header: format!(
                "--header \"PRIVATE-TOKEN: $(cat {})\"",
                shell_word(&token_file.to_string_lossy())
            ),
            sha: ANY_COMMIT.to_owned(),
            git_ref: "main".to_owned(),
        }
    }

    /// List, create, get, update, as in GitLab's documentation; but the deployment is created as running, because one
    /// that has succeeded cannot be updated to success.
    fn seed(&self) -> Vec<String> {
        let Lines {
            api,
            project,
            header,
            sha,
            git_ref,
        } = self;
        let all = format!("{api}/projects/{project}/deployments");
        let one = format!("{all}/{FIRST_ID}");
        let record = format!("environment=production&sha={sha}&ref={git_ref}&tag=false&status=running");
        vec![
            format!("curl {header} \"{all}\""),
            format!("curl --data \"{record}\" {header} \"{all}\""),
            format!("curl {header} \"{one}\""),
            format!("curl --request PUT --data \"status=success\" {header} \"{one}\""),
        ]
    }

    fn with_project(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "curl --data \"name=demo\" {} \"{}/projects\"",
            self.header, self.api
        )];
        lines.extend(self.seed());
        lines
    }
}

/// A text as one word of a shell's line.
fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn paths_are_single_words_of_a_shell() {
        assert_eq!(
            shell_word("/srv/landfall-data/root-token"),
            "/srv/landfall-data/root-token"
        );
        assert_eq!(shell_word("/my data/$(x)"), "'/my data/$(x)'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
