import { expect, test } from 'vitest';
import { ApiError } from './api';
import { nameOf, sumOf, untilTold, whyUntold } from './story';
import type { Story, StoryLine } from './types';

const line = (what: string, text: string): StoryLine => ({
  seq: 14, index: null, time: '2026-01-31T12:00:00.000000014Z', what, text, price: null, qty: null, leaves_qty: null, trade_id: null, role: null,
  fee: null, fee_asset: null, other_order: null, other_account: null, ahead_orders: null, ahead_qty: null, reason: null,
});

const story = (more: Partial<Story['sum']> = {}): Story => ({
  order: { order_id: '4', account: 7, client_order_id: null, list: null, symbol: 'BTC-USD', side: 'sell', terms: 'sell 0.06 BTC-USD at 61000.00' },
  lines: [line('rested', '0.06 rests at 61000.00')],
  left_out: 0,
  sum: { state: 'ended', fills: 1, filled_qty: '0.02000', average_price: '61000.000000', value: '1220.00 USD', fees: [{ asset: 'USD', amount: '0.61000000' }], seq: 20, ...more },
});

test('a story that is still read is asked for again', async () => {
  const answers = [null, null, story()];
  const waits: number[] = [];
  const told = await untilTold(async () => answers.shift()!, () => true, async (ms) => waits.push(ms));
  expect(told).toEqual(story());
  expect(waits).toEqual([1000, 1000]);
});

test('nobody is asked for a story that nobody wants any more', async () => {
  let wanted = true;
  let asked = 0;
  const ask = async () => {
    asked += 1;
    wanted = false;
    return null;
  };
  expect(await untilTold(ask, () => wanted, async () => undefined)).toBeNull();
  expect(asked).toBe(1);
});

test('what an order came to is told in a sentence', () => {
  expect(sumOf(story())).toBe('Ended: 0.02 BTC in 1 fill, 61,000.00 on average, fees 0.61 USD.');
  expect(sumOf(story({ state: 'open', fills: 0, fees: [] }))).toBe('Still open: nothing was filled.');
  expect(sumOf({ ...story({ fills: 2, state: 'filled' }), left_out: 3 })).toContain('in 2 fills');
  expect(sumOf({ ...story(), left_out: 3 })).toContain('3 more lines are not shown.');
  expect(nameOf(story().lines[0]!)).toBe('Rests');
});

test('why there is no story is told', () => {
  expect(whyUntold(new ApiError(404, 'UNKNOWN_ORDER', 'x'))).toEqual({ text: 'The venue knows no such order of yours.', code: 'UNKNOWN_ORDER' });
  expect(whyUntold(new ApiError(503, 'BUSY', 'x')).text).toContain('many orders');
  expect(whyUntold(new ApiError(401, 'UNAUTHENTICATED', 'x')).text).toContain('Log in again');
});
