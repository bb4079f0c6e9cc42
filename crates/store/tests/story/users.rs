//! Users.

use landfall_domain::{
    ids::UserId,
    page::Offset,
    user::{Profile, User, UserState},
};
use landfall_store::users::{self, NewUser, UserFilter};

use crate::both::{Both, at, new_user, user};

const PAGE: Offset = Offset { page: 1, per_page: 20 };

#[test]
fn a_user_is_made_found_and_changed() {
    let both = Both::new();
    assert!(!both.read(users::any));
    let made = both.write(|tx| {
        let new = NewUser {
            admin: true,
            bot: true,
            avatar_url: Some("https://example.com/a.png".to_owned()),
            ..new_user("Ada")
        };
        users::insert(tx, &new)
    });
    let expected = User {
        id: UserId(1),
        username: "Ada".to_owned(),
        name: "Ada the Great".to_owned(),
        email: "Ada@example.com".to_owned(),
        public_email: String::new(),
        state: UserState::Active,
        admin: true,
        external: false,
        bot: true,
        avatar_url: Some("https://example.com/a.png".to_owned()),
        profile: Profile::default(),
        created_at: at(1),
    };
    assert_eq!(made, expected);
    assert!(both.read(users::any));
    assert_eq!(both.read(|conn| users::by_id(conn, UserId(1))), Some(expected.clone()));
    assert_eq!(both.read(|conn| users::by_id(conn, UserId(2))), None);
    assert_eq!(
        both.read(|conn| users::by_ids(conn, &[UserId(2), UserId(1)])),
        vec![expected.clone()]
    );
    assert_eq!(
        both.read(|conn| users::by_username(conn, "aDA")),
        Some(expected.clone())
    );
    assert_eq!(both.read(|conn| users::by_username(conn, "ad")), None);
    let by_email = |email: &'static str| both.read(move |conn| users::by_email(conn, email));
    assert_eq!(by_email("ADA@example.com"), Some(expected.clone()));
    assert_eq!((by_email("bo@example.com"), by_email("")), (None, None));

    let text = |name: &str| name.to_owned();
    let changed = User {
        username: text("ada"),
        name: text("Ada Lovelace"),
        email: text("ada@example.org"),
        public_email: text("public@example.org"),
        state: UserState::Deactivated,
        admin: false,
        external: true,
        bot: false,
        avatar_url: None,
        profile: Profile {
            bio: Some(text("bio")),
            location: Some(text("London")),
            linkedin: text("linkedin"),
            twitter: text("twitter"),
            discord: text("discord"),
            github: text("github"),
            skype: text("skype"),
            website_url: text("https://example.org"),
            organization: text("Analytical Engines"),
            job_title: text("Countess"),
            pronouns: Some(text("she/her")),
        },
        ..expected
    };
    let change = changed.clone();
    both.write(move |tx| users::update(tx, &change));
    assert_eq!(both.read(|conn| users::by_id(conn, UserId(1))), Some(changed));
}

#[test]
fn names_and_addresses_are_unique_in_any_letter_case() {
    let both = Both::new();
    both.write(|tx| {
        user(tx, "ada")?;
        let nobody = |name: &str| NewUser {
            email: String::new(),
            ..new_user(name)
        };
        users::insert(tx, &nobody("bot1"))?;
        users::insert(tx, &nobody("bot2")).map(drop)
    });
    let refusal = both.try_write(|tx| user(tx, "ADA"));
    assert_eq!(refusal, Err("the constraint users_username is violated".to_owned()));
    let refusal = both.try_write(|tx| {
        let new = NewUser {
            email: "ADA@EXAMPLE.COM".to_owned(),
            ..new_user("eve")
        };
        users::insert(tx, &new)
    });
    assert_eq!(refusal, Err("the constraint users_email is violated".to_owned()));
}

#[test]
fn users_are_listed_by_every_filter() {
    let both = Both::new();
    both.write(|tx| {
        for (name, state, external) in [
            ("ada", UserState::Active, false),
            ("Bob", UserState::Blocked, false),
            ("eve_1", UserState::Active, true),
            ("Ädel%", UserState::Banned, false),
        ] {
            let user = user(tx, name)?;
            users::update(
                tx,
                &User {
                    state,
                    external,
                    ..user
                },
            )?;
        }
        Ok(())
    });
    let names = |filter: UserFilter, offset: Offset| {
        let rows = filter.clone();
        let names = both.read(move |conn| {
            let users = users::list(conn, &rows, offset)?;
            Ok(users.into_iter().map(|user| user.username).collect::<Vec<_>>())
        });
        if offset == PAGE {
            let counted = both.read(move |conn| users::count(conn, &filter, 100));
            assert_eq!(usize::try_from(counted).unwrap(), names.len());
        }
        names
    };
    let search = |text: &str| UserFilter {
        search: Some(text.to_owned()),
        ..UserFilter::default()
    };
    let all = UserFilter::default;
    assert_eq!(names(all(), PAGE), ["Ädel%", "eve_1", "Bob", "ada"]);
    let username = Some("BOB".to_owned());
    assert_eq!(names(UserFilter { username, ..all() }, PAGE), ["Bob"]);
    assert_eq!(names(UserFilter { active: true, ..all() }, PAGE), ["eve_1", "ada"]);
    assert_eq!(names(UserFilter { blocked: true, ..all() }, PAGE), ["Bob"]);
    assert_eq!(
        names(
            UserFilter {
                external: true,
                ..all()
            },
            PAGE
        ),
        ["eve_1"]
    );
    assert_eq!(names(search("GREAT"), PAGE).len(), 4);
    assert_eq!(names(search("B"), PAGE), ["Bob"]);
    assert_eq!(names(search("_"), PAGE), ["eve_1"], "a wildcard means itself");
    assert_eq!(names(search("%"), PAGE), ["Ädel%"]);
    assert_eq!(names(search("ÄD"), PAGE), ["Ädel%"], "as ASCII folds letters");
    assert_eq!(
        names(search("äd"), PAGE),
        Vec::<String>::new(),
        "as ASCII folds letters"
    );
    assert_eq!(names(search("ADA@example.com"), PAGE), ["ada"]);
    assert_eq!(
        names(search("@example.com"), PAGE),
        Vec::<String>::new(),
        "only whole addresses"
    );
    // One row more than asked for tells that there is a next page.
    let page = |page| Offset { page, per_page: 2 };
    assert_eq!(names(all(), page(1)), ["Ädel%", "eve_1", "Bob"]);
    assert_eq!(names(all(), page(2)), ["Bob", "ada"]);
    assert_eq!(names(all(), page(3)), Vec::<String>::new());
    assert_eq!(names(all(), page(i64::MAX)), Vec::<String>::new());
    assert_eq!(
        both.read(|conn| users::count(conn, &UserFilter::default(), 3)),
        3,
        "counted up to 3"
    );
}

#[test]
fn a_user_is_found_by_the_public_address() {
    let both = Both::new();
    both.write(|tx| {
        let ada = user(tx, "ada")?;
        user(tx, "bob")?;
        let shown = landfall_domain::user::User {
            public_email: "Ada@Example.org".to_owned(),
            ..ada
        };
        users::update(tx, &shown)
    });
    let found = |email: &'static str| {
        let found = both.read(move |conn| users::by_public_email(conn, email));
        found.map(|user| user.username)
    };
    assert_eq!(found("ada@example.ORG"), Some("ada".to_owned()));
    assert_eq!(found("ada@example.com"), None, "that one is not public");
    assert_eq!(found(""), None);
}
