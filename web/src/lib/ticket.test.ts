import { describe, expect, test } from 'vitest';
import { dec, plain, toScale } from './decimal';
import { type Level, middle } from './estimate';
import { listOf, requestOf } from './request';
import { settled } from './rules';
import { blank, complaints, estimate, missing, shareOf, type Surface, type Ticket } from './ticket';
import { market } from './fixtures';
import type { Instrument } from './types';

const instrument = market();
const levels = (...rows: [string, string][]): Level[] => rows.map(([price, qty]) => ({ price: dec(price), qty: dec(qty) }));
const surface = (more: Partial<Surface> = {}): Surface => ({
  instrument,
  opposite: levels(['100.00', '1'], ['100.05', '2'], ['101.00', '5']),
  freeBase: dec('3'),
  freeQuote: dec('1000'),
  reference: dec('100'),
  last: dec('100'),
  room: null,
  ...more,
});
const ticket = (more: Partial<Ticket> = {}): Ticket => ({ ...blank(), price: '100.05', amount: '4', ...more });
const codes = (wish: Ticket, around = surface()) => complaints(wish, around, estimate(wish, around)).map(({ code }) => code);

describe('ticket', () => {
  test('a limit order is estimated as the part that trades now and the part that rests', () => {
    const guess = estimate(ticket(), surface())!;
    expect(guess.takes).toBe('part');
    expect(plain(guess.value)).toBe('400.15');
    // 300.10 taken at 2,000 ppm and 100.05 resting at 1,000 ppm, each rounded up to the cent.
    expect(plain(guess.fee)).toBe('0.72');
    expect(plain(guess.average!)).toBe('100.03');
    expect(guess.beyondBook).toBe(false);
  });

  test('an order that must trade now counts only what the book holds', () => {
    const guess = estimate(ticket({ timeInForce: 'ioc' }), surface())!;
    expect(plain(guess.qty)).toBe('3');
    expect(guess.beyondBook).toBe(true);
  });

  test('a market buy by value walks the book in whole lots', () => {
    const guess = estimate(ticket({ plan: 'market', unit: 'quote', amount: '200' }), surface())!;
    expect(plain(guess.qty)).toBe('1.999');
    expect(guess).toMatchObject({ takes: 'all', beyondBook: false });
    expect(estimate(ticket({ plan: 'market', unit: 'quote', amount: '5000' }), surface())!.beyondBook).toBe(true);
  });

  test('what is paid for a buy has the fee on it, what a sale gives has it off', () => {
    const wish = { price: '100.00', amount: '1' };
    expect(plain(estimate(ticket(wish), surface())!.total)).toBe('100.20');
    expect(plain(estimate(ticket({ ...wish, side: 'sell' }), surface())!.total)).toBe('99.80');
  });

  test('steps, limits and funds are complained of before the venue has to', () => {
    expect(codes(ticket())).toEqual([]);
    expect(codes(ticket({ price: '100.01' }))).toEqual(['PRICE_NOT_ON_TICK']);
    expect(codes(ticket({ price: 'ten' }))).toEqual(['BAD_PRICE']);
    expect(codes(ticket({ amount: '0.0005' }))).toEqual(['QTY_NOT_ON_LOT']);
    expect(codes(ticket({ amount: '0.001' }))).toEqual(['QTY_OUT_OF_RANGE']);
    expect(codes(ticket({ amount: '101' }))).toEqual(['QTY_OUT_OF_RANGE']);
    expect(codes(ticket({ amount: '0.002' }))).toEqual(['NOTIONAL_OUT_OF_RANGE']);
    expect(codes(ticket({ amount: '20' }))).toEqual(['INSUFFICIENT_FUNDS']);
    expect(codes(ticket({ side: 'sell', amount: '3.5' }))).toEqual(['INSUFFICIENT_FUNDS']);
    expect(codes(ticket({ postOnly: true }))).toEqual(['POST_ONLY_WOULD_TAKE']);
    expect(codes(ticket({ postOnly: true, price: '99.95' }))).toEqual([]);
  });

  test('funds are not complained of while nobody is logged in', () => {
    expect(codes(ticket({ amount: '20' }), surface({ freeBase: null, freeQuote: null }))).toEqual([]);
  });

  test('a share of the balance leaves room for the fee', () => {
    expect(shareOf(100, ticket({ price: '100.00' }), surface())).toBe('9.980');
    expect(shareOf(50, ticket({ side: 'sell' }), surface())).toBe('1.500');
    expect(shareOf(25, ticket({ plan: 'market', unit: 'quote' }), surface())).toBe('249.50');
    expect(shareOf(25, ticket({ plan: 'market' }), surface())).toBe('2.494');
    expect(shareOf(25, ticket({ price: '' }), surface())).toBeNull();
  });

  test('the request carries plain digits and no field that its type does not know', () => {
    expect(requestOf(ticket({ price: ' 100.05', amount: '.5' }), instrument, 'web-1')).toEqual({
      symbol: 'BTC-USD', side: 'buy', type: 'limit', time_in_force: 'gtc', price: '100.05', qty: '0.5', post_only: false,
      client_order_id: 'web-1',
    });
    expect(requestOf(ticket({ plan: 'market', unit: 'quote', amount: '10' }), instrument, 'web-2')).toEqual({
      symbol: 'BTC-USD', side: 'buy', type: 'market', time_in_force: 'ioc', quote_qty: '10', client_order_id: 'web-2',
    });
    const later = ticket({ timeInForce: 'gtd', expires: '2099-01-31T12:00' });
    expect(requestOf(later, instrument, 'web-4').expires_at_ms).toBe(new Date(2099, 0, 31, 12).getTime());
    expect(codes({ ...later, price: '99.95' })).toEqual([]);
    expect(codes({ ...later, expires: '2001-01-31T12:00' })).toEqual(['EXPIRY_NOT_AHEAD']);
    expect(requestOf(ticket({ ownOrders: 'cancel_both' }), instrument, 'web-3').self_trade_prevention).toBe('cancel_both');
  });

  test('an order that rests may show a part of itself, and no other order does', () => {
    const berg = ticket({ price: '99.95', visible: 'part', show: '0.5' });
    expect(codes(berg)).toEqual([]);
    expect(requestOf(berg, instrument, 'web-5').display_qty).toBe('0.5');
    expect(codes({ ...berg, show: '4' })).toEqual(['INVALID_DISPLAY']);
    expect(codes({ ...berg, show: '0.039' })).toEqual(['INVALID_DISPLAY']);
    expect(codes({ ...berg, show: '0' })).toEqual(['BAD_QUANTITY']);
    expect(codes({ ...berg, show: '0.0005' })).toEqual(['QTY_NOT_ON_LOT']);
    expect(missing({ ...berg, show: '' })).toBe('show');
    expect(settled({ ...berg, timeInForce: 'ioc' }, instrument)).toMatchObject({ visible: 'all', show: '' });
    expect(settled(berg, market({ allocation: { type: 'pro_rata', top_max: '0', share_min: '0.001', leveling: false } }))).toMatchObject({ visible: 'all' });
    expect(requestOf({ ...berg, visible: 'hidden', show: '' }, instrument, 'web-6').display_qty).toBe('0');
  });

  test('a post-only order that is repriced rests a tick behind the other side', () => {
    const repriced = surface({ instrument: { ...instrument, post_only_rule: 'reprice' } });
    const wish = ticket({ postOnly: true, amount: '1' });
    expect(codes(wish, repriced)).toEqual([]);
    const guess = estimate(wish, repriced)!;
    expect([guess.takes, plain(guess.value)]).toEqual(['none', '99.95']);
    expect(plain(estimate({ ...wish, price: '99.90' }, repriced)!.value)).toBe('99.90');
  });

  test('a stop waits on the losing side of the market, a take-profit on the winning one', () => {
    const stop = { plan: 'stop', side: 'sell', amount: '1' } as const;
    expect(codes(ticket({ ...stop, trigger: '99.00' }))).toEqual([]);
    expect(codes(ticket({ ...stop, trigger: '100.00' }))).toEqual(['TRIGGER_ALREADY_MET']);
    expect(codes(ticket({ ...stop, plan: 'take_profit', trigger: '101.00' }))).toEqual([]);
    expect(codes(ticket({ ...stop, plan: 'take_profit', trigger: '99.00' }))).toEqual(['TRIGGER_ALREADY_MET']);
    expect(codes(ticket({ ...stop, trigger: '99.01' }))).toEqual(['PRICE_NOT_ON_TICK']);
    const fires = surface({ instrument: { ...instrument, trigger_at_entry: 'fire' } });
    expect(codes(ticket({ ...stop, trigger: '100.00' }), fires)).toEqual([]);
    expect(missing(ticket({ plan: 'stop_limit' }))).toBe('trigger');
  });

  test('the middle is rounded down to the tick', () => {
    expect(plain(toScale(middle(dec('99.95'), dec('100.10'), dec('0.05')), 2))).toBe('100.00');
  });

  test('an order that waits is valued where it would fire, and takes nothing now', () => {
    const guess = estimate(ticket({ plan: 'stop', trigger: '110.00', amount: '2' }), surface())!;
    expect(guess).toMatchObject({ takes: 'none', beyondBook: false });
    expect([plain(guess.value), plain(guess.fee)]).toEqual(['220.00', '0.44']);
    expect(shareOf(100, ticket({ plan: 'stop', trigger: '110.00' }), surface())).toBe('9.072');
  });

  test('a trailing stop counts in the quote or in percent', () => {
    const trailing = ticket({ plan: 'trailing_stop', side: 'sell', trail: '1.5', amount: '1' });
    expect(requestOf(trailing, instrument, 'web-5')).toMatchObject({ type: 'market', time_in_force: 'gtc', trigger: { kind: 'stop', trail_bps: 150 } });
    expect(requestOf({ ...trailing, trailUnit: 'quote' }, instrument, 'web-6').trigger).toEqual({ kind: 'stop', trail: '1.5' });
    expect(requestOf({ ...trailing, trailUnit: 'bps', trail: '75' }, instrument, 'web-6').trigger).toEqual({ kind: 'stop', trail_bps: 75 });
    expect(requestOf({ ...trailing, trailUnit: 'ticks', trail: '30' }, instrument, 'web-6').trigger).toEqual({ kind: 'stop', trail: '1.50' });
    expect(codes({ ...trailing, trailUnit: 'bps', trail: '0.5' })).toEqual(['INVALID_TRIGGER']);
    expect(codes({ ...trailing, trailUnit: 'ticks', trail: '0.5' })).toEqual(['INVALID_TRIGGER']);
    expect(codes({ ...trailing, trail: '0.001' })).toEqual(['INVALID_TRIGGER']);
    expect(codes({ ...trailing, trailUnit: 'quote', trail: '0.01' })).toEqual(['PRICE_NOT_ON_TICK']);
  });

  test('a bracket guards its order on both sides, an OCO stands around the market', () => {
    const bracket = ticket({ plan: 'bracket', price: '99.00', profit: '105.00', trigger: '95.00' });
    expect(codes(bracket)).toEqual([]);
    expect(codes({ ...bracket, profit: '98.00', trigger: '99.00' })).toEqual(['BRACKET_SIDES', 'BRACKET_SIDES']);
    const { type, orders } = listOf(bracket, instrument, 'web-7');
    expect([type, ...orders.map(({ side, price, trigger }) => [side, price ?? trigger?.price])]).toEqual([
      'otoco', ['buy', '99.00'], ['sell', '105.00'], ['sell', '95.00'],
    ]);
    const around = surface({ opposite: levels(['99.95', '5']) });
    const oco = ticket({ plan: 'oco', side: 'sell', price: '105.00', trigger: '95.00', amount: '1' });
    expect(codes(oco, around)).toEqual([]);
    expect(codes({ ...oco, price: '99.90' }, around)).toEqual(['POST_ONLY_WOULD_TAKE']);
    expect(codes({ ...oco, trigger: '100.00' }, around)).toEqual(['TRIGGER_ALREADY_MET']);
    expect(listOf(oco, instrument, 'web-8')).toMatchObject({ type: 'oco', orders: [{ price: '105.00' }, { trigger: { kind: 'stop', price: '95.00' } }] });
  });

  test('a trailing order begins at a price on either side of the market', () => {
    const trailing = ticket({ plan: 'trailing_limit', side: 'sell', price: '98.00', trail: '1', amount: '1' });
    const trigger = (activation: string, side: 'buy' | 'sell' = 'sell') => requestOf({ ...trailing, side, activation }, instrument, 'web-9', dec('100')).trigger;
    expect(requestOf(trailing, instrument, 'web-9')).toMatchObject({ type: 'limit', price: '98.00', trigger: { kind: 'stop', trail_bps: 100 } });
    expect(trigger('105.00')).toEqual({ kind: 'take_profit', price: '105.00', trail_bps: 100 });
    expect(trigger('95.00')).toEqual({ kind: 'stop', price: '95.00', trail_bps: 100 });
    expect(trigger('95.00', 'buy')).toEqual({ kind: 'take_profit', price: '95.00', trail_bps: 100 });
    expect(codes({ ...trailing, activation: '95.01' })).toEqual(['PRICE_NOT_ON_TICK']);
  });

  test('the stop of a list may have a limit, and an OTO any second order', () => {
    const oco = ticket({ plan: 'oco', side: 'sell', price: '105.00', trigger: '95.00', stopLimit: '94.00', amount: '1' });
    expect(listOf(oco, instrument, 'web-10').orders[1]).toMatchObject({ type: 'limit', price: '94.00', trigger: { kind: 'stop', price: '95.00' } });
    const oto = ticket({ plan: 'oto', price: '99.00', then: '104.00', amount: '1', postOnly: true });
    expect(listOf(oto, instrument, 'web-11')).toMatchObject({ type: 'oto', orders: [{ side: 'buy', post_only: true }, { side: 'sell', type: 'limit', price: '104.00' }] });
    const stop = listOf({ ...oto, thenKind: 'stop', thenSide: 'same' }, instrument, 'web-12').orders[1];
    expect(stop).toMatchObject({ side: 'buy', type: 'market', trigger: { kind: 'stop', price: '104.00' } });
    expect(missing({ ...oto, then: '' })).toBe('then');
  });

  test('minimum, reduce-only, pegs and auctions go out under their names', () => {
    const taker = ticket({ timeInForce: 'ioc', minimum: '2' });
    expect(codes(taker)).toEqual([]);
    expect(requestOf(taker, instrument, 'web-13')).toMatchObject({ min_qty: '2', time_in_force: 'ioc' });
    expect(codes({ ...taker, minimum: '5' })).toEqual(['INVALID_MIN_QTY']);
    expect(requestOf({ ...taker, minimum: '', allOrNone: true }, instrument, 'web-13').min_qty).toBe('4');
    const sell = ticket({ side: 'sell', price: '101.00', amount: '2', reduceOnly: true });
    const holding = surface({ opposite: [], room: dec('1.5') });
    expect(codes(sell, holding)).toEqual(['REDUCE_ONLY']);
    expect(codes({ ...sell, timeInForce: 'ioc' }, holding)).toEqual([]);
    expect(requestOf(sell, instrument, 'web-14').reduce_only).toBe(true);
    const pegged = ticket({ peg: 'primary', offset: '-2' });
    expect(codes(pegged)).toEqual([]);
    expect(requestOf(pegged, instrument, 'web-15').peg).toEqual({ to: 'primary', offset_ticks: -2 });
    expect(codes({ ...pegged, offset: '1.5' })).toEqual(['INVALID_FIELD']);
    expect(estimate(pegged, surface())).toMatchObject({ takes: 'none', beyondBook: false });
    const open = ticket({ plan: 'market', timeInForce: 'at_open', amount: '1' });
    expect(requestOf(open, instrument, 'web-16')).toMatchObject({ type: 'market', time_in_force: 'at_open', qty: '1' });
    expect(plain(estimate(open, surface())!.value)).toBe('100');
  });

  test('a phase that takes no orders, or no market orders, is told', () => {
    const halted = surface({ instrument: market({ phase: 'halted' }) });
    expect(codes(ticket({ amount: '1' }), halted)).toEqual(['INSTRUMENT_HALTED']);
    const collecting = surface({ instrument: market({ phase: 'auction', auction: 'opening' }) });
    expect(codes(ticket({ amount: '1' }), collecting)).toEqual([]);
    for (const wish of [{ plan: 'market' }, { timeInForce: 'ioc' }, { postOnly: true }, { peg: 'mid' }, { allOrNone: true }] as const)
      expect(codes(ticket({ ...wish, amount: '1' }), collecting)).toEqual(['AUCTION_ONLY_LIMIT']);
    expect(codes(ticket({ plan: 'market', amount: '1', timeInForce: 'at_open' }), collecting)).toEqual([]);
  });
});
