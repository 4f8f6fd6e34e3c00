import { beforeEach, describe, expect, test } from 'vitest';
import type { Socket, Surroundings } from './connection';
import { Feed } from './feed';
import type { AccountMessage, FeedStatus } from './protocol';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: Record<string, string>[] = [];
  closed = false;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  push(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  ops() {
    return this.sent.filter(({ op }) => op !== 'ping').map(({ op, channel, symbol }) => [op, channel, symbol].filter(Boolean).join(' '));
  }
}

/** A clock that moves only when told to. */
class FakeTime implements Surroundings {
  time = 0;
  sockets: FakeSocket[] = [];
  private timers: { at: number; run: () => void }[] = [];
  connect() {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }
  now = () => this.time;
  random = () => 0.5;
  after(ms: number, run: () => void) {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return timer;
  }
  cancel(timer: unknown) {
    this.timers = this.timers.filter((other) => other !== timer);
  }
  pass(ms: number) {
    const end = this.time + ms;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.cancel(next);
      this.time = next.at;
      next.run();
    }
    this.time = end;
  }
  get socket() {
    return this.sockets.at(-1)!;
  }
}

const book = (symbol: string, update_id: number) => ({
  channel: 'book',
  symbol,
  type: 'snapshot',
  update_id,
  bids: [['99.00', '1']],
  asks: [['101.00', '1']],
});
const delta = (first: number, last = first) => ({
  channel: 'book',
  symbol: 'BTC-USD',
  type: 'update',
  first_update_id: first,
  last_update_id: last,
  bids: [['99.50', '2']],
  asks: [],
});

let time: FakeTime;
let feed: Feed;
let told: (FeedStatus | AccountMessage)[];
const status = () => told.filter((message) => message.type === 'status').at(-1)!;

beforeEach(() => {
  time = new FakeTime();
  told = [];
  feed = new Feed(time, (message) => told.push(message));
  feed.command({ type: 'watch', symbols: ['BTC-USD', 'ETH-USD'] });
  feed.command({ type: 'select', symbol: 'BTC-USD', priceScale: 2, qtyScale: 0 });
  feed.command({ type: 'open', url: 'ws://venue' });
});

describe('feed', () => {
  test('everything wanted is subscribed to once the link is up, and again after it was lost', () => {
    const wanted = ['subscribe ticker BTC-USD', 'subscribe ticker ETH-USD', 'subscribe book BTC-USD', 'subscribe trades BTC-USD'];
    time.socket.onopen?.();
    expect(time.socket.ops()).toEqual(wanted);
    time.socket.onclose?.();
    expect(status().link).toBe('waiting');
    time.pass(200);
    expect(time.sockets).toHaveLength(2);
    time.socket.onopen?.();
    expect(time.socket.ops()).toEqual(wanted);
  });

  test('the delay doubles up to ten seconds and an answered ping ends the doubling', () => {
    const delays: number[] = [];
    for (let i = 0; i < 8; i++) {
      time.socket.onclose?.();
      delays.push(status().retryInMs!);
      time.pass(10_000);
    }
    // The random part is held at its middle: three quarters of the ceiling.
    expect(delays).toEqual([188, 375, 750, 1500, 3000, 6000, 7500, 7500]);
    time.socket.onopen?.();
    const ping = time.socket.sent.find(({ op }) => op === 'ping')!;
    time.pass(3);
    time.socket.push({ op: 'pong', id: ping.id, time_ms: 0 });
    expect(status().latencyMs).toBe(3);
    time.socket.onclose?.();
    expect(status().retryInMs).toBe(188);
  });

  test('the page may end the wait for the next attempt', () => {
    time.socket.onclose?.();
    feed.command({ type: 'retry' });
    expect(time.sockets).toHaveLength(2);
    feed.command({ type: 'retry' });
    expect(time.sockets).toHaveLength(2);
  });

  test('a link that says nothing is reported as silent, then given up', () => {
    time.socket.onopen?.();
    time.pass(6_000);
    expect(status().link).toBe('silent');
    time.socket.push(book('BTC-USD', 1));
    expect(status().link).toBe('live');
    const first = time.socket;
    time.pass(12_000);
    expect(first.closed).toBe(true);
    expect(time.sockets.length).toBeGreaterThan(1);
  });

  test('a gap in the book asks for a snapshot and passes over what comes before it', () => {
    time.socket.onopen?.();
    time.socket.push(book('BTC-USD', 10));
    time.socket.push(delta(11));
    expect(feed.market.take(time.time)?.book?.updateId).toBe(11);
    time.socket.push(delta(13));
    expect(status()).toMatchObject({ bookReady: false, resyncs: 1 });
    expect(time.socket.ops().slice(-2)).toEqual(['unsubscribe book BTC-USD', 'subscribe book BTC-USD']);
    time.socket.push(delta(14));
    expect(feed.market.take(time.time)).toBeNull();
    time.socket.push(book('BTC-USD', 20));
    expect(feed.market.take(time.time)?.book?.updateId).toBe(20);
  });

  test('the ladder is drawn with every frame, the levels for estimates follow a few times a second', () => {
    time.socket.onopen?.();
    time.socket.push(book('BTC-USD', 10));
    feed.market.view(1, 1000n);
    expect(feed.market.take(0)).toMatchObject({ book: { bestBid: 9900n, bids: [{ price: 9000n }] }, levels: { bids: [{ price: 9900n }] } });
    time.socket.push(delta(11));
    expect(feed.market.take(100)).toMatchObject({ book: { bestBid: 9950n }, levels: null });
    expect(feed.market.take(200)).toBeNull();
    expect(feed.market.take(250)).toMatchObject({ book: null, levels: { bids: [{ price: 9950n }, { price: 9900n }] } });
  });

  test('a second gap within a second waits for its turn', () => {
    time.socket.onopen?.();
    time.socket.push(book('BTC-USD', 10));
    time.socket.push(delta(12));
    time.socket.push(book('BTC-USD', 20));
    time.socket.push(delta(22));
    expect(time.socket.ops().filter((op) => op === 'unsubscribe book BTC-USD')).toHaveLength(1);
    time.pass(1_000);
    expect(time.socket.ops().filter((op) => op === 'unsubscribe book BTC-USD')).toHaveLength(2);
  });

  test('after the selection changed, what was under way for the old instrument is passed over', () => {
    time.socket.onopen?.();
    feed.command({ type: 'select', symbol: 'ETH-USD', priceScale: 2, qtyScale: 0 });
    expect(time.socket.ops().slice(-4)).toEqual([
      'unsubscribe book BTC-USD',
      'unsubscribe trades BTC-USD',
      'subscribe book ETH-USD',
      'subscribe trades ETH-USD',
    ]);
    time.socket.push(book('BTC-USD', 10));
    expect(feed.market.take(time.time)).toBeNull();
    time.socket.push(book('ETH-USD', 5));
    expect(feed.market.take(time.time)?.book).toMatchObject({ symbol: 'ETH-USD', updateId: 5 });
  });

  test('trades between two frames arrive together and a hole in their numbers asks for a snapshot', () => {
    const trade = (id: number) => ({ id, price: '1', qty: '1', quote_qty: '1', taker_side: 'buy', time: '', time_ms: id });
    const push = (type: string, n: number, ...ids: number[]) =>
      time.socket.push({ channel: 'trades', symbol: 'BTC-USD', type, n, data: ids.map(trade) });
    time.socket.onopen?.();
    push('snapshot', 100, 1, 2);
    push('update', 101, 3);
    expect(feed.market.take(time.time)?.trades).toMatchObject({ reset: true, rows: [{ id: 1 }, { id: 2 }, { id: 3 }] });
    push('update', 102, 4);
    push('update', 103, 5);
    expect(feed.market.take(time.time)?.trades).toMatchObject({ reset: false, rows: [{ id: 4 }, { id: 5 }] });
    push('update', 105, 7);
    expect(time.socket.ops().at(-1)).toBe('subscribe trades BTC-USD');
    expect(feed.market.take(time.time)).toBeNull();
  });

  test('a session subscribes to own events after the venue accepted the token', () => {
    time.socket.onopen?.();
    feed.command({ type: 'session', token: 'jwt' });
    const auth = time.socket.sent.find(({ op }) => op === 'auth')!;
    expect(auth.token).toBe('jwt');
    expect(time.socket.ops()).not.toContain('subscribe orders');
    time.socket.push({ op: 'auth', id: auth.id, ok: true, account_id: 1 });
    expect(time.socket.ops().slice(-2)).toEqual(['subscribe orders', 'subscribe balances']);
    expect(told.at(-1)).toEqual({ type: 'auth', ok: true, detail: undefined });
  });

  test('the next token of a session is sent where the last one was refused, and nowhere else', () => {
    const auths = () => time.socket.sent.filter(({ op }) => op === 'auth');
    time.socket.onopen?.();
    feed.command({ type: 'session', token: 'old' });
    time.socket.push({ op: 'auth', id: auths()[0]!.id, ok: false, error: { code: 'UNAUTHORIZED', detail: 'expired' } });
    feed.command({ type: 'renew', token: 'next' });
    expect(auths().at(-1)!.token).toBe('next');
    time.socket.push({ op: 'auth', id: auths().at(-1)!.id, ok: true, account_id: 1 });
    feed.command({ type: 'renew', token: 'later' });
    expect(auths()).toHaveLength(2);
    expect(time.sockets).toHaveLength(1);
  });

  test('after log-out the link is a new one that the venue knows nobody on', () => {
    time.socket.onopen?.();
    feed.command({ type: 'session', token: 'jwt' });
    const first = time.socket;
    feed.command({ type: 'session', token: null });
    expect(first.closed).toBe(true);
    expect(time.sockets).toHaveLength(2);
    expect(status().link).toBe('connecting');
    time.socket.onopen?.();
    expect(time.socket.ops()).toHaveLength(4);
    expect(time.socket.ops()).not.toContain('auth');
    first.onclose?.();
    expect(status().link).toBe('live');
  });

  test('a refused token is told and subscribes to nothing', () => {
    feed.command({ type: 'session', token: 'old' });
    time.socket.onopen?.();
    const auth = time.socket.sent.find(({ op }) => op === 'auth')!;
    time.socket.push({ op: 'auth', id: auth.id, ok: false, error: { code: 'UNAUTHORIZED', detail: 'expired' } });
    expect(told.at(-1)).toEqual({ type: 'auth', ok: false, detail: 'expired' });
    expect(time.socket.ops()).not.toContain('subscribe orders');
  });

  test('an order that was refused is none, and its number in the stream counts all the same', () => {
    time.socket.onopen?.();
    feed.command({ type: 'session', token: 'jwt' });
    const auth = time.socket.sent.find(({ op }) => op === 'auth')!;
    time.socket.push({ op: 'auth', id: auth.id, ok: true, account_id: 1 });
    time.socket.push({ channel: 'orders', type: 'snapshot', n: 1, data: [] });
    time.socket.push({ channel: 'orders', type: 'update', n: 2, event: 'rejected', data: null, client_order_id: 'web-1', error: { code: 'ORDER_RATE', detail: 'x' } });
    expect(told.at(-1)).toEqual({ type: 'orders', data: [] });
    time.socket.push({ channel: 'orders', type: 'update', n: 3, event: 'accepted', data: { order_id: '7' } });
    expect(told.at(-1)).toMatchObject({ type: 'order', order: { order_id: '7' } });
  });
});
