//! Copies of repositories elsewhere, from a git server on this machine.

use std::{fs, path::PathBuf, thread, time::Duration};

use landfall_git::{Credentials, Fetch, FetchError, Interrupt, MirrorLimits, Mirrors, RefKind, RemoteUrl, Repository};
use landfall_net::Reach;

use crate::{
    remote::{Manner, Remote},
    support::Fixture,
};

const KEY: &str = "0b5e-key";

/// A repository with a server, and a directory for copies.
struct World {
    origin: Fixture,
    remote: Remote,
    mirrors: Mirrors,
    interrupt: Interrupt,
}

impl World {
    fn new(origin: Fixture) -> World {
        World::with(origin, MirrorLimits::default())
    }

    fn with(origin: Fixture, limits: MirrorLimits) -> World {
        let remote = Remote::serve(origin.path());
        let directory = origin.beside("mirrors");
        World {
            mirrors: Mirrors::new(directory, loopback(), limits),
            remote,
            origin,
            interrupt: Interrupt::default(),
        }
    }

    fn wanted(&self) -> Fetch {
        wanted(&self.remote.url())
    }

    fn fetch(&self) -> Result<String, FetchError> {
        self.mirrors.fetch(&self.wanted(), &self.interrupt)
    }

    fn copy(&self) -> Repository {
        self.mirrors.repository(KEY)
    }

    fn home(&self) -> PathBuf {
        self.origin.beside("mirrors").join(format!("{KEY}.git"))
    }

    fn packs(&self) -> usize {
        let files = fs::read_dir(self.home().join("objects/pack")).unwrap();
        files
            .filter(|file| file.as_ref().unwrap().path().extension() == Some("pack".as_ref()))
            .count()
    }

    /// Every branch and tag of the copy with its commit, and whether they are those of the origin.
    fn refs(&self) -> Vec<String> {
        let limits = landfall_git::Limits::default();
        let mut refs = Vec::new();
        for (kind, prefix) in [(RefKind::Branch, "heads"), (RefKind::Tag, "tags")] {
            for name in self.copy().ref_names(kind, &limits).unwrap() {
                refs.push(format!("{} refs/{prefix}/{}", name.commit_id().as_str(), name.name));
            }
        }
        refs
    }

    fn refs_of_origin(&self) -> Vec<String> {
        let format = "--format=%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end) %(refname)";
        let refs = self.origin.git(&["for-each-ref", format, "refs/heads", "refs/tags"]);
        refs.lines().map(str::to_owned).collect()
    }

    fn assert_same(&self) {
        assert_eq!(self.refs(), self.refs_of_origin());
        let head = self.copy().head().unwrap().map(|head| head.branch);
        assert_eq!(head, Some(Some("main".to_owned())));
    }
}

fn loopback() -> Reach {
    Reach::Public {
        and: vec!["127.0.0.0/8".parse().unwrap()],
    }
}

fn wanted(url: &str) -> Fetch {
    Fetch {
        key: KEY.to_owned(),
        remote: RemoteUrl::parse(url).unwrap(),
        credentials: None,
        commits: Vec::new(),
    }
}

#[test]
fn a_copy_has_what_the_remote_has_now() {
    let world = World::new(Fixture::linear());
    let origin = &world.origin;
    origin.git(&["branch", "feature/a.b", "HEAD~1"]);
    origin.git(&["tag", "v1", "HEAD~2"]);
    origin.git(&["tag", "-a", "-m", "Annotated", "v2"]);
    assert_eq!(world.mirrors.digest(KEY), None);
    let first = world.fetch().unwrap();
    world.assert_same();
    assert_eq!(world.mirrors.digest(KEY), Some(first.clone()));
    assert_eq!(world.fetch(), Ok(first.clone()), "nothing is new");
    assert_eq!((world.packs(), world.remote.visits()), (1, 2));

    let fourth = origin.commit("four");
    let second = world.fetch().unwrap();
    world.assert_same();
    assert_ne!(second, first);
    assert_eq!(world.copy().commit(&fourth).unwrap().unwrap().title, "four");

    origin.git(&["branch", "-D", "feature/a.b"]);
    origin.git(&["branch", "feature"]);
    origin.git(&["tag", "-f", "v1", "HEAD"]);
    origin.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    origin.commit("another four");
    world.fetch().unwrap();
    world.assert_same();
    assert!(
        world.copy().commit(&fourth).unwrap().is_some(),
        "what was there once can still be told"
    );
    assert!(
        !world.home().join("refs/heads").exists(),
        "no name of a ref is one of a file"
    );
}

#[test]
fn a_fetch_brings_only_what_is_new() {
    let world = World::new(Fixture::linear());
    fs::write(world.origin.path().join("large"), noise(1_000_000)).unwrap();
    world.origin.git(&["add", "large"]);
    world.origin.commit("large");
    world.fetch().unwrap();
    world.origin.commit("small");
    world.fetch().unwrap();
    world.assert_same();
    let files = fs::read_dir(world.home().join("objects/pack")).unwrap();
    let mut sizes: Vec<u64> = files.map(|file| file.unwrap().metadata().unwrap().len()).collect();
    sizes.sort_unstable();
    let large = sizes.iter().filter(|size| **size > 100_000).count();
    assert_eq!((sizes.len(), large), (4, 1), "{sizes:?}");
}

#[test]
fn many_small_packs_become_one_and_nothing_is_lost() {
    let world = World::new(Fixture::linear());
    fs::write(world.origin.path().join("large"), noise(100_000)).unwrap();
    world.origin.git(&["add", "large"]);
    world.origin.commit("large");
    world.fetch().unwrap();
    let lost = world.origin.commit("soon rewritten");
    world.fetch().unwrap();
    world.origin.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let mut most = 0;
    for number in 0..60 {
        world.origin.commit(&format!("commit {number}"));
        world.fetch().unwrap();
        most = most.max(world.packs());
    }
    assert_eq!((most, world.packs() < 20), (50, true), "{}", world.packs());
    world.assert_same();
    let limits = landfall_git::Limits::default();
    let all = world.origin.id("HEAD");
    let query = landfall_git::LogQuery::new(landfall_git::Start::Commit(all), 1000);
    let log = world.copy().log(&query, &limits).unwrap();
    assert_eq!(log.len(), 64);
    let ids: Vec<_> = log.into_iter().map(|commit| commit.id).collect();
    assert_eq!(world.copy().stats(&ids, &limits).unwrap().len(), 64);
    assert!(world.copy().commit(&lost).unwrap().is_some());
    let checked = world
        .origin
        .try_git(&["-C", world.home().to_str().unwrap(), "fsck", "--full"], b"");
    assert!(checked.is_ok(), "{checked:?}");
}

/// Bytes that nothing makes shorter.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(next).collect()
}

#[test]
fn empty_repositories_and_other_hashes_are_copied_too() {
    let world = World::new(Fixture::empty());
    world.fetch().unwrap();
    assert_eq!((world.refs(), world.copy().head()), (Vec::new(), Ok(None)));
    world.origin.commit("one");
    world.fetch().unwrap();
    world.assert_same();

    let world = World::new(Fixture::init(&["--object-format=sha256"]));
    world.origin.commit("one");
    world.fetch().unwrap();
    world.origin.commit("two");
    world.fetch().unwrap();
    world.assert_same();
}

#[test]
fn a_commit_that_no_branch_leads_to_can_be_asked_for() {
    let world = World::new(Fixture::linear());
    world.fetch().unwrap();
    world.origin.git(&["checkout", "--quiet", "--detach"]);
    let loose = world.origin.commit("of a merge request");
    world.origin.git(&["update-ref", "refs/pull/1/merge", "HEAD"]);
    world.origin.git(&["checkout", "--quiet", "main"]);
    let unknown = "1".repeat(40);
    let wanted = Fetch {
        commits: vec![unknown.clone(), loose.as_str().to_owned(), "no id".to_owned()],
        ..world.wanted()
    };
    world.mirrors.fetch(&wanted, &world.interrupt).unwrap();
    assert!(world.copy().commit(&loose).unwrap().is_some());
    assert_eq!(world.copy().resolve(&unknown), Ok(None));
    world.assert_same();
}

#[test]
fn a_failure_is_told_and_leaves_the_copy_as_it_was() {
    let limits = MirrorLimits {
        silence: Duration::from_millis(300),
        ..MirrorLimits::default()
    };
    let world = World::with(Fixture::linear(), limits);
    world.remote.set(Manner::Status(404));
    let missing = FetchError::Missing {
        with_credentials: false,
    };
    assert_eq!(world.fetch(), Err(missing.clone()));
    assert_eq!(world.mirrors.digest(KEY), None);
    world.remote.set(Manner::Serve);
    let first = world.fetch().unwrap();
    let refs = world.refs();
    world.origin.commit("four");
    let denied = FetchError::Denied {
        status: 401,
        with_credentials: false,
    };
    for (manner, error) in [
        (Manner::Status(404), missing),
        (Manner::Status(500), FetchError::Status(500)),
        (Manner::ServeTo("Basic secret".to_owned()), denied),
        (Manner::Hang, FetchError::Silent(limits.silence)),
        (Manner::Endless, FetchError::TooManyRefs),
        (Manner::Redirect(world.remote.url()), FetchError::Redirect),
        (Manner::Redirect("ftp://127.0.0.1/a".to_owned()), FetchError::Redirect),
        (
            Manner::Redirect("http://u:p@127.0.0.1/a".to_owned()),
            FetchError::Redirect,
        ),
    ] {
        world.remote.set(manner.clone());
        assert_eq!(world.fetch(), Err(error), "{manner:?}");
    }
    for manner in [Manner::Page, Manner::Cut(0), Manner::Cut(150), Manner::Cut(300)] {
        world.remote.set(manner.clone());
        let error = world.fetch().unwrap_err();
        let is_plain = matches!(error, FetchError::Protocol(_) | FetchError::NoAnswer(_));
        assert!(is_plain, "{manner:?}: {error:?}");
    }
    assert_eq!((world.mirrors.digest(KEY), world.refs()), (Some(first), refs));
    world.remote.set(Manner::Serve);
    world.fetch().unwrap();
    world.assert_same();
}

#[test]
fn a_repository_that_is_too_large_is_not_copied() {
    let limits = MirrorLimits {
        size: 100_000,
        ..MirrorLimits::default()
    };
    let world = World::with(Fixture::linear(), limits);
    world.fetch().unwrap();
    fs::write(world.origin.path().join("large"), noise(200_000)).unwrap();
    world.origin.git(&["add", "large"]);
    world.origin.commit("large");
    assert_eq!(world.fetch(), Err(FetchError::TooLarge(100_000)));
    world.origin.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    world.fetch().unwrap();
    world.assert_same();
}

#[test]
fn an_address_in_a_private_network_is_not_connected_to() {
    let world = World::new(Fixture::linear());
    let closed = Mirrors::new(
        world.origin.beside("closed"),
        Reach::Public { and: Vec::new() },
        MirrorLimits::default(),
    );
    let by_name = world.remote.url().replace("127.0.0.1", "localhost");
    for url in [world.remote.url(), by_name] {
        let error = closed.fetch(&wanted(&url), &world.interrupt).unwrap_err();
        assert!(matches!(error, FetchError::Refused(_)), "{url}: {error:?}");
    }
    assert_eq!(world.remote.requests(), []);
    let elsewhere = Remote::serve(world.origin.path());
    elsewhere.set(Manner::Redirect("http://10.0.0.1/app.git".to_owned()));
    let error = world
        .mirrors
        .fetch(&wanted(&elsewhere.url()), &world.interrupt)
        .unwrap_err();
    assert!(
        matches!(error, FetchError::Refused(_)),
        "on the way of a redirect, too: {error:?}"
    );
}

#[test]
fn credentials_are_for_the_named_server_alone() {
    let world = World::new(Fixture::linear());
    let secret = Some("Basic YWRhOnMzY3JldA==".to_owned());
    let lines = |remote: &Remote| format!("{}\n", remote.base().replace("http://", "http://ada:s3cret@"));
    let elsewhere = Remote::serve(world.origin.path());
    let credentials = Credentials::parse(&(lines(&world.remote) + &lines(&elsewhere))).unwrap();
    let wanted = Fetch {
        credentials: Some(credentials),
        ..world.wanted()
    };
    world.remote.set(Manner::ServeTo(secret.clone().unwrap()));
    world.mirrors.fetch(&wanted, &world.interrupt).unwrap();
    world.assert_same();
    assert!(
        world
            .remote
            .requests()
            .iter()
            .all(|request| request.authorization == secret)
    );

    world
        .remote
        .set(Manner::Redirect(format!("{}/moved.git", elsewhere.base())));
    elsewhere.set(Manner::ServeTo(secret.clone().unwrap()));
    let denied = FetchError::Denied {
        status: 401,
        with_credentials: false,
    };
    assert_eq!(world.mirrors.fetch(&wanted, &world.interrupt), Err(denied));
    let seen = elsewhere.requests();
    assert_eq!((seen.len(), &seen[0].authorization), (1, &None));
    elsewhere.set(Manner::Serve);
    world.origin.commit("four");
    world.mirrors.fetch(&wanted, &world.interrupt).unwrap();
    world.assert_same();
    let seen = elsewhere.requests();
    assert!(
        seen.iter()
            .any(|request| request.line == "POST /moved.git/git-upload-pack"),
        "{seen:?}"
    );
    assert!(seen.iter().all(|request| request.authorization.is_none()), "{seen:?}");

    world.remote.set(Manner::Status(403));
    let error = world.mirrors.fetch(&wanted, &world.interrupt).unwrap_err();
    for text in [error.to_string(), error.public_text(), format!("{wanted:?}")] {
        assert!(!text.contains("s3cret") && !text.contains("YWRh"), "{text}");
    }
}

#[test]
fn what_a_killed_process_left_is_no_hindrance() {
    let world = World::new(Fixture::linear());
    let part = world.home().with_extension("part");
    fs::create_dir_all(part.join("objects/pack")).unwrap();
    fs::write(part.join("packed-refs"), "half").unwrap();
    assert_eq!(world.mirrors.digest(KEY), None);
    world.fetch().unwrap();
    world.assert_same();
    assert!(!part.exists());

    let packs = world.home().join("objects/pack");
    for name in [".tmpAbCdEf", "pack-1.pack", "pack-2.keep", "landfall-digest.new"] {
        fs::write(packs.join(name), "half").unwrap();
    }
    fs::write(world.home().join("packed-refs.new"), "half").unwrap();
    world.origin.commit("four");
    world.fetch().unwrap();
    world.assert_same();
    assert_eq!(fs::read_dir(&packs).unwrap().count(), 4, "two packs with their indexes");

    // A disk that lost something makes a new copy, once it is noticed.
    fs::remove_file(world.home().join("HEAD")).unwrap();
    world.fetch().unwrap();
    world.assert_same();
    assert_eq!(world.packs(), 1);
}

#[test]
fn one_fetch_at_a_time_and_it_can_be_interrupted() {
    let world = World::new(Fixture::linear());
    world.remote.set(Manner::Hold);
    thread::scope(|scope| {
        let first = scope.spawn(|| world.fetch());
        world.remote.wait_for_visits(1);
        assert_eq!(world.fetch(), Err(FetchError::Taken));
        assert_eq!(world.mirrors.remove(KEY), Err(FetchError::Taken));
        world.interrupt.trigger();
        assert_eq!(first.join().unwrap(), Err(FetchError::Interrupted));
    });
    world.remote.set(Manner::Serve);
    world.mirrors.fetch(&world.wanted(), &Interrupt::default()).unwrap();
    world.assert_same();
    assert_eq!(world.mirrors.keys().unwrap(), [KEY]);
    world.mirrors.remove(KEY).unwrap();
    assert_eq!(
        (world.mirrors.keys().unwrap(), world.mirrors.digest(KEY)),
        (Vec::new(), None)
    );
}
