//! Repositories through the threads.

use std::num::NonZeroUsize;

use landfall_git::{Error, Git, Repository};

use crate::support::Fixture;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn jobs_run_on_threads_of_their_own() {
    let fixture = Fixture::linear();
    let git = Git::new(NonZeroUsize::MIN).unwrap();
    let answer = block_on(git.run(fixture.repository(), |repository| {
        let thread = std::thread::current().name().map(str::to_owned);
        Ok((thread, repository.resolve("main")?))
    }));
    assert_eq!(answer, Ok((Some("git-1".to_owned()), Some(fixture.id("main")))));
}

#[test]
fn errors_are_handed_back() {
    let git = Git::new(NonZeroUsize::MIN).unwrap();
    let answer = block_on(git.run(Repository::at("/nowhere"), |repository| repository.resolve("main")));
    assert_eq!(
        answer,
        Err(Error::NotFound {
            path: "/nowhere".into()
        })
    );
}

#[test]
fn a_panic_is_an_unreadable_repository_and_the_thread_lives_on() {
    let fixture = Fixture::linear();
    let git = Git::new(NonZeroUsize::MIN).unwrap();
    for _ in 0..3 {
        let answer = block_on(git.run(fixture.repository(), |_| -> Result<(), _> {
            panic!("decoder at fault")
        }));
        let detail = "decoder at fault".to_owned();
        assert_eq!(
            answer,
            Err(Error::Unreadable {
                path: fixture.path().to_owned(),
                detail
            })
        );
    }
    let answer = block_on(git.run(fixture.repository(), |repository| repository.resolve("main")));
    assert_eq!(answer, Ok(Some(fixture.id("main"))));
}
