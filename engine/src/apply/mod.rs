//! What each command does. A function that returns a reason has changed nothing.

mod admin;
mod amend;
mod at_auction;
mod auction;
mod cancel;
mod careful;
mod collect;
mod expire;
mod fire;
mod limits;
mod liquidate;
mod list;
mod margin;
mod money;
mod peg;
mod place;
mod plan;
mod pro_rata;
mod reduce;
mod scheduled;
mod self_trade;
mod stage;
mod sweep;
mod switch;
mod tiers;
mod wait;

pub(crate) use self::at_auction::check_at_auction;
pub(crate) use self::collect::interest_of;
pub(crate) use self::list::check_leg;
pub(crate) use self::pro_rata::Claim;
use crate::book::OrderBook;
use crate::command::{Command, Stamp};
use crate::engine::Engine;
use crate::event::Event;
use crate::reason::Reason;

pub(crate) fn dispatch<B: OrderBook>(
    engine: &mut Engine<B>,
    stamp: Stamp,
    command: &Command,
    events: &mut Vec<Event>,
) -> Result<(), Reason> {
    match command {
        Command::Place(order) => engine.place(stamp, order, command, events),
        Command::PlaceList(list) => engine.place_list(stamp, list, command, events),
        Command::SetKillSwitch { scope, engaged } => engine.set_kill_switch(*scope, *engaged, events),
        Command::SetSuspended { account, suspended } => engine.set_suspended(*account, *suspended, events),
        Command::SetMarginTerms { asset, terms } => engine.set_margin_terms(*asset, *terms, events),
        Command::SetMarginAccount { account, margin } => engine.set_margin_account(*account, *margin, events),
        Command::Borrow(entry) => engine.borrow(entry, command, events),
        Command::Repay(entry) => engine.repay(entry, command, events),
        Command::SetFeeTiers { instrument, tiers } => engine.set_fee_tiers(*instrument, tiers, stamp.time_ns, events),
        Command::SetMark { instrument, price } => engine.set_mark(*instrument, *price, events),
        Command::Cancel { account, order } => engine.cancel(*account, *order, events),
        Command::Amend(amend) => engine.amend(stamp, amend, events),
        Command::CancelAll { account, instrument, side } => engine.cancel_all(*account, *instrument, *side, events),
        // Orders whose time is up end before every command, and `Engine::apply` tells of it.
        Command::Tick => Ok(()),
        Command::ListAsset(asset) => engine.list_asset(*asset, events),
        Command::ListInstrument(spec) => engine.list_instrument(*spec, events),
        Command::OpenAccount { reference } => engine.open_account(*reference, events),
        Command::SetTradeGroup { account, group } => engine.set_trade_group(*account, *group, events),
        Command::Deposit(entry) => engine.deposit(entry, command, events),
        Command::Withdraw(entry) => engine.withdraw(entry, command, events),
        Command::Transfer { from, to } => engine.transfer(from, *to, command, events),
        Command::SetSchedule { instrument, schedule } => engine.set_schedule(stamp, *instrument, *schedule, events),
        Command::SetPhase { instrument, stage } => engine.set_phase(stamp, *instrument, *stage, events),
        Command::Uncross { instrument, reference, then } => engine.uncross(*instrument, *reference, *then, events),
    }
}
