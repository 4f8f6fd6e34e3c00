import type { BookSnapshot, BookUpdate, BookView } from '../book';
import type { Balance, Fill, Order, OrderEvent, Ticker, Trade } from '../types';

/** Pushes and answers of the venue's WebSocket, as they are told apart. */
export type ServerMessage =
  | ({ channel: 'book'; symbol: string; type: 'snapshot' } & BookSnapshot)
  | ({ channel: 'book'; symbol: string; type: 'update' } & BookUpdate)
  | { channel: 'trades'; symbol: string; type: 'snapshot' | 'update'; n?: number; data: Trade[] }
  | { channel: 'ticker'; symbol: string; data: Ticker }
  | { channel: 'orders'; type: 'snapshot'; n?: number; data: Order[] }
  | { channel: 'orders'; type: 'update'; n?: number; event: OrderEvent; data: Order | null; fill?: Fill | null }
  | { channel: 'balances'; type: 'snapshot' | 'update'; data: Balance[] }
  | { op: 'pong'; id?: string; time_ms: number }
  | { op: string; id?: string; ok: boolean; error?: { code: string; detail: string }; channel?: string; symbol?: string };

/** What the page asks of the worker. */
export type FeedCommand =
  | { type: 'open'; url: string }
  | { type: 'watch'; symbols: string[] }
  | { type: 'select'; symbol: string; priceScale: number; qtyScale: number }
  | { type: 'view'; depth: number; group: bigint }
  | { type: 'session'; token: string | null }
  /** The same session with its next token: the connection stays, and another one begins with it. */
  | { type: 'renew'; token: string }
  | { type: 'retry' };

/** The rows as the ladder shows them, gathered into its steps. */
export interface BookFrame extends BookView {
  symbol: string;
  /** The best single prices, whatever the step; null on an empty side. */
  bestBid: bigint | null;
  bestAsk: bigint | null;
}

/** Every level as it is, for estimates; sent a few times a second. */
export interface LevelsFrame extends BookView {
  symbol: string;
}

export interface TradesFrame {
  symbol: string;
  /** True after a snapshot: forget the trades shown so far. */
  reset: boolean;
  /** Newest last. */
  rows: Trade[];
}

/** All that changed in the market since the frame before. */
export interface Frame {
  type: 'frame';
  book: BookFrame | null;
  levels: LevelsFrame | null;
  trades: TradesFrame | null;
  tickers: [symbol: string, ticker: Ticker][];
}

export type LinkState = 'connecting' | 'live' | 'silent' | 'waiting';

export interface FeedStatus {
  type: 'status';
  /** `silent`: connected, but the venue does not answer. `waiting`: disconnected, the next attempt is `retryInMs` away. */
  link: LinkState;
  retryInMs: number | null;
  latencyMs: number | null;
  /** False while a snapshot of the book is awaited. */
  bookReady: boolean;
  updatesPerSecond: number;
  resyncs: number;
}

export type AccountMessage =
  | { type: 'auth'; ok: boolean; detail?: string }
  | { type: 'orders'; data: Order[] }
  | { type: 'order'; event: OrderEvent; order: Order; fill: Fill | null }
  | { type: 'balances'; data: Balance[] };

export type FeedMessage = Frame | FeedStatus | AccountMessage;
