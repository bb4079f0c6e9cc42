//! What commits say.

use landfall_git::{Commit, CommitId};

use crate::support::Fixture;

fn read(fixture: &Fixture, id: &CommitId) -> Commit {
    fixture.repository().commit(id).unwrap().unwrap()
}

fn raw(fixture: &Fixture, message: &[u8]) -> Commit {
    let head = b"author Ada Author <ada@example.com> 1470900961 +0200\n\
        committer Cem Committer <cem@example.com> 1470900999 +0000\n\n";
    read(fixture, &fixture.raw_commit(&[head.as_slice(), message].concat()))
}

#[test]
fn a_plain_commit() {
    let fixture = Fixture::linear();
    insta::assert_debug_snapshot!(read(&fixture, &fixture.id("main")));
}

#[test]
fn a_root_commit_has_no_parents() {
    let fixture = Fixture::linear();
    assert_eq!(read(&fixture, &fixture.id("main~2")).parent_ids, []);
}

#[test]
fn packed_commits_say_the_same() {
    let fixture = Fixture::linear();
    let loose = read(&fixture, &fixture.id("main~1"));
    fixture.git(&["gc", "--quiet", "--prune=now"]);
    assert!(!fixture.loose(loose.id.as_str()).exists());
    assert_eq!(read(&fixture, &loose.id), loose);
}

#[test]
fn a_merge_of_three_with_trailers() {
    let fixture = Fixture::linear();
    for branch in ["b", "c"] {
        fixture.git(&["checkout", "--quiet", "-b", branch, "main~1"]);
        fixture.git(&["commit", "--quiet", "--allow-empty", "-m", branch]);
    }
    fixture.git(&["checkout", "--quiet", "main"]);
    let message = "Merge b and c\n\nBoth at once.\n\nReviewed-by: Rae <rae@example.com>\n\
        Reviewed-by: Sol <sol@example.com>\nChangelog: added\n  and folded\n";
    fixture.git(&["merge", "--quiet", "--no-ff", "-m", message, "b", "c"]);
    insta::assert_debug_snapshot!(read(&fixture, &fixture.id("main")));
}

/// The seed document's message: GitLab of 2019 kept the CR at the end of the title, today's cuts before it.
#[test]
fn a_message_with_crlf() {
    let fixture = Fixture::empty();
    let message = b"Merge branch 'new-title' into 'master'\r\n\r\nUpdate README\r\n\r\n\r\n\r\nSee merge request !1";
    insta::assert_debug_snapshot!(raw(&fixture, message));
}

#[test]
fn a_message_that_is_not_utf8() {
    let fixture = Fixture::empty();
    let id = fixture.raw_commit(
        b"author J\xfcrgen <j\xfc@example.com> 1470900961 +0200\n\
        committer J\xfcrgen <j\xfc@example.com> 1470900961 +0200\nencoding ISO-8859-1\n\nGr\xfc\xdfe\n\nKey: W\xe4rt\n",
    );
    insta::assert_debug_snapshot!(read(&fixture, &id));
}

#[test]
fn a_signed_commit_with_unknown_headers() {
    let fixture = Fixture::empty();
    let id = fixture.raw_commit(
        b"author A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\
        gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\nfuture header\n\ntitle\n",
    );
    assert_eq!(read(&fixture, &id).message, "title\n");
}

#[test]
fn broken_signatures_are_read_as_far_as_possible() {
    let fixture = Fixture::empty();
    let id = fixture.raw_commit(b"author nobody\ncommitter  Ada  < ada > x +9\n\n");
    insta::assert_debug_snapshot!(read(&fixture, &id));
}

#[test]
fn messages_of_every_kind_keep_their_bytes() {
    let fixture = Fixture::empty();
    for message in ["", "\n", "one", "one\n", "\n\none\n", "one\r", "a\u{0}b\n", "ä\n\n\n"] {
        assert_eq!(raw(&fixture, message.as_bytes()).message, message);
    }
    // Without the empty line there is no message at all.
    let id = fixture.raw_commit(b"author A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n");
    assert_eq!(read(&fixture, &id).message, "");
}

#[test]
fn trailers_are_those_of_git() {
    let fixture = Fixture::empty();
    let messages = [
        "title\n\nKey: value\n",
        "title\r\n\r\nbody\r\n\r\nKey: value\r\nOther: two\r\n",
        "Key: value\n",
        "title\nKey: value\n",
        "title\n\nbody\nKey: value\n",
        "title\n\nbody\n\nKey: value\nnot one\n",
        "title\n\nbody\n\nSigned-off-by: A <a@example.com>\nnot one\nnot two\nnot three\n",
        "title\n\nbody\n\nSigned-off-by: A <a@example.com>\nno\nno\nno\nno\n",
        "title\n\nbody\n\n(cherry picked from commit 1234)\nKey: value\n",
        "title\n\nKey: one\n two\n\tthree\nKey: four\n",
        "title\n\nKey : value\nOther  :value\nEmpty:\nA-B-1: x: y\n",
        "title\n\nKey: value\n\n\n\n",
        "title\n\nKey: value\n\nbody\n",
        "title\n\n--- \n\nKey: value\n",
        "title\n\nhttps://example.com\n",
        "title\n\nKey: value\n   \n",
        "title\n\nKey: value\n# comment\nOther: x\n",
        "title\n\n#1 fixed\n\nKey: value\n#2\n",
        "# title\n\nKey: value\n",
        "#\ntitle\n\nKey: one\n two\n# comment\n",
    ];
    for message in messages {
        let commit = raw(&fixture, message.as_bytes());
        let format = "--format=%(trailers:only,unfold,separator=%x01,key_value_separator=%x02)";
        let printed = fixture.git(&["log", "-1", format, commit.id.as_str()]);
        let expected = printed.split('\u{1}').filter_map(|pair| pair.split_once('\u{2}'));
        let expected: Vec<(String, String)> = expected.map(|(k, v)| (k.to_owned(), v.trim().to_owned())).collect();
        assert_eq!(commit.trailers, expected, "{message:?}");
    }
}
