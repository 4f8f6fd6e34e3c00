import { expect, test } from 'vitest';
import { dec, plain } from './decimal';
import { mostToBorrow, owedOf, standingOf } from './margin';
import type { Margin } from './types';

const usd = { asset: 'USD', priced_by: null, collateral_ppm: 1_000_000, initial_ppm: 200_000, maintenance_ppm: 100_000, max_debt: '10000' };
const btc = { ...usd, asset: 'BTC', priced_by: 'BTC-USD', collateral_ppm: 900_000, max_debt: '2' };
const margin = (more: Partial<Margin> = {}): Margin => ({
  margin: true, reference: 'USD', collateral: '5000', debt: '4000', initial_margin: '800', maintenance_margin: '400',
  debts: [{ asset: 'USD', amount: '4000' }], assets: [usd, btc], ...more,
});

test('an account stands by what is left over its debts', () => {
  const { left, room, state } = standingOf(margin());
  expect([plain(left), plain(room), state]).toEqual(['1000', '200', 'good']);
  expect(standingOf(margin({ collateral: '4700' })).state).toBe('low');
  expect(standingOf(margin({ collateral: '4399' })).state).toBe('called');
  expect(standingOf(margin({ debt: '0', initial_margin: '0', maintenance_margin: '0', debts: [] })).state).toBe('none');
  expect([plain(owedOf(margin(), 'USD')), plain(owedOf(margin(), 'BTC'))]).toEqual(['4000', '0']);
});

test('what can be borrowed is collateral too, and stays within the limit', () => {
  // A dollar borrowed is a dollar of collateral and asks for 0.20 of margin: 200 of room are 1,000 dollars.
  expect(plain(mostToBorrow(margin(), usd, dec('1'), 2)!)).toBe('1000.00');
  // A coin at 100 is 90 of collateral and asks for 20: each costs 30 of the room; two may be owed.
  expect(plain(mostToBorrow(margin(), { ...btc, max_debt: '50' }, dec('100'), 2)!)).toBe('6.66');
  expect(plain(mostToBorrow(margin(), btc, dec('100'), 2)!)).toBe('2');
  expect(plain(mostToBorrow(margin({ collateral: '4700' }), usd, dec('1'), 2)!)).toBe('0');
  expect(plain(mostToBorrow(margin(), { ...usd, max_debt: '4000' }, dec('1'), 2)!)).toBe('0');
  expect(mostToBorrow(margin(), btc, null, 2)).toBeNull();
});
