//! One line in words becomes what it stands for.

use papertape_engine::{
    AccountId, AmendOrder, Amount, Asset, ClientOrderId, Command, InstrumentId, KillScope, LedgerEntry, OrderId,
    OrderRef, Phase, Price, Qty, Reference, Side, Symbol, TradeGroup,
};

use super::listing::{clauses, phase, plain, schedule, stage, symbol};
use super::names::Names;
use super::words::Words;
use super::{Show, Step};

/// First words of lines that are not about an account's orders: no account can have such a name.
pub(super) const VERBS: [&str; 26] = [
    "market",
    "list",
    "account",
    "open",
    "deposit",
    "withdraw",
    "transfer",
    "trade",
    "phase",
    "schedule",
    "tick",
    "uncross",
    "mark",
    "kill",
    "suspend",
    "reinstate",
    "snapshot",
    "wait",
    "place?",
    "best?",
    "balances?",
    "positions?",
    "show",
    "hide",
    "repeat",
    "not",
];

/// What lines have meant so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) names: Names,
    entries: u64,
}

/// What one line means.
pub(super) struct Meaning {
    pub(super) steps: Vec<Step>,
    /// Whether only refusals are told: the line is an abbreviation for things that are to succeed.
    pub(super) is_quiet: bool,
}

impl Reader {
    /// Reads one line (without `repeat`).
    pub(super) fn read(&mut self, line: &str) -> Result<Meaning, String> {
        let mut words = Words::new(line);
        let first = words.next("a command")?;
        let is_quiet = matches!(first, "market" | "account");
        let steps = match first {
            "market" => self.market(&mut words)?,
            "account" => self.account(&mut words)?,
            "wait" => vec![Step::Wait(words.number("nanoseconds")?)],
            "place?" => vec![Step::Place(self.who(&mut words)?, order_ref(&mut words)?)],
            "best?" => vec![Step::Best(self.instrument(&mut words)?)],
            "balances?" => vec![Step::Balances(self.maybe_account(&mut words)?)],
            "positions?" => vec![Step::Positions(self.maybe_account(&mut words)?)],
            "show" | "hide" => vec![Step::Show(show(&mut words)?, first == "show")],
            "snapshot" => {
                words.must("and restore")?;
                vec![Step::Restart]
            }
            _ => {
                let command = self.command(first, &mut words)?;
                self.names.follow(&command);
                vec![Step::Command(command)]
            }
        };
        words.end()?;
        Ok(Meaning { steps, is_quiet })
    }

    fn command(&mut self, first: &str, words: &mut Words<'_>) -> Result<Command, String> {
        match first {
            "list" => self.list(words),
            "open" => self.open(words),
            "deposit" => Ok(Command::Deposit(self.entry(words, "to")?)),
            "withdraw" => Ok(Command::Withdraw(self.entry(words, "from")?)),
            "transfer" => self.transfer(words),
            "trade" => self.trade_group(words),
            "phase" => {
                let stage = stage(words)?;
                Ok(Command::SetPhase { instrument: self.instrument(words)?, stage })
            }
            "schedule" => {
                let schedule = schedule(words)?;
                Ok(Command::SetSchedule { instrument: self.instrument(words)?, schedule })
            }
            "tick" => Ok(Command::Tick),
            "uncross" => self.uncross(words),
            "mark" => {
                let price = Price(words.number("a price in ticks")?);
                Ok(Command::SetMark { instrument: self.instrument(words)?, price })
            }
            "kill" => self.kill_switch(words),
            "suspend" | "reinstate" => {
                Ok(Command::SetSuspended { account: self.who(words)?, suspended: first == "suspend" })
            }
            who => {
                let wanted = "a command's first word or an account's name";
                let account = self.names.account(who).ok_or(format!("expected {wanted}, found `{who}`"))?;
                self.order(account, words)
            }
        }
    }

    /// Assets that are not listed yet, and an instrument.
    fn market(&mut self, words: &mut Words<'_>) -> Result<Vec<Step>, String> {
        let symbol = symbol(words)?;
        let parts = symbol.as_str().split_once('-').map(|(base, quote)| (Symbol::new(base), Symbol::new(quote)));
        let Some((Some(base), Some(quote))) = parts else {
            return Err(format!("expected a market's symbol of the form BASE-QUOTE, found `{symbol}`"));
        };
        let mut commands = Vec::new();
        for symbol in [base, quote] {
            if !self.names.is_listed(symbol) {
                commands.push(Command::ListAsset(Asset { symbol, decimals: 0 }));
                commands.last().into_iter().for_each(|command| self.names.follow(command));
            }
        }
        let asset = |symbol: Symbol| self.names.asset(symbol.as_str()).ok_or(format!("`{symbol}` is not listed"));
        let mut spec = plain(symbol, asset(base)?, asset(quote)?);
        clauses(words, &mut spec)?;
        commands.push(Command::ListInstrument(spec));
        commands.last().into_iter().for_each(|command| self.names.follow(command));
        Ok(commands.into_iter().map(Step::Command).collect())
    }

    /// An account with its first deposits.
    fn account(&mut self, words: &mut Words<'_>) -> Result<Vec<Step>, String> {
        let name = words.next("an account's name")?;
        let opening = Command::OpenAccount { reference: self.names.next_opening() };
        self.names.follow(&opening);
        let account = AccountId(self.names.account_count());
        self.names.name_account(name, account)?;
        let mut steps = vec![Step::Command(opening)];
        if words.take("with") {
            loop {
                let (amount, asset) = self.money(words)?;
                let reference = self.reference(words)?;
                steps.push(Step::Command(Command::Deposit(LedgerEntry { account, asset, amount, reference })));
                if !words.take(",") {
                    break;
                }
            }
        }
        Ok(steps)
    }

    fn list(&mut self, words: &mut Words<'_>) -> Result<Command, String> {
        let complaint = words.expected("`asset` or `market`");
        match words.next("`asset` or `market`")? {
            "asset" => {
                let symbol = symbol(words)?;
                words.must("with")?;
                let decimals = words.number("how many decimals")?;
                words.must("decimals")?;
                Ok(Command::ListAsset(Asset { symbol, decimals }))
            }
            "market" => {
                let symbol = symbol(words)?;
                words.must("of")?;
                let base = self.asset(words)?;
                words.must("for")?;
                let mut spec = plain(symbol, base, self.asset(words)?);
                clauses(words, &mut spec)?;
                Ok(Command::ListInstrument(spec))
            }
            _ => Err(complaint),
        }
    }

    fn open(&mut self, words: &mut Words<'_>) -> Result<Command, String> {
        words.must("account")?;
        let reference = Reference(words.number("the opening's reference")?);
        let command = Command::OpenAccount { reference };
        if words.take("as") {
            self.names.follow(&command);
            let account = self.names.opened_by(reference).ok_or("no more accounts can be numbered")?;
            self.names.name_account(words.next("an account's name")?, account)?;
        }
        Ok(command)
    }

    /// `5 USD to alice reference 7`.
    fn entry(&mut self, words: &mut Words<'_>, preposition: &str) -> Result<LedgerEntry, String> {
        let (amount, asset) = self.money(words)?;
        words.must(preposition)?;
        let account = self.who(words)?;
        Ok(LedgerEntry { account, asset, amount, reference: self.reference(words)? })
    }

    fn transfer(&mut self, words: &mut Words<'_>) -> Result<Command, String> {
        let (amount, asset) = self.money(words)?;
        words.must("from")?;
        let account = self.who(words)?;
        words.must("to")?;
        let to = self.who(words)?;
        let reference = self.reference(words)?;
        Ok(Command::Transfer { from: LedgerEntry { account, asset, amount, reference }, to })
    }

    /// `group of alice 7`, or `none`.
    fn trade_group(&mut self, words: &mut Words<'_>) -> Result<Command, String> {
        words.must("group of")?;
        let account = self.who(words)?;
        let group = if words.take("none") { None } else { Some(TradeGroup(words.number("a group, or `none`")?)) };
        Ok(Command::SetTradeGroup { account, group })
    }

    fn uncross(&mut self, words: &mut Words<'_>) -> Result<Command, String> {
        let reference = if words.take("reference") { Some(Price(words.number("a price in ticks")?)) } else { None };
        let then = if words.take("then") { phase(words)? } else { Phase::Continuous };
        Ok(Command::Uncross { instrument: self.instrument(words)?, reference, then })
    }

    /// `switch on for alice`, `switch off in TEA-USD`, `switch on`.
    fn kill_switch(&mut self, words: &mut Words<'_>) -> Result<Command, String> {
        words.must("switch")?;
        let complaint = words.expected("`on` or `off`");
        let engaged = match words.next("`on` or `off`")? {
            "on" => true,
            "off" => false,
            _ => return Err(complaint),
        };
        let scope = match words.peek() {
            Some("in") => KillScope::Instrument(self.instrument(words)?),
            Some("for") => {
                words.must("for")?;
                KillScope::Account(self.who(words)?)
            }
            _ => KillScope::Venue,
        };
        Ok(Command::SetKillSwitch { scope, engaged })
    }

    fn order(&mut self, account: AccountId, words: &mut Words<'_>) -> Result<Command, String> {
        let complaint = words.expected("`buys`, `sells`, `amends` or `cancels`");
        match words.next("`buys`, `sells`, `amends` or `cancels`")? {
            "buys" => self.place(account, Side::Buy, words),
            "sells" => self.place(account, Side::Sell, words),
            "amends" => {
                let order = order_ref(words)?;
                let (mut price, mut qty) = (None, None);
                if words.take("to") {
                    if words.peek() != Some("@") {
                        qty = Some(Qty(words.number("a quantity in lots, or `@` and a price")?));
                    }
                    if words.take("@") {
                        price = Some(Price(words.number("a price in ticks")?));
                    }
                }
                Ok(Command::Amend(AmendOrder { account, order, price, qty }))
            }
            "cancels" if words.take("all") => {
                let side = if words.take("buys") { Some(Side::Buy) } else { None };
                let side = side.or_else(|| words.take("sells").then_some(Side::Sell));
                let instrument = if words.peek() == Some("in") { Some(self.instrument(words)?) } else { None };
                Ok(Command::CancelAll { account, instrument, side })
            }
            "cancels" => Ok(Command::Cancel { account, order: order_ref(words)? }),
            _ => Err(complaint),
        }
    }

    /// `in ETH-USD`, or the first instrument.
    pub(super) fn instrument(&self, words: &mut Words<'_>) -> Result<InstrumentId, String> {
        if !words.take("in") {
            return Ok(InstrumentId(0));
        }
        let complaint = words.expected("a listed market or instrument#N");
        self.names.instrument(words.next("a market")?).ok_or(complaint)
    }

    fn asset(&self, words: &mut Words<'_>) -> Result<papertape_engine::AssetId, String> {
        let complaint = words.expected("a listed asset or asset#N");
        self.names.asset(words.next("an asset")?).ok_or(complaint)
    }

    fn money(&self, words: &mut Words<'_>) -> Result<(Amount, papertape_engine::AssetId), String> {
        let amount = Amount(words.number("an amount in the asset's units")?);
        Ok((amount, self.asset(words)?))
    }

    pub(super) fn who(&self, words: &mut Words<'_>) -> Result<AccountId, String> {
        let complaint = words.expected("an account's name or account#N");
        self.names.account(words.next("an account")?).ok_or(complaint)
    }

    fn maybe_account(&self, words: &mut Words<'_>) -> Result<Option<AccountId>, String> {
        if words.peek().is_none() { Ok(None) } else { self.who(words).map(Some) }
    }

    /// `reference 7`, or one that no other line of this file gets by itself.
    fn reference(&mut self, words: &mut Words<'_>) -> Result<Reference, String> {
        if words.take("reference") {
            return words.number("a reference").map(Reference);
        }
        self.entries += 1;
        Ok(Reference(self.entries))
    }
}

fn show(words: &mut Words<'_>) -> Result<Show, String> {
    let complaint = words.expected("`balances` or `positions`");
    match words.next("`balances` or `positions`")? {
        "balances" => Ok(Show::Balances),
        "positions" => Ok(Show::Positions),
        _ => Err(complaint),
    }
}

/// `order#7`, a client's name for an order, or that name in quotes.
fn order_ref(words: &mut Words<'_>) -> Result<OrderRef, String> {
    let complaint = words.expected("an order: its client's name or order#N");
    match words.peek().and_then(|word| word.strip_prefix("order#")) {
        Some(number) => {
            words.next("an order")?;
            number.parse().map(|number| OrderRef::Id(OrderId(number))).map_err(|_| complaint)
        }
        None => client_id(words).map(OrderRef::Client).map_err(|_| complaint),
    }
}

pub(super) fn client_id(words: &mut Words<'_>) -> Result<ClientOrderId, String> {
    let wanted = "a name for an order (1 to 36 of A-Z a-z 0-9 . : / _ -)";
    let complaint = words.expected(wanted);
    let word = words.next(wanted)?;
    let bare = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(word);
    ClientOrderId::new(bare).ok_or(complaint)
}
