import { afterEach, expect, test, vi } from 'vitest';
import { ApiError } from '../api';
import { session } from './session.svelte';
import { terms } from './terms.svelte';

afterEach(() => vi.unstubAllGlobals());

/** What was asked of the venue, which answers with these; what is no answer is a lost connection. */
function venue(...answers: (object | null)[]): { amount: string; reference: number }[] {
  const asked: { amount: string; reference: number }[] = [];
  const answer = (body: object) => new Response(JSON.stringify(body), { status: 200 });
  vi.stubGlobal('fetch', async (path: string, { body }: RequestInit) => {
    if (path.endsWith('/margin')) return answer({ margin: false });
    asked.push(JSON.parse(String(body)));
    const next = answers.shift();
    if (!next) throw new TypeError('lost');
    return answer(next);
  });
  return asked;
}

test('a loan that was asked for and not answered is asked for again under its reference, and lent once', async () => {
  session.token = 'jwt';
  const lent = { asset: 'USD', amount: '10', debt: '10', seq: 1 };
  const asked = venue(null, { ...lent, amount: '0' }, lent);
  await expect(terms.lend('borrow', 'USD', '10')).rejects.toBeInstanceOf(ApiError);
  expect(await terms.lend('borrow', 'USD', '10')).toBe('10');
  await terms.lend('borrow', 'USD', '10');
  expect(asked[0]!.reference).toBe(asked[1]!.reference);
  expect(asked[2]!.reference).not.toBe(asked[1]!.reference);
  expect(asked.every(({ reference }) => Number.isSafeInteger(reference))).toBe(true);
});
