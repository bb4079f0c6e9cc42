//! Servers that crash, and standbys that take their places.

use landfall_store::{
    DatabaseUrl, Error, Options, Store, Tx,
    changes::{self, News, Position},
    deployments, migrate, projects,
    testing::PostgresServer,
};

use crate::world::{ONE, deploy, make_project, total};

const DATABASE: &str = "postgres";

fn open(url: &DatabaseUrl) -> Store {
    Store::open(url, Options::with_readers(1)).unwrap()
}

/// Makes a change without changing anything.
async fn touch(store: &Store) {
    let work = |tx: &mut Tx<'_>| {
        let found = projects::by_id(tx, ONE)?.unwrap();
        projects::update(tx, &found)
    };
    store.write(work).await.unwrap();
}

async fn state(store: &Store) -> Position {
    store.read(changes::position).await.unwrap()
}

async fn since(store: &Store, state: Position) -> News {
    let (_, news) = store.read(move |conn| changes::news(conn, Some(state))).await.unwrap();
    news
}

/// The standby gives the numbers of the lost commits out a second time.
#[tokio::test]
async fn states_of_a_standby_that_lacks_commits_are_told_from_those_of_its_primary() {
    let primary = PostgresServer::start("-c listen_addresses=", |_| {});
    let alone = DatabaseUrl::parse(&primary.url(DATABASE)).unwrap();
    migrate(&alone).unwrap();
    open(&alone).write(|tx| make_project(tx, "one")).await.unwrap();
    let standby = primary.standby("-c listen_addresses=", false);

    // The standby comes first, and is passed by as long as it is one.
    let url = DatabaseUrl::parse(&PostgresServer::url_of(&[&standby, &primary], DATABASE)).unwrap();
    let store = open(&url);
    let before = state(&store).await;
    assert_eq!(since(&store, before).await, News::Changes(Vec::new()));
    touch(&store).await;
    store.write(|tx| deploy(tx, ONE)).await.unwrap();
    let lost = state(&store).await;
    assert!(lost > before);
    assert_eq!(store.read_by_one_statement(changes::position).await.unwrap(), lost);

    primary.stop();
    standby.promote();
    let after = state(&store).await;
    assert!(after > lost, "what was read later is later");
    assert_eq!(since(&store, lost).await, News::Everything);
    assert_eq!(total(&store, ONE).await, 0, "the deployment was lost");
    touch(&store).await;
    store.write(|tx| deploy(tx, ONE)).await.unwrap();
    let again = state(&store).await;
    assert!(again > after);
    assert_eq!(
        since(&store, again).await,
        News::Changes(Vec::new()),
        "the same connections"
    );
}

#[tokio::test]
async fn a_store_finds_a_server_again_that_has_crashed() {
    let server = PostgresServer::start("-c listen_addresses=", |_| {});
    let url = DatabaseUrl::parse(&server.url(DATABASE)).unwrap();
    migrate(&url).unwrap();
    let store = open(&url);
    store.write(|tx| make_project(tx, "one")).await.unwrap();
    store.write(|tx| deploy(tx, ONE)).await.unwrap();
    let before = state(&store).await;
    server.stop();
    for _ in 0..2 {
        let read = store.read(move |conn| deployments::total(conn, ONE)).await;
        assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
        let written = store.write(|tx| deploy(tx, ONE)).await;
        assert!(matches!(written, Err(Error::Unavailable(_))), "{written:?}");
        assert!(store.read_by_one_statement(changes::position).await.is_err());
    }
    server.start_again();
    assert_eq!(total(&store, ONE).await, 1);
    assert!(state(&store).await > before, "other connections, another history");
    store.write(|tx| deploy(tx, ONE)).await.unwrap();
    assert_eq!(total(&store, ONE).await, 2);
}
