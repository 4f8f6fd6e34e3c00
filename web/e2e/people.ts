import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type APIRequestContext, expect, type Page } from '@playwright/test';

export const PASSWORD = 'Correct-horse-7-staple';

/** Somebody that the venue knows. */
export interface Person {
  email: string;
  username: string;
  token: string;
  id: number;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function answered<T>(response: Awaited<ReturnType<APIRequestContext['get']>>): Promise<T> {
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()) as T;
}

let made = 0;

/** Signs somebody up, without the page. */
export async function newcomer(request: APIRequestContext): Promise<Person> {
  const username = `e2e${Date.now().toString(36)}${process.pid}${made++}`;
  const email = `${username}@example.com`;
  await answered(await request.post('/signup', { data: { email, password: PASSWORD, confirm_password: PASSWORD } }));
  return { email, ...(await session(request, email)) };
}

/** A session beside the page's. */
export async function session(request: APIRequestContext, login: string, code?: string): Promise<Omit<Person, 'email'>> {
  const { access_token: token } = await answered<{ access_token: string }>(await request.post('/api/v1/sessions', { data: { login, password: PASSWORD, code } }));
  const { id, username } = await answered<{ id: number; username: string }>(await request.get('/api/v1/users/me', { headers: bearer(token) }));
  return { token, id, username };
}

/** An authenticator program. A code counts once, so that each next one is of a later half minute, as far as the venue takes it. */
export class Authenticator {
  private step: number;

  constructor(private readonly secret: string) {
    this.step = Math.floor(Date.now() / 30_000) - 2;
  }

  /** The next code that was not given out; waits for its time, if all that the venue takes now were. */
  async next(): Promise<string> {
    const now = () => Math.floor(Date.now() / 30_000);
    const step = Math.max(this.step + 1, now() - 1);
    await expect.poll(() => now() + 1, { timeout: 45_000 }).toBeGreaterThanOrEqual(step);
    this.step = step;
    return codeOf(this.secret, step);
  }
}

/** RFC 6238, with SHA-1 and six digits. */
function codeOf(secret: string, step: number): string {
  const bits = [...secret].map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = hash.at(-1)! & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Turns a second factor on, without the page. */
export async function withSecondFactor(request: APIRequestContext, { token }: Person): Promise<{ authenticator: Authenticator; codes: string[] }> {
  const enable = (data: object) => request.post('/api/v2/users/me/2fa/enable', { headers: bearer(token), data });
  const { secret } = await answered<{ secret: string }>(await enable({ password: PASSWORD }));
  const authenticator = new Authenticator(secret);
  const { recovery_codes: codes } = await answered<{ recovery_codes: string[] }>(await enable({ code: await authenticator.next() }));
  return { authenticator, codes };
}

/** What the operator may, by the key in the venue's folder. */
export async function operate(request: APIRequestContext, method: 'PUT' | 'DELETE' | 'GET', path: string, data?: object): Promise<Record<string, unknown>> {
  const folder = process.env.PAPERTAPE_DATA;
  if (!folder) throw new Error('PAPERTAPE_DATA names the folder of the venue');
  const key = readFileSync(join(folder, 'operator.key'), 'utf8').trim();
  return answered(await request.fetch(path, { method, headers: bearer(key), data }));
}

export async function logIn(page: Page, login: string, code?: string): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name: 'Log in' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail or user name').fill(login);
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  if (code !== undefined) {
    await dialog.getByLabel('Code of your authenticator').fill(code);
    await dialog.getByRole('button', { name: 'Log in' }).click();
  }
  await expect(dialog).toBeHidden();
}

/** Shows the password, and a code, where the page asks for them. */
export async function prove(page: Page, does: string, code?: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill(PASSWORD);
  if (code !== undefined) await dialog.getByLabel('Code of your authenticator').fill(code);
  await dialog.getByRole('button', { name: does }).click();
  await expect(dialog).toBeHidden();
}

/** What stands in the way of assistive technology. The chart's canvas belongs to its library. */
export async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).exclude('.chart canvas').analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** In both themes and on a phone: nothing stands in the way, and nothing is wider than the screen. Leaves pictures. */
export async function looksRight(page: Page, name: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    const other = page.getByRole('button', { name: theme === 'dark' ? 'Dark theme' : 'Light theme' });
    if (await other.isVisible()) await other.click();
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: `e2e/out/${name}-${theme}.png` });
  }
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: `e2e/out/${name}-phone.png`, fullPage: true });
  await page.setViewportSize({ width: 1440, height: 900 });
}
