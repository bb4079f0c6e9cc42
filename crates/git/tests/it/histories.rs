//! Random histories, asked the same questions as git.

use std::fmt::Write as _;

use landfall_git::{CommitId, FileChange, LogQuery, Order, Patch, RefKind, Relation, Start, Stats};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{Fixture, LIMITS};

/// A commit to be made: its parents among the earlier ones, how much later it is than the one before, what it changes.
#[derive(Clone, Debug)]
struct Planned {
    parents: Vec<Index>,
    later: i64,
    author: usize,
    changes: Vec<(usize, String)>,
}

const PATHS: [&str; 6] = ["a", "b", "dir/a", "dir/deep/c", "dir2/a", "other"];
const AUTHORS: [&str; 2] = ["Ada Author <ada@example.com>", "Bo Builder <bo@example.org>"];

fn planned() -> impl Strategy<Value = Planned> {
    planned_with(prop::collection::vec(
        prop::sample::select(vec!["one\n", "two\n", "three\n", "four", ""]),
        0..8,
    ))
}

/// With files in which no line comes twice.
fn planned_of_distinct_lines() -> impl Strategy<Value = Planned> {
    let lines = vec!["one\n", "two\n", "three\n", "four\n", "five\n", "six\n", "seven\n"];
    planned_with(prop::sample::subsequence(lines, 0..=7).prop_shuffle())
}

fn planned_with(lines: impl Strategy<Value = Vec<&'static str>>) -> impl Strategy<Value = Planned> {
    let change = (0..PATHS.len(), lines.prop_map(|lines| lines.concat()));
    (
        prop::collection::vec(any::<Index>(), 0..3),
        -2_i64..100,
        0..AUTHORS.len(),
        prop::collection::vec(change, 0..3),
    )
        .prop_map(|(parents, later, author, changes)| Planned {
            parents,
            later,
            author,
            changes,
        })
}

/// Makes the commits; the last one is on `main`, every fifth has a branch, every seventh a tag.
fn build(plan: &[Planned]) -> (Fixture, Vec<CommitId>) {
    let fixture = Fixture::empty();
    let mut stream = String::new();
    let mut time = 1_500_000_000_i64;
    for (number, commit) in plan.iter().enumerate() {
        time += commit.later;
        let author = AUTHORS[commit.author];
        let message = format!("commit {number}");
        writeln!(stream, "commit refs/raw/{number}\nmark :{}", number + 1).unwrap();
        writeln!(stream, "author {author} {time} +0000\ncommitter {author} {time} +0000").unwrap();
        writeln!(stream, "data {}\n{message}", message.len()).unwrap();
        let mut parents: Vec<usize> = commit
            .parents
            .iter()
            .filter(|_| number > 0)
            .map(|parent| parent.index(number))
            .collect();
        if parents.is_empty() && number % 9 != 0 {
            parents.push(number - 1);
        }
        parents.dedup();
        for (at, parent) in parents.iter().enumerate() {
            writeln!(stream, "{} :{}", if at == 0 { "from" } else { "merge" }, parent + 1).unwrap();
        }
        for (path, text) in &commit.changes {
            if text.is_empty() {
                writeln!(stream, "D {}", PATHS[*path]).unwrap();
            } else {
                writeln!(stream, "M 100644 inline {}\ndata {}\n{text}", PATHS[*path], text.len()).unwrap();
            }
        }
        stream.push('\n');
    }
    fixture.git_with_input(&["fast-import", "--quiet", "--force"], stream.as_bytes());
    let ids: Vec<CommitId> = (0..plan.len())
        .map(|number| fixture.id(&format!("refs/raw/{number}")))
        .collect();
    for (number, id) in ids.iter().enumerate() {
        if number % 5 == 0 {
            fixture.git(&["update-ref", &format!("refs/heads/branch-{number}"), id.as_str()]);
        }
        if number % 7 == 0 {
            fixture.git(&["tag", "-a", "-m", "tag", &format!("tag-{number}"), id.as_str()]);
        }
        fixture.git(&["update-ref", "-d", &format!("refs/raw/{number}")]);
    }
    let last = ids.last().unwrap();
    fixture.git(&["update-ref", "refs/heads/main", last.as_str()]);
    (fixture, ids)
}

fn lines(printed: &str) -> Vec<String> {
    printed.lines().map(str::to_owned).collect()
}

fn log(fixture: &Fixture, query: &LogQuery) -> Vec<String> {
    let commits = fixture.repository().log(query, &LIMITS).unwrap();
    commits.iter().map(|commit| commit.id.to_string()).collect()
}

/// The options of `git rev-list` and the query that ask the same.
fn queries(ids: &[CommitId]) -> Vec<(Vec<String>, LogQuery)> {
    let all = LogQuery::new(Start::Commit(ids.last().unwrap().clone()), usize::MAX);
    let mut queries = vec![
        (vec![], all.clone()),
        (
            vec!["--first-parent".into()],
            LogQuery {
                first_parent: true,
                ..all.clone()
            },
        ),
        (
            vec!["--topo-order".into()],
            LogQuery {
                order: Order::Topology,
                ..all.clone()
            },
        ),
        (
            vec!["--author=Ada".into()],
            LogQuery {
                author: Some("Ada".into()),
                ..all.clone()
            },
        ),
        (
            vec!["--since=1500000300".into()],
            LogQuery {
                since: Some(1_500_000_300),
                ..all.clone()
            },
        ),
        (
            vec!["--until=1500000300".into()],
            LogQuery {
                until: Some(1_500_000_300),
                ..all.clone()
            },
        ),
        (
            vec!["--skip=2".into(), "--max-count=3".into()],
            LogQuery {
                skip: 2,
                take: 3,
                ..all.clone()
            },
        ),
        (
            vec!["--all".into()],
            LogQuery {
                from: Start::Everywhere,
                ..all.clone()
            },
        ),
    ];
    for path in PATHS.iter().chain(&["dir", "dir/", "missing", "a/b"]) {
        let query = LogQuery {
            path: Some((*path).to_owned()),
            ..all.clone()
        };
        let options = |more: &[&str]| {
            more.iter()
                .map(|&option| option.to_owned())
                .chain(["--".to_owned(), (*path).to_owned()])
                .collect()
        };
        queries.push((
            options(&["--first-parent"]),
            LogQuery {
                first_parent: true,
                ..query.clone()
            },
        ));
        queries.push((
            options(&["--topo-order"]),
            LogQuery {
                order: Order::Topology,
                ..query.clone()
            },
        ));
        queries.push((
            options(&["--author=example.org"]),
            LogQuery {
                author: Some("example.org".into()),
                ..query.clone()
            },
        ));
        queries.push((options(&[]), query));
    }
    queries
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn logs_are_those_of_git(plan in prop::collection::vec(planned(), 1..30)) {
        let (fixture, ids) = build(&plan);
        for (options, query) in queries(&ids) {
            let mut arguments = vec!["rev-list".to_owned()];
            let paths = options.iter().position(|option| option == "--").unwrap_or(options.len());
            arguments.extend_from_slice(&options[..paths]);
            if query.from != Start::Everywhere {
                arguments.push("main".to_owned());
            }
            arguments.extend_from_slice(&options[paths..]);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            prop_assert_eq!(log(&fixture, &query), lines(&fixture.git(&arguments)), "{:?}", arguments);
        }
    }

    #[test]
    fn ancestry_is_that_of_git(plan in prop::collection::vec(planned(), 2..30), picks in prop::collection::vec(any::<[Index; 3]>(), 6)) {
        let (fixture, ids) = build(&plan);
        let repository = fixture.repository();
        for [one, other, third] in &picks {
            let (one, other, third) = (one.get(&ids), other.get(&ids), third.get(&ids));
            let range = repository.range(one, other, &LIMITS).unwrap();
            let range: Vec<String> = range.iter().map(|commit| commit.id.to_string()).collect();
            prop_assert_eq!(range, lines(&fixture.git(&["rev-list", &format!("{one}..{other}")])));
            for commits in [vec![one.clone(), other.clone()], vec![one.clone(), other.clone(), third.clone()]] {
                let mut arguments = vec!["merge-base", "--all"];
                arguments.extend(commits.iter().map(CommitId::as_str));
                let printed = fixture.try_git(&arguments, b"").unwrap_or_default();
                // Of several that are as good, git prints any first.
                let base = repository.merge_base(&commits, &LIMITS).unwrap().map(|commit| commit.id.to_string());
                prop_assert_eq!(base.is_none(), printed.is_empty(), "{:?}", commits);
                prop_assert!(base.is_none_or(|base| lines(&printed).contains(&base)), "{:?}", commits);
            }
            let is_ancestor = |one: &CommitId, other: &CommitId| {
                fixture.try_git(&["merge-base", "--is-ancestor", one.as_str(), other.as_str()], b"").is_ok()
            };
            let expected = match (is_ancestor(one, other), is_ancestor(other, one)) {
                (true, true) => Relation::Same,
                (true, false) => Relation::Descendant,
                (false, true) => Relation::Ancestor,
                (false, false) => Relation::Diverged,
            };
            prop_assert_eq!(repository.relation(one, other, &LIMITS), Ok(Some(expected)));
            for (kind, prefix) in [(RefKind::Branch, "refs/heads/"), (RefKind::Tag, "refs/tags/")] {
                let contains = format!("--contains={one}");
                let printed = fixture.git(&["for-each-ref", "--format=%(refname)", &contains, prefix]);
                let expected: Vec<String> = printed.lines().filter_map(|name| name.strip_prefix(prefix)).map(str::to_owned).collect();
                prop_assert_eq!(repository.refs_containing(kind, one, &LIMITS).unwrap(), expected);
            }
        }
        let names = repository.ref_names(RefKind::Branch, &LIMITS).unwrap();
        for name in &names {
            prop_assert_eq!(repository.ref_name(RefKind::Branch, &name.name).unwrap(), Some(name.clone()));
            prop_assert_eq!(repository.ref_name(RefKind::Tag, &name.name).unwrap(), None);
        }
        let into = ids.last().unwrap();
        let branches = repository.branches(&names, Some(into), &LIMITS).unwrap();
        let merged: Vec<&str> = branches.iter().filter(|branch| branch.merged).map(|branch| &*branch.name).collect();
        let printed = fixture.git(&["for-each-ref", "--format=%(refname:short)", "--merged=main", "refs/heads"]);
        let expected: Vec<&str> = printed.lines().filter(|name| *name != "main" && fixture.id(name) != *into).collect();
        prop_assert_eq!(merged, expected);
    }

    #[test]
    fn diffs_can_be_applied(plan in prop::collection::vec(planned(), 2..12), picks in prop::collection::vec(any::<[Index; 2]>(), 4)) {
        let (fixture, ids) = build(&plan);
        let repository = fixture.repository();
        for [one, other] in &picks {
            let (one, other) = (one.get(&ids), other.get(&ids));
            let compared = repository.compare(one, other, true, &LIMITS).unwrap().unwrap();
            prop_assert!(compared.is_complete());
            let mut whole = String::new();
            for file in &compared.diff.files {
                let Patch::Text(text) = &file.patch else { panic!("{file:?}") };
                writeln!(whole, "diff --git a/{} b/{}", file.old_path, file.new_path).unwrap();
                match file.kind {
                    FileChange::Added => writeln!(whole, "new file mode {}", file.new_mode).unwrap(),
                    FileChange::Deleted => writeln!(whole, "deleted file mode {}", file.old_mode).unwrap(),
                    FileChange::Renamed => {
                        writeln!(whole, "rename from {}\nrename to {}", file.old_path, file.new_path).unwrap();
                    }
                    FileChange::Modified => {}
                }
                whole.push_str(&file.unified().unwrap());
                prop_assert!(text.is_empty() || text.starts_with("@@ "));
            }
            fixture.git(&["read-tree", one.as_str()]);
            if !whole.is_empty() {
                fixture.git_with_input(&["apply", "--cached", "--unidiff-zero", "-"], whole.as_bytes());
            }
            prop_assert_eq!(fixture.git(&["write-tree"]), fixture.git(&["rev-parse", &format!("{other}^{{tree}}")]));
        }
    }

    // Of lines that come often, another one may be the one that stays.
    #[test]
    fn lines_are_counted_as_git_counts(plan in prop::collection::vec(planned_of_distinct_lines(), 2..12)) {
        let (fixture, ids) = build(&plan);
        let repository = fixture.repository();
        for (id, stats) in ids.iter().zip(repository.stats(&ids, &LIMITS).unwrap()) {
            let arguments = match fixture.rev_parse(&format!("{id}^")) {
                Some(parent) => vec!["diff".to_owned(), "--numstat".into(), "-M".into(), parent.to_string(), id.to_string()],
                None => vec!["diff-tree".to_owned(), "--root".into(), "--no-commit-id".into(), "-r".into(), "--numstat".into(), id.to_string()],
            };
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let printed = fixture.git(&arguments);
            let mut expected = Stats::default();
            for line in printed.lines() {
                let mut numbers = line.split('\t').map(|number| number.parse::<u64>().unwrap_or(0));
                expected.additions += numbers.next().unwrap();
                expected.deletions += numbers.next().unwrap();
            }
            prop_assert_eq!(stats, expected, "{}", id);
        }
    }
}
