//! Access tokens.

use landfall_domain::{
    ids::{TokenId, UserId},
    token::{AccessToken, Digest, Scope, Scopes},
};
use landfall_store::tokens::{self, NewToken};

use crate::both::{Both, at, day, user};

fn new_token(name: &str) -> NewToken {
    NewToken {
        user_id: UserId(1),
        name: name.to_owned(),
        digest: Digest::of(name),
        scopes: [Scope::Api, Scope::Sudo].into_iter().collect(),
        expires_at: None,
        created_at: at(2),
    }
}

#[test]
fn a_token_is_made_found_used_and_revoked() {
    let both = Both::new();
    let ada = both.write(|tx| user(tx, "ada"));
    let made = both.write(|tx| {
        tokens::insert(tx, &new_token("first"))?;
        let new = NewToken {
            expires_at: Some(day("2030-02-28")),
            scopes: Scopes::default(),
            ..new_token("second")
        };
        tokens::insert(tx, &new)
    });
    let second = AccessToken {
        id: TokenId(2),
        user_id: UserId(1),
        name: "second".to_owned(),
        description: None,
        scopes: Scopes::default(),
        revoked: false,
        expires_at: Some(day("2030-02-28")),
        created_at: at(2),
        last_used_at: None,
    };
    let first = AccessToken {
        id: TokenId(1),
        name: "first".to_owned(),
        scopes: [Scope::Api, Scope::Sudo].into_iter().collect(),
        expires_at: None,
        ..second.clone()
    };
    assert_eq!(made, second);
    let found = both.read(|conn| tokens::by_digest(conn, &Digest::of("first")));
    assert_eq!(found, Some((first.clone(), ada)));
    assert_eq!(both.read(|conn| tokens::by_digest(conn, &Digest::of("third"))), None);
    assert_eq!(both.read(|conn| tokens::by_id(conn, TokenId(2))), Some(second.clone()));
    assert_eq!(both.read(|conn| tokens::by_id(conn, TokenId(3))), None);
    assert_eq!(
        both.read(|conn| tokens::of_user(conn, UserId(1))),
        [first.clone(), second]
    );
    assert_eq!(both.read(|conn| tokens::of_user(conn, UserId(2))), []);

    both.write(|tx| tokens::touch(tx, TokenId(1), at(10)));
    both.write(|tx| tokens::touch(tx, TokenId(1), at(9)));
    assert!(both.write(|tx| tokens::revoke(tx, TokenId(1))));
    assert!(!both.write(|tx| tokens::revoke(tx, TokenId(3))));
    let used = AccessToken {
        revoked: true,
        last_used_at: Some(at(10)),
        ..first
    };
    let found = both.read(|conn| tokens::by_id(conn, TokenId(1)));
    assert_eq!(found, Some(used), "an older use does not undo a newer one");

    let refusal = both.try_write(|tx| tokens::insert(tx, &new_token("first")));
    assert_eq!(refusal, Err("the constraint tokens_digest is violated".to_owned()));
}
