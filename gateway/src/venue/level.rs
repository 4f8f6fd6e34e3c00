//! What the answers of a session wait for.

use std::fmt;

use axum::http::StatusCode;
use papertape_engine::AccountId;
use papertape_pipeline::Durability;

use crate::errors::Failure;

/// When an answer leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    /// As soon as the core has applied the command, ahead of what the venue's level allows others to see.
    Applied,
    /// As everything leaves under the venue's level.
    Acknowledged,
    /// Once the command is on the disk, which the venue's level does not wait for.
    Synced,
}

/// The durability level of a session, of which its answers state that it holds for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Level {
    /// What is stated.
    pub durability: Durability,
    /// What that takes on this venue.
    pub when: When,
}

/// For whom a command is handed in, and what the answer waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asker {
    /// The account.
    pub account: AccountId,
    /// Its session's level.
    pub level: Level,
    /// When it is too late for it, in nanoseconds since 1970; never, if it is absent.
    pub by_ns: Option<u64>,
}

impl Level {
    /// The level of whoever asks for none.
    pub(crate) fn of_venue(venue: Durability) -> Self {
        Self { durability: venue, when: When::Acknowledged }
    }

    /// On disk, whatever the venue's level: for what is written elsewhere by the answer.
    pub(crate) fn synced(venue: Durability) -> Self {
        let durability = if venue.waits_for_sync() { venue } else { Durability::Group };
        Self { durability, when: if venue.waits_for_sync() { When::Acknowledged } else { When::Synced } }
    }

    /// The level that a session names.
    pub(crate) fn named(text: &str, venue: Durability) -> Result<Self, Failure> {
        let asked: Durability = text.parse().map_err(|error| Failure::field("durability", error))?;
        let when = if asked == venue {
            When::Acknowledged
        } else if venue.is_at_least(asked) {
            if venue.waits_for_sync() && !asked.waits_for_sync() { When::Applied } else { When::Acknowledged }
        } else if Durability::Group.is_at_least(asked) {
            When::Synced
        } else {
            let sentence = "This venue keeps no watermark: a session may ask for group at most.";
            return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "DURABILITY_UNAVAILABLE", sentence));
        };
        Ok(Self { durability: asked, when })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.durability.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Durability = Durability::Interval { ms: 20 };

    #[test]
    fn a_level_takes_what_the_venue_does_not_do_anyway() {
        use Durability::{Group, GroupMark, Memory, Process};
        use When::{Acknowledged, Applied, Synced};
        let rows = [
            ("memory", [Acknowledged, Acknowledged, Acknowledged, Applied, Applied]),
            ("process", [Synced, Acknowledged, Acknowledged, Applied, Applied]),
            ("interval:20", [Synced, Synced, Acknowledged, Applied, Applied]),
            ("interval:5", [Synced, Synced, Synced, Applied, Applied]),
            ("group", [Synced, Synced, Synced, Acknowledged, Acknowledged]),
        ];
        for (text, whens) in rows {
            for (venue, when) in [Memory, Process, INTERVAL, Group, GroupMark].into_iter().zip(whens) {
                let level = Level::named(text, venue).unwrap();
                assert_eq!((level.to_string().as_str(), level.when), (text, when), "on {venue}");
            }
        }
    }

    #[test]
    fn a_watermark_is_only_where_the_venue_keeps_one() {
        assert_eq!(Level::named("group+mark", Durability::GroupMark), Ok(Level::of_venue(Durability::GroupMark)));
        let refused = Level::named("group+mark", Durability::Group).unwrap_err();
        assert_eq!(refused.code, "DURABILITY_UNAVAILABLE");
        assert_eq!(Level::named("disk", Durability::Group).unwrap_err().code, "INVALID_FIELD");
    }

    #[test]
    fn what_is_written_elsewhere_waits_for_the_disk() {
        assert_eq!(Level::synced(Durability::Process).when, When::Synced);
        assert_eq!(Level::synced(Durability::GroupMark), Level::of_venue(Durability::GroupMark));
    }
}
