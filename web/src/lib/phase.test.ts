import { expect, test } from 'vitest';
import { plain } from './decimal';
import { changesAt, countdown, nextMoment, phaseMeans, phaseOf, wouldTrade } from './phase';

const HOUR = 3_600_000;
const schedule = { pre_open_ms: 8 * HOUR, open_ms: 9 * HOUR, closing_ms: 17 * HOUR, close_ms: 17.25 * HOUR };
const at = (hours: number) => Date.UTC(2026, 0, 31) + hours * HOUR;

test('a phase is called by what it is for', () => {
  expect(phaseOf({ phase: 'auction', auction: 'volatility' })).toBe('Volatility auction');
  expect(phaseOf({ phase: 'halted', auction: null })).toBe('Halted');
  expect(phaseMeans({ phase: 'auction', auction: 'volatility' })).toContain('too far from the market');
  expect(phaseMeans({ phase: 'closed', auction: null })).toContain('only be cancelled');
});

test('the next moment of a day is found, also over midnight', () => {
  expect(nextMoment(schedule, at(7))).toEqual({ what: 'Opening auction', atMs: at(8) });
  expect(nextMoment(schedule, at(8))).toEqual({ what: 'Open', atMs: at(9) });
  expect(nextMoment(schedule, at(12))).toEqual({ what: 'Closing auction', atMs: at(17) });
  expect(nextMoment(schedule, at(20))).toEqual({ what: 'Opening auction', atMs: at(32) });
});

test('time left is told as finely as it matters', () => {
  expect([-5, 400, 42_000, 245_000, 7_800_000].map(countdown)).toEqual(['0:00', '0:01', '0:42', '4:05', '2 h 10 min']);
});

test('what an auction would trade, and what it would leave', () => {
  const would = wouldTrade({ price: '64100.00', qty: '1.25000', imbalance_side: 'buy', imbalance_qty: '0.30000' }, 'BTC');
  expect([plain(would.price), plain(would.qty), would.left]).toEqual(['64100.00', '1.25000', '0.3 BTC left to buy']);
  expect(wouldTrade({ price: '1', qty: '1', imbalance_side: null, imbalance_qty: '0' }, 'BTC').left).toBe('');
});

test('a market is asked for anew when something ends', () => {
  expect(changesAt({ phase_ends_ms: null, schedule: null }, at(7))).toBeNull();
  expect(changesAt({ phase_ends_ms: at(7.5), schedule }, at(7))).toBe(at(7.5));
  expect(changesAt({ phase_ends_ms: null, schedule }, at(7))).toBe(at(8));
});
