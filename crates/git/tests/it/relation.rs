//! How commits stand to each other.

use landfall_git::{CommitId, Limits, Relation};

use crate::support::{Fixture, LIMITS};

#[test]
fn a_commit_is_before_behind_or_beside_another() {
    let fixture = Fixture::linear();
    let repository = fixture.repository();
    let base = fixture.id("main");
    let ours = fixture.commit("ours");
    fixture.git(&["checkout", "--quiet", "-b", "side", base.as_str()]);
    let side = fixture.commit("side");
    let tree = format!("{side}^{{tree}}");
    let parents = ["-p", side.as_str(), "-p", ours.as_str()];
    let merge = fixture.git(&[
        "commit-tree",
        &tree,
        parents[0],
        parents[1],
        parents[2],
        parents[3],
        "-m",
        "merge",
    ]);
    let merge = CommitId::parse(merge.trim()).unwrap();
    fixture.git(&["checkout", "--quiet", "--orphan", "alone"]);
    let alone = fixture.commit("alone");
    let gone = CommitId::parse("a91957a858320c0e17f3a0eca7cfacbff50ea29a").unwrap();
    let of_other_hash = CommitId::parse(&"ab".repeat(32)).unwrap();
    for (earlier, commit, expected) in [
        (&base, &base, Some(Relation::Same)),
        (&base, &ours, Some(Relation::Descendant)),
        (&ours, &base, Some(Relation::Ancestor)),
        (&ours, &side, Some(Relation::Diverged)),
        (&side, &merge, Some(Relation::Descendant)),
        (&merge, &ours, Some(Relation::Ancestor)),
        (&ours, &alone, Some(Relation::Diverged)),
        (&gone, &ours, None),
        (&ours, &gone, None),
        (&of_other_hash, &ours, None),
    ] {
        let found = repository.relation(earlier, commit, &LIMITS);
        assert_eq!(found, Ok(expected), "{earlier} {commit}");
    }
}

#[test]
fn more_history_than_may_be_read_leaves_it_unknown() {
    let fixture = Fixture::linear();
    let repository = fixture.repository();
    let (newest, oldest) = (fixture.id("main"), fixture.id("main~2"));
    let few = Limits { commits: 2, ..LIMITS };
    let no_time = Limits {
        time: std::time::Duration::ZERO,
        ..LIMITS
    };
    for limits in [few, no_time] {
        assert_eq!(repository.relation(&oldest, &newest, &limits), Ok(None));
    }
    let enough = Limits { commits: 3, ..LIMITS };
    assert_eq!(
        repository.relation(&oldest, &newest, &enough),
        Ok(Some(Relation::Descendant))
    );
}
