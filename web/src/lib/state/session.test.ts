import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { api, ApiError } from '../api';
import { session } from './session.svelte';

const opened = (access_token: string) => ({ session_id: 1, access_token, token_type: 'bearer', expires_in_s: 900, renewable_for_s: 900 });

/** A venue that knows one access token at a time; gives the paths that were asked. */
function venue(renews: boolean): string[] {
  const asked: string[] = [];
  let good = 'first';
  const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status });
  vi.stubGlobal('fetch', async (path: string, { headers }: RequestInit) => {
    asked.push(path);
    if (path === '/api/v1/sessions') return answer(201, opened(good));
    if (path === '/api/v1/sessions/refresh') return renews ? answer(200, opened((good = 'second'))) : answer(401, { code: 'UNAUTHENTICATED', detail: 'over' });
    const sent = (headers as Record<string, string>).authorization;
    return sent === `Bearer ${good}` ? answer(200, { email: 'ada@example.com' }) : answer(401, { code: 'UNAUTHENTICATED', detail: 'expired' });
  });
  return asked;
}

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

afterEach(() => {
  session.logOut();
  vi.unstubAllGlobals();
});

test('a session whose access token has ended is renewed once, and the call is made again', async () => {
  const asked = venue(true);
  await session.logIn('ada', 'secret');
  session.token = 'expired';
  const both = [session.use((token) => api.me(token)), session.use((token) => api.me(token))];
  expect((await Promise.all(both)).map(({ email }) => email)).toEqual(['ada@example.com', 'ada@example.com']);
  expect(asked.filter((path) => path.endsWith('/refresh'))).toHaveLength(1);
  expect(session.token).toBe('second');
});

test('a session that the venue has ended is over here too', async () => {
  venue(false);
  await session.logIn('ada', 'secret');
  expect(localStorage.getItem('papertape.session')).toBe('ada');
  session.token = 'expired';
  await expect(session.use((token) => api.me(token))).rejects.toBeInstanceOf(ApiError);
  expect(session.token).toBeNull();
  expect(session.ended).toBe(true);
  expect(localStorage.getItem('papertape.session')).toBeNull();
});
