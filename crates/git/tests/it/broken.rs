//! Repositories broken in several ways answer with an error, or with what is still whole; nothing panics.

use std::fs;
use std::path::PathBuf;

use landfall_git::{CommitId, Error, Repository};

use crate::support::{Fixture, overwrite, truncate};

fn is_unreadable<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::Unreadable { .. }))
}

#[test]
fn a_truncated_loose_commit() {
    for keep in [|_| 0, |length| length / 4, |length: usize| length / 2] {
        let fixture = Fixture::linear();
        let id = fixture.id("main");
        let parent = fixture.id("main~1");
        truncate(&fixture.loose(id.as_str()), keep);
        let repository = fixture.repository();
        assert!(
            is_unreadable(&repository.resolve("main")),
            "{:?}",
            repository.resolve("main")
        );
        assert!(is_unreadable(&repository.resolve(&id.as_str()[..8])));
        assert!(is_unreadable(&repository.resolve("main~1")));
        assert!(is_unreadable(&repository.commit(&id)));
        assert!(is_unreadable(&repository.head()));
        assert!(is_unreadable(&Repository::discover(fixture.path())));
        assert_eq!(repository.resolve(parent.as_str()), Ok(Some(parent)));
    }
}

#[test]
fn a_loose_object_that_is_garbage() {
    let fixture = Fixture::linear();
    let id = fixture.id("main");
    overwrite(&fixture.loose(id.as_str()), &[0x5a; 300]);
    assert!(is_unreadable(&fixture.repository().resolve("main")));
}

#[test]
fn a_commit_without_its_headers() {
    let fixture = Fixture::linear();
    let id = fixture.git_with_input(
        &["hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        b"nonsense\n",
    );
    let id = CommitId::parse(&id).unwrap();
    assert!(is_unreadable(&fixture.repository().commit(&id)));
    // It is a commit by its type, which is all that its own name needs.
    assert_eq!(fixture.repository().resolve(id.as_str()), Ok(Some(id.clone())));
    assert_eq!(fixture.repository().resolve(&format!("{id}~1")), Ok(None));
}

#[test]
fn a_commit_in_the_place_of_another() {
    let fixture = Fixture::linear();
    let (id, other) = (fixture.id("main"), fixture.id("main~1"));
    let bytes = fs::read(fixture.loose(other.as_str())).unwrap();
    overwrite(&fixture.loose(id.as_str()), &bytes);
    assert!(is_unreadable(&fixture.repository().commit(&id)));
    assert!(is_unreadable(&fixture.repository().resolve("main")));
}

#[test]
fn a_pack_with_one_wrong_byte_shows_the_truth_or_nothing() {
    let fixture = Fixture::linear();
    let id = fixture.id("main");
    let truth = fixture.repository().commit(&id).unwrap();
    fixture.git(&["gc", "--quiet", "--prune=now"]);
    for extension in ["pack", "idx"] {
        let path = pack_file(&fixture, extension);
        let intact = fs::read(&path).unwrap();
        let mut harmful = 0;
        for position in 0..intact.len() {
            let mut bytes = intact.clone();
            bytes[position] ^= 0x55;
            overwrite(&path, &bytes);
            let answer = fixture.repository().commit(&id);
            assert!(
                is_unreadable(&answer) || answer == Ok(None) || answer == Ok(truth.clone()),
                "{answer:?}"
            );
            harmful += usize::from(answer != Ok(truth.clone()));
        }
        assert!(harmful > 20, "{extension}: only {harmful} bytes mattered");
        overwrite(&path, &intact);
    }
}

fn pack_file(fixture: &Fixture, extension: &str) -> PathBuf {
    let packs = fs::read_dir(fixture.git_dir().join("objects/pack")).unwrap();
    let mut files = packs.map(|entry| entry.unwrap().path());
    files
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .unwrap()
}

#[test]
fn a_damaged_pack() {
    // Cut at several places, garbage, with a broken index, and gone while its index is there.
    for damage in 0..7 {
        let fixture = Fixture::linear();
        let id = fixture.id("main");
        fixture.git(&["gc", "--quiet", "--prune=now"]);
        let file = |extension| pack_file(&fixture, extension);
        match damage {
            0 => truncate(&file("pack"), |_| 0),
            1 => truncate(&file("pack"), |_| 12),
            2 => truncate(&file("pack"), |_| 40),
            3 => overwrite(&file("pack"), &[0xff; 4_096]),
            4 => truncate(&file("idx"), |length| length / 2),
            5 => overwrite(&file("idx"), &[0xff; 4_096]),
            _ => fs::remove_file(file("pack")).unwrap(),
        }
        // Either the damage is told, or the object counts as absent.
        let repository = fixture.repository();
        let answer = repository.resolve(id.as_str());
        assert!(is_unreadable(&answer) || answer == Ok(None), "{damage}: {answer:?}");
        let commit = repository.commit(&id);
        assert!(is_unreadable(&commit) || commit == Ok(None), "{damage}: {commit:?}");
    }
}

#[test]
fn a_head_that_is_garbage() {
    for content in ["", "garbage", "ref: ", "ref: refs/heads/..bad", "\0\0\0\0"] {
        let fixture = Fixture::linear();
        let id = fixture.id("main");
        overwrite(&fixture.git_dir().join("HEAD"), content.as_bytes());
        let repository = fixture.repository();
        assert!(
            is_unreadable(&repository.head()),
            "{content:?}: {:?}",
            repository.head()
        );
        assert!(is_unreadable(&repository.resolve("HEAD")), "{content:?}");
        assert!(is_unreadable(&Repository::discover(fixture.path())), "{content:?}");
        assert_eq!(repository.resolve("main"), Ok(Some(id)), "{content:?}");
    }
}

#[test]
fn missing_parts_make_it_no_repository() {
    for part in ["HEAD", "objects", "refs"] {
        let fixture = Fixture::linear();
        fs::rename(fixture.git_dir().join(part), fixture.beside("away")).unwrap();
        let expected = Error::NotARepository {
            path: fixture.path().to_owned(),
        };
        assert_eq!(Repository::discover(fixture.path()), Err(expected.clone()), "{part}");
        assert_eq!(fixture.repository().resolve("main"), Err(expected), "{part}");
    }
}

#[test]
fn packed_refs_that_are_garbage() {
    let fixture = Fixture::linear();
    let id = fixture.id("main");
    fs::write(fixture.git_dir().join("packed-refs"), b"\xff\xfe\0garbage\n^^^\n").unwrap();
    let repository = fixture.repository();
    let answer = repository.resolve("elsewhere");
    assert!(is_unreadable(&answer) || answer == Ok(None), "{answer:?}");
    assert_eq!(repository.resolve(id.as_str()), Ok(Some(id)));
}

#[test]
fn a_branch_that_is_garbage_leaves_the_others_alone() {
    let fixture = Fixture::linear();
    let id = fixture.id("main");
    for (name, content) in [("empty", ""), ("garbage", "zzz\n"), ("short", "abcd\n")] {
        fs::write(fixture.git_dir().join("refs/heads").join(name), content).unwrap();
        assert!(is_unreadable(&fixture.repository().resolve(name)), "{name}");
    }
    let absent = "0123456789012345678901234567890123456789\n";
    fs::write(fixture.git_dir().join("refs/heads/absent"), absent).unwrap();
    assert_eq!(fixture.repository().resolve("absent"), Ok(None));
    assert_eq!(fixture.repository().resolve("main"), Ok(Some(id)));
}

#[test]
fn symbolic_refs_in_a_circle() {
    let fixture = Fixture::linear();
    for (from, to) in [("a", "b"), ("b", "a")] {
        fs::write(
            fixture.git_dir().join("refs/heads").join(from),
            format!("ref: refs/heads/{to}\n"),
        )
        .unwrap();
    }
    assert!(is_unreadable(&fixture.repository().resolve("a")));
}

#[test]
fn a_configuration_that_is_garbage() {
    for content in ["[core\n", "[core]\n\trepositoryformatversion = 99\n", "\0\0\0"] {
        let fixture = Fixture::linear();
        overwrite(&fixture.git_dir().join("config"), content.as_bytes());
        assert!(is_unreadable(&fixture.repository().resolve("main")), "{content:?}");
    }
}
