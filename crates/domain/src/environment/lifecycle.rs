//! How an environment stops and starts again (neighbours, 1.5).

use thiserror::Error;

use super::{AutoStopSetting, Environment, State};
use crate::time::Timestamp;

/// The environment waits for a stop job, and there are none here: it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an environment with auto_stop_setting=with_action is only stopped by force")]
pub struct NotStopped;

impl Environment {
    /// Stops it; `Ok(false)` if it was stopped, or being stopped, already. `force` stops also one that waits for a stop
    /// job, and ends a stopping one.
    pub fn stop(&mut self, force: bool, now: Timestamp) -> Result<bool, NotStopped> {
        match self.state {
            State::Stopped => return Ok(false),
            State::Stopping if !force => return Ok(false),
            State::Available if !force && self.auto_stop_setting == AutoStopSetting::WithAction => {
                return Err(NotStopped);
            }
            State::Available | State::Stopping => {}
        }
        self.state = State::Stopped;
        self.auto_stop_at = None;
        self.updated_at = now;
        Ok(true)
    }

    /// Brings it back, and with it whatever was planned for its end is off; `false` if it was available already.
    pub fn start(&mut self, now: Timestamp) -> bool {
        if self.state == State::Available {
            return false;
        }
        self.state = State::Available;
        self.auto_stop_at = None;
        self.auto_delete_at = None;
        self.updated_at = now;
        true
    }
}
