import { describe, expect, test } from 'vitest';
import { bandAround, bandNote } from './bands';
import { dec, plain } from './decimal';
import { market } from './fixtures';
import { type Choice, chosen, settled, whyNot } from './rules';
import { blank, type Ticket } from './ticket';
import type { Instrument } from './types';

const CHOICES: Choice[] = ['gtc', 'ioc', 'fok', 'day', 'gtd', 'at_open', 'at_close', 'post_only', 'part', 'hidden', 'minimum', 'reduce_only', 'imbalance_only', 'peg'];

const allowed = (more: Partial<Ticket>, rules: Partial<Instrument> = {}) =>
  CHOICES.filter((choice) => whyNot(choice, { ...blank(), ...more }, market(rules)) === null).join(' ');
const BY_SIZE: Partial<Instrument> = { allocation: { type: 'pro_rata', top_max: '0', share_min: '0.001', leveling: false } };

describe('what can be chosen', () => {
  test.each<[string, Partial<Ticket>, string]>([
    ['limit, buy', {}, 'gtc ioc fok day gtd at_open at_close post_only part hidden minimum peg'],
    ['limit, sell', { side: 'sell' }, 'gtc ioc fok day gtd at_open at_close post_only part hidden minimum reduce_only peg'],
    ['limit that does not stay', { side: 'sell', timeInForce: 'ioc' }, 'gtc ioc fok day gtd at_open at_close minimum reduce_only'],
    ['fill-or-kill', { timeInForce: 'fok' }, 'gtc ioc fok day gtd at_open at_close'],
    ['at the open', { side: 'sell', timeInForce: 'at_open' }, 'gtc ioc fok day gtd at_open at_close imbalance_only'],
    ['market, at the open', { plan: 'market', timeInForce: 'at_open' }, 'ioc fok at_open at_close'],
    ['market', { plan: 'market', side: 'sell' }, 'ioc fok at_open at_close minimum reduce_only'],
    ['market by amount', { plan: 'market', unit: 'quote' }, 'ioc'],
    ['market-to-limit', { plan: 'market_to_limit' }, 'gtc day gtd minimum'],
    ['stop', { plan: 'stop', side: 'sell' }, 'gtc ioc fok day gtd minimum reduce_only'],
    ['stop-limit', { plan: 'stop_limit' }, 'gtc ioc fok day gtd post_only part hidden minimum'],
    ['OCO', { plan: 'oco', side: 'sell' }, 'gtc day gtd'],
    ['bracket', { plan: 'bracket' }, 'gtc day gtd post_only'],
    ['post-only', { postOnly: true }, 'gtc ioc fok day gtd at_open at_close post_only part hidden peg'],
    ['with a minimum', { minimum: '1' }, 'gtc ioc fok day gtd at_open at_close part hidden minimum'],
    ['all or none', { allOrNone: true }, 'gtc ioc fok day gtd at_open at_close part hidden minimum'],
    ['pegged', { peg: 'mid' }, 'gtc ioc fok day gtd at_open at_close post_only part hidden peg'],
  ])('for %s', (_, ticket, choices) => expect(allowed(ticket)).toBe(choices));

  test('depends on the market and its phase', () => {
    expect(allowed({ side: 'sell' }, BY_SIZE)).toBe('gtc ioc fok day gtd at_open at_close post_only minimum');
    expect(allowed({}, { phase: 'auction', auction: 'closing' })).toBe('gtc day gtd at_open at_close part hidden');
    expect(allowed({ plan: 'stop_limit' }, { phase: 'auction', auction: 'closing' })).toBe('gtc ioc fok day gtd post_only part hidden minimum');
    expect(allowed({ plan: 'stop' }, { phase: 'auction', auction: 'closing' })).toBe('gtc ioc fok day gtd minimum');
  });

  test('what a change does not allow gives way to it', () => {
    const berg: Ticket = { ...blank(), side: 'sell', visible: 'part', show: '1', postOnly: true, reduceOnly: true, peg: 'mid', offset: '1' };
    expect(settled(berg, market())).toEqual(berg);
    expect(settled({ ...berg, timeInForce: 'ioc' }, market())).toMatchObject({ visible: 'all', show: '', postOnly: false, peg: '', offset: '', reduceOnly: true });
    expect(settled({ ...berg, side: 'buy' }, market())).toMatchObject({ visible: 'part', reduceOnly: false });
    expect(settled({ ...blank(), plan: 'bracket', timeInForce: 'fok', allOrNone: true }, market())).toMatchObject({ timeInForce: 'gtc', allOrNone: false });
    const closing: Ticket = { ...blank(), timeInForce: 'at_close', imbalanceOnly: true };
    expect(settled(closing, market())).toEqual(closing);
    expect(settled({ ...closing, timeInForce: 'day' }, market()).imbalanceOnly).toBe(false);
    // A market order says nothing of its time, so that a limit order after it stays as it did.
    expect(settled({ ...blank(), plan: 'market' }, market()).timeInForce).toBe('gtc');
    expect([chosen(blank()), chosen(berg), chosen({ ...blank(), timeInForce: 'at_close' })]).toEqual([0, 3, 1]);
  });
});

test('a band is rounded inwards, and told only where the price lies outside', () => {
  const { low, high } = bandAround(dec('100.05'), 500, market());
  expect([plain(low), plain(high)]).toEqual(['95.05', '105.05']);
  const instrument = market({ bands: { static_bps: 1000, dynamic_bps: 500, volatility_auction_ms: null } });
  const note = (more: Partial<Ticket>, rules = instrument) => bandNote({ ...blank(), ...more }, { instrument: rules, last: dec('100') });
  expect(note({ price: '105.00' })).toBeNull();
  expect(note({ price: '105.05' })).toBe('No buy trades above 105.00 now, 5 % from the last trade; what would is cancelled.');
  expect(note({ side: 'sell', price: '94.95' })).toContain('No sell trades below 95.00');
  expect(note({ side: 'sell', price: '105.05' })).toBeNull();
  expect(note({ price: '110.05' })).toContain("within 10 % of the session's price");
  expect(note({ price: '105.05' }, market())).toBeNull();
  expect(note({ price: '105.05' }, { ...instrument, phase: 'auction' })).toBeNull();
  expect(note({ plan: 'market', price: '200' })).toBeNull();
});
