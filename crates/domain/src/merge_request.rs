//! Merge requests as the history of a repository tells of them: forges write them into the messages of the commits that
//! merge them (neighbours, section 9).
//!
//! [`recognise`] reads one message. It guesses nothing: what a message does not say is unknown.

mod forge_url;
mod record;

pub use forge_url::{ForgeUrlError, parse_forge_url};
pub use record::{MergeRequest, MergeRequestFilter, MergeRequestOrder, Person, sort};

/// Whose words a message uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Forge {
    /// `See merge request group/project!12`.
    GitLab,
    /// `Merge pull request #12 from owner/branch`, and `Title (#12)`, which Gitea and Forgejo write too.
    GitHub,
    /// `Merge pull request 'Title' (#12) from branch into main`.
    Gitea,
    /// `Merged in branch (pull request #12)`, `Pull request #12: Title`.
    Bitbucket,
    /// `Merged PR 12: Title`.
    AzureDevOps,
}

texts!(Forge {
    GitLab = "gitlab",
    GitHub = "github",
    Gitea = "gitea",
    Bitbucket = "bitbucket",
    AzureDevOps = "azure_devops"
});

impl Forge {
    /// Where a merge request is seen, below the project's own address on the forge.
    #[must_use]
    pub fn url(self, project_url: &str, iid: i64) -> String {
        let base = project_url.trim_end_matches('/');
        match self {
            Self::GitLab => format!("{base}/-/merge_requests/{iid}"),
            Self::GitHub => format!("{base}/pull/{iid}"),
            Self::Gitea => format!("{base}/pulls/{iid}"),
            Self::Bitbucket => format!("{base}/pull-requests/{iid}"),
            Self::AzureDevOps => format!("{base}/pullrequest/{iid}"),
        }
    }
}

/// What a message says of the merge request that its commit merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// In whose words.
    pub forge: Forge,
    /// Its number in its project.
    pub iid: i64,
    /// Its title.
    pub title: Option<String>,
    /// The branch that was merged.
    pub source_branch: Option<String>,
    /// The branch that it was merged into.
    pub target_branch: Option<String>,
}

impl Mention {
    fn new(forge: Forge, iid: i64) -> Self {
        Self {
            forge,
            iid,
            title: None,
            source_branch: None,
            target_branch: None,
        }
    }
}

/// What a message says of the commit that it was copied from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// The commit with this full id.
    Commit(String),
    /// The merge request of this number, in GitLab's words.
    MergeRequest(i64),
}

/// The merge request that a commit with this message merged.
#[must_use]
pub fn recognise(message: &str) -> Option<Mention> {
    let text = Message::new(message);
    gitlab(&text)
        .or_else(|| gitea(&text))
        .or_else(|| bitbucket_server(&text))
        .or_else(|| github_merge(&text))
        .or_else(|| bitbucket(&text))
        .or_else(|| azure_devops(&text))
        .or_else(|| squash(&text))
}

/// What a commit with this message was copied from: each line `(cherry picked from …)`, with a hyphen or without.
#[must_use]
pub fn picked(message: &str) -> Vec<Picked> {
    message.lines().filter_map(|line| picked_from(line.trim())).collect()
}

fn picked_from(line: &str) -> Option<Picked> {
    let inside = line.strip_prefix('(')?.strip_suffix(')')?;
    let rest = inside
        .strip_prefix("cherry picked from ")
        .or_else(|| inside.strip_prefix("cherry-picked from "))?;
    if let Some(reference) = rest.strip_prefix("merge request ") {
        return number_after(reference, '!').map(Picked::MergeRequest);
    }
    let id = rest
        .strip_prefix("commit ")
        .or_else(|| rest.strip_prefix("merge commit "))?
        .trim();
    crate::git_name::is_object_id(id).then(|| Picked::Commit(id.to_ascii_lowercase()))
}

/// A message, cut up.
struct Message<'a> {
    whole: &'a str,
    title: &'a str,
}

impl<'a> Message<'a> {
    fn new(whole: &'a str) -> Self {
        let title = whole.lines().next().unwrap_or_default().trim();
        Self { whole, title }
    }

    /// The lines below the title that say something.
    fn below(&self) -> impl Iterator<Item = &'a str> {
        self.whole
            .lines()
            .skip(1)
            .map(str::trim)
            .filter(|line| !line.is_empty())
    }

    /// What the merge request was called: the first line below a title that only speaks of branches.
    fn title_below(&self) -> Option<String> {
        let line = self.below().next()?;
        let is_trailer = line.starts_with("See merge request ") || line.starts_with("* commit ");
        (!is_trailer).then(|| line.to_owned())
    }
}

/// `See merge request group/project!12` or `… !12`, on a line of its own. Above it stand the title, or the branches and
/// then the title; a message that a project has formed differently has the title where it pleases.
fn gitlab(message: &Message<'_>) -> Option<Mention> {
    let reference = message
        .below()
        .filter_map(|line| line.strip_prefix("See merge request "))
        .last()?;
    let iid = number_after(reference, '!').or_else(|| number_in_url(reference))?;
    let mut mention = Mention::new(Forge::GitLab, iid);
    if let Some((source, target)) = gitlab_branches(message.title) {
        mention.source_branch = Some(source);
        mention.target_branch = target;
        mention.title = message.title_below();
    } else {
        mention.title = filled(message.title);
    }
    Some(mention)
}

/// `Merge branch 'source' into 'target'`, without `into` where that is git's default branch.
fn gitlab_branches(title: &str) -> Option<(String, Option<String>)> {
    let rest = title.strip_prefix("Merge branch '")?;
    match rest.split_once("' into '") {
        Some((source, target)) => Some((source.to_owned(), filled(target.strip_suffix('\'')?))),
        None => Some((rest.strip_suffix('\'')?.to_owned(), None)),
    }
}

/// `https://host/group/project/-/merge_requests/12`.
fn number_in_url(reference: &str) -> Option<i64> {
    number(reference.split_once("/merge_requests/")?.1)
}

/// `Merge pull request #12 from owner/branch`.
fn github_merge(message: &Message<'_>) -> Option<Mention> {
    let rest = message.title.strip_prefix("Merge pull request #")?;
    let (digits, from) = rest.split_once(" from ")?;
    let mut mention = Mention::new(Forge::GitHub, exact_number(digits)?);
    // The branch's owner comes first, and owners have no slash.
    mention.source_branch = from.split_once('/').and_then(|(_, branch)| filled(branch));
    mention.title = message.title_below();
    Some(mention)
}

/// `Merge pull request 'Title' (#12) from branch into main`.
fn gitea(message: &Message<'_>) -> Option<Mention> {
    let rest = message.title.strip_prefix("Merge pull request '")?;
    let (title, rest) = rest.rsplit_once("' (#")?;
    let (digits, rest) = rest.split_once(") from ")?;
    let mut mention = Mention::new(Forge::Gitea, exact_number(digits)?);
    mention.title = filled(title);
    let (source, target) = match rest.split_once(" into ") {
        Some((source, target)) => (source, filled(target)),
        None => (rest, None),
    };
    mention.source_branch = filled(source);
    mention.target_branch = target;
    Some(mention)
}

/// Bitbucket Data Center: `Merge pull request #12 in PROJ/repo from branch to main`, or `Pull request #12: Title` with
/// the branches below.
fn bitbucket_server(message: &Message<'_>) -> Option<Mention> {
    if let Some(rest) = message.title.strip_prefix("Merge pull request #") {
        let (digits, place) = rest.split_once(" in ")?;
        let mut mention = Mention::new(Forge::Bitbucket, exact_number(digits)?);
        (mention.source_branch, mention.target_branch) = from_to(place)?;
        mention.title = message.title_below();
        return Some(mention);
    }
    let rest = message.title.strip_prefix("Pull request #")?;
    let (digits, title) = rest.split_once(':')?;
    let mut mention = Mention::new(Forge::Bitbucket, exact_number(digits)?);
    mention.title = filled(title.trim());
    let place = message.below().find_map(|line| line.strip_prefix("Merge in "));
    if let Some(branches) = place.and_then(from_to) {
        (mention.source_branch, mention.target_branch) = branches;
    }
    Some(mention)
}

/// `PROJ/repo from branch to main`.
fn from_to(place: &str) -> Option<(Option<String>, Option<String>)> {
    let (_, branches) = place.split_once(" from ")?;
    let (source, target) = branches.rsplit_once(" to ")?;
    Some((filled(source), filled(target)))
}

/// Bitbucket Cloud: `Merged in branch (pull request #12)`.
fn bitbucket(message: &Message<'_>) -> Option<Mention> {
    let rest = message.title.strip_prefix("Merged in ")?;
    let (source, digits) = rest.strip_suffix(')')?.rsplit_once(" (pull request #")?;
    let mut mention = Mention::new(Forge::Bitbucket, exact_number(digits)?);
    mention.source_branch = filled(source);
    mention.title = message.title_below();
    Some(mention)
}

/// `Merged PR 12: Title`, and the older `Merge pull request 12 from branch into main`.
fn azure_devops(message: &Message<'_>) -> Option<Mention> {
    if let Some(rest) = message.title.strip_prefix("Merged PR ") {
        let (digits, title) = rest.split_once(':')?;
        let mut mention = Mention::new(Forge::AzureDevOps, exact_number(digits)?);
        mention.title = filled(title.trim());
        return Some(mention);
    }
    let rest = message.title.strip_prefix("Merge pull request ")?;
    let (digits, branches) = rest.split_once(" from ")?;
    let mut mention = Mention::new(Forge::AzureDevOps, exact_number(digits)?);
    let (source, target) = branches.split_once(" into ")?;
    mention.source_branch = filled(source);
    mention.target_branch = filled(target);
    mention.title = message.title_below();
    Some(mention)
}

/// `Title (#12)`, the squashed form of several forges.
fn squash(message: &Message<'_>) -> Option<Mention> {
    let (title, digits) = message.title.strip_suffix(')')?.rsplit_once(" (#")?;
    let mut mention = Mention::new(Forge::GitHub, exact_number(digits)?);
    mention.title = filled(title.trim());
    Some(mention)
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The number behind the last such sign: `group/project!12`.
fn number_after(text: &str, sign: char) -> Option<i64> {
    number(text.rsplit_once(sign)?.1)
}

/// The number that a text begins with.
fn number(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    exact_number(text.get(..digits)?)
}

/// A number from 1 that is all of the text.
fn exact_number(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is recognised, in one line.
    fn told(message: &str) -> String {
        let Some(mention) = recognise(message) else {
            return "nothing".to_owned();
        };
        let show = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
        format!(
            "{} {} [{}] {} -> {}",
            mention.forge,
            mention.iid,
            show(&mention.title),
            show(&mention.source_branch),
            show(&mention.target_branch)
        )
    }

    #[test]
    fn every_forge_has_its_words() {
        let table = [
            // The seed document's own commit, with its line ends.
            (
                "Merge branch 'new-title' into 'master'\r\n\r\nUpdate README\r\n\r\n\r\n\r\nSee merge request !1",
                "gitlab 1 [Update README] new-title -> master",
            ),
            (
                "Merge branch 'rename-readme' into 'master'\r\n\r\nRename README\r\n\r\n\r\n\r\nSee merge request !2",
                "gitlab 2 [Rename README] rename-readme -> master",
            ),
            (
                "Merge branch 'a' into 'main'\n\nTitle\n\nCloses #9\n\nSee merge request group/sub/project!12",
                "gitlab 12 [Title] a -> main",
            ),
            (
                "Merge branch 'a'\n\nTitle\n\nSee merge request !3",
                "gitlab 3 [Title] a -> ?",
            ),
            (
                "Title\n\nWhat it does\n\nSee merge request group/project!4\n\nMerged-by: Ada <ada@example.com>",
                "gitlab 4 [Title] ? -> ?",
            ),
            (
                "Title\n\nSee merge request https://gitlab.example.com/a/b/-/merge_requests/5",
                "gitlab 5 [Title] ? -> ?",
            ),
            (
                "Merge branch 'a' into 'b'\n\nSee merge request x!6",
                "gitlab 6 [?] a -> b",
            ),
            (
                "Merge pull request #12 from octo/feature/x\n\nAdd x",
                "github 12 [Add x] feature/x -> ?",
            ),
            ("Merge pull request #12 from octo/x", "github 12 [?] x -> ?"),
            ("Add x (#34)", "github 34 [Add x] ? -> ?"),
            ("Add x (#34)\n\n* one\n* two", "github 34 [Add x] ? -> ?"),
            (
                "Revert \"Add x (#34)\" (#35)",
                "github 35 [Revert \"Add x (#34)\"] ? -> ?",
            ),
            (
                "Merge pull request 'Add (x)' (#7) from ada/x into main\n\nReviewed-on: https://x/7",
                "gitea 7 [Add (x)] ada/x -> main",
            ),
            (
                "Merged in feature/x (pull request #8)\n\nAdd x\n\nApproved-by: Ada",
                "bitbucket 8 [Add x] feature/x -> ?",
            ),
            (
                "Pull request #9: Add x: the rest\n\nMerge in PROJ/repo from feature/x to main\n\n* commit 'abc':\n  x",
                "bitbucket 9 [Add x: the rest] feature/x -> main",
            ),
            (
                "Merge pull request #10 in PROJ/repo from x to release/1 \n\n* commit 'abc':",
                "bitbucket 10 [?] x -> release/1",
            ),
            ("Merged PR 11: Add x\n\nMore", "azure_devops 11 [Add x] ? -> ?"),
            (
                "Merge pull request 13 from x into main\n\nAdd x",
                "azure_devops 13 [Add x] x -> main",
            ),
        ];
        for (message, expected) in table {
            assert_eq!(told(message), expected, "{message}");
        }
    }

    #[test]
    fn ordinary_messages_tell_of_nothing() {
        let table = [
            "",
            "Add x",
            "Fix #12",
            "Close (#12) today",
            "Add x (#12",
            "Add x (#0)",
            "Add x (#-1)",
            "Add x (#1x)",
            "(#12)",
            "Add x (#99999999999999999999)",
            "Merge branch 'a' into 'b'",
            "Merge branch 'main' of https://example.com/x",
            "See merge request !1",
            "x\n\nWe See merge request !1",
            "x\n\nSee merge request none",
            "Merge pull request #x from a/b",
            "Merge pull request # from a/b",
            "Merged PR x: y",
            "Merged in x",
            "Pull request #1",
        ];
        for message in table {
            assert_eq!(told(message), "nothing", "{message}");
        }
    }

    #[test]
    fn copies_name_what_they_were_copied_from() {
        let id = "0123456789abcdef0123456789ABCDEF01234567";
        let message = format!(
            "x\n\n(cherry picked from commit {id})\n(cherry-picked from merge request group/app!7)\n\
             (cherry picked from commit 123)\n(cherry picked from merge request !x)\n(cherry picked from merge request !8)"
        );
        assert_eq!(
            picked(&message),
            [
                Picked::Commit(id.to_ascii_lowercase()),
                Picked::MergeRequest(7),
                Picked::MergeRequest(8)
            ]
        );
        assert_eq!(picked("x (cherry picked from commit 1)"), []);
    }

    #[test]
    fn every_forge_has_its_addresses() {
        let url = |forge: Forge| forge.url("https://forge.example/a/b/", 7);
        assert_eq!(url(Forge::GitLab), "https://forge.example/a/b/-/merge_requests/7");
        assert_eq!(url(Forge::GitHub), "https://forge.example/a/b/pull/7");
        assert_eq!(url(Forge::Gitea), "https://forge.example/a/b/pulls/7");
        assert_eq!(url(Forge::Bitbucket), "https://forge.example/a/b/pull-requests/7");
        assert_eq!(url(Forge::AzureDevOps), "https://forge.example/a/b/pullrequest/7");
    }

    proptest! {
        #[test]
        fn no_message_is_too_odd(message in "\\PC{0,40}|(Merge pull request |Merged in |See merge request |\\n| from |!|#|'|\\(|\\)|1|to |into ){0,12}") {
            if let Some(mention) = recognise(&message) {
                prop_assert!(mention.iid > 0);
                prop_assert!(mention.title.as_deref() != Some("") && mention.source_branch.as_deref() != Some(""));
            }
            let _ = picked(&message);
        }
    }
}
