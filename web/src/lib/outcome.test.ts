import { expect, test } from 'vitest';
import { order } from './fixtures';
import { tagsOf, typeOf } from './order-words';
import { outcomeOf } from './outcome';

test('what became of an order is told in a sentence', () => {
  const part = { filled_qty: '0.20000', avg_price: '66999.5' };
  expect(outcomeOf(order({}), 2)).toBe('Resting in the book at 67,000.00.');
  expect(outcomeOf(order({ ...part, status: 'partially_filled' }), 2)).toBe('Bought 0.2 BTC at 66,999.50. Resting in the book at 67,000.00.');
  expect(outcomeOf(order({ prevented_qty: '0.10000' }), 2)).toBe('Resting in the book at 67,000.00. 0.1 BTC met your own orders and was taken off.');
  expect(outcomeOf(order({ status: 'cancelled', cancel_reason: 'SELF_TRADE' }), 2)).toBe('Cancelled, nothing was filled: it would have traded with an order of your own.');
  expect(outcomeOf(order({ ...part, status: 'filled', side: 'sell' }), 2)).toBe('Sold 0.2 BTC at 66,999.50.');
  expect(outcomeOf(order({ ...part, status: 'cancelled' }), 2)).toBe('Bought 0.2 BTC at 66,999.50, the rest was cancelled.');
  expect(outcomeOf(order({ status: 'cancelled', cancel_reason: 'USER' }), 2)).toBe('Cancelled by you, nothing was filled.');
  expect(outcomeOf(order({ ...part, status: 'cancelled', cancel_reason: 'USER' }), 2)).toBe('Bought 0.2 BTC at 66,999.50, the rest was cancelled by you.');
  expect(outcomeOf(order({ status: 'cancelled', cancel_reason: 'IMMEDIATE_REMAINDER' }), 2)).toBe('Cancelled, nothing was filled: it could not trade at once.');
});

test('what an order waits for is told as it would be said', () => {
  const stop = { kind: 'stop', price: '66000.00', trail: null, trail_bps: null } as const;
  const sell = { side: 'sell', type: 'market', status: 'waiting', price: null } as const;
  expect(outcomeOf(order({ ...sell, trigger: stop }), 2)).toBe('Stop waits for ≤ 66,000.00.');
  expect(outcomeOf(order({ ...sell, trigger: { ...stop, kind: 'take_profit' } }), 2)).toBe('Take-profit waits for ≥ 66,000.00.');
  expect(outcomeOf(order({ ...sell, trigger: { ...stop, price: null, trail_bps: 150 } }), 2)).toBe('Trailing stop trails 1.5 %.');
  expect(outcomeOf(order({ ...sell, trigger: { ...stop, trail: '50.00' }, type: 'limit' }), 2)).toBe('Trailing limit trails 50.00 from ≤ 66,000.00.');
  expect(outcomeOf(order({ status: 'pending_new', list_id: '7' }), 2)).toBe('Limit waits for the fill of #7.');
});

test('what an order has beside the common is tagged', () => {
  const tags = (more: Parameters<typeof order>[0]) => tagsOf(order(more), 2).map(({ text }) => text);
  expect(tags({})).toEqual([]);
  expect(tags({ post_only: true, reduce_only: true, list_id: '7' })).toEqual(['post-only', 'reduce-only', 'list #7']);
  expect(tags({ list_id: '7', status: 'pending_new' })).toEqual([]);
  const peg = { to: 'primary', offset_ticks: -2, limit: '68000.00' } as const;
  expect(tags({ peg, display_qty: '0.00000' })).toEqual(['own best −2', 'limit 68,000.00', 'hidden']);
  expect(tagsOf(order({ peg: { ...peg, to: 'mid', offset_ticks: 3 } }), 2)[0]?.title).toBe('Its price follows the middle, +3 ticks');
  expect(tags({ display_qty: '0.10000', min_qty: '0.2' })).toEqual(['shows 0.1', 'min 0.2']);
  expect(tags({ min_qty: '0.50000' })).toEqual(['all or none']);
  expect([typeOf(order({ peg })), typeOf(order({ display_qty: '0' })), typeOf(order({ display_qty: '0.1' }))]).toEqual(['Pegged', 'Hidden', 'Iceberg']);
  expect(outcomeOf(order({ status: 'waiting', time_in_force: 'at_open', type: 'market', price: null }), 2)).toBe('Market waits for the opening auction.');
});
