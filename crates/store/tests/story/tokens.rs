//! Access tokens.

use landfall_domain::{
    ids::{NamespaceId, ProjectId, TokenId, UserId},
    member::Source,
    page::{Offset, Sort},
    token::{AccessToken, Digest, Scope, Scopes},
};
use landfall_store::{
    groups, projects,
    token_list::{self, TokenFilter, TokenOrder},
    tokens::{self, NewToken},
};

use crate::both::{Both, at, day, project, user};

pub(crate) fn new_token(name: &str) -> NewToken {
    NewToken {
        user_id: UserId(1),
        name: name.to_owned(),
        description: None,
        digest: Digest::of(name),
        scopes: [Scope::Api, Scope::Sudo].into_iter().collect(),
        expires_at: None,
        created_at: at(2),
        family_id: None,
        source: None,
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
        family_id: None,
        source: None,
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

/// Tokens 1 to 4: of ada, of ada and rotated out of the first, of bob, of a project's bot.
fn family() -> Both {
    let both = Both::new();
    both.write(|tx| {
        for name in ["ada", "bob", "bot"] {
            user(tx, name)?;
        }
        project(tx, "group/app")?;
        tokens::insert(tx, &new_token("first"))?;
        let second = NewToken {
            family_id: Some(TokenId(1)),
            expires_at: Some(day("2026-01-02")),
            created_at: at(3),
            description: Some("noted".to_owned()),
            ..new_token("second")
        };
        tokens::insert(tx, &second)?;
        let third = NewToken {
            user_id: UserId(2),
            expires_at: Some(day("2027-01-01")),
            created_at: at(4),
            ..new_token("Another")
        };
        tokens::insert(tx, &third)?;
        for (name, source) in [
            ("bot", Source::Project(ProjectId(1))),
            ("group bot", Source::Group(NamespaceId(1))),
        ] {
            let new = NewToken {
                user_id: UserId(3),
                source: Some(source),
                created_at: at(5),
                ..new_token(name)
            };
            tokens::insert(tx, &new)?;
        }
        tokens::touch(tx, TokenId(3), at(20))
    });
    both
}

#[test]
fn a_family_of_tokens_ends_together() {
    let both = family();
    let second = both.read(|conn| tokens::by_id(conn, TokenId(2))).unwrap();
    assert_eq!(
        (second.family(), second.description.as_deref()),
        (TokenId(1), Some("noted"))
    );
    let bot = both.read(|conn| tokens::by_id(conn, TokenId(4))).unwrap();
    assert_eq!(
        (bot.family(), bot.source),
        (TokenId(4), Some(Source::Project(ProjectId(1))))
    );
    let active = |user, today| both.read(move |conn| tokens::has_active(conn, UserId(user), day(today)));
    both.write(|tx| tokens::revoke(tx, TokenId(1)).map(drop));
    assert!(active(1, "2026-01-01"));
    assert!(!active(1, "2026-01-02"), "the other one has ended");
    both.write(|tx| tokens::revoke_family(tx, TokenId(1)));
    assert!(!active(1, "2026-01-01"));
    assert!(active(2, "2026-01-01"), "others are not touched");
}

#[test]
fn tokens_end_with_what_they_belong_to() {
    let both = family();
    let revoked = |id| both.read(move |conn| Ok(tokens::by_id(conn, TokenId(id))?.unwrap().revoked));
    both.write(|tx| projects::delete(tx, ProjectId(1), at(9)));
    assert_eq!([revoked(4), revoked(5)], [true, false]);
    both.write(|tx| groups::delete(tx, NamespaceId(1), at(9)));
    assert_eq!([revoked(5), revoked(3)], [true, false]);
}

fn ids(both: &Both, filter: &TokenFilter, order: (TokenOrder, Sort)) -> Vec<i64> {
    let filter = filter.clone();
    both.read(move |conn| {
        let all = Offset { page: 1, per_page: 100 };
        let found = token_list::list(conn, &filter, order, all, day("2026-01-02"))?;
        let count = token_list::count(conn, &filter, 1000, day("2026-01-02"))?;
        assert_eq!(i64::try_from(found.len()).unwrap(), count);
        Ok(found.iter().map(|token| token.id.0).collect())
    })
}

#[test]
fn tokens_are_listed_by_every_filter() {
    let both = family();
    both.write(|tx| tokens::revoke(tx, TokenId(1)).map(drop));
    let all = TokenFilter::default;
    let listed = |filter| ids(&both, &filter, (TokenOrder::Id, Sort::Asc));
    assert_eq!(listed(all()), [1, 2, 3, 4, 5]);
    assert_eq!(
        listed(TokenFilter {
            user_id: Some(UserId(1)),
            ..all()
        }),
        [1, 2]
    );
    assert_eq!(
        listed(TokenFilter {
            source: Some(ProjectId(1).into()),
            ..all()
        }),
        [4]
    );
    assert_eq!(
        listed(TokenFilter {
            source: Some(NamespaceId(1).into()),
            ..all()
        }),
        [5]
    );
    assert_eq!(
        listed(TokenFilter {
            active: Some(true),
            ..all()
        }),
        [3, 4, 5]
    );
    assert_eq!(
        listed(TokenFilter {
            active: Some(false),
            ..all()
        }),
        [1, 2],
        "one revoked, one expired"
    );
    assert_eq!(
        listed(TokenFilter {
            revoked: Some(true),
            ..all()
        }),
        [1]
    );
    assert_eq!(
        listed(TokenFilter {
            revoked: Some(false),
            ..all()
        }),
        [2, 3, 4, 5]
    );
    assert_eq!(
        listed(TokenFilter {
            search: Some("ANOTHER".to_owned()),
            ..all()
        }),
        [3]
    );
}

#[test]
fn tokens_are_listed_by_their_times() {
    let both = family();
    let all = TokenFilter::default;
    let listed = |filter| ids(&both, &filter, (TokenOrder::Id, Sort::Asc));
    assert_eq!(
        listed(TokenFilter {
            created_after: Some(at(4)),
            ..all()
        }),
        [3, 4, 5]
    );
    assert_eq!(
        listed(TokenFilter {
            created_before: Some(at(3)),
            ..all()
        }),
        [1, 2]
    );
    assert_eq!(
        listed(TokenFilter {
            last_used_after: Some(at(20)),
            ..all()
        }),
        [3]
    );
    assert_eq!(
        listed(TokenFilter {
            last_used_before: Some(at(19)),
            ..all()
        }),
        [0; 0]
    );
    assert_eq!(
        listed(TokenFilter {
            expires_after: Some(day("2026-01-03")),
            ..all()
        }),
        [3]
    );
    assert_eq!(
        listed(TokenFilter {
            expires_before: Some(day("2026-01-02")),
            ..all()
        }),
        [2]
    );
}

#[test]
fn tokens_are_listed_in_every_order() {
    let both = family();
    let by = |order, sort| ids(&both, &TokenFilter::default(), (order, sort));
    assert_eq!(by(TokenOrder::Id, Sort::Desc), [5, 4, 3, 2, 1]);
    assert_eq!(by(TokenOrder::CreatedAt, Sort::Asc), [1, 2, 3, 4, 5]);
    assert_eq!(by(TokenOrder::CreatedAt, Sort::Desc), [5, 4, 3, 2, 1]);
    assert_eq!(by(TokenOrder::ExpiresAt, Sort::Asc), [2, 3, 1, 4, 5]);
    assert_eq!(by(TokenOrder::ExpiresAt, Sort::Desc), [5, 4, 1, 3, 2]);
    assert_eq!(by(TokenOrder::LastUsedAt, Sort::Asc), [3, 1, 2, 4, 5]);
    assert_eq!(by(TokenOrder::LastUsedAt, Sort::Desc), [5, 4, 2, 1, 3]);
    assert_eq!(by(TokenOrder::Name, Sort::Asc), [3, 4, 1, 5, 2], "by byte");
    assert_eq!(by(TokenOrder::Name, Sort::Desc), [2, 5, 1, 4, 3]);
}
