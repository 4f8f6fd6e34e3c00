//! Commands as the payloads of journal records.
//!
//! Hot commands (orders) have a fixed little-endian layout, written by hand: the offsets in this file are the
//! specification. Cold ones are in bincode's format (fixed-width integers, little endian), written by `wincode`.
//! A kind's number and layout are never reused: a new layout is a new kind.

mod fields;
mod orders;
mod records;

use std::fmt;

use wincode::SchemaWrite;

use self::fields::Fields;
use self::orders::{
    decode_amend, decode_cancel, decode_cancel_all, decode_place, decode_place_list, encode_amend, encode_cancel,
    encode_cancel_all, encode_place, encode_place_list,
};
use self::records::EntryRecord;
pub(crate) use self::records::{AssetRecord, InstrumentRecord};
use crate::command::{Command, Reference};
use crate::ids::{AccountId, InstrumentId, TradeGroup};
use crate::instrument::{Asset, Phase};
use crate::stage::Stage;
use crate::units::Price;

const PLACE: u16 = 1;
const CANCEL: u16 = 2;
const AMEND: u16 = 3;
const CANCEL_ALL: u16 = 4;
const PLACE_UNTIL: u16 = 5;
const TICK: u16 = 6;
const PLACE_EXTENDED: u16 = 7;
const PLACE_LIST: u16 = 8;
const LIST_ASSET: u16 = 32;
const LIST_INSTRUMENT: u16 = 33;
const OPEN_ACCOUNT: u16 = 34;
const DEPOSIT: u16 = 35;
const WITHDRAW: u16 = 36;
const TRANSFER: u16 = 37;
const SET_PHASE: u16 = 38;
const UNCROSS: u16 = 39;
const SET_TRADE_GROUP: u16 = 40;
const SET_MARK: u16 = 41;
const SET_KILL_SWITCH: u16 = 42;
const SET_SUSPENDED: u16 = 43;
const SET_STAGE: u16 = 60;
const SET_SCHEDULE: u16 = 61;

/// The longest payload that any command has, in bytes.
const PAYLOAD_MAX: usize = 512;

/// Why bytes are not a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// No command has this kind.
    UnknownKind(u16),
    /// Too short or too long for the kind.
    Length {
        /// The kind.
        kind: u16,
        /// Bytes given.
        found: usize,
    },
    /// A field holds a value that no command can have.
    Field {
        /// The kind.
        kind: u16,
        /// The field.
        field: &'static str,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::UnknownKind(kind) => write!(f, "no command has kind {kind}"),
            DecodeError::Length { kind, found } => write!(f, "{found} bytes are not a command of kind {kind}"),
            DecodeError::Field { kind, field } => write!(f, "bad {field} in a command of kind {kind}"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl Command {
    /// Appends the command's payload to `out` and returns its kind. At most 512 bytes; allocates only if `out` must
    /// grow.
    pub fn encode(&self, out: &mut Vec<u8>) -> u16 {
        match self {
            Command::Place(order) => encode_place(order, out),
            Command::PlaceList(list) => encode_place_list(list, out),
            Command::Cancel { account, order } => encode_cancel(*account, order, out),
            Command::Amend(amend) => encode_amend(amend, out),
            Command::CancelAll { account, instrument, side } => encode_cancel_all(*account, *instrument, *side, out),
            Command::Tick => TICK,
            Command::ListAsset(asset) => {
                cold(LIST_ASSET, &AssetRecord { symbol: asset.symbol.to_string(), decimals: asset.decimals }, out)
            }
            Command::ListInstrument(spec) => cold(LIST_INSTRUMENT, &InstrumentRecord::from(spec), out),
            Command::OpenAccount { reference } => cold(OPEN_ACCOUNT, &reference.0, out),
            Command::SetTradeGroup { account, group } => {
                cold(SET_TRADE_GROUP, &(account.0, group.map(|group| group.0)), out)
            }
            Command::SetKillSwitch { scope, engaged } => cold(SET_KILL_SWITCH, &(*scope, *engaged), out),
            Command::SetSuspended { account, suspended } => cold(SET_SUSPENDED, &(account.0, *suspended), out),
            Command::SetMark { instrument, price } => cold(SET_MARK, &(instrument.0, price.0), out),
            Command::Deposit(entry) => cold(DEPOSIT, &EntryRecord::from(entry), out),
            Command::Withdraw(entry) => cold(WITHDRAW, &EntryRecord::from(entry), out),
            Command::Transfer { from, to } => cold(TRANSFER, &(EntryRecord::from(from), to.0), out),
            Command::SetPhase { instrument, stage } if *stage == stage.phase.into() => {
                cold(SET_PHASE, &(instrument.0, stage.phase), out)
            }
            Command::SetPhase { instrument, stage } => cold(SET_STAGE, &(instrument.0, *stage), out),
            Command::SetSchedule { instrument, schedule } => cold(SET_SCHEDULE, &(instrument.0, *schedule), out),
            Command::Uncross { instrument, reference, then } => {
                cold(UNCROSS, &(instrument.0, reference.map_or(0, |price| price.0), *then), out)
            }
        }
    }

    /// Reads a payload back. Total: any bytes give a command or an error.
    pub fn decode(kind: u16, bytes: &[u8]) -> Result<Command, DecodeError> {
        if bytes.len() > PAYLOAD_MAX {
            return Err(DecodeError::Length { kind, found: bytes.len() });
        }
        let mut fields = Fields { kind, bytes, total: bytes.len() };
        match kind {
            PLACE | PLACE_UNTIL | PLACE_EXTENDED => decode_place(&mut fields),
            PLACE_LIST => decode_place_list(&mut fields),
            TICK => fields.end().map(|()| Command::Tick),
            CANCEL => decode_cancel(&mut fields),
            AMEND => decode_amend(&mut fields),
            CANCEL_ALL => decode_cancel_all(&mut fields),
            LIST_ASSET => {
                let AssetRecord { symbol, decimals } = fields.cold()?;
                Ok(Command::ListAsset(Asset { symbol: fields.symbol(&symbol)?, decimals }))
            }
            LIST_INSTRUMENT => {
                let record: InstrumentRecord = fields.cold()?;
                Ok(Command::ListInstrument(record.spec().ok_or(fields.bad("symbol"))?))
            }
            OPEN_ACCOUNT => Ok(Command::OpenAccount { reference: Reference(fields.cold()?) }),
            SET_TRADE_GROUP => {
                let (account, group): (u32, Option<u32>) = fields.cold()?;
                Ok(Command::SetTradeGroup { account: AccountId(account), group: group.map(TradeGroup) })
            }
            SET_KILL_SWITCH => {
                let (scope, engaged) = fields.cold()?;
                Ok(Command::SetKillSwitch { scope, engaged })
            }
            SET_SUSPENDED => {
                let (account, suspended) = fields.cold()?;
                Ok(Command::SetSuspended { account: AccountId(account), suspended })
            }
            SET_MARK => {
                let (instrument, price) = fields.cold()?;
                Ok(Command::SetMark { instrument: InstrumentId(instrument), price: Price(price) })
            }
            DEPOSIT => fields.cold().map(|entry: EntryRecord| Command::Deposit(entry.into())),
            WITHDRAW => fields.cold().map(|entry: EntryRecord| Command::Withdraw(entry.into())),
            TRANSFER => {
                let (from, to): (EntryRecord, u32) = fields.cold()?;
                Ok(Command::Transfer { from: from.into(), to: AccountId(to) })
            }
            SET_PHASE => {
                let (instrument, phase): (u16, Phase) = fields.cold()?;
                Ok(Command::SetPhase { instrument: InstrumentId(instrument), stage: phase.into() })
            }
            SET_SCHEDULE => {
                let (instrument, schedule) = fields.cold()?;
                Ok(Command::SetSchedule { instrument: InstrumentId(instrument), schedule })
            }
            SET_STAGE => {
                let (instrument, stage): (u16, Stage) = fields.cold()?;
                // Each command has one kind: the shortest that can say it.
                if stage == stage.phase.into() {
                    return Err(fields.bad("purpose or end of a phase"));
                }
                Ok(Command::SetPhase { instrument: InstrumentId(instrument), stage })
            }
            UNCROSS => {
                let (instrument, reference, then): (u16, u64, Phase) = fields.cold()?;
                let reference = (reference != 0).then_some(Price(reference));
                Ok(Command::Uncross { instrument: InstrumentId(instrument), reference, then })
            }
            _ => Err(DecodeError::UnknownKind(kind)),
        }
    }
}

fn cold<T: SchemaWrite<wincode::config::DefaultConfig, Src = T>>(kind: u16, record: &T, out: &mut Vec<u8>) -> u16 {
    wincode::serialize_into(out, record).expect("memory takes every record");
    kind
}
