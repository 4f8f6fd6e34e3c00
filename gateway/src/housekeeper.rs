//! What is done by time: suspensions come to their end, sessions too, and mail that was not taken is tried again.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::venue::suspensions;

/// Between two looks at suspensions.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks between two rounds of the rest.
const ROUND_EVERY: u32 = 120;

/// Goes on until it is dropped.
pub(crate) async fn run(app: Arc<App>) {
    suspensions::make_good(&app).await;
    tokio::join!(look(&app), send(&app));
}

async fn look(app: &App) {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for count in (0..ROUND_EVERY).cycle() {
        looks.tick().await;
        suspensions::lift_those_over(app).await;
        if count == 0
            && let Err(error) = app.platform.users().end_expired_sessions().await
        {
            tracing::warn!(%error, "sessions that are over were not ended");
        }
    }
}

/// As soon as something is in the outbox, and once a minute.
async fn send(app: &App) {
    let mail = app.platform.mail();
    if !mail.is_sent() {
        return;
    }
    loop {
        match mail.send_waiting().await {
            Ok(sent) if sent.failed > 0 => tracing::warn!(failed = sent.failed, "mail was not taken"),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the outbox could not be read"),
        }
        let _ = tokio::time::timeout(LOOK_EVERY * ROUND_EVERY, mail.wanted()).await;
    }
}
