//! The bytes of cold commands are bincode's: what the maintained writer of the format writes equals what bincode 1.3.3
//! writes for the same fields, and both equal bytes that were written down once.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

use papertape_engine::{
    AccountId, Allocation, AmendPriority, Amount, Asset, AssetId, Bands, Command, FeeAsset, FeeTier, FeeTiers, Filters,
    InstrumentId, InstrumentSpec, KillScope, LedgerEntry, MarginTerms, Phase, PostOnlyRule, Ppm, Price, ProRata,
    Purpose, Qty, Reference, Schedule, SelfTradePrevention, Stage, Symbol, TriggerAtEntry, TriggerSource,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct AssetFields {
    symbol: String,
    decimals: u8,
}

#[derive(Serialize)]
enum FeeAssetFields {
    #[allow(dead_code)] // Its place gives the next one its number.
    Quote,
    Received,
}

#[derive(Serialize)]
enum PhaseFields {
    #[allow(dead_code)] // Its place gives the next one its number.
    Continuous,
    Auction,
}

#[derive(Serialize)]
enum AllocationFields {
    #[allow(dead_code)] // Its place gives the next one its number.
    Fifo,
    ProRata(u64, u64, bool),
}

#[derive(Serialize)]
struct InstrumentFields {
    symbol: String,
    base: u16,
    quote: u16,
    tick_mantissa: u64,
    price_decimals: u8,
    lot: i128,
    maker_fee: i32,
    taker_fee: i32,
    fee_asset: FeeAssetFields,
    filters: (u64, u64, u64, u64, u64, i128, i128, u32, i128, u32),
    /// The mode's number.
    self_trade_prevention: u32,
    allocation: AllocationFields,
    /// Settings by number: post-only, amend priority.
    settings: (u32, u32),
    bands: (u32, u32),
    volatility_auction_ns: u64,
    /// Source, and what becomes of a trigger that is met already, by number.
    triggers: (u32, u32),
    phase: PhaseFields,
}

fn encoded(command: &Command) -> Vec<u8> {
    let mut bytes = Vec::new();
    command.encode(&mut bytes);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_asset_is_written_as_bincode_writes_it() {
    let command = Command::ListAsset(Asset { symbol: Symbol::new("BTC").unwrap(), decimals: 8 });
    let bytes = encoded(&command);
    assert_eq!(bytes, bincode::serialize(&AssetFields { symbol: "BTC".into(), decimals: 8 }).unwrap());
    assert_eq!(hex(&bytes), "030000000000000042544308");
    assert_eq!(bincode::deserialize::<AssetFields>(&bytes).unwrap().symbol, "BTC");
}

#[test]
fn an_instrument_is_written_as_bincode_writes_it() {
    let filters = Filters {
        price_min: Price(1),
        price_max: Price(u64::MAX),
        qty_min: Qty(2),
        qty_max: Qty(3),
        market_qty_max: Qty(4),
        notional_min: Amount(-5),
        notional_max: Amount::MAX,
        open_orders_max: 6,
        position_max: Amount(7),
        orders_per_second_max: 8,
    };
    let command = Command::ListInstrument(InstrumentSpec {
        symbol: Symbol::new("ETH-USD").unwrap(),
        base: AssetId(1),
        quote: AssetId(0x0203),
        tick_mantissa: 5,
        price_decimals: 2,
        lot: Amount(1_000),
        maker_fee: Ppm(-75),
        taker_fee: Ppm(500),
        fee_asset: FeeAsset::Received,
        filters,
        self_trade_prevention: SelfTradePrevention::Decrement,
        allocation: Allocation::ProRata(ProRata { top_max: Qty(7), share_min: Qty(2), leveling: true }),
        post_only: PostOnlyRule::Reprice,
        amend_priority: AmendPriority::Lose,
        bands: Bands { static_points: 9, dynamic_points: 10 },
        volatility_auction_ns: 11,
        trigger_source: TriggerSource::Mid,
        trigger_at_entry: TriggerAtEntry::Fire,
        phase: Phase::Auction,
    });
    let fields = InstrumentFields {
        symbol: "ETH-USD".into(),
        base: 1,
        quote: 0x0203,
        tick_mantissa: 5,
        price_decimals: 2,
        lot: 1_000,
        maker_fee: -75,
        taker_fee: 500,
        fee_asset: FeeAssetFields::Received,
        filters: (1, u64::MAX, 2, 3, 4, -5, Amount::MAX.0, 6, 7, 8),
        self_trade_prevention: 4,
        allocation: AllocationFields::ProRata(7, 2, true),
        settings: (1, 1),
        bands: (9, 10),
        volatility_auction_ns: 11,
        triggers: (2, 1),
        phase: PhaseFields::Auction,
    };
    assert_eq!(encoded(&command), bincode::serialize(&fields).unwrap());
}

#[test]
fn ledger_entries_and_phases_are_written_as_bincode_writes_them() {
    let (account, asset) = (AccountId(7), AssetId(2));
    let entry = LedgerEntry { account, asset, amount: Amount(-1), reference: Reference(9) };
    let fields = (7_u32, 2_u16, -1_i128, 9_u64);
    assert_eq!(encoded(&Command::Deposit(entry)), bincode::serialize(&fields).unwrap());
    let transfer = Command::Transfer { from: entry, to: AccountId(8) };
    assert_eq!(encoded(&transfer), bincode::serialize(&(fields, 8_u32)).unwrap());
    let uncross = Command::Uncross { instrument: InstrumentId(3), reference: Some(Price(12)), then: Phase::Halted };
    assert_eq!(encoded(&uncross), bincode::serialize(&(3_u16, 12_u64, 2_u32)).unwrap());
    assert_eq!(hex(&encoded(&uncross)), "03000c0000000000000002000000");
    let halt = Command::SetPhase { instrument: InstrumentId(3), stage: Phase::Halted.into() };
    assert_eq!(encoded(&halt), bincode::serialize(&(3_u16, 2_u32)).unwrap());
    let schedule = Schedule { pre_open_ns: 1, open_ns: 2, closing_ns: 3, close_ns: 4 };
    let day = Command::SetSchedule { instrument: InstrumentId(3), schedule: Some(schedule) };
    assert_eq!(encoded(&day), bincode::serialize(&(3_u16, Some((1_u64, 2_u64, 3_u64, 4_u64)))).unwrap());
    let stage = Stage { phase: Phase::Auction, purpose: Purpose::Closing, until_ns: Some(7) };
    let closing = Command::SetPhase { instrument: InstrumentId(3), stage };
    assert_eq!(encoded(&closing), bincode::serialize(&(3_u16, 1_u32, 2_u32, Some(7_u64))).unwrap());
}

#[test]
fn switches_and_marks_are_written_as_bincode_writes_them() {
    let mark = Command::SetMark { instrument: InstrumentId(3), price: Price(12) };
    assert_eq!(encoded(&mark), bincode::serialize(&(3_u16, 12_u64)).unwrap());
    let tier =
        |volume, maker, taker| FeeTier { volume_min: Amount(volume), maker_fee: Ppm(maker), taker_fee: Ppm(taker) };
    let tiers = FeeTiers::new(&[tier(1_000, -50, 400), tier(5_000, -100, 300)]).unwrap();
    let fees = Command::SetFeeTiers { instrument: InstrumentId(3), tiers };
    let rows = [(1_000_i128, -50, 400), (5_000, -100, 300)];
    assert_eq!(encoded(&fees), bincode::serialize(&(3_u16, rows.to_vec())).unwrap());
    let (collateral, initial, maintenance) = (Ppm(900_000), Ppm(200_000), Ppm(100_000));
    let terms =
        MarginTerms { priced_by: Some(InstrumentId(3)), collateral, initial, maintenance, borrow_max: Amount(7) };
    let fields = (1_u16, Some(3_u16), 900_000, 200_000, 100_000, 7_i128);
    let margin = Command::SetMarginTerms { asset: AssetId(1), terms };
    assert_eq!(encoded(&margin), bincode::serialize(&fields).unwrap());
    let entry = LedgerEntry { account: AccountId(7), asset: AssetId(2), amount: Amount(-1), reference: Reference(9) };
    assert_eq!(encoded(&Command::Borrow(entry)), encoded(&Command::Repay(entry)));
    let suspended = Command::SetSuspended { account: AccountId(7), suspended: true };
    assert_eq!(encoded(&suspended), bincode::serialize(&(7_u32, true)).unwrap());
    for (scope, number) in [(KillScope::Venue, ""), (KillScope::Account(AccountId(7)), "07000000")] {
        let variant = if number.is_empty() { "00000000" } else { "02000000" };
        let bytes = encoded(&Command::SetKillSwitch { scope, engaged: true });
        assert_eq!(hex(&bytes), format!("{variant}{number}01"));
    }
}
