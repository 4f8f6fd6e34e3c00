//! When a lost connection is tried again.

use std::time::Duration;

use crate::error::Error;
use crate::machine::Broken;

/// The first wait.
const FIRST: Duration = Duration::from_millis(50);
/// The longest one.
const LONGEST: Duration = Duration::from_secs(5);

/// How often a lost connection is tried again, and how long is waited in between: twice as long each time.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    tries_max: u32,
    tries: u32,
}

impl Retry {
    /// So often before it is given up; 0: never again.
    pub const fn times(tries_max: u32) -> Self {
        Self { tries_max, tries: 0 }
    }

    /// A connection came to be.
    pub(crate) fn succeeded(&mut self) {
        self.tries = 0;
    }

    /// How long to wait before the next attempt, or the error, if it is of no use or there were enough.
    pub(crate) fn after(&mut self, error: Error) -> Result<Duration, Error> {
        let (again, asked) = match &error {
            Error::Network(_) => (true, 0),
            Error::Session(broken @ Broken::Refused { retry_after_ms, .. }) => {
                (broken.is_worth_another_try(), *retry_after_ms)
            }
            Error::Session(broken) => (broken.is_worth_another_try(), 0),
            Error::NotOpen => (false, 0),
        };
        if !again || self.tries >= self.tries_max {
            return Err(error);
        }
        let wait = FIRST.saturating_mul(1 << self.tries.min(16)).min(LONGEST);
        self.tries += 1;
        Ok(wait.max(Duration::from_millis(asked.into())))
    }
}

/// As often as it takes some minutes to fail.
impl Default for Retry {
    fn default() -> Self {
        Self::times(60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use papertape_wire::codes;

    fn lost() -> Error {
        Error::Network(std::io::ErrorKind::ConnectionReset.into())
    }

    #[test]
    fn waits_double_and_end() {
        let mut retry = Retry::times(3);
        let waits: Vec<_> = (0..3).map(|_| retry.after(lost()).map(|wait| wait.as_millis())).collect();
        assert!(matches!(waits[..], [Ok(50), Ok(100), Ok(200)]), "{waits:?}");
        assert!(retry.after(lost()).is_err());
        retry.succeeded();
        assert!(retry.after(lost()).is_ok());
    }

    #[test]
    fn what_will_not_succeed_is_not_tried() {
        let refused = |code| Error::Session(Broken::Refused { code, retry_after_ms: 900 });
        assert!(Retry::default().after(refused(codes::AUTHENTICATION_FAILED)).is_err());
        assert_eq!(Retry::default().after(refused(codes::TOO_MANY_SESSIONS)).ok(), Some(Duration::from_millis(900)));
    }
}
