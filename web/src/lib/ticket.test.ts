import { describe, expect, test } from 'vitest';
import { dec, plain } from './decimal';
import type { Level } from './estimate';
import { complaints, estimate, requestOf, shareOf, type Surface, type Ticket } from './ticket';
import type { Instrument } from './types';

const instrument: Instrument = {
  symbol: 'BTC-USD', base: 'BTC', quote: 'USD', tick_size: '0.05', lot_size: '0.001', min_qty: '0.002', max_qty: '100',
  min_notional: '5', maker_fee_ppm: 1000, taker_fee_ppm: 2000, self_trade_prevention: 'cancel_maker', phase: 'continuous',
};
const levels = (...rows: [string, string][]): Level[] => rows.map(([price, qty]) => ({ price: dec(price), qty: dec(qty) }));
const surface = (more: Partial<Surface> = {}): Surface => ({
  instrument,
  opposite: levels(['100.00', '1'], ['100.05', '2'], ['101.00', '5']),
  freeBase: dec('3'),
  freeQuote: dec('1000'),
  ...more,
});
const ticket = (more: Partial<Ticket> = {}): Ticket => ({
  side: 'buy', type: 'limit', timeInForce: 'gtc', postOnly: false, ownOrders: '', price: '100.05', amount: '4', unit: 'base', ...more,
});
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
    const guess = estimate(ticket({ type: 'market', unit: 'quote', amount: '200' }), surface())!;
    expect(plain(guess.qty)).toBe('1.999');
    expect(guess).toMatchObject({ takes: 'all', beyondBook: false });
    expect(estimate(ticket({ type: 'market', unit: 'quote', amount: '5000' }), surface())!.beyondBook).toBe(true);
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
    expect(codes(ticket({ amount: '0.001' }))).toEqual(['BELOW_MIN_QTY']);
    expect(codes(ticket({ amount: '101' }))).toEqual(['ABOVE_MAX_QTY']);
    expect(codes(ticket({ amount: '0.002' }))).toEqual(['BELOW_MIN_NOTIONAL']);
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
    expect(shareOf(25, ticket({ type: 'market', unit: 'quote' }), surface())).toBe('249.50');
    expect(shareOf(25, ticket({ type: 'market' }), surface())).toBe('2.494');
    expect(shareOf(25, ticket({ price: '' }), surface())).toBeNull();
  });

  test('the request carries plain digits and no field that its type does not know', () => {
    expect(requestOf(ticket({ price: ' 100.05', amount: '.5' }), instrument, 'web-1')).toEqual({
      symbol: 'BTC-USD', side: 'buy', type: 'limit', time_in_force: 'gtc', price: '100.05', qty: '0.5', post_only: false,
      client_order_id: 'web-1',
    });
    expect(requestOf(ticket({ type: 'market', unit: 'quote', amount: '10' }), instrument, 'web-2')).toEqual({
      symbol: 'BTC-USD', side: 'buy', type: 'market', time_in_force: 'ioc', quote_qty: '10', client_order_id: 'web-2',
    });
    expect(requestOf(ticket({ ownOrders: 'cancel_both' }), instrument, 'web-3').self_trade_prevention).toBe('cancel_both');
  });
});
