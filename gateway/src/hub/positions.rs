//! Positions change with fills, at once; what they are worth changes with every trade of the market, and is told each
//! second.

use std::collections::BTreeSet;

use papertape_engine::{AccountId, Amount, InstrumentId};
use papertape_platform::{PositionView, Views};

use super::Topic;
use super::topics::{Memo, Topics};
use super::update::Body;

/// Both topics of an account.
const TOPICS: [fn(AccountId) -> Topic; 2] = [Topic::Positions, Topic::PositionUpdates];

/// Begins with what there is, so that later only changes are told.
pub(super) fn begin(views: &Views, topics: &mut Topics, topic: Topic) {
    if let Topic::Positions(account) | Topic::PositionUpdates(account) = topic
        && let Some(memo @ Memo::None) = topics.memo(topic)
    {
        *memo = Memo::Positions(views.positions(account));
    }
}

/// Tells of positions that fills have changed.
pub(super) fn say(views: &Views, topics: &mut Topics, account: AccountId, changed: &BTreeSet<InstrumentId>) {
    let now: Vec<_> = changed.iter().filter_map(|id| views.position(account, *id)).collect();
    for topic in TOPICS.map(|topic| topic(account)) {
        tell(topics, topic, now.clone());
    }
}

/// Tells of positions whose market has moved.
pub(super) fn say_marks(views: &Views, topics: &mut Topics) {
    let account = |topic| match topic {
        Topic::Positions(account) | Topic::PositionUpdates(account) => Some((topic, account)),
        _ => None,
    };
    let kept: Vec<_> = topics.all().filter_map(account).collect();
    for (topic, account) in kept {
        tell(topics, topic, views.positions(account));
    }
}

/// Says of these what is not known yet.
fn tell(topics: &mut Topics, topic: Topic, now: Vec<PositionView>) {
    let Some(Memo::Positions(known)) = topics.memo(topic) else { return };
    let news: Vec<_> = now.into_iter().filter(|view| !known.contains(view)).collect();
    for view in &news {
        known.retain(|known| known.instrument != view.instrument);
        known.push(*view);
    }
    if news.is_empty() {
        return;
    }
    if matches!(topic, Topic::Positions(_)) {
        topics.say(topic, Body::Positions(news));
    } else {
        news.iter().for_each(|view| topics.say(topic, Body::PositionUpdate(view.instrument, pnl(view))));
    }
}

/// What it made, and would make if it were sold now; in quote, before fees.
fn pnl(view: &PositionView) -> Amount {
    view.position.realized + view.unrealized.unwrap_or(Amount::ZERO)
}
