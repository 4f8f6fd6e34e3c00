// A market for developing the page without the venue: a random walk with a book around it. Prices are counted in ticks,
// quantities in lots, so that everything prints exactly.
import { EventEmitter } from 'node:events';

const LEVELS = 80;
const HOUR = 3_600_000;
const DAY = { pre_open_ms: 8 * HOUR, open_ms: 9 * HOUR, closing_ms: 17 * HOUR, close_ms: 17.25 * HOUR };
const SECONDS = { '1m': 60, '5m': 300, '15m': 900, '1h': 3600 };

export class Market extends EventEmitter {
  constructor({ symbol, mid, tick, lot, size, auction = false }) {
    super();
    const [base, quote] = symbol.split('-');
    Object.assign(this, { symbol, base, quote, mid, size, tick, lot });
    this.auctionEnds = auction ? Date.now() + 600_000 : null;
    this.priceScale = decimals(tick);
    this.qtyScale = decimals(lot);
    this.updateId = 1;
    this.tradeId = 1;
    this.trades = [];
    this.sides = { bids: new Map(), asks: new Map() };
    for (let i = 1; i <= LEVELS; i++) for (const side of ['bids', 'asks']) this.sides[side].set(this.at(side, i), this.someQty());
    this.candles = Object.fromEntries(Object.entries(SECONDS).map(([name, seconds]) => [name, this.history(seconds)]));
  }

  get instrument() {
    const { symbol, base, quote, tick, lot, auctionEnds } = this;
    const limits = { min_qty: lot, max_qty: '100000', min_notional: '1', max_position: null, max_orders_per_second: null };
    const fees = { maker_fee_ppm: 1000, taker_fee_ppm: 1500 };
    const rules = { self_trade_prevention: 'cancel_maker', allocation: { type: 'fifo' }, post_only_rule: 'reject', amend_priority: 'keep_if_reduced', trigger_source: 'last_trade', trigger_at_entry: 'refuse' };
    const bands = { static_bps: 1000, dynamic_bps: 500, volatility_auction_ms: null };
    const phase = auctionEnds ? { phase: 'auction', auction: 'opening', phase_ends_ms: auctionEnds, schedule: DAY } : { phase: 'continuous', auction: null, phase_ends_ms: null, schedule: null };
    return { symbol, base, quote, tick_size: tick, lot_size: lot, ...limits, ...fees, fee_tiers: [{ tier: 0, min_volume: '0', ...fees }], ...rules, bands, ...phase };
  }

  /** What the auction would trade: of a market that is always in one. */
  get indicative() {
    if (!this.auctionEnds) return null;
    return { price: fixed(this.mid, this.priceScale), qty: fixed(this.size * 4, this.qtyScale), imbalance_side: 'buy', imbalance_qty: fixed(this.someQty(), this.qtyScale) };
  }

  best(side) {
    const prices = [...this.sides[side].keys()];
    return side === 'bids' ? Math.max(...prices) : Math.min(...prices);
  }

  levels(side, limit = 1000) {
    const sign = side === 'bids' ? -1 : 1;
    return [...this.sides[side]].sort((a, b) => sign * (a[0] - b[0])).slice(0, limit).map((level) => this.print(level));
  }

  /** One step of the walk: the mid moves a little, some levels change, now and then somebody trades. */
  step() {
    const changed = { bids: new Map(), asks: new Map() };
    const set = (side, price, qty) => {
      if (qty > 0) this.sides[side].set(price, qty);
      else this.sides[side].delete(price);
      changed[side].set(price, qty);
    };
    if (Math.random() < 0.15) this.mid += Math.round((Math.random() - 0.5) * 8);
    for (const side of ['bids', 'asks']) {
      for (const price of this.sides[side].keys()) if (side === 'bids' ? price >= this.mid : price <= this.mid) set(side, price, 0);
      for (let i = 0; i < 3; i++) set(side, this.at(side, Math.ceil(Math.random() ** 3 * LEVELS)), Math.random() < 0.2 ? 0 : this.someQty());
      set(side, this.at(side, 1), this.someQty());
      const far = [...this.sides[side].keys()].sort((a, b) => Math.abs(b - this.mid) - Math.abs(a - this.mid));
      for (const price of far.slice(0, Math.max(0, far.length - LEVELS))) set(side, price, 0);
    }
    const first = this.updateId + 1;
    this.updateId += 2;
    const [bids, asks] = ['bids', 'asks'].map((side) => [...changed[side]].map((level) => this.print(level)));
    this.emit('book', { first_update_id: first, last_update_id: this.updateId, bids, asks });
    if (Math.random() < 0.25) {
      const taker = Math.random() < 0.5 ? 'buy' : 'sell';
      this.trade(this.best(taker === 'buy' ? 'asks' : 'bids'), Math.ceil(this.someQty() / 8), taker);
    }
  }

  trade(price, qty, taker_side) {
    const now = new Date();
    const trade = {
      id: this.tradeId++,
      price: fixed(price, this.priceScale),
      qty: fixed(qty, this.qtyScale),
      quote_qty: fixed(price * qty, this.priceScale + this.qtyScale),
      taker_side,
      time: now.toISOString(),
      time_ms: now.getTime(),
    };
    this.trades = [...this.trades.slice(-999), trade];
    for (const [name, bars] of Object.entries(this.candles)) this.grow(bars, SECONDS[name], price, qty);
    this.emit('trade', trade);
    return trade;
  }

  candlesOf(interval, limit) {
    return (this.candles[interval] ?? []).slice(-limit).map(({ time, o, h, l, c, v }) => {
      const [open, high, low, close] = [o, h, l, c].map((price) => fixed(price, this.priceScale));
      return { time, open, high, low, close, volume: fixed(v, this.qtyScale) };
    });
  }

  ticker() {
    const day = this.candles['5m'].slice(-288);
    const [open, last] = [day[0].o, day.at(-1).c];
    const price = (ticks) => fixed(ticks, this.priceScale);
    return {
      price: price(last),
      open_24h: price(open),
      high_24h: price(Math.max(...day.map(({ h }) => h))),
      low_24h: price(Math.min(...day.map(({ l }) => l))),
      volume_24h: fixed(day.reduce((sum, { v }) => sum + v, 0), this.qtyScale),
      change_percentage: ((last - open) / open) * 100,
      mark_price: null,
      indicative: this.indicative,
      bid: price(this.best('bids')),
      ask: price(this.best('asks')),
      time_ms: Date.now(),
    };
  }

  at(side, distance) {
    const ticks = distance + Math.floor(distance ** 2 / 10);
    return this.mid + (side === 'bids' ? -ticks : ticks);
  }

  someQty() {
    return 1 + Math.floor(-Math.log(1 - Math.random()) * this.size);
  }

  print([price, qty]) {
    return [fixed(price, this.priceScale), fixed(qty, this.qtyScale)];
  }

  grow(bars, seconds, price, qty) {
    const time = Math.floor(Date.now() / 1000 / seconds) * seconds;
    const bar = bars.at(-1);
    if (bar.time < time) bars.push({ time, o: price, h: price, l: price, c: price, v: qty });
    else Object.assign(bar, { h: Math.max(bar.h, price), l: Math.min(bar.l, price), c: price, v: bar.v + qty });
  }

  history(seconds) {
    const bars = [];
    let close = this.mid;
    const now = Math.floor(Date.now() / 1000 / seconds);
    for (let i = 0; i < 500; i++) {
      const spread = Math.max(4, this.mid * 0.0002 * Math.sqrt(seconds / 60));
      const open = Math.round(close + (Math.random() - 0.5) * spread * 2);
      const [h, l] = [Math.max(open, close), Math.min(open, close)];
      const reach = () => Math.round(Math.random() * spread);
      bars.unshift({ time: (now - i) * seconds, o: open, h: h + reach(), l: l - reach(), c: close, v: this.someQty() * 40 });
      close = open;
    }
    return bars;
  }
}

export function decimals(step) {
  return step.split('.')[1]?.length ?? 0;
}

export function fixed(units, scale) {
  const digits = Math.abs(Math.round(units)).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  return (units < 0 ? '-' : '') + digits.slice(0, cut) + (scale ? `.${digits.slice(cut)}` : '');
}
