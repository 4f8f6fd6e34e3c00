//! One event of the judge becomes one observation of what the engine told.

use papertape_engine::{Event, OpenOrder, Side, Trade};

use crate::names::Names;
use crate::number::canonical;
use crate::operations::Failure;
use crate::state::{Book, RestingOrder, State};
use crate::venue::Venue;
use crate::wire::{Answer, Config, Fill, Outcome, SourceEvent};

/// Where the judge's convention is followed instead of the venue's. See the program's own text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) snap_to_tick: bool,
    pub(crate) replace_to_tail: bool,
}

impl Settings {
    pub(crate) fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut settings = Self::default();
        for argument in arguments {
            match argument.as_str() {
                "--snap-to-tick" => settings.snap_to_tick = true,
                "--replace-to-tail" => settings.replace_to_tail = true,
                other => return Err(format!("{other} is neither --snap-to-tick nor --replace-to-tail")),
            }
        }
        Ok(settings)
    }
}

/// One trace on one venue.
pub(crate) struct Adapter {
    pub(crate) settings: Settings,
    pub(crate) venue: Venue,
    pub(crate) names: Names,
}

impl Adapter {
    pub(crate) fn new(settings: Settings, config: &Config) -> Result<Self, String> {
        Ok(Self { settings, venue: Venue::new(config)?, names: Names::default() })
    }

    /// Plays one event. Fails only if it makes no sense; a refusal is an answer.
    pub(crate) fn play(&mut self, index: u64, event: &SourceEvent) -> Result<Answer, String> {
        let (outcome, events) = match self.carry_out(event) {
            Ok(events) => (Outcome { status: "applied", reason: None, message: None }, events),
            Err(Failure::Refused(code, words)) => {
                (Outcome { status: "rejected", reason: Some(code), message: Some(words) }, Vec::new())
            }
            Err(Failure::Broken(problem)) => return Err(problem),
        };
        let trades = events.iter().filter_map(|event| match event {
            Event::Trade(trade) => Some(trade),
            _ => None,
        });
        let trades = trades.map(|trade| self.fill(&event.symbol, trade)).collect();
        let state = self.state();
        let resting_order_count = state.order_count();
        Ok(Answer::Observation { index, outcome, trades, state_hash: state.hash(), resting_order_count })
    }

    /// What rests now.
    pub(crate) fn state(&self) -> State {
        let books = self.venue.books().map(|(symbol, instrument)| {
            let spec = self.venue.instrument(instrument);
            let show = |open: &OpenOrder| {
                RestingOrder::new(open, spec, self.names.source(open.order), self.venue.owner(open.account))
            };
            let side = |side| self.venue.open_orders(instrument, side).iter().map(show).collect();
            Book { asks: side(Side::Sell), bids: side(Side::Buy), symbol: symbol.to_owned() }
        });
        State { books: books.collect() }
    }

    fn fill(&self, symbol: &str, trade: &Trade) -> Fill {
        let instrument = self.venue.instrument(trade.instrument);
        Fill {
            symbol: symbol.to_owned(),
            buy_order_id: self.names.source(trade.buy.order),
            sell_order_id: self.names.source(trade.sell.order),
            price: canonical(&instrument.format_price(trade.price)),
            quantity: canonical(&instrument.format_qty(trade.qty)),
        }
    }
}
