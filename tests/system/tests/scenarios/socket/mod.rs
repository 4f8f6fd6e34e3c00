//! Through a real socket: accounts sign up, orders go over the trading WebSocket of a gateway in this process, loans over
//! REST, and what is the operator's (listings, phases, fee tables, switches, trade groups, money) over the operator's
//! routes. What clients hear (answers, own orders, public trades and books, depth and balances over REST) must be what the
//! scenario expects. The venue's clock is the scenario's, in whole milliseconds where it says times; only ticks go in beside
//! the gateway.

mod expect;
mod market;
mod operator;
mod words;
mod world;

use papertape_engine::{AccountId, Amount, Command, Event, Instrument, InstrumentId, KillScope, LedgerEntry, Reason};
use papertape_tests::scenario::{Done, Scenario, Told};
use serde_json::{Value, json};

use expect::{Expected, says};
use market::Market;
use words::{Listed, message, money};
use world::{Socket, World};

pub(crate) fn compare(scenario: &Scenario) -> Result<(), String> {
    let scenario = &scenario.in_milliseconds();
    let answer = crate::engine::run(scenario)?;
    // Whom a sign-up opens an account for has a reference of its own: who opens one twice is the operator.
    let openings: Vec<_> =
        scenario.commands().filter(|command| matches!(command, Command::OpenAccount { .. })).collect();
    let is_repeated = |(at, one): (usize, &Command)| openings[..at].contains(one);
    let signs_up = !openings.iter().enumerate().any(is_repeated);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut play = Play {
            world: World::start().await,
            signs_up,
            accounts: 0,
            users: Vec::new(),
            markets: Vec::new(),
            listed: Listed::default(),
            expected: Expected::default(),
        };
        let mut result = Ok(());
        for (done, told) in answer.done.iter().zip(&answer.told) {
            result = play.block(done, told).await;
            if result.is_err() {
                break;
            }
        }
        let Play { world, users, markets, .. } = play;
        drop((users, markets));
        world.stop().await;
        result.map_err(|what| format!("{}: {what}", scenario.name))
    })
}

/// An account whose owner is connected.
struct User {
    token: String,
    socket: Socket,
    /// Number of the last push of the own orders' channel.
    n: u64,
}

struct Play {
    world: World,
    /// Whether accounts are users'.
    signs_up: bool,
    /// How many accounts there are beside the venue's own.
    accounts: u32,
    /// By account, from number 1.
    users: Vec<User>,
    markets: Vec<Market>,
    listed: Listed,
    expected: Expected,
}

impl Play {
    /// Sends the commands of one block, and then looks at everything that clients can see.
    async fn block(&mut self, done: &[Done], told: &Told) -> Result<(), String> {
        for Done { command, time_ns, events } in done {
            self.world.at(*time_ns);
            self.send(command, events).await.map_err(|what| format!("{command:?}: {what}"))?;
        }
        self.check_pushes().await?;
        for (market, (instrument, ..)) in self.markets.iter_mut().zip(told.instruments()) {
            let trades = self.expected.trades.remove(&instrument).unwrap_or_default();
            let known = &self.listed.instruments[usize::from(instrument.0)];
            market.check(&self.world, known, instrument, told, &trades).await?;
        }
        for account in (1..=self.users.len() as u32).map(AccountId) {
            self.check_account(account, told).await?;
        }
        self.check_operator(told).await
    }

    /// Phases and debts, as the operator sees them.
    async fn check_operator(&self, told: &Told) -> Result<(), String> {
        let heard = self.world.read("/api/v1/admin/instruments").await;
        let phases: Vec<Value> = told.instruments().map(|(.., stage)| operator::stage_body(&stage)).collect();
        says(&heard, &json!(phases)).map_err(|what| format!("markets: {what} ({heard})"))?;
        let heard = self.world.read("/api/v1/admin/accounts?limit=1000").await;
        for account in (0..=self.accounts).map(AccountId) {
            let debts = told.debts().filter(|(whose, ..)| *whose == account).map(|(_, asset, debt)| {
                let asset = &self.listed.assets[usize::from(asset.0)];
                json!({"asset": asset.symbol.as_str(), "amount": money(asset, Amount(debt))})
            });
            let expected = json!({"account_id": account.0, "debts": debts.collect::<Vec<_>>()});
            let heard = &heard[account.0 as usize];
            says(heard, &expected).map_err(|what| format!("account {account}: {what} ({heard})"))?;
        }
        Ok(())
    }

    async fn send(&mut self, command: &Command, events: &[Event]) -> Result<(), String> {
        let Some(account) = trader(command).filter(|account| self.trades(command, *account)) else {
            return self.administer(command, events).await;
        };
        let user = account.0.checked_sub(1).map(|number| number as usize);
        if user.is_none_or(|user| user >= self.users.len()) {
            return Err(format!("account {account} is nobody's: say `not through a socket: …`"));
        }
        let refusal = refusal(events);
        let target = match command {
            Command::Amend(amend) => self.expected.find(account, amend.order).map(|(_, instrument)| instrument),
            _ => None,
        };
        // What the gateway cannot translate it refuses by itself, with the engine's reason; nothing reaches the core.
        let stops = match (command, refusal) {
            (
                Command::Place(_) | Command::PlaceList(_) | Command::CancelAll { .. },
                Some(Reason::UnknownInstrument),
            ) => true,
            (Command::Amend(_), Some(Reason::UnknownOrder)) => target.is_none(),
            _ => false,
        };
        let said = message(&self.listed, command, target.unwrap_or_default()).ok_or("nothing is listed")?;
        let socket = &mut self.users[user.unwrap_or_default()].socket;
        let answer = socket.ask(said).await?;
        if !stops {
            let heard = self.world.next_command()?;
            if heard != events {
                return Err(format!("the venue told {heard:?}, expected {events:?}"));
            }
            self.expected.hear(&self.listed, events);
        }
        self.check_answer(account, command, events, &answer).map_err(|what| format!("answer: {what} ({answer})"))
    }

    /// Whether an owner sends it: of others' accounts the operator stops the trading and cancels the orders.
    fn trades(&self, command: &Command, account: AccountId) -> bool {
        let is_operators = matches!(command, Command::SetKillSwitch { .. });
        self.is_user(account) || !is_operators
    }

    fn check_answer(
        &self,
        account: AccountId,
        command: &Command,
        events: &[Event],
        answer: &Value,
    ) -> Result<(), String> {
        if let Some(reason) = refusal(events) {
            return says(answer, &json!({"ok": false, "error": {"code": reason.name()}}));
        }
        let order = |id| self.expected.order(&self.listed, id);
        if let Command::PlaceList(_) = command {
            let list = events.iter().find_map(|event| match event {
                Event::Accepted(accepted) => Some(accepted.order),
                Event::Repeated { order, .. } => Some(*order),
                _ => None,
            });
            let list = list.map(|list| self.expected.list(&self.listed, list));
            return says(answer, &json!({"ok": true, "durability": "process", "list": list}));
        }
        let about = match command {
            Command::Place(_) => events.iter().find_map(|event| match event {
                Event::Accepted(accepted) => Some(accepted.order),
                Event::Repeated { order, .. } => Some(*order),
                _ => None,
            }),
            Command::Cancel { order, .. } => self.expected.find(account, *order).map(|(order, _)| order),
            Command::Amend(amend) => self.expected.find(account, amend.order).map(|(order, _)| order),
            _ => None,
        };
        if let Some(id) = about {
            return says(answer, &json!({"ok": true, "durability": "process", "order": order(id)}));
        }
        let cancelled = events.iter().filter_map(|event| match event {
            Event::Cancelled(cancelled) if cancelled.account == account => Some(order(cancelled.order)),
            _ => None,
        });
        says(answer, &json!({"ok": true, "cancelled": cancelled.collect::<Vec<_>>()}))
    }

    /// Listings, accounts, trade groups, phases, switches, money and loans.
    async fn administer(&mut self, command: &Command, events: &[Event]) -> Result<(), String> {
        match command {
            Command::OpenAccount { .. } if self.signs_up => return self.open_account(events).await,
            Command::Borrow(entry) | Command::Repay(entry) if self.is_user(entry.account) => {
                let path = if matches!(command, Command::Borrow(_)) { "borrow" } else { "repay" };
                if !self.lend(entry, path, events).await? {
                    return Ok(());
                }
            }
            _ => match operator::ask(&self.listed, command) {
                Some(request) => {
                    if !self.operate(command, request, events).await? {
                        return Ok(());
                    }
                }
                None => {
                    self.world.submit(*command);
                    self.heard(events)?;
                }
            },
        }
        for event in events {
            match event {
                Event::AssetListed { spec, .. } => self.listed.assets.push(*spec),
                Event::InstrumentListed { instrument, spec } => {
                    let known = Instrument::new(*spec, &self.listed.assets).map_err(|error| format!("{error:?}"))?;
                    self.listed.instruments.push(known);
                    self.listen(*instrument).await?;
                }
                Event::AccountOpened { account, .. } => self.accounts = self.accounts.max(account.0),
                _ => {}
            }
        }
        self.expected.hear(&self.listed, events);
        Ok(())
    }

    fn is_user(&self, account: AccountId) -> bool {
        (1..=self.users.len() as u32).contains(&account.0)
    }

    /// The venue tells what it is to.
    fn heard(&mut self, events: &[Event]) -> Result<(), String> {
        let heard = self.world.next_command()?;
        if heard == events { Ok(()) } else { Err(format!("the venue told {heard:?}, expected {events:?}")) }
    }

    /// The operator's request. Gives whether it came to the venue: what cannot be said in words, or names what is not
    /// listed, the gateway refuses by itself.
    async fn operate(
        &mut self,
        command: &Command,
        request: operator::Request,
        events: &[Event],
    ) -> Result<bool, String> {
        let (status, answer) = self.world.operate(request).await;
        let complain = |what: String| format!("answer: {what} ({answer})");
        let Some(reason) = refusal(events) else {
            self.heard(events).map_err(complain)?;
            let expected = operator::answered(&self.listed, command, events);
            let done = if matches!(status, 200 | 201) { says(&answer, &expected) } else { Err("refused".to_owned()) };
            return done.map(|()| true).map_err(complain);
        };
        let codes = ["INVALID_FIELD", "UNKNOWN_ASSET", "UNKNOWN_INSTRUMENT"];
        let by_itself = answer["code"].as_str().is_some_and(|code| codes.contains(&code)) && !self.world.has_told();
        if !by_itself {
            self.heard(events).map_err(complain)?;
        }
        if !by_itself || matches!(reason, Reason::UnknownAsset | Reason::UnknownInstrument) {
            says(&answer, &json!({"code": reason.name()})).map_err(complain)?;
        }
        Ok(!by_itself)
    }

    /// A loan, or its repayment, asked for by its owner. Gives whether it came to the venue.
    async fn lend(&mut self, entry: &LedgerEntry, path: &str, events: &[Event]) -> Result<bool, String> {
        let asset = self.listed.assets.get(usize::from(entry.asset.0)).copied();
        let symbol = asset.map_or_else(|| "NONE".to_owned(), |asset| asset.symbol.to_string());
        let amount = asset.map_or_else(|| entry.amount.0.to_string(), |asset| asset.format(entry.amount));
        let body = json!({"asset": symbol, "amount": amount, "reference": entry.reference.0});
        let token = self.users[entry.account.0 as usize - 1].token.clone();
        let (_, answer) = self.world.post(&format!("/api/v1/account/{path}"), &token, body).await;
        let reached = refusal(events) != Some(Reason::UnknownAsset);
        if reached {
            self.heard(events)?;
        }
        let expected = match refusal(events) {
            Some(reason) => json!({"code": reason.name()}),
            None => json!({"asset": symbol}),
        };
        says(&answer, &expected).map(|()| reached).map_err(|what| format!("answer: {what} ({answer})"))
    }

    async fn open_account(&mut self, events: &[Event]) -> Result<(), String> {
        let number = self.users.len() as u32 + 1;
        let expected = events.iter().find_map(|event| match event {
            Event::AccountOpened { account, .. } => Some(account.0),
            _ => None,
        });
        if expected != Some(number) {
            return Err("an account that is there cannot sign up again: say `not through a socket: …`".to_owned());
        }
        let token = self.world.sign_up(&format!("trader-{number}")).await;
        self.world.next_command()?;
        let mut socket = self.world.socket().await;
        let answer = socket.ask(json!({"op": "auth", "token": token})).await?;
        says(&answer, &json!({"ok": true, "account_id": number}))?;
        let snapshot = socket.subscribe("orders", None).await?;
        self.accounts = number;
        self.users.push(User { token, socket, n: snapshot["n"].as_u64().unwrap_or_default() });
        Ok(())
    }

    async fn listen(&mut self, instrument: InstrumentId) -> Result<(), String> {
        let symbol = self.listed.symbol(instrument);
        self.markets.push(Market::listen(&self.world, &symbol).await?);
        Ok(())
    }

    /// Every owner has heard of every event of the own orders, in order, and of nothing else.
    async fn check_pushes(&mut self) -> Result<(), String> {
        for (number, user) in (1..).zip(&mut self.users) {
            let expected = self.expected.pushes.remove(&AccountId(number)).unwrap_or_default();
            for expected in expected {
                let heard = user.socket.push().await.map_err(|what| format!("account {number}: {what}"))?;
                user.n += 1;
                let place = json!({"channel": "orders", "type": "update", "n": user.n});
                says(&heard, &place)
                    .and_then(|()| says(&heard, &expected))
                    .map_err(|what| format!("account {number}: {what}; heard {heard}"))?;
            }
            let more = user.socket.rest().await?;
            if !more.is_empty() {
                return Err(format!("account {number} heard more than was expected: {more:?}"));
            }
        }
        Ok(())
    }

    /// Balances and positions over REST.
    async fn check_account(&self, account: AccountId, told: &Told) -> Result<(), String> {
        let token = &self.users[account.0 as usize - 1].token;
        let heard = self.world.get("/api/v1/account", Some(token)).await;
        let balances = told.balances().filter(|(whose, ..)| *whose == account).map(|(_, asset, balance)| {
            let asset = &self.listed.assets[usize::from(asset.0)];
            let (free, held) = (money(asset, balance.free), money(asset, balance.held));
            json!({"asset": asset.symbol.as_str(), "free": free, "held": held})
        });
        let positions = told.positions().filter(|(whose, ..)| *whose == account).map(|(_, instrument, position)| {
            let known = &self.listed.instruments[usize::from(instrument.0)];
            json!({
                "symbol": known.spec.symbol.as_str(),
                "qty": money(&known.base, position.qty),
                "realized_pnl": money(&known.quote, position.realized),
                "fees_paid": money(&known.quote, position.fees_quote),
            })
        });
        let expected = json!({
            "account_id": account.0,
            "balances": balances.collect::<Vec<_>>(),
            "positions": positions.collect::<Vec<_>>(),
        });
        says(&heard, &expected).map_err(|what| format!("account {account}: {what} ({heard})"))
    }
}

/// Whose command it is, if it is about orders.
fn trader(command: &Command) -> Option<AccountId> {
    match command {
        Command::Place(place) => Some(place.account),
        Command::PlaceList(list) => Some(list.account),
        Command::SetKillSwitch { scope: KillScope::Account(account), .. } => Some(*account),
        Command::Cancel { account, .. } | Command::CancelAll { account, .. } => Some(*account),
        Command::Amend(amend) => Some(amend.account),
        _ => None,
    }
}

fn refusal(events: &[Event]) -> Option<Reason> {
    events.iter().find_map(|event| match event {
        Event::Rejected { reason, .. } => Some(*reason),
        _ => None,
    })
}
