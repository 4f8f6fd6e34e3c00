//! What a user may do: the role, and whether the door is open.

use std::time::SystemTime;

use sea_orm::prelude::TimeDateTimeWithTimeZone;

use crate::database::user;

/// What a user may do besides their own business.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    /// Nothing.
    #[default]
    User,
    /// What the operator may, with a second factor.
    Admin,
}

impl Role {
    /// As it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Role::User, Role::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// A suspension that is in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suspension {
    /// Why, in words for the user.
    pub reason: String,
    /// When it ends by itself.
    pub ends_at: Option<TimeDateTimeWithTimeZone>,
}

impl Suspension {
    pub(super) fn of(row: &user::Model) -> Option<Self> {
        let reason = row.suspension_reason.clone().unwrap_or_default();
        row.is_suspended.then_some(Self { reason, ends_at: row.suspension_end_date })
    }

    /// Whether it still holds.
    pub fn holds_at(&self, now: SystemTime) -> bool {
        self.ends_at.is_none_or(|end| end > TimeDateTimeWithTimeZone::from(now))
    }

    /// One sentence for whoever is refused by it.
    pub fn sentence(&self) -> String {
        match self.ends_at {
            None => format!("This user is suspended: {}", self.reason),
            Some(end) => format!("This user is suspended until {}: {}", super::rfc3339(end), self.reason),
        }
    }
}
