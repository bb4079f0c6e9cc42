//! What senders tell of a deployment beyond what GitLab has a place for.

/// The facts; empty where nothing was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts<T = String> {
    /// Which of the project's services was deployed.
    pub service: Option<T>,
    /// How it went, for people.
    pub description: Option<T>,
    /// Marks, in the order of their declaration.
    pub notes: Vec<Note>,
    /// What was deployed beside the commit: image references, package URLs, digests.
    pub artifacts: Vec<String>,
}

impl Facts {
    /// The longest name of a service, in characters.
    pub const LONGEST_SERVICE: usize = 255;
    /// Characters of a description that are kept.
    pub const LONGEST_DESCRIPTION: usize = 1000;
    /// Artifacts that are kept.
    pub const MOST_ARTIFACTS: usize = 50;
    /// Characters of an artifact that are kept.
    pub const LONGEST_ARTIFACT: usize = 500;

    /// As they are kept: descriptions and artifacts are cut, with a mark, and lists that are too long end early.
    #[must_use]
    pub fn cut(self) -> Facts {
        let told = self
            .artifacts
            .into_iter()
            .filter(|artifact| !artifact.trim().is_empty());
        Facts {
            description: self.description.map(|text| cut(text, Self::LONGEST_DESCRIPTION)),
            artifacts: told
                .take(Self::MOST_ARTIFACTS)
                .map(|artifact| cut(artifact, Self::LONGEST_ARTIFACT))
                .collect(),
            ..self
        }
    }

    /// What is told, over what was known: what is not told now stays. How a deployment runs is told anew each time; what
    /// has become of it stays true.
    #[must_use]
    pub fn over(self, known: &Facts) -> Facts {
        let stays = |note| note != Note::Degraded && known.notes.contains(&note);
        let notes = Note::ALL.iter().copied();
        Facts {
            service: self.service.or_else(|| known.service.clone()),
            description: self.description.or_else(|| known.description.clone()),
            notes: notes.filter(|note| self.notes.contains(note) || stays(*note)).collect(),
            artifacts: if self.artifacts.is_empty() {
                known.artifacts.clone()
            } else {
                self.artifacts
            },
        }
    }
}

/// The beginning of a text that is too long, with a mark.
fn cut(text: String, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// What a report says beside the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// It brought an earlier version back.
    Rollback,
    /// Another deployment has taken its place. It was a success all the same.
    Superseded,
    /// What ran there was taken away.
    Removed,
    /// It is deployed, and does not work.
    Degraded,
    /// `sha` is a commit of the repository of manifests, not of the application.
    ManifestRevision,
}

texts!(Note {
    Rollback = "rollback",
    Superseded = "superseded",
    Removed = "removed",
    Degraded = "degraded",
    ManifestRevision = "manifest_revision",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_once_is_not_cut_again() {
        let facts = Facts {
            service: Some("shop".to_owned()),
            description: Some("ä".repeat(1001)),
            notes: vec![Note::Degraded],
            artifacts: vec![" ".to_owned(), "x".repeat(501), "y".to_owned()],
        };
        let once = facts.cut();
        assert_eq!(once.description.as_ref().map(|text| text.chars().count()), Some(1001));
        assert_eq!(once.artifacts, [format!("{}…", "x".repeat(500)), "y".to_owned()]);
        assert_eq!(once.clone().cut(), once);
        let many = Facts {
            artifacts: vec!["x".to_owned(); 51],
            ..Facts::default()
        };
        assert_eq!(many.cut().artifacts.len(), 50);
    }

    #[test]
    fn what_is_not_told_again_stays() {
        let known = Facts {
            service: Some("shop".to_owned()),
            description: Some("before".to_owned()),
            notes: vec![Note::Rollback, Note::Degraded],
            artifacts: vec!["image".to_owned()],
        };
        let told = Facts {
            description: Some("after".to_owned()),
            notes: vec![Note::Superseded],
            ..Facts::default()
        };
        let both = Facts {
            description: Some("after".to_owned()),
            notes: vec![Note::Rollback, Note::Superseded],
            ..known.clone()
        };
        assert_eq!(told.over(&known), both);
    }
}
