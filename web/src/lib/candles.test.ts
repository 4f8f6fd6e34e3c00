import { expect, test } from 'vitest';
import { foldTrade } from './candles';
import type { Trade } from './types';

const trade = (seconds: number, price: string, qty: string): Trade => ({
  id: 1, price, qty, quote_qty: '0', taker_side: 'buy', time: '', time_ms: seconds * 1000,
});

test('trades grow a bar exactly and the next minute begins a new one', () => {
  let bar = foldTrade(null, trade(61, '100.00', '0.1'), 60)!;
  bar = foldTrade(bar, trade(70, '99.95', '0.2'), 60)!;
  bar = foldTrade(bar, trade(119, '100.10', '0.3'), 60)!;
  expect(bar).toEqual({ time: 60, open: '100.00', high: '100.10', low: '99.95', close: '100.10', volume: '0.6' });
  expect(foldTrade(bar, trade(120, '101.00', '1'), 60)).toMatchObject({ time: 120, open: '101.00', volume: '1' });
  expect(foldTrade(bar, trade(59, '1.00', '1'), 60)).toBeNull();
});
