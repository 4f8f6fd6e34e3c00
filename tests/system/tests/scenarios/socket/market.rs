//! What everybody hears of one market: trades, and a book that is rebuilt from its changes.

use std::collections::BTreeMap;

use papertape_engine::{Instrument, InstrumentId, Side};
use papertape_tests::scenario::Told;
use serde_json::{Value, json};

use super::expect::says;
use super::world::{Socket, World};

/// Levels of a side that REST shows at most.
const DEPTH_MAX: usize = 1_000;

/// A listener to one market.
pub(super) struct Market {
    symbol: String,
    trades: Socket,
    book: Socket,
    /// By price as text: what is there.
    levels: [BTreeMap<String, String>; 2],
    update_id: u64,
}

impl Market {
    pub(super) async fn listen(world: &World, symbol: &str) -> Result<Self, String> {
        let (mut trades, mut book) = (world.socket().await, world.socket().await);
        trades.subscribe("trades", Some(symbol)).await?;
        let snapshot = book.subscribe("book", Some(symbol)).await?;
        let update_id = snapshot["update_id"].as_u64().ok_or("a book's snapshot has an update_id")?;
        Ok(Self { symbol: symbol.to_owned(), trades, book, levels: Default::default(), update_id })
    }

    /// Whether the trades, the rebuilt book and REST's depth are what is expected after a block.
    pub(super) async fn check(
        &mut self,
        world: &World,
        known: &Instrument,
        instrument: InstrumentId,
        told: &Told,
        trades: &[Value],
    ) -> Result<(), String> {
        self.check_trades(trades).await.map_err(|what| format!("trades of {}: {what}", self.symbol))?;
        let depth = world.get(&format!("/api/v1/depth?symbol={}&limit={DEPTH_MAX}", self.symbol), None).await;
        let update_id = depth["update_id"].as_u64().ok_or_else(|| format!("no depth: {depth}"))?;
        while self.update_id < update_id {
            let update = self.book.push().await?;
            self.apply(&update)?;
        }
        for (side, name) in [(Side::Buy, "bids"), (Side::Sell, "asks")] {
            let level = |(price, qty): (_, u128)| {
                let qty = u64::try_from(qty).expect("a level's sum stays within 64 bits");
                (known.format_price(price), known.format_qty(papertape_engine::Qty(qty)))
            };
            let levels: Vec<_> = told
                .levels(instrument, side)
                .into_iter()
                .filter(|(_, qty, _)| *qty > 0)
                .map(|(price, qty, _)| level((price, qty)))
                .collect();
            let rest: Vec<Value> = levels.iter().take(DEPTH_MAX).map(|(price, qty)| json!([price, qty])).collect();
            says(&depth[name], &json!(rest)).map_err(|what| format!("{name} over REST: {what} ({depth})"))?;
            let rebuilt: BTreeMap<String, String> = levels.into_iter().collect();
            if self.levels[side as usize] != rebuilt {
                return Err(format!(
                    "{name} of the book channel: {:?}, expected {rebuilt:?}",
                    self.levels[side as usize]
                ));
            }
        }
        Ok(())
    }

    async fn check_trades(&mut self, expected: &[Value]) -> Result<(), String> {
        let mut heard = Vec::new();
        while heard.len() < expected.len() {
            let update = self.trades.push().await?;
            heard.extend(update["data"].as_array().cloned().unwrap_or_default());
        }
        for update in self.trades.rest().await? {
            heard.extend(update["data"].as_array().cloned().unwrap_or_default());
        }
        says(&json!(heard), &json!(expected))
    }

    /// Takes in a change; the ids have no gap.
    fn apply(&mut self, update: &Value) -> Result<(), String> {
        says(update, &json!({"type": "update", "first_update_id": self.update_id + 1}))?;
        self.update_id = update["last_update_id"].as_u64().ok_or("an update has an id")?;
        for (side, name) in [(Side::Buy, "bids"), (Side::Sell, "asks")] {
            for level in update[name].as_array().into_iter().flatten() {
                let text = |at: usize| level[at].as_str().unwrap_or_default().to_owned();
                let levels = &mut self.levels[side as usize];
                if text(1) == "0" {
                    levels.remove(&text(0))
                } else {
                    levels.insert(text(0), text(1))
                };
            }
        }
        Ok(())
    }
}
