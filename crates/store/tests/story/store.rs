//! The store itself, and its errors.

use landfall_store::{Conn, Error, Options, Store, Together, Tx, testing::Engine, testing::TestDatabase, users};

use crate::both::user;

#[tokio::test]
async fn a_store_is_migrated_opened_asked_and_closed() {
    for engine in Engine::ALL {
        let database = TestDatabase::new(engine);
        landfall_store::migrate(database.url()).unwrap();
        let store = Store::open(database.url(), Options::with_readers(0)).unwrap();
        assert_eq!(store.url(), database.url());
        assert_eq!(store.queued(), (0, 0));
        assert!(
            !std::pin::pin!(store.deliveries().notified()).enable(),
            "there is nothing to deliver"
        );
        let made = store.write(|tx| user(tx, "ada")).await.unwrap();
        let refused = store.write(|tx| user(tx, "ada")).await.unwrap_err();
        assert!(refused.is_conflict_on("users_username"), "{engine:?}");
        assert!(!refused.is_conflict_on("users_email"), "{engine:?}");
        assert!(!Error::Refused(String::new()).is_conflict_on("users_username"));
        drop(store);
        let store = Store::open(database.url(), Options::default()).unwrap();
        let found = store.read(move |conn| users::by_id(conn, made.id)).await.unwrap();
        assert_eq!(found.unwrap().username, "ada", "{engine:?}");
        let caller = std::thread::current().id();
        let work = move |conn: &mut Conn<'_>| Ok((users::by_id(conn, made.id)?, std::thread::current().id()));
        let (found, thread) = store.read_at_once::<_, Error, _>(work).await.unwrap();
        assert_eq!(found.unwrap().username, "ada", "{engine:?}");
        assert_eq!(thread == caller, store.is_at_hand(), "{engine:?}");
        assert_eq!(store.is_at_hand(), engine == Engine::Sqlite);
    }
}

#[tokio::test]
async fn a_read_that_turns_out_to_be_long_goes_to_a_thread() {
    for engine in Engine::ALL {
        let database = TestDatabase::new(engine);
        let store = database.open();
        let made = store.write(|tx| user(tx, "ada")).await.unwrap();
        let caller = std::thread::current().id();
        let searches = |count: u32| {
            let work = move |conn: &mut Conn<'_>| {
                let mut found = 0;
                for _ in 0..count {
                    found += u32::from(users::by_id(conn, made.id)?.is_some());
                }
                Ok::<_, Error>((found, std::thread::current().id()))
            };
            store.read_at_once_if_short(work)
        };
        for _ in 0..3 {
            let (found, thread) = searches(1).await.unwrap();
            assert_eq!((found, thread == caller), (1, store.is_at_hand()), "{engine:?}");
            let (found, thread) = searches(5_000).await.unwrap();
            assert_eq!((found, thread == caller), (5_000, false), "{engine:?}");
            // What is known to be short is not given up.
            let work = move |conn: &mut Conn<'_>| (0..5_000).try_for_each(|_| users::by_id(conn, made.id).map(drop));
            store.read_at_once(work).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_short_read_that_panics_harms_nobody_else() {
    let database = TestDatabase::new(Engine::Sqlite);
    let store = database.open();
    let failed = store.read_at_once::<(), Error, _>(|_| panic!("on purpose")).await;
    assert!(matches!(failed, Err(Error::Engine(_))));
    let found = store.read_at_once(|conn| users::by_username(conn, "ada")).await;
    assert!(found.unwrap().is_none());
}

#[test]
fn an_address_is_read_and_a_directory_has_one() {
    let url = landfall_store::DatabaseUrl::parse("sqlite:/srv/landfall.db").unwrap();
    assert_eq!(url, landfall_store::database_in(std::path::Path::new("/srv")));
}

#[test]
fn the_engine_in_this_binary_is_new_enough() {
    let version: Vec<u32> = landfall_store::sqlite_version()
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    assert!(version >= vec![3, 51, 3]);
}

/// A user to be made.
struct Named(&'static str);

impl Together for Named {
    type Made = String;
    type Error = Error;

    fn write(tx: &mut Tx<'_>, all: &[&Named]) -> Result<Vec<String>, Error> {
        all.iter().map(|new| Ok(user(tx, new.0)?.username)).collect()
    }
}

#[tokio::test]
async fn writes_of_a_kind_are_answered_each_by_itself() {
    for engine in Engine::ALL {
        let database = TestDatabase::new(engine);
        let store = database.open();
        let write = |name| store.write_together(Named(name));
        let (ada, again, bob) = tokio::join!(write("ada"), write("ada"), write("bob"));
        assert_eq!(
            (ada.unwrap(), bob.unwrap()),
            ("ada".to_owned(), "bob".to_owned()),
            "{engine:?}"
        );
        assert!(again.unwrap_err().is_conflict_on("users_username"), "{engine:?}");
        let found = store.read(|conn| users::by_username(conn, "bob")).await.unwrap();
        assert!(found.is_some(), "{engine:?}");
    }
}
