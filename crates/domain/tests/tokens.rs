//! Tokens and cursors: what is handed out as text and comes back.

use std::collections::HashSet;

use jiff::civil::{Date, date};
use landfall_domain::{
    ids::{TokenId, UserId},
    page::{Cursor, Offset, Sort},
    time::Timestamp,
    token::{AccessToken, Digest, Scope, Scopes, Secret, TokenStatus, UnknownScope},
};
use proptest::prelude::*;

fn token(expires_at: Option<Date>, revoked: bool) -> AccessToken {
    AccessToken {
        id: TokenId(1),
        user_id: UserId(1),
        name: "ci".to_owned(),
        description: None,
        scopes: Scopes::default(),
        revoked,
        expires_at,
        created_at: Timestamp(0),
        last_used_at: None,
        family_id: None,
        source: None,
    }
}

#[test]
fn tokens_end_at_the_start_of_their_last_day() {
    let today = date(2026, 2, 13);
    let table = [
        (None, false, TokenStatus::Active),
        (None, true, TokenStatus::Revoked),
        (Some(date(2026, 2, 14)), false, TokenStatus::Active),
        (Some(date(2026, 2, 14)), true, TokenStatus::Revoked),
        (Some(date(2026, 2, 13)), false, TokenStatus::Expired),
        (Some(date(2026, 2, 12)), false, TokenStatus::Expired),
        (Some(date(2026, 2, 12)), true, TokenStatus::Expired),
    ];
    for (expires_at, revoked, expected) in table {
        assert_eq!(
            token(expires_at, revoked).status(today),
            expected,
            "{expires_at:?} {revoked}"
        );
    }
}

#[test]
fn scopes_are_a_set_in_one_order() {
    let scopes = Scopes::parse("sudo,api  read_user api").unwrap();
    assert_eq!(scopes.as_strs(), ["api", "read_user", "sudo"]);
    assert_eq!(scopes.to_text(), "api read_user sudo");
    assert_eq!(Scopes::parse(&scopes.to_text()), Ok(scopes.clone()));
    assert_eq!(
        [Scope::Sudo, Scope::ReadUser, Scope::Api]
            .into_iter()
            .collect::<Scopes>(),
        scopes
    );
    assert!(scopes.contains(Scope::Api) && !scopes.contains(Scope::ReadApi));
    assert!(Scopes::parse("").unwrap().is_empty() && !scopes.is_empty());
    assert_eq!(Scopes::parse("api,API"), Err(UnknownScope("API".to_owned())));
    assert_eq!(Scope::parse("write_repository"), None);
}

#[test]
fn new_secrets_are_long_random_and_hidden() {
    let secrets: Vec<_> = (0..100).map(|_| Secret::generate().unwrap()).collect();
    let mut characters = HashSet::new();
    for secret in &secrets {
        let random = secret.expose().strip_prefix("ldf-").unwrap();
        assert_eq!(random.len(), 32);
        assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        characters.extend(random.chars());
        assert!(!format!("{secret:?}").contains(random));
    }
    let texts: HashSet<_> = secrets.iter().map(Secret::expose).collect();
    assert_eq!(texts.len(), 100);
    assert_eq!(
        characters.len(),
        62,
        "every character of the alphabet comes up in 3,200 draws"
    );
}

#[test]
fn digests_are_sha_256() {
    let digest = Digest::of("abc");
    assert_eq!(
        digest.to_hex(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(Digest::from_hex(&digest.to_hex().to_uppercase()), Some(digest));
    assert_eq!(Secret::new("abc".to_owned()).digest(), digest);
    assert!(digest.same(&Digest::of("abc")));
    assert!(!digest.same(&Digest::of("abd")));
    for text in ["", "ba78", &"g".repeat(64), &"+1".repeat(32), &"é".repeat(32)] {
        assert_eq!(Digest::from_hex(text), None, "{text:?}");
    }
}

#[test]
fn offsets_start_after_the_pages_before() {
    let start = |page, per_page| Offset { page, per_page }.start();
    assert_eq!(start(1, 20), 0);
    assert_eq!(start(3, 20), 40);
    assert_eq!(start(i64::MAX, 100), i64::MAX);
}

#[test]
fn cursors_of_others_are_refused() {
    let cursor = Cursor {
        last_id: 42,
        sort: Sort::Desc,
    };
    assert_eq!(
        cursor.encode(),
        "MSBkZXNjIDQy",
        "clients hold cursors across updates of the server"
    );
    // In plain text: "1 desc +42", "1 desc 042", "2 desc 42", "1 up 42", "1 desc 42 ", and a padded one.
    for text in [
        "MSBkZXNjICs0Mg",
        "MSBkZXNjIDA0Mg",
        "MiBkZXNjIDQy",
        "MSB1cCA0Mg",
        "MSBkZXNjIDQyIA",
        "MSBkZXNjIDQ=",
        "42",
        "",
    ] {
        assert_eq!(Cursor::decode(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn cursors_read_back(last_id in any::<i64>(), descending in any::<bool>()) {
        let cursor = Cursor { last_id, sort: if descending { Sort::Desc } else { Sort::Asc } };
        let text = cursor.encode();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        prop_assert_eq!(Cursor::decode(&text), Some(cursor));
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        if let Some(cursor) = Cursor::decode(&text) {
            prop_assert_eq!(cursor.encode(), text.clone());
        }
        let _ = (Digest::from_hex(&text), Scopes::parse(&text));
    }

    #[test]
    fn digests_read_back(bytes in any::<[u8; 32]>()) {
        prop_assert_eq!(Digest::from_hex(&Digest(bytes).to_hex()), Some(Digest(bytes)));
    }
}
