import { type APIRequestContext, expect, test } from '@playwright/test';
import { isList, type Plan, PLANS } from '../src/lib/plans';
import { listOf, requestOf } from '../src/lib/request';
import { type Choice, whyNot } from '../src/lib/rules';
import { blank, type Ticket } from '../src/lib/ticket';
import type { Instrument, TimeInForce } from '../src/lib/types';

const TIMES: TimeInForce[] = ['gtc', 'ioc', 'fok', 'day', 'gtd', 'at_open', 'at_close'];

const ATTRIBUTES: [Choice, Partial<Ticket>][] = [
  ['post_only', { postOnly: true }],
  ['part', { visible: 'part', show: '0.0005' }],
  ['hidden', { visible: 'hidden' }],
  ['minimum', { minimum: '0.0005' }],
  ['reduce_only', { reduceOnly: true }],
  ['peg', { peg: 'primary', offset: '-9' }],
];

/** Every pair of attributes, each alone, and none; a part and nothing of an order do not show at once. */
function combinations(): [Choice[], Partial<Ticket>][] {
  const found: [Choice[], Partial<Ticket>][] = [[[], {}]];
  ATTRIBUTES.forEach(([one, first], at) => {
    found.push([[one], first]);
    for (const [other, second] of ATTRIBUTES.slice(at + 1))
      if (!(one === 'part' && other === 'hidden')) found.push([[one, other], { ...first, ...second }]);
  });
  return found;
}

async function trader(request: APIRequestContext): Promise<Record<string, string>> {
  const email = `rules-${Date.now()}-${Math.floor(Math.random() * 1e6)}@example.com`;
  const password = 'Correct-horse-7-staple';
  await request.post('/signup', { data: { email, password, confirm_password: password } });
  const { access_token } = await (await request.post('/login', { form: { username: email, password } })).json();
  return { authorization: `Bearer ${access_token}` };
}

test('what the form lets choose the venue takes, and what it does not the venue refuses', async ({ request }) => {
  test.setTimeout(120_000);
  const headers = await trader(request);
  const place = (path: string, data: object) => request.post(`/api/v1/${path}`, { headers, data });
  const [instrument] = (await (await request.get('/api/v1/instruments')).json()) as [Instrument];
  const bought = await place('orders', { symbol: instrument.symbol, side: 'buy', type: 'market', qty: '0.1' });
  expect(bought.ok()).toBe(true);
  const trades = (await (await request.get(`/api/v1/trades?symbol=${instrument.symbol}&limit=1`)).json()) as [{ price: string }];
  const last = Number(trades[0].price);
  const [low, high] = [Math.floor(last * 0.8), Math.ceil(last * 1.2)].map(String) as [string, string];
  const common: Ticket = { ...blank(), side: 'sell', amount: '0.001', price: high, trail: '9', profit: low, then: low, expires: '2099-01-31T12:00' };
  const wrong: string[] = [];
  let asked = 0;
  for (const plan of ['limit', 'market', ...PLANS.map(([name]) => name)] as Plan[]) {
    const trigger = plan.startsWith('take_profit') ? high : plan === 'bracket' ? String(Math.ceil(last * 1.3)) : low;
    for (const timeInForce of plan === 'market' ? TIMES.filter((tif) => tif !== 'gtc' && tif !== 'day' && tif !== 'gtd') : TIMES) {
      for (const [choices, more] of combinations()) {
        const ticket: Ticket = { ...common, plan, timeInForce, trigger, ...more };
        // The attributes of a list are not sent at all.
        if (isList(plan) && choices.some((choice) => choice !== 'post_only')) continue;
        // An OCO's limit order must rest: the form does not ask, and the venue does not mind.
        if (plan === 'oco' && choices.length) continue;
        if (['market', 'stop', 'take_profit', 'trailing_stop', 'market_to_limit'].includes(plan) && choices.includes('post_only')) continue;
        const reasons = [timeInForce, ...choices].map((choice) => whyNot(choice, ticket, instrument)).filter(Boolean);
        const name = `web-${++asked}`;
        const answer = isList(plan)
          ? await place('order-lists', listOf(ticket, instrument, name))
          : await place('orders', requestOf(ticket, instrument, name));
        if (answer.ok() === (reasons.length === 0)) continue;
        wrong.push(`${plan} ${timeInForce} ${choices.join(' ')}: ${reasons[0] ?? 'allowed'} – ${answer.ok() ? 'taken' : (await answer.json()).code}`);
      }
      await request.delete('/api/v1/orders', { headers });
    }
  }
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(700);
});
