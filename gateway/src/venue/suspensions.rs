//! Suspended users: out of the door, and their accounts stopped by the venue's own command, which ends their orders.
//!
//! The database comes first where somebody is suspended, and last where somebody is let in again: a crash in between leaves
//! nobody in who should be out, and is made good at the next start and at the next look.

use papertape_engine::{Command, Reason};
use papertape_platform::{Origin, Suspension, User, UserError, UserId};

use super::admin::carry_out;
use crate::app::App;
use crate::audit;
use crate::edge::operator::Operator;
use crate::errors::Failure;

/// Why a user is as before.
pub(crate) enum NotChanged {
    /// The database, or the user, says no.
    User(UserError),
    /// The venue says no.
    Venue(Failure),
}

/// Suspends a user and the account.
pub(crate) async fn suspend(
    app: &App,
    operator: Operator,
    (user, suspension): (UserId, &Suspension),
    origin: &Origin,
) -> Result<User, NotChanged> {
    let user = app.platform.users().suspend(user, suspension, origin).await.map_err(NotChanged::User)?;
    // The user is out already: it is never too late for the rest of it.
    set(app, operator.without_end(), &user, true).await.map_err(NotChanged::Venue)?;
    Ok(user)
}

/// Lets a user in again, and the account trade.
pub(crate) async fn lift(app: &App, operator: Operator, user: UserId, origin: &Origin) -> Result<User, NotChanged> {
    let users = app.platform.users();
    let found = users.find(user).await.map_err(|error| NotChanged::User(error.into()))?;
    let found = found.ok_or(NotChanged::User(UserError::Gone))?;
    if found.suspension.is_some() {
        set(app, operator, &found, false).await.map_err(NotChanged::Venue)?;
    }
    users.lift_suspension(user, origin).await.map_err(NotChanged::User)
}

/// Lifts what has come to its end.
pub(crate) async fn lift_those_over(app: &App) {
    let over = match app.platform.users().suspensions_over().await {
        Ok(over) => over,
        Err(error) => return tracing::warn!(%error, "suspensions that are over could not be looked up"),
    };
    for user in over {
        let (operator, origin) = Operator::by_time();
        match lift(app, operator, user.id, &origin).await {
            Ok(_) => audit::by_time(app, "suspension over", user.id).await,
            Err(NotChanged::Venue(failure)) => {
                tracing::warn!(code = failure.code, user = user.id.0, "a suspension that is over was not lifted yet");
            }
            Err(NotChanged::User(error)) => {
                tracing::warn!(%error, user = user.id.0, "a suspension that is over was not lifted yet");
            }
        }
    }
}

/// Suspends the accounts of users who are suspended: after a crash between the two.
pub(crate) async fn make_good(app: &App) {
    let suspended = match app.platform.users().suspended().await {
        Ok(suspended) => suspended,
        Err(error) => return tracing::warn!(%error, "suspended users could not be looked up"),
    };
    for user in suspended {
        let (operator, _) = Operator::by_time();
        if let Err(failure) = set(app, operator, &user, true).await {
            tracing::warn!(code = failure.code, user = user.id.0, "a suspended user's account trades still");
        }
    }
}

/// Nothing where the account is so already, or not open yet, or where suspensions leave orders as they are: nobody comes in
/// who could send another one.
async fn set(app: &App, operator: Operator, user: &User, suspended: bool) -> Result<(), Failure> {
    let Some(account) = user.account.filter(|_| app.suspension_cancels || !suspended) else { return Ok(()) };
    if app.views.read().is_suspended(account) == suspended {
        return Ok(());
    }
    let command = Command::SetSuspended { account, suspended };
    match carry_out(app, operator, "suspension of a user", command).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.code == Reason::SwitchUnchanged.name() => Ok(()),
        Err(failure) => Err(failure),
    }
}
