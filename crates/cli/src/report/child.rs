//! The command that deploys: started with everything that this process has, told the signals that this process gets.

use std::{ffi::OsString, io, os::unix::process::ExitStatusExt, process::ExitStatus};

use rustix::{
    process::{Pid, Signal as Number, getpgrp, kill_process},
    termios::tcgetpgrp,
};
use tokio::{
    process::{Child, Command},
    signal::unix::{Signal, SignalKind, signal},
};

/// Exit code of shells for a command that is there and cannot be started.
const NOT_EXECUTABLE: u8 = 126;
/// Exit code of shells for a command that is not there.
const NOT_FOUND: u8 = 127;
/// What shells add to the number of a signal.
const BY_SIGNAL: u8 = 128;

/// The signals that ask a program to end.
const ASKING: &[Number] = &[Number::HUP, Number::INT, Number::TERM];

/// How the command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With exit code 0, signal or not.
    Done,
    /// With this exit code, or the one that shells make of the signal that killed it.
    Failed { code: u8, reason: String },
    /// After a signal was passed on to it, or by a signal that asks programs to end.
    Canceled { code: u8 },
}

impl Ending {
    /// The exit code to end with.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Ending::Done => 0,
            Ending::Failed { code, .. } | Ending::Canceled { code } => *code,
        }
    }

    /// Of a command that could not be started.
    pub(crate) fn not_started(command: &[OsString], error: &io::Error) -> Ending {
        let name = command.first().map(|name| name.to_string_lossy()).unwrap_or_default();
        Ending::Failed {
            code: if error.kind() == io::ErrorKind::NotFound {
                NOT_FOUND
            } else {
                NOT_EXECUTABLE
            },
            reason: format!("cannot start {name}: {error}"),
        }
    }

    /// Of a command that was not started, because the signal came before.
    pub(crate) fn before_start(signal: Number) -> Ending {
        Ending::Canceled {
            code: by_signal(signal.as_raw()),
        }
    }

    fn of(status: ExitStatus, passed_on: bool) -> Ending {
        match (status.code(), status.signal()) {
            (Some(0), _) => Ending::Done,
            (Some(code), _) => {
                let exit = u8::try_from(code).unwrap_or(u8::MAX);
                if passed_on {
                    Ending::Canceled { code: exit }
                } else {
                    Ending::Failed {
                        code: exit,
                        reason: format!("exit code {code}"),
                    }
                }
            }
            // Where a whole group of processes is told to end, the command's end may come before the signal to us.
            (None, Some(signal)) if passed_on || ASKING.iter().any(|asking| asking.as_raw() == signal) => {
                Ending::Canceled {
                    code: by_signal(signal),
                }
            }
            (None, signal) => Ending::Failed {
                code: signal.map_or(u8::MAX, by_signal),
                reason: signal.map_or("unknown end".to_owned(), |signal| format!("killed by signal {signal}")),
            },
        }
    }
}

fn by_signal(signal: i32) -> u8 {
    u8::try_from(signal).map_or(u8::MAX, |signal| BY_SIGNAL.saturating_add(signal))
}

/// The signals that ask a job to end. From the moment it is made they no longer end this process.
pub(crate) struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(crate) fn listen() -> io::Result<Signals> {
        Ok(Signals {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Number {
        tokio::select! {
            _ = self.hangup.recv() => Number::HUP,
            _ = self.interrupt.recv() => Number::INT,
            _ = self.terminate.recv() => Number::TERM,
        }
    }
}

/// Starts a command with this process' own input, outputs, environment and directory.
pub(crate) fn start(command: &[OsString]) -> io::Result<Child> {
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    Command::new(program).args(arguments).spawn()
}

/// Waits for its end, passing on signals meanwhile.
pub(crate) async fn wait(mut child: Child, signals: &mut Signals) -> io::Result<Ending> {
    let mut passed_on = false;
    loop {
        tokio::select! {
            biased;
            signal = signals.next() => {
                passed_on = true;
                pass_on(&child, signal);
            }
            status = child.wait() => return Ok(Ending::of(status?, passed_on)),
        }
    }
}

/// What a terminal sends goes to everything that runs in it. Programs that end at once on a second Ctrl-C must not get
/// two of one.
fn pass_on(child: &Child, signal: Number) {
    let from_terminal = signal == Number::INT && is_in_foreground();
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(pid) = pid.filter(|_| !from_terminal) {
        // It may have ended this moment.
        let _ = kill_process(pid, signal);
    }
}

/// Whether this process is in the foreground of a terminal.
fn is_in_foreground() -> bool {
    let group = getpgrp();
    let groups = [tcgetpgrp(io::stdin()), tcgetpgrp(io::stdout()), tcgetpgrp(io::stderr())];
    groups.contains(&Ok(group))
}
