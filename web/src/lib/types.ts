/**
 * What the venue's HTTP API and WebSocket say. Amounts are decimal strings, absent values are null. The messages are those
 * of the OpenAPI document (`openapi.ts`, written by `npm run types`), under the names by which the page knows them.
 */
import type {
  AccountFeesMessage, AccountMessage, BalanceMessage, CandleMessage, FeeTierMessage, IndicativeMessage, InstrumentMessage, KindWord,
  LegBody, ListBody, ListMessage, LoanBody, LoanMessage, MarginAssetMessage, MarginMessage, OpenedMessage, OrderBody, OrderMessage, PegMessage,
  PegToWord, PositionMessage, Preferences, QueueMessage, ScheduleMessage, SelfTradePreventionWord, SideWord, StatusMessage, StatusWord,
  StoryLine, StoryMessage, TickerMessage, TimeInForceWord, TradeMessage, TradeRow, TriggerMessage, UserMessage, UserOut,
} from './openapi';

export type { CancelReason, ReasonCode } from './openapi';

/** A session's access token; its refresh token is in a cookie. */
export type Opened = OpenedMessage;

export type SideName = SideWord;
export type OrderType = KindWord;
export type TimeInForce = TimeInForceWord;
export type Interval = '1m' | '5m' | '15m' | '1h';

export type Instrument = InstrumentMessage;
export type Schedule = ScheduleMessage;
export type FeeTier = FeeTierMessage;
export type Trade = TradeMessage;
export type Candle = CandleMessage;
export type Ticker = TickerMessage;
export type Indicative = IndicativeMessage;

/** What happens when an order would trade with one of its own account; the order that comes decides. */
export type SelfTradePrevention = SelfTradePreventionWord;

/** What an order waits for: its reference price reaching `price`, or turning by `trail` or `trail_bps` hundredths of a percent. */
export type Trigger = TriggerMessage;

export type PegTo = PegToWord;
export type Peg = PegMessage;
export type OrderStatus = StatusWord;

/** An order. Not every venue says what least quantity an order named. */
export type Order = OrderMessage & { min_qty?: string | null };

/** What trades before an order at its own price. */
export type Queue = QueueMessage;

/** What the journal tells of an order. */
export type Story = StoryMessage;
export type { StoryLine };

export interface Fill {
  trade_id: number;
  price: string;
  qty: string;
  fee: string;
  fee_asset: string;
  liquidity: Liquidity;
}

export type Liquidity = 'maker' | 'taker' | 'auction';

export type OrderEvent =
  | 'accepted' | 'rejected' | 'released' | 'triggered' | 'rested' | 'trade' | 'self_trade_prevented' | 'cancelled' | 'amended';

export type Balance = BalanceMessage;
export type Position = PositionMessage;
export type Account = AccountMessage;
export type AccountFees = AccountFeesMessage;
export type Margin = MarginMessage;
export type MarginAsset = MarginAssetMessage;
export type LoanRequest = LoanBody;
export type Loan = LoanMessage;

/** One order of a list; by itself it also names its market. */
export type LegRequest = LegBody;
export type OrderRequest = OrderBody;
export type ListRequest = ListBody;
export type OrderList = ListMessage;

/** A row of the account's trade history; this older part of the API speaks in JSON numbers. */
export type HistoryTrade = TradeRow;

export type User = UserOut;
/** A user in full. What somebody prefers is sent with what they have chosen alone. */
export type Profile = Omit<UserMessage, 'preferences'> & { preferences: Partial<Preferences> };
export type { Preferences };
export type VenueStatus = StatusMessage;
