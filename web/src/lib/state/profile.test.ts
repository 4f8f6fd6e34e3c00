import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
vi.stubGlobal('document', { documentElement: { dataset: {} } });
const kept = new Map<string, string>();
const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) };
vi.stubGlobal('localStorage', storage);
const { profile } = await import('./profile.svelte');
const { session } = await import('./session.svelte');

/** What the venue was asked to keep, in the order in which it came. */
let put: object[] = [];

beforeEach(() => {
  put = [];
  let preferences: object = { locale: 'de-DE' };
  vi.stubGlobal('fetch', async (path: string, { method, body }: RequestInit) => {
    if (path === '/api/v1/sessions') return new Response(JSON.stringify({ access_token: 'first', expires_in_s: 900 }), { status: 201 });
    if (method === 'PUT') put.push((preferences = JSON.parse(body as string) as object));
    return new Response(JSON.stringify({ id: 7, name: 'ada', preferences }));
  });
});

afterEach(() => {
  session.logOut();
  profile.begin();
});

test('a choice that is made before the profile is known takes nothing away', async () => {
  await session.logIn('ada', 'secret');
  await profile.prefer({ theme: 'light' });
  expect(put).toEqual([{ locale: 'de-DE', theme: 'light' }]);
});

test('choices that are made at once are all kept, and the last one stays', async () => {
  await session.logIn('ada', 'secret');
  await profile.load();
  await Promise.all([profile.prefer({ theme: 'light' }), profile.prefer({ confirm_orders: true }), profile.prefer({ theme: 'dark', locale: null })]);
  expect(put.at(-1)).toEqual({ theme: 'dark', confirm_orders: true });
  expect(profile.preferences).toEqual({ theme: 'dark', confirm_orders: true });
});
