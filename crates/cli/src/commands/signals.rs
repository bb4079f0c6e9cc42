//! Ending the server from outside: the first SIGINT or SIGTERM gently, the second at once.

use std::{io, pin::pin, sync::atomic::Ordering, thread, time::Duration};

use landfall_server::serve::Stop;
use tokio::{
    runtime,
    signal::unix::{Signal, SignalKind, signal},
};
use tracing::{info, warn};

/// Listens for the signals on a thread of its own, from now on. For so long after the first one the server only asks to be
/// left alone.
pub(crate) fn watch(stop: &Stop, delay: Duration) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _runtime = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let stop = stop.clone();
    let work = move || {
        runtime.block_on(async {
            next(&mut interrupt, &mut terminate).await;
            stop.leaving.store(true, Ordering::Relaxed);
            info!("stopping; a second signal stops at once");
            let mut second = pin!(next(&mut interrupt, &mut terminate));
            tokio::select! {
                () = &mut second => {}
                () = tokio::time::sleep(delay) => {
                    stop.gentle.cancel();
                    second.await;
                }
            }
            warn!("stopping at once");
            stop.hard.cancel();
        });
    };
    thread::Builder::new().name("signals".to_owned()).spawn(work)?;
    Ok(())
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
