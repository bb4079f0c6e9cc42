//! A commit's title as GitLab's hooks have it.

/// From so many characters on a title is cut.
const LONG: usize = 100;
/// To so many at most, the dots among them.
const SHORT: usize = 81;
const DOTS: &str = "...";

/// The title, which is cut between two words if it is long (neighbours, 11.1).
#[must_use]
pub fn commit_title(title: &str) -> String {
    let letters: Vec<char> = title.chars().collect();
    if letters.len() < LONG {
        return title.to_owned();
    }
    let room = SHORT - DOTS.len();
    let end = letters
        .iter()
        .take(room + 1)
        .rposition(|letter| *letter == ' ')
        .unwrap_or(room);
    letters.iter().take(end).copied().chain(DOTS.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_are_cut_between_words() {
        let title = "x".repeat(99);
        assert_eq!(commit_title(&title), title);
        assert_eq!(commit_title(&"x".repeat(100)), format!("{}...", "x".repeat(78)));
        assert_eq!(
            commit_title(&"word ".repeat(20)),
            format!("{}word...", "word ".repeat(14))
        );
        assert_eq!(
            commit_title(&format!("{} {}", "ä".repeat(78), "b".repeat(30))),
            format!("{}...", "ä".repeat(78))
        );
        assert_eq!(commit_title(""), "");
    }
}
