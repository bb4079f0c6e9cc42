//! The real server in this process: real sockets, a real database, a clock that stands still.

use std::{
    net::TcpListener,
    num::NonZeroUsize,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    ids::UserId,
    member::Source,
    project::{Project, Visibility},
    time::{ManualClock, Timestamp},
    token::{Scope, Scopes, Secret},
    user::User,
};
use landfall_git::Git;
use landfall_server::{
    App, Metrics, MirrorSettings, Settings,
    ops::create_project::{CreateProject, Features, Place, create_project},
    serve::{self, Options, Stop},
};
use landfall_store::{
    Store, Tx,
    members::{self, NewMember},
    testing::{Engine, TestDatabase},
    tokens::{self, NewToken},
    users::{self, NewUser},
};

use super::Caller;

/// What the clock says: 2026-01-02T03:04:05.678901Z.
pub(crate) const NOW: Timestamp = Timestamp(1_767_323_045_678_901);

/// A running server. It ends with this value. Its background jobs run when [`TestServer::run_jobs`] says so.
pub(crate) struct TestServer {
    pub(crate) app: Arc<App>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) url: String,
    pub(crate) database: TestDatabase,
    http: reqwest::Client,
    pub(crate) stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    /// With nobody and nothing in it. Links begin with `http://landfall.example`.
    pub(crate) fn new(engine: Engine) -> TestServer {
        TestServer::with(engine, |_| {})
    }

    /// With other settings.
    pub(crate) fn with(engine: Engine, change: impl FnOnce(&mut Settings)) -> TestServer {
        TestServer::start(engine, options(), change)
    }

    /// With other settings, served in another way.
    pub(crate) fn start(engine: Engine, options: Options, change: impl FnOnce(&mut Settings)) -> TestServer {
        let database = TestDatabase::new(engine);
        let store = database.open();
        let clock = Arc::new(ManualClock::new(NOW));
        let git = Git::new(NonZeroUsize::MIN).unwrap();
        let mut settings = settings(&database);
        change(&mut settings);
        let app = Arc::new(App::new(store.clone(), Arc::<ManualClock>::clone(&clock), git, &settings).unwrap());
        let stop = Stop::default();
        let (url, thread) = serve(&app, options, &stop);
        // The client insists on knowing its cryptography, though it only speaks http here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        TestServer {
            app,
            store,
            clock,
            url,
            database,
            http,
            stop,
            thread: Some(thread),
        }
    }

    /// Waits until the server has ended of itself.
    pub(crate) fn wait(&mut self) {
        self.thread.take().unwrap().join().unwrap();
    }

    /// Runs the background jobs until none has anything left to do.
    pub(crate) async fn run_jobs(&self) {
        landfall_server::jobs::run_all(&self.app).await.unwrap();
    }

    /// Another node on the same database, which serves nothing.
    pub(crate) fn node(&self, change: impl FnOnce(&mut Settings)) -> Arc<App> {
        let mut settings = settings(&self.database);
        change(&mut settings);
        settings.mirrors.directory.set_file_name("mirrors-of-other");
        let git = Git::new(NonZeroUsize::MIN).unwrap();
        Arc::new(
            App::new(
                self.database.open(),
                Arc::<ManualClock>::clone(&self.clock),
                git,
                &settings,
            )
            .unwrap(),
        )
    }

    /// Another node on the same database, which serves until this server ends; where it is found.
    pub(crate) fn second(&self) -> String {
        let (url, _) = serve(&self.node(|_| {}), options(), &self.stop);
        url
    }

    /// Changes the database behind the server's back, as the command line does.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, landfall_server::ops::Refusal> + Send + 'static,
    ) -> T {
        self.store.write(work).await.unwrap()
    }

    /// Somebody without a token.
    pub(crate) fn nobody(&self) -> Caller {
        Caller::new(self.http.clone(), &self.url, None)
    }

    /// Somebody with this token who asks another node.
    pub(crate) fn bearer_at(&self, url: &str, secret: &str) -> Caller {
        Caller::new(self.http.clone(), url, Some(secret.to_owned()))
    }

    /// Somebody with this token.
    pub(crate) fn bearer_of(&self, secret: &str) -> Caller {
        Caller::new(self.http.clone(), &self.url, Some(secret.to_owned()))
    }

    /// The administrator, made at the first call; as the seed document has it, id 1 if made first.
    pub(crate) async fn root(&self) -> Caller {
        self.user_with("root", |user| {
            user.name = String::from("Administrator");
            user.email = String::from("admin@example.com");
            user.admin = true;
        })
        .await
    }

    /// An ordinary user, made at the first call.
    pub(crate) async fn user(&self, name: &str) -> Caller {
        self.user_with(name, |_| {}).await
    }

    /// A user made with changes at the first call, with a token of all scopes whose secret is `<name>-token`.
    pub(crate) async fn user_with(&self, name: &str, change: impl FnOnce(&mut NewUser)) -> Caller {
        let secret = format!("{name}-token");
        let mut new = NewUser {
            username: name.to_owned(),
            name: name.to_owned(),
            email: format!("{name}@example.com"),
            admin: false,
            external: false,
            bot: false,
            avatar_url: None,
            created_at: NOW,
        };
        change(&mut new);
        let text = secret.clone();
        self.write(move |tx| {
            if users::by_username(tx, &new.username)?.is_none() {
                let user = users::insert(tx, &new)?;
                let scopes = Scope::ALL.iter().copied().collect();
                insert_token(tx, &user, &text, scopes, None)?;
            }
            Ok(())
        })
        .await;
        self.bearer_of(&secret)
    }

    /// A further token of a user.
    pub(crate) async fn token(&self, username: &str, secret: &str, scopes: &[Scope], expires_at: Option<&str>) {
        let (username, secret) = (username.to_owned(), secret.to_owned());
        let scopes: Scopes = scopes.iter().copied().collect();
        let expires_at = expires_at.map(|day| day.parse().unwrap());
        self.write(move |tx| {
            let user = users::by_username(tx, &username)?.expect("the user is there");
            insert_token(tx, &user, &secret, scopes.clone(), expires_at)?;
            Ok(())
        })
        .await;
    }

    /// A private project without a repository, at `GROUP/PATH`.
    pub(crate) async fn project(&self, path: &str) -> Project {
        self.project_with(path, |_| {}).await
    }

    /// A project made with changes.
    pub(crate) async fn project_with(&self, path: &str, change: impl FnOnce(&mut CreateProject)) -> Project {
        let (namespace, path) = path.rsplit_once('/').expect("GROUP/PATH");
        let mut wanted = CreateProject {
            namespace: Place::Below(namespace.to_owned()),
            path: path.to_owned(),
            name: None,
            description: None,
            visibility: Visibility::Private,
            default_branch: Some("main".to_owned()),
            repository: None,
            with_credentials: false,
            forge_url: None,
            features: Features::default(),
            creator_id: None,
            now: NOW,
        };
        change(&mut wanted);
        self.write(move |tx| create_project(tx, &wanted)).await
    }

    /// Makes a user a member.
    pub(crate) async fn member(&self, source: impl Into<Source>, username: &str, level: AccessLevel) {
        let source = source.into();
        let username = username.to_owned();
        self.write(move |tx| {
            let user = users::by_username(tx, &username)?.expect("the user is there");
            Ok(members::set(tx, &membership(source, user.id, level, None))?)
        })
        .await;
    }
}

fn options() -> Options {
    Options {
        threads: 2,
        grace: Duration::from_secs(5),
        jobs: false,
        ..Options::default()
    }
}

/// Serves on a port of the kernel's choice.
fn serve(app: &Arc<App>, options: Options, stop: &Stop) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (served, stop) = (Arc::clone(app), stop.clone());
    let thread = thread::spawn(move || {
        serve::run(&served, &Metrics::install().unwrap(), listener, options, &stop).unwrap();
    });
    (url, thread)
}

/// Links begin with `http://landfall.example`.
fn settings(database: &TestDatabase) -> Settings {
    Settings {
        external_url: "http://landfall.example".to_owned(),
        rate_limit_authenticated: None,
        rate_limit_unauthenticated: None,
        inbox_retention: Duration::from_hours(24),
        deletion_adjourned_period: Duration::from_hours(3 * 24),
        // Where tests have their receivers.
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        webhook_timeout: Settings::WEBHOOK_TIMEOUT,
        body_room: Settings::BODY_ROOM,
        mirrors: MirrorSettings::in_directory(database.directory().join("mirrors")),
    }
}

/// A membership as the tests' ones are.
pub(crate) fn membership(
    source: impl Into<Source>,
    user_id: UserId,
    access_level: AccessLevel,
    expires_at: Option<Date>,
) -> NewMember {
    NewMember {
        source: source.into(),
        user_id,
        access_level,
        expires_at,
        created_at: NOW,
        created_by_id: None,
    }
}

fn insert_token(
    tx: &mut Tx<'_>,
    user: &User,
    secret: &str,
    scopes: Scopes,
    expires_at: Option<Date>,
) -> Result<(), landfall_store::Error> {
    let new = NewToken {
        user_id: user.id,
        name: "test".to_owned(),
        description: None,
        digest: Secret::new(secret.to_owned()).digest(),
        scopes,
        expires_at,
        created_at: NOW,
        family_id: None,
        source: None,
    };
    tokens::insert(tx, &new).map(drop)
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.gentle.cancel();
        self.stop.hard.cancel();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the server thread panicked");
        }
    }
}
