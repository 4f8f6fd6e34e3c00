//! Through a real socket: accounts sign up, orders go over the trading WebSocket of a gateway in this process, and
//! what clients hear (answers, own orders, public trades and books, depth and balances over REST) must be what the
//! scenario expects. What no client may ask for (listings, phases, trade groups, money) goes in through the venue's
//! own door beside the gateway.

mod expect;
mod market;
mod words;
mod world;

use papertape_engine::{AccountId, Command, Event, Instrument, InstrumentId, KillScope, Reason};
use papertape_tests::scenario::{Answer, Done, Scenario, Told};
use serde_json::{Value, json};

use expect::{Expected, says};
use market::Market;
use words::{Listed, message, money};
use world::{Socket, World};

pub(crate) fn compare(scenario: &Scenario, answer: &Answer) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut play = Play {
            world: World::start().await,
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
    /// By account, from number 1.
    users: Vec<User>,
    markets: Vec<Market>,
    listed: Listed,
    expected: Expected,
}

impl Play {
    /// Sends the commands of one block, and then looks at everything that clients can see.
    async fn block(&mut self, done: &[Done], told: &Told) -> Result<(), String> {
        for Done { command, events } in done {
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
        Ok(())
    }

    async fn send(&mut self, command: &Command, events: &[Event]) -> Result<(), String> {
        let Some(account) = trader(command) else { return self.administer(command, events).await };
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

    /// Listings, accounts, trade groups, phases and money.
    async fn administer(&mut self, command: &Command, events: &[Event]) -> Result<(), String> {
        if let Command::OpenAccount { .. } = command {
            return self.open_account(events).await;
        }
        self.world.submit(*command);
        let heard = self.world.next_command()?;
        if heard != events {
            return Err(format!("the venue told {heard:?}, expected {events:?}"));
        }
        for event in events {
            match event {
                Event::AssetListed { spec, .. } => self.listed.assets.push(*spec),
                Event::InstrumentListed { instrument, spec } => {
                    let known = Instrument::new(*spec, &self.listed.assets).map_err(|error| format!("{error:?}"))?;
                    self.listed.instruments.push(known);
                    self.listen(*instrument).await?;
                }
                _ => {}
            }
        }
        self.expected.hear(&self.listed, events);
        Ok(())
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
