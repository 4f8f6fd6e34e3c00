//! One stream: the opening of a venue, then command after command.

use papertape_engine::{
    AccountId, Allocation, Amount, Asset, AssetId, ClientOrderId, Command, Event, InstrumentId, InstrumentSpec,
    KillScope, LedgerEntry, Phase, PlaceList, PlaceOrder, Ppm, Price, ProRata, Purpose, Qty, Reference, Schedule,
    Stage, TradeGroup,
};

use super::dice::Dice;
use super::known::Orders;
use super::profile::{Habits, Profile};
use super::venue::{self, Place};

/// Nanoseconds of a day.
const DAY_NS: u64 = 86_400_000_000_000;

/// Commands without end. The same seed, shown the same events, gives the same commands.
pub struct Flow {
    pub(super) dice: Dice,
    pub(super) habits: Habits,
    profile: Profile,
    opening: std::vec::IntoIter<Command>,
    assets: Vec<Asset>,
    pub(super) places: Vec<Place>,
    specs: Vec<InstrumentSpec>,
    /// Where the instrument of the last listing would be traded, if it is accepted.
    listed: Option<Place>,
    accounts: u64,
    pub(super) orders: Orders,
    /// Orders and lists as they were sent, for repeats.
    pub(super) sent: Vec<PlaceOrder>,
    pub(super) sent_lists: Vec<PlaceList>,
    /// Commands that release what stops somebody's trading.
    stopped: Vec<Command>,
    entries: Vec<Command>,
    /// Commands so far: the venue's time, a nanosecond each.
    pub(super) time_ns: u64,
}

impl Flow {
    /// The stream of a seed, in the profile of the seed.
    pub fn new(seed: u64) -> Self {
        Self::of(Profile::of_seed(seed), seed)
    }

    /// The stream of a seed in any profile.
    pub fn of(profile: Profile, seed: u64) -> Self {
        let (mut dice, habits) = (Dice::new(seed), profile.habits());
        let count = 2 + dice.below(3);
        let assets: Vec<Asset> = (0..count).map(|number| venue::asset(&mut dice, number)).collect();
        let count = 1 + dice.below(4) as u16;
        let (specs, places): (Vec<InstrumentSpec>, Vec<Place>) =
            (0..count).map(|number| venue::instrument(&mut dice, &habits, number, &assets)).unzip();
        let accounts = 2 + dice.below(5);
        let mut flow = Self {
            dice,
            habits,
            profile,
            opening: Vec::new().into_iter(),
            assets,
            places,
            specs,
            listed: None,
            accounts,
            orders: Orders::default(),
            sent: Vec::new(),
            sent_lists: Vec::new(),
            stopped: Vec::new(),
            entries: Vec::new(),
            time_ns: 0,
        };
        flow.opening = flow.opening_commands().into_iter();
        flow
    }

    /// What the stream is mostly about.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Shows what a command did.
    pub fn learn(&mut self, events: &[Event]) {
        self.orders.learn(events);
        for event in events {
            self.learn_of_market(event);
        }
        let listed = self.listed.take();
        let new = events.iter().find_map(|event| match event {
            Event::InstrumentListed { instrument, .. } => Some(instrument),
            _ => None,
        });
        if let Some((place, instrument)) = listed.zip(new) {
            self.places.push(Place { instrument: *instrument, ..place });
        }
    }

    /// What the stream knows of a market: its phase, its prices, and who may not trade there.
    fn learn_of_market(&mut self, event: &Event) {
        let place = |instrument: InstrumentId| move |place: &&mut Place| place.instrument == instrument;
        let mut places = self.places.iter_mut();
        match *event {
            Event::PhaseChanged { instrument, stage } => {
                places.filter(place(instrument)).for_each(|place| place.phase = stage.phase);
            }
            Event::Trade(trade) => {
                places.filter(place(trade.instrument)).for_each(|place| place.last = Some(trade.price));
            }
            Event::MarkSet { instrument, price } => {
                places.find(place(instrument)).into_iter().for_each(|place| place.mark = Some(price));
            }
            Event::KillSwitchSet { scope, engaged: true, .. } => {
                self.stopped.push(Command::SetKillSwitch { scope, engaged: false });
            }
            Event::SuspensionSet { account, suspended: true, .. } => {
                self.stopped.push(Command::SetSuspended { account, suspended: false });
            }
            _ => {}
        }
    }

    /// How long nothing is sent before the next command: where orders are counted by seconds, a second now and then.
    pub fn pause_ns(&mut self) -> Option<u64> {
        // Now and then nobody comes for days.
        if self.opening.len() == 0 && self.dice.below(1_000) == 0 {
            let ns = self.dice.pick(&[DAY_NS - 60, DAY_NS, 3 * DAY_NS]);
            self.time_ns += ns;
            return Some(ns);
        }
        let counted = self.places.iter().any(|place| place.rated);
        let ns = (counted && self.opening.len() == 0 && self.dice.chance(3))
            .then(|| self.dice.pick(&[400_000_000, 1_000_000_000]))?;
        self.time_ns += ns;
        Some(ns)
    }

    /// The next command.
    pub fn next_command(&mut self) -> Command {
        self.time_ns += 1;
        if let Some(command) = self.opening.next() {
            return command;
        }
        if self.orders.open_count() > self.habits.open_max && self.dice.chance(60) {
            return self.fewer_orders();
        }
        if self.dice.chance(3) {
            return Command::Tick;
        }
        if self.dice.chance(8)
            && let Some(resumed) = self.resume()
        {
            return resumed;
        }
        if !self.stopped.is_empty() && self.dice.chance(6) {
            return self.stopped.remove(0);
        }
        let weights = self.habits.weights;
        match self.dice.weighted(&weights) {
            0 => {
                let order = self.place();
                self.sent.push(order);
                Command::Place(order)
            }
            1 => {
                let (account, order) = self.own_order();
                Command::Cancel { account, order }
            }
            2 => Command::Amend(self.amend()),
            3 => self.cancel_all(),
            4 => self.ledger(),
            5 => self.session(),
            6 => self.listing(),
            7 => Command::OpenAccount { reference: Reference(self.dice.below(self.accounts * 2)) },
            8 => self.trade_group(),
            9 => {
                let list = self.place_list();
                self.sent_lists.push(list);
                Command::PlaceList(list)
            }
            10 => self.mark(),
            11 => self.kill_switch(),
            _ => Command::SetSuspended { account: self.account(), suspended: self.dice.chance(90) },
        }
    }

    fn opening_commands(&mut self) -> Vec<Command> {
        let mut commands: Vec<Command> = self.assets.iter().copied().map(Command::ListAsset).collect();
        commands.extend(self.specs.iter().copied().map(Command::ListInstrument));
        let mut needs = vec![0_i128; self.assets.len()];
        for (asset, need) in self.places.iter().flat_map(Place::needs) {
            let sum = &mut needs[usize::from(asset.0)];
            *sum = sum.saturating_add(need).min(Amount::MAX.0 / 20);
        }
        for number in 1..=self.accounts {
            commands.push(Command::OpenAccount { reference: Reference(number) });
            for (asset, need) in (0..).map(AssetId).zip(&needs) {
                // The first is rich, and now and then has nearly all that there can be; the last is often short.
                let amount = match number {
                    1 if self.dice.chance(10) => Amount::MAX.0 / 2,
                    1 => *need,
                    _ if number == self.accounts => need / 400,
                    _ => need / 4,
                };
                let (account, reference) = (AccountId(number as u32), Reference(1_000_000 + u64::from(asset.0)));
                let amount = Amount(amount.max(1));
                commands.push(Command::Deposit(LedgerEntry { account, asset, amount, reference }));
            }
        }
        commands
    }

    pub(super) fn strange(&mut self) -> bool {
        let percent = self.habits.strange;
        self.dice.chance(percent)
    }

    pub(super) fn edge(&mut self) -> bool {
        let percent = self.habits.edge;
        self.dice.chance(percent)
    }

    pub(super) fn account(&mut self) -> AccountId {
        if self.strange() {
            let any = self.dice.wide() as u32;
            return AccountId(self.dice.pick(&[0, self.accounts as u32 + 1, any]));
        }
        let busy = self.habits.busy;
        AccountId(if self.dice.chance(busy) { 1 } else { 1 + self.dice.below(self.accounts) as u32 })
    }

    /// Where to trade: an instrument of the opening.
    pub(super) fn somewhere(&mut self) -> Place {
        let at = self.dice.below(self.places.len() as u64) as usize;
        self.places[at]
    }

    pub(super) fn instrument(&mut self) -> InstrumentId {
        let listed = self.somewhere().instrument;
        if self.strange() { InstrumentId(self.dice.wide() as u16) } else { listed }
    }

    pub(super) fn name(&mut self) -> ClientOrderId {
        let number = self.dice.below(self.habits.names);
        ClientOrderId::new(&format!("n{number}")).expect("a short plain text")
    }

    /// Two groups are enough for accounts to be together, apart, or in none.
    fn trade_group(&mut self) -> Command {
        let group = self.dice.pick(&[None, Some(TradeGroup(1)), Some(TradeGroup(1)), Some(TradeGroup(u32::MAX))]);
        Command::SetTradeGroup { account: self.account(), group }
    }

    /// Near the last price, so that it reaches triggers.
    fn mark(&mut self) -> Command {
        let place = self.somewhere();
        let price = if self.dice.chance(70) { self.near(&place) } else { self.price(&place) };
        let price = if self.strange() { Price(0) } else { price };
        let instrument = if self.strange() { self.instrument() } else { place.instrument };
        Command::SetMark { instrument, price }
    }

    /// Mostly one account or one instrument: others go on.
    fn kill_switch(&mut self) -> Command {
        let scope = match self.dice.below(7) {
            0 => KillScope::Venue,
            1..=3 => KillScope::Instrument(self.instrument()),
            _ => KillScope::Account(self.account()),
        };
        Command::SetKillSwitch { scope, engaged: self.dice.chance(90) }
    }

    fn ledger(&mut self) -> Command {
        if !self.entries.is_empty() && self.dice.chance(10) {
            let at = self.dice.below(self.entries.len() as u64) as usize;
            return self.entries[at];
        }
        let place = self.somewhere();
        let needs = place.needs();
        let (asset, need) = self.dice.pick(&needs);
        let part = (need.min(Amount::MAX.0) >> self.dice.below(30)) / 10;
        let amount = if self.edge() { self.dice.wider() } else { Amount(part + 1) };
        let asset = if self.strange() { AssetId(self.dice.below(9) as u16) } else { asset };
        let (account, reference) = (self.account(), Reference(self.dice.below(6_000)));
        let entry = LedgerEntry { account, asset, amount, reference };
        let command = match self.dice.below(3) {
            0 => Command::Deposit(entry),
            1 => Command::Withdraw(entry),
            _ => Command::Transfer { from: entry, to: self.account() },
        };
        self.entries.push(command);
        command
    }

    fn phase(&mut self) -> Phase {
        use Phase::{Auction, Closed, Continuous, Halted};
        match self.profile {
            Profile::Auctions => self.dice.pick(&[Auction, Auction, Auction, Continuous, Continuous, Halted]),
            _ => {
                let phases =
                    [Continuous, Continuous, Continuous, Continuous, Continuous, Auction, Auction, Halted, Closed];
                self.dice.pick(&phases)
            }
        }
    }

    /// A phase that may end by itself, soon; now and then an impossible one.
    fn stage(&mut self) -> Stage {
        let phase = self.phase();
        let (timed, odd) = (self.dice.chance(40), self.strange());
        let soon = self.time_ns.saturating_add(self.dice.pick(&[0, 1, 5, 20, 60]));
        let is_auction = phase == Phase::Auction;
        let purpose = if is_auction || odd { self.dice.pick(&Purpose::ALL) } else { Purpose::Intraday };
        let ends = odd || is_auction || phase == Phase::Halted;
        Stage { phase, purpose, until_ns: (ends && timed).then_some(soon) }
    }

    /// Nothing stays halted or closed for long.
    fn resume(&mut self) -> Option<Command> {
        let place = self.somewhere();
        let phase = self.dice.pick(&[Phase::Continuous, Phase::Auction]);
        let idle = matches!(place.phase, Phase::Halted | Phase::Closed);
        idle.then_some(Command::SetPhase { instrument: place.instrument, stage: phase.into() })
    }

    fn session(&mut self) -> Command {
        let place = self.somewhere();
        let instrument = if self.strange() { self.instrument() } else { place.instrument };
        if self.dice.chance(if place.phase == Phase::Auction { 80 } else { 10 }) {
            let near = self.price(&place);
            let reference = self.dice.pick(&[None, None, Some(near), Some(Price(0))]);
            return Command::Uncross { instrument, reference, then: self.phase() };
        }
        if self.dice.chance(20) {
            return Command::SetSchedule { instrument, schedule: self.schedule() };
        }
        Command::SetPhase { instrument, stage: self.stage() }
    }

    /// A day whose next steps are soon; now and then an impossible one, or none.
    fn schedule(&mut self) -> Option<Schedule> {
        let (mut at_ns, strange) = (self.time_ns % DAY_NS, self.strange());
        let mut next = || {
            at_ns = if strange { self.dice.wide() } else { at_ns + 1 + self.dice.below(40) };
            at_ns
        };
        let [pre_open_ns, open_ns, closing_ns, close_ns] = [(); 4].map(|()| next());
        let schedule = Schedule { pre_open_ns, open_ns, closing_ns, close_ns };
        self.dice.chance(85).then_some(schedule)
    }

    /// Something new, something old, or something impossible.
    fn listing(&mut self) -> Command {
        let number = self.dice.below(60);
        if self.dice.chance(25) {
            let mut asset = venue::asset(&mut self.dice, number);
            if self.edge() {
                asset.decimals = self.dice.wide() as u8;
            }
            return Command::ListAsset(asset);
        }
        let (mut spec, place) = venue::instrument(&mut self.dice, &self.habits, number as u16, &self.assets);
        self.listed = Some(place);
        let dice = &mut self.dice;
        match dice.below(11) {
            0 => spec.base = AssetId(dice.below(9) as u16),
            1 => spec.quote = spec.base,
            2 => spec.tick_mantissa = dice.wide(),
            3 => spec.price_decimals = dice.below(21) as u8,
            4 => spec.lot = dice.wider(),
            5 => spec.maker_fee = Ppm(dice.pick(&[-1_000_001, -334, -1, 1_000_001, i32::MIN, i32::MAX])),
            6 => spec.taker_fee = Ppm(dice.pick(&[-1_000_001, -1, 0, 1_000_001, i32::MIN, i32::MAX])),
            7 => {
                let share_min = Qty(dice.below(3));
                spec.allocation =
                    Allocation::ProRata(ProRata { top_max: Qty(dice.wide()), share_min, leveling: false });
            }
            9 => {
                let widths = [dice.wide() as u32, dice.pick(&[9_999, 10_000])];
                (spec.bands.static_points, spec.bands.dynamic_points) = (widths[0], widths[1]);
            }
            8 => {
                let filters = &mut spec.filters;
                match dice.below(8) {
                    0 => filters.price_min = Price(dice.wide()),
                    1 => filters.price_max = Price(dice.wide()),
                    2 => filters.qty_min = Qty(dice.wide()),
                    3 => filters.qty_max = Qty(dice.wide()),
                    4 => filters.market_qty_max = Qty(dice.wide()),
                    5 => filters.notional_min = dice.wider(),
                    6 => filters.position_max = dice.wider(),
                    _ => filters.notional_max = dice.wider(),
                }
            }
            _ => {}
        }
        Command::ListInstrument(spec)
    }
}
