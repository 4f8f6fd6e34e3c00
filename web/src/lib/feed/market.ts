import { Book } from '../book';
import type { Ticker, Trade } from '../types';
import type { Frame, ServerMessage, TradesFrame } from './protocol';

/** More trades than a page shows: while a page is hidden, older ones are dropped. */
const TRADES_KEPT = 500;

const LEVELS_EVERY_MS = 250;

type MarketMessage = Extract<ServerMessage, { channel: 'book' | 'trades' | 'ticker' }>;

/**
 * The selected instrument's book and trades and every watched ticker, gathered until the next frame takes them. Messages
 * of another instrument are passed over: they were under way when the selection changed.
 */
export class Market {
  updates = 0;
  private symbol = '';
  private book = new Book(0, 0);
  private bookChanged = false;
  private levelsChanged = false;
  private levelsAt = -Infinity;
  private trades: TradesFrame | null = null;
  private tradesNext: number | null = null;
  private tradesReady = false;
  private tickers = new Map<string, Ticker>();
  private depth = 20;
  private group = 1n;

  get bookReady(): boolean {
    return this.book.ready;
  }

  select(symbol: string, priceScale: number, qtyScale: number): void {
    this.symbol = symbol;
    this.book = new Book(priceScale, qtyScale);
    this.levelsAt = -Infinity;
    this.reset();
  }

  view(depth: number, group: bigint): void {
    this.depth = depth;
    this.group = group;
    this.bookChanged = this.book.ready;
  }

  /** After a lost link nothing may be joined to what was known before. */
  reset(): void {
    this.book.forget();
    this.bookChanged = false;
    this.levelsChanged = false;
    this.trades = null;
    this.tradesReady = false;
  }

  /** Takes a push in. Gives the channel that has a hole and must be subscribed to anew, or null. */
  fold(message: MarketMessage): 'book' | 'trades' | null {
    if (message.channel === 'ticker') {
      this.tickers.set(message.symbol, message.data);
      return null;
    }
    if (message.symbol !== this.symbol) return null;
    return message.channel === 'book' ? this.foldBook(message) : this.foldTrades(message);
  }

  /** What changed since the last call, or null when nothing did. `now` is in milliseconds. */
  take(now: number): Frame | null {
    const levelsDue = this.levelsChanged && now - this.levelsAt >= LEVELS_EVERY_MS;
    if (!this.bookChanged && !levelsDue && !this.trades && this.tickers.size === 0) return null;
    const { symbol } = this;
    const frame: Frame = {
      type: 'frame',
      book: this.bookChanged ? { symbol, ...this.book.view(this.depth, this.group), ...this.book.best } : null,
      levels: levelsDue ? { symbol, ...this.book.view(Infinity) } : null,
      trades: this.trades,
      tickers: [...this.tickers],
    };
    this.bookChanged = false;
    this.trades = null;
    this.tickers.clear();
    if (levelsDue) {
      this.levelsChanged = false;
      this.levelsAt = now;
    }
    return frame;
  }

  private foldBook(message: Extract<MarketMessage, { channel: 'book' }>): 'book' | null {
    this.updates += 1;
    if (message.type === 'snapshot') {
      this.book.snapshot(message);
    } else {
      // Updates of the old subscription may still arrive while the snapshot is awaited.
      if (!this.book.ready) return null;
      if (this.book.update(message) === 'gap') return 'book';
    }
    this.bookChanged = true;
    this.levelsChanged = true;
    return null;
  }

  private foldTrades(message: Extract<MarketMessage, { channel: 'trades' }>): 'trades' | null {
    const reset = message.type === 'snapshot';
    if (!reset && !this.tradesReady) return null;
    if (!reset && this.tradesNext !== null && message.n !== undefined && message.n !== this.tradesNext) {
      this.tradesReady = false;
      return 'trades';
    }
    this.tradesNext = message.n === undefined ? null : message.n + 1;
    this.tradesReady = true;
    this.trades = reset
      ? { symbol: this.symbol, reset, rows: message.data }
      : { symbol: this.symbol, reset: this.trades?.reset ?? false, rows: this.joined(message.data) };
    return null;
  }

  private joined(more: Trade[]): Trade[] {
    const rows = this.trades?.rows ?? [];
    rows.push(...more);
    return rows.length > TRADES_KEPT ? rows.slice(-TRADES_KEPT) : rows;
  }
}
