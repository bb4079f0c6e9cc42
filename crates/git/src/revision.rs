//! The grammar of the texts that name a commit (reference 6.3.2), without any repository.
//!
//! GitLab hands `sha` and `ref` to `git cat-file` as `<text>^{commit}`, after it has refused some texts. This is the
//! part of git's revision syntax that remains meaningful there: a name, followed by steps to ancestors. Refused are:
//!
//! * what GitLab refuses: empty texts, a leading `-`, `:` (which would name files or search messages), white space,
//!   NUL and other control characters;
//! * what does not name one commit: ranges (`a..b`) and `^a`, `a^!`, `a^@`, `a^-`;
//! * `@{..}`: it reads reflogs, the time, or the configuration of branches, none of which is part of what a
//!   repository *contains* (GitLab's own repositories keep no reflogs);
//! * `^{/text}`, which searches messages and costs time, and `^{tree}` and the like, which lead away from commits;
//! * more than [`MAX_GENERATIONS`] steps, and texts longer than [`MAX_LENGTH`].

/// How far `~` and `^` may lead back from the named commit, all steps together. It bounds the work of one look-up (a
/// walk of 1,000 commits costs some 20 ms); people write `main~3`.
pub(crate) const MAX_GENERATIONS: u64 = 1_000;

/// The longest text, in bytes.
pub(crate) const MAX_LENGTH: usize = 1_024;

/// A name and the steps that lead from the commit it names to the commit that is meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Revision<'a> {
    /// An object id, a ref, or what `git describe` printed; never empty.
    pub(crate) name: &'a str,
    /// In the order of the text. The ones that lead nowhere (`^0`, `~0`, `^{}`, `^{commit}`) are left out.
    pub(crate) steps: Vec<Step>,
}

/// One way back from a commit.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Step {
    /// `~n`: n times to the first parent.
    Generations(u64),
    /// `^n`: to the n-th parent, counted from 1.
    Parent(u64),
}

impl Step {
    fn generations(self) -> u64 {
        match self {
            Self::Generations(count) => count,
            Self::Parent(_) => 1,
        }
    }
}

impl<'a> Revision<'a> {
    /// `None` if the text can never name a commit.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if !is_resolvable(text) {
            return None;
        }
        let name_length = text.find(['~', '^']).unwrap_or(text.len());
        let (name, rest) = text.split_at(name_length);
        if name.is_empty() || name.contains("..") || name.contains("@{") {
            return None;
        }
        let steps = parse_steps(rest)?;
        let generations = steps
            .iter()
            .try_fold(0_u64, |sum, step| sum.checked_add(step.generations()))?;
        (generations <= MAX_GENERATIONS).then_some(Self { name, steps })
    }
}

/// White space is ASCII's, as for GitLab: git allows other blanks, such as U+00A0, in the names of branches.
fn is_resolvable(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_LENGTH
        && !text.starts_with('-')
        && !text
            .bytes()
            .any(|byte| byte == b':' || byte == b' ' || byte.is_ascii_control())
}

fn parse_steps(mut rest: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("^{}").or_else(|| rest.strip_prefix("^{commit}")) {
            rest = after;
            continue;
        }
        let (make, after): (fn(u64) -> Step, &str) = match rest.strip_prefix('~') {
            Some(after) => (Step::Generations, after),
            None => (Step::Parent, rest.strip_prefix('^')?),
        };
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        let number = if number.is_empty() { 1 } else { number.parse().ok()? };
        if number > 0 {
            steps.push(make(number));
        }
        rest = after;
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Step::{Generations, Parent};

    #[test]
    fn a_name_may_be_followed_by_steps() {
        let table: &[(&str, &str, &[Step])] = &[
            ("main", "main", &[]),
            ("@", "@", &[]),
            ("feature/a.b", "feature/a.b", &[]),
            ("a@b", "a@b", &[]),
            ("m\u{a0}n", "m\u{a0}n", &[]),
            ("main~", "main", &[Generations(1)]),
            ("main~12", "main", &[Generations(12)]),
            ("main~01", "main", &[Generations(1)]),
            ("main^", "main", &[Parent(1)]),
            ("main^2~3^", "main", &[Parent(2), Generations(3), Parent(1)]),
            (
                "main^^~~",
                "main",
                &[Parent(1), Parent(1), Generations(1), Generations(1)],
            ),
            ("v1^{}", "v1", &[]),
            ("v1^{commit}~2", "v1", &[Generations(2)]),
            ("v1^0~0", "v1", &[]),
            ("main~1000", "main", &[Generations(1_000)]),
        ];
        for (text, name, steps) in table {
            assert_eq!(
                Revision::parse(text),
                Some(Revision {
                    name,
                    steps: steps.to_vec()
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn some_texts_never_name_a_commit() {
        let table = [
            "",
            "-",
            "-main",
            ":/text",
            "main:README.md",
            ":0:README.md",
            "a b",
            " main",
            "main ",
            "a\tb",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{7f}b",
            "a..b",
            "a...b",
            "..",
            "a..b-gabcdef",
            "^main",
            "~1",
            "^",
            "main^!",
            "main^@",
            "main^-",
            "main^-1",
            "main^{/text}",
            "main^{tree}",
            "main^{",
            "main^{}x",
            "main~x",
            "main~-1",
            "main@{1}",
            "main@{yesterday}",
            "@{-1}",
            "@{upstream}",
            "main@{u}~1",
            "main~1001",
            "main~1000^",
            "main~1000000000",
            "main~18446744073709551615~1",
            "main~99999999999999999999999",
        ];
        for text in table {
            assert_eq!(Revision::parse(text), None, "{text:?}");
        }
        assert!(Revision::parse(&"a".repeat(MAX_LENGTH)).is_some());
        assert_eq!(Revision::parse(&"a".repeat(MAX_LENGTH + 1)), None);
    }
}
