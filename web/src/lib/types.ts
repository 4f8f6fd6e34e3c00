/** What the venue's HTTP API and WebSocket say. Amounts are decimal strings, absent values are null. */

export type SideName = 'buy' | 'sell';
export type OrderType = 'limit' | 'market' | 'market_to_limit';
export type TimeInForce = 'gtc' | 'ioc' | 'fok' | 'day' | 'gtd' | 'at_open' | 'at_close';
export type Interval = '1m' | '5m' | '15m' | '1h';

export interface Instrument {
  symbol: string;
  base: string;
  quote: string;
  tick_size: string;
  lot_size: string;
  min_qty: string;
  /** Zero or null: no limit. */
  max_qty: string | null;
  min_notional: string | null;
  maker_fee_ppm: number;
  taker_fee_ppm: number;
  self_trade_prevention: SelfTradePrevention;
  /** How a taker's quantity is shared out among the orders at one price. */
  allocation: { type: 'fifo' | 'pro_rata' };
  /** What becomes of a post-only order that would trade at once. */
  post_only_rule: 'reject' | 'reprice';
  /** The reference price at which triggers look. */
  trigger_source: 'last_trade' | 'mark' | 'mid';
  /** What becomes of an order whose trigger price has been reached already. */
  trigger_at_entry: 'refuse' | 'fire';
  phase: 'continuous' | 'auction' | 'halted' | 'closed';
}

export interface Trade {
  id: number;
  price: string;
  qty: string;
  quote_qty: string;
  /** Null for a trade of a call auction, which has no taker. */
  taker_side: SideName | null;
  time: string;
  time_ms: number;
}

export interface Candle {
  /** The bar's start, seconds since 1970 UTC. */
  time: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
}

export interface Ticker {
  price: string | null;
  open_24h: string | null;
  high_24h: string | null;
  low_24h: string | null;
  volume_24h: string | null;
  change_percentage: number | null;
  mark_price: string | null;
  bid: string | null;
  ask: string | null;
  time_ms: number;
}

/** What happens when an order would trade with one of its own account; the order that comes decides. */
export type SelfTradePrevention = 'none' | 'cancel_taker' | 'cancel_maker' | 'cancel_both' | 'decrement';

/** What an order waits for: its reference price reaching `price`, or turning by `trail` or `trail_bps` hundredths of a percent. */
export interface Trigger {
  kind: 'stop' | 'take_profit';
  price: string | null;
  trail: string | null;
  trail_bps: number | null;
}

export type OrderStatus = 'pending_new' | 'waiting' | 'new' | 'partially_filled' | 'filled' | 'cancelled';

export interface Order {
  order_id: string;
  client_order_id: string | null;
  symbol: string;
  side: SideName;
  type: OrderType;
  time_in_force: TimeInForce;
  /** When a `gtd` order ends. */
  expires_at_ms: number | null;
  post_only: boolean;
  /** How much of it shows in the book at a time; null: all of it. */
  display_qty: string | null;
  self_trade_prevention: SelfTradePrevention;
  trigger: Trigger | null;
  /** The reference price that fired the trigger. */
  triggered_price: string | null;
  /** The list that it came in: the number of the list's first order. */
  list_id: string | null;
  price: string | null;
  qty: string | null;
  quote_qty: string | null;
  filled_qty: string;
  filled_quote: string;
  avg_price: string | null;
  /** Lost where it would have traded with the account's own orders; `qty` is without it. */
  prevented_qty: string;
  leaves_qty: string | null;
  status: OrderStatus;
  cancel_reason: string | null;
  fee: string;
  fee_asset: string | null;
  created_at: string;
  updated_at: string;
  seq: number;
}

export interface Fill {
  trade_id: number;
  price: string;
  qty: string;
  fee: string;
  fee_asset: string;
  liquidity: 'maker' | 'taker';
}

export type OrderEvent =
  | 'accepted' | 'rejected' | 'released' | 'triggered' | 'rested' | 'trade' | 'self_trade_prevented' | 'cancelled' | 'amended';

export interface Balance {
  asset: string;
  free: string;
  held: string;
  total: string;
}

export interface Position {
  symbol: string;
  qty: string;
  avg_price: string | null;
  realized_pnl: string;
  fees_paid: string;
  mark_price: string | null;
  unrealized_pnl: string | null;
}

export interface Account {
  account_id: number;
  seq: number;
  balances: Balance[];
  positions: Position[];
}

/** One order of a list; by itself it also names its market. */
export interface LegRequest {
  side: SideName;
  type: OrderType;
  time_in_force?: TimeInForce;
  expires_at_ms?: number;
  price?: string;
  qty?: string;
  quote_qty?: string;
  post_only?: boolean;
  trigger?: Partial<Trigger>;
}

export interface OrderRequest extends LegRequest {
  symbol: string;
  display_qty?: string;
  self_trade_prevention?: SelfTradePrevention;
  client_order_id?: string;
}

export interface ListRequest {
  type: 'oco' | 'oto' | 'otoco';
  symbol: string;
  orders: LegRequest[];
  self_trade_prevention?: SelfTradePrevention;
  client_order_id?: string;
}

export interface OrderList {
  list_id: string;
  client_order_id: string | null;
  symbol: string;
  orders: Order[];
}

/** A row of the account's trade history; this older part of the API speaks in JSON numbers. */
export interface HistoryTrade {
  id: number;
  symbol: string;
  trade_type: 'BUY' | 'SELL';
  quantity: number;
  price: number;
  timestamp: string;
}

export interface User {
  id: number;
  email: string;
  created_at: string;
}

export interface VenueStatus {
  status: string;
  version: string;
  seq: number;
  durable_seq: number;
  durability: string;
  uptime_s: number;
}
