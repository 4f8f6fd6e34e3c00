import { api } from '../api';
import type { BookView } from '../book';
import { decimalsOf } from '../decimal';
import { onFeed, openFeed, tellFeed } from '../feed/client';
import type { FeedStatus } from '../feed/protocol';
import { changesAt } from '../phase';
import { type Reason, reasonOf } from '../reasons';
import type { Instrument, Ticker, VenueStatus } from '../types';

const KEY = 'papertape.symbol';
/** What was picked by hand in this tab: a reload keeps it, whatever the user prefers to begin with. */
const PICKED = 'papertape.picked';

/** No channel tells that a phase has begun or ended: the markets are asked for anew, more often where trading is not continuous. */
const PHASES_EVERY_MS = 10_000;
const PHASES_EVERY_MS_OUTSIDE = 2_000;

/** The venue as the page sees it: instruments, the selected one, tickers, the link. */
class MarketState {
  instruments = $state.raw<Instrument[]>([]);
  symbol = $state('');
  tickers = $state.raw<Record<string, Ticker>>({});
  feed = $state.raw<FeedStatus>({
    type: 'status', link: 'connecting', retryInMs: null, latencyMs: null, bookReady: false, updatesPerSecond: 0, resyncs: 0,
  });
  venue = $state.raw<VenueStatus | null>(null);
  failure = $state.raw<Reason | null>(null);
  /** Every level, a few times a second, for estimates; the ladder itself is drawn with every frame. */
  book = $state.raw<BookView | null>(null);

  instrument = $derived(this.instruments.find(({ symbol }) => symbol === this.symbol) ?? null);
  ticker = $derived<Ticker | null>(this.tickers[this.symbol] ?? null);
  priceScale = $derived(this.instrument ? decimalsOf(this.instrument.tick_size) : 2);
  qtyScale = $derived(this.instrument ? decimalsOf(this.instrument.lot_size) : 4);
  /** What is shown can no longer be trusted to be the market as it is. */
  stale = $derived(this.feed.link !== 'live' || !this.feed.bookReady);

  /** The venue's time, in milliseconds since 1970, as of the last second. */
  now = $state(Date.now());

  /** The market that the user prefers to see first. */
  private preferred: string | null = null;
  private lost = false;
  /** How far the venue's clock is ahead of this one. */
  private ahead = 0;
  private askedAt = 0;

  start(): void {
    openFeed();
    onFeed('status', (status) => {
      const back = this.lost && status.link === 'live';
      this.lost = status.link === 'waiting' || (this.lost && !back);
      this.feed = status;
      // The venue may have been restarted with other instruments or another version.
      if (back) void this.load();
    });
    onFeed('frame', ({ levels, tickers }) => {
      if (tickers.length) this.tickersCame(tickers);
      if (levels?.symbol === this.symbol) this.book = levels;
    });
    setInterval(() => this.second(), 1_000);
    void this.load();
  }

  /** Asks for the markets and their phases anew. */
  async refresh(): Promise<void> {
    this.askedAt = Date.now();
    const instruments = await api.instruments().catch(() => null);
    // The same again is not told to whoever looks at it.
    if (instruments?.length && JSON.stringify(instruments) !== JSON.stringify(this.instruments)) this.instruments = instruments;
  }

  select(symbol: string): void {
    if (symbol === this.symbol) return;
    this.symbol = symbol;
    this.book = null;
    localStorage.setItem(KEY, symbol);
    tellFeed({ type: 'select', symbol, priceScale: this.priceScale, qtyScale: this.qtyScale });
  }

  /** Selects by hand. */
  pick(symbol: string): void {
    sessionStorage.setItem(PICKED, symbol);
    this.select(symbol);
  }

  /** Shows this market first, unless another one was picked by hand. */
  prefer(symbol: string): void {
    this.preferred = symbol;
    if (this.instruments.length) this.select(this.first());
  }

  decimals(symbol: string): { price: number; qty: number } | null {
    const instrument = this.instruments.find((one) => one.symbol === symbol);
    return instrument ? { price: decimalsOf(instrument.tick_size), qty: decimalsOf(instrument.lot_size) } : null;
  }

  /** Decimals to which an amount of an asset is shown: cents where prices are quoted in it, else the finest lot. */
  assetDecimals(asset: string): number {
    if (this.instruments.some(({ quote }) => quote === asset)) return 2;
    return Math.max(2, ...this.instruments.filter(({ base }) => base === asset).map(({ lot_size }) => decimalsOf(lot_size)));
  }

  private tickersCame(tickers: [string, Ticker][]): void {
    this.ahead = tickers[0]![1].time_ms - Date.now();
    const own = tickers.find(([symbol]) => symbol === this.symbol)?.[1];
    const collecting = this.instrument?.phase === 'auction';
    this.tickers = { ...this.tickers, ...Object.fromEntries(tickers) };
    // What an auction would trade is told while it collects, and no longer.
    if (own?.indicative && !collecting) void this.refresh();
  }

  /** The clock, and the phases when it is time to ask for them. */
  private second(): void {
    const before = this.now;
    this.now = Date.now() + this.ahead;
    if (document.visibilityState !== 'visible' || this.feed.link !== 'live') return;
    const changes = this.instrument && changesAt(this.instrument, before - 1_000);
    const outside = this.instrument !== null && this.instrument.phase !== 'continuous';
    const waited = Date.now() - this.askedAt >= (outside ? PHASES_EVERY_MS_OUTSIDE : PHASES_EVERY_MS);
    if (waited || (changes !== null && changes <= this.now)) void this.refresh();
  }

  private async load(): Promise<void> {
    this.askedAt = Date.now();
    try {
      this.instruments = await api.instruments();
      this.failure = null;
      tellFeed({ type: 'watch', symbols: this.instruments.map(({ symbol }) => symbol) });
      if (!this.instrument) this.select(this.first());
      this.venue = await api.status();
    } catch (error) {
      if (!this.instruments.length) this.failure = reasonOf(error);
    }
  }

  private first(): string {
    const wanted = [sessionStorage.getItem(PICKED), this.preferred, localStorage.getItem(KEY)];
    const known = wanted.find((one) => this.instruments.some(({ symbol }) => symbol === one));
    return known ?? this.instruments[0]?.symbol ?? '';
  }
}

export const market = new MarketState();
