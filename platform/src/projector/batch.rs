//! Rows that wait to be written: whatever changes several times within a batch is written once.

use std::collections::{BTreeMap, VecDeque};

use papertape_engine::{AccountId, Asset, AssetId, InstrumentId, InstrumentSpec, OrderId, Position};
use papertape_pipeline::Portions;
use rustc_hash::FxHashMap;

use super::statements::PORTION;
use crate::candles::Candle;
use crate::database::trade;
use crate::order::OrderView;
use crate::users::UserId;
use crate::views::{TAPE_KEPT, TapeRow};

/// One thing to write.
#[derive(Clone, Debug)]
pub(super) enum Row {
    Order(UserId, Box<OrderView>),
    Fill(Box<trade::ActiveModel>),
    Holding { user: UserId, instrument: InstrumentId, position: Position, seq: u64 },
    Tape(TapeRow),
    Candle(InstrumentId, Candle),
    Told(AccountId, u64),
    Asset(AssetId, Asset),
    Instrument(InstrumentId, InstrumentSpec),
}

/// All rows of the commands up to `seq` that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) seq: u64,
    pub(super) orders: FxHashMap<OrderId, (UserId, Box<OrderView>)>,
    pub(super) fills: Vec<trade::ActiveModel>,
    pub(super) holdings: FxHashMap<(UserId, InstrumentId), (Position, u64)>,
    pub(super) tape: BTreeMap<InstrumentId, VecDeque<TapeRow>>,
    pub(super) candles: BTreeMap<(InstrumentId, u64), Candle>,
    pub(super) told: FxHashMap<AccountId, u64>,
    pub(super) assets: Vec<(AssetId, Asset)>,
    pub(super) instruments: Vec<(InstrumentId, InstrumentSpec)>,
}

impl Batch {
    /// Takes in the rows of a whole command.
    pub(super) fn add(&mut self, seq: u64, rows: impl Iterator<Item = Row>) {
        for row in rows {
            match row {
                Row::Order(user, view) => {
                    self.orders.insert(view.order, (user, view));
                }
                Row::Fill(fill) => self.fills.push(*fill),
                Row::Holding { user, instrument, position, seq } => {
                    self.holdings.insert((user, instrument), (position, seq));
                }
                Row::Tape(row) => self.print(row),
                Row::Candle(instrument, candle) => {
                    self.candles.insert((instrument, candle.start_s), candle);
                }
                Row::Told(account, last) => {
                    self.told.insert(account, last);
                }
                Row::Asset(id, asset) => self.assets.push((id, asset)),
                Row::Instrument(id, spec) => self.instruments.push((id, spec)),
            }
        }
        self.seq = seq;
    }

    /// Gives its memory back, in portions.
    pub(super) fn let_go(self) {
        let mut portions = Portions::of(PORTION);
        self.orders.into_values().for_each(|_| portions.step());
        self.fills.into_iter().for_each(|_| portions.step());
    }

    /// Rows that grow with what users do; the rest is bounded by the number of instruments and minutes.
    pub(super) fn len(&self) -> usize {
        self.orders.len() + self.fills.len() + self.holdings.len() + self.candles.len() + self.told.len()
    }

    /// Whether somebody may soon ask for what is in it.
    pub(super) fn is_urgent(&self) -> bool {
        !(self.orders.is_empty() && self.fills.is_empty() && self.holdings.is_empty())
    }

    fn print(&mut self, row: TapeRow) {
        let tape = self.tape.entry(row.instrument).or_default();
        tape.push_back(row);
        if tape.len() > TAPE_KEPT {
            tape.pop_front();
        }
    }
}
