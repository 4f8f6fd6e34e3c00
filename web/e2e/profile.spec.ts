import { deflateSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { bestAsk, open } from './page';
import { logIn, looksRight, newcomer, prove, withSecondFactor } from './people';

test.afterEach(({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

/** A grey picture, as wide as high, and not packed. */
function png(edge: number): Buffer {
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(edge, 0);
  head.writeUInt32BE(edge, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(edge * 3, 128)]);
  const data = deflateSync(Buffer.concat(Array(edge).fill(row)), { level: 0 });
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

const link = (page: Page) => page.getByRole('banner').getByRole('link', { name: /^Account of/ });

test('name, number, user name and address are edited, and refusals are told where they belong', async ({ page, request }) => {
  const ada = await newcomer(request);
  const { username: other } = await newcomer(request);
  await page.goto('/#/profile');
  await logIn(page, ada.email);
  const personal = page.getByTestId('personal');
  await personal.getByLabel('Name that is shown').fill('Ada Lovelace');
  await personal.getByLabel('Phone number').fill('12');
  await personal.getByRole('button', { name: 'Save' }).click();
  await expect(personal.getByRole('alert')).toContainText('INVALID_PHONE_NUMBER');
  await personal.getByLabel('Phone number').fill('+49 (30) 123-4567');
  await personal.getByRole('button', { name: 'Save' }).click();
  await expect(personal).toContainText('Saved.');
  await expect(personal.getByLabel('Phone number')).toHaveValue('+49301234567');
  await expect(link(page)).toHaveText(/Ada Lovelace/);

  const names = page.getByTestId('login-names');
  await names.getByLabel('User name').fill(other);
  await names.getByRole('button', { name: 'Change' }).click();
  await prove(page, 'Change it');
  await expect(names.getByRole('alert')).toContainText('USERNAME_TAKEN');
  const next = `${ada.username}x`;
  await names.getByLabel('User name').fill(next);
  await names.getByLabel('E-mail').fill(`${next}@example.com`);
  await names.getByRole('button', { name: 'Change' }).click();
  await prove(page, 'Change it');
  await expect(names).toContainText('Saved.');

  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(page, next);
  await expect(personal.getByLabel('Name that is shown')).toHaveValue('Ada Lovelace');
  await expect(names.getByLabel('E-mail')).toHaveValue(`${next}@example.com`);
  // What is emptied is gone.
  await personal.getByLabel('Name that is shown').fill('');
  await personal.getByRole('button', { name: 'Save' }).click();
  await expect(link(page)).toHaveText(new RegExp(next));
});

test('a change of the log-in asks for the second factor, where there is one', async ({ page, request }) => {
  const ada = await newcomer(request);
  const { codes } = await withSecondFactor(request, ada);
  await page.goto('/#/profile');
  await logIn(page, ada.email, codes[0]);
  const names = page.getByTestId('login-names');
  await names.getByLabel('User name').fill(`${ada.username}y`);
  await names.getByRole('button', { name: 'Change' }).click();
  await prove(page, 'Change it', codes[1]);
  await expect(names).toContainText('Saved.');
});

test('a picture shows in the header, a large one made smaller, and what is none is refused', async ({ page, request }) => {
  const ada = await newcomer(request);
  await page.goto('/#/profile');
  await logIn(page, ada.email);
  const picture = page.getByTestId('picture');
  const file = picture.getByLabel('Picture file');
  await file.setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') });
  await expect(picture.getByRole('alert')).toContainText('NO_PICTURE');
  await file.setInputFiles({ name: 'small.png', mimeType: 'image/png', buffer: png(64) });
  await expect(picture).toContainText('This is your picture now.');
  const shown = link(page).locator('img');
  const drawn = () => shown.evaluate((image: HTMLImageElement) => (image.complete ? image.naturalWidth : 0));
  await expect.poll(drawn).toBe(64);
  const large = png(600);
  expect(large.length).toBeGreaterThan(256 * 1024);
  await file.setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer: large });
  await expect.poll(drawn).toBe(256);
  await looksRight(page, 'profile');
  await page.reload();
  await expect.poll(drawn).toBe(256);
  await picture.getByRole('button', { name: 'Remove' }).click();
  await expect(shown).toHaveCount(0);
});

test('preferences survive log-out, and come to another browser', async ({ page, browser, request }) => {
  const ada = await newcomer(request);
  await page.goto('/#/profile');
  await logIn(page, ada.email);
  const box = page.getByTestId('preferences');
  const saved = async (choose: () => Promise<unknown>) => {
    const answer = page.waitForResponse('**/users/me/preferences');
    await choose();
    expect((await answer).ok()).toBe(true);
  };
  await saved(() => box.getByLabel('Theme').selectOption('light'));
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await saved(() => box.getByLabel('Market that is shown first').selectOption('ETH-USD'));
  await expect(page.getByRole('banner')).toContainText('ETH-USD');
  await saved(() => box.getByLabel('Dates and times').selectOption('de-DE'));
  await expect(box).toContainText(/Now: \d\d\. \S+ \d{4}/);
  await box.getByLabel('Time zone').fill('Europe/Nowhere');
  await box.getByLabel('Time zone').press('Enter');
  await expect(box.getByRole('alert')).toContainText('There is no such zone.');
  await saved(async () => {
    await box.getByLabel('Time zone').fill('Asia/Tokyo');
    await box.getByLabel('Time zone').press('Enter');
  });
  await saved(() => box.getByLabel('Ask before an order is sent').check());
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');

  const context = await browser.newContext({ colorScheme: 'dark', viewport: { width: 1440, height: 900 } });
  const elsewhere = await context.newPage();
  await open(elsewhere);
  await expect(elsewhere.locator('html')).toHaveAttribute('data-theme', 'dark');
  await logIn(elsewhere, ada.email);
  await expect(elsewhere.locator('html')).toHaveAttribute('data-theme', 'light');
  await expect(elsewhere).toHaveTitle(/ETH-USD/);
  await elsewhere.keyboard.press('a');
  const there = elsewhere.getByTestId('preferences');
  await expect(there.getByLabel('Dates and times')).toHaveValue('de-DE');
  await expect(there.getByLabel('Time zone')).toHaveValue('Asia/Tokyo');
  await expect(there.getByLabel('Ask before an order is sent')).toBeChecked();

  // The theme of the header is the user's, too; a market picked by hand outlasts a reload.
  const kept = elsewhere.waitForResponse('**/users/me/preferences');
  await elsewhere.getByRole('button', { name: 'Dark theme' }).click();
  expect((await kept).ok()).toBe(true);
  await elsewhere.keyboard.press('t');
  await elsewhere.keyboard.press('/');
  await elsewhere.getByRole('combobox', { name: 'Find an instrument' }).fill('btcusd');
  await elsewhere.keyboard.press('Enter');
  await expect(elsewhere).toHaveTitle(/BTC-USD/);
  await elsewhere.reload();
  await expect(elsewhere.getByRole('banner').getByRole('link', { name: /^Account of/ })).toBeVisible();
  await expect(elsewhere).toHaveTitle(/BTC-USD/);
  await context.close();

  await logIn(page, ada.email);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('an order is sent when it was confirmed, and not before', async ({ page, request }) => {
  const ada = await newcomer(request);
  await request.put('/api/v1/users/me/preferences', { headers: { authorization: `Bearer ${ada.token}` }, data: { confirm_orders: true } });
  await open(page);
  await logIn(page, ada.email);
  await expect(page.locator('[data-asset="USD"]')).toContainText('100,000.00');
  await expect(link(page)).toHaveText(new RegExp(ada.username));
  const price = String(Math.floor((await bestAsk(page)) * 0.9));
  await page.getByLabel('Price', { exact: true }).fill(price);
  await page.getByLabel('Amount', { exact: true }).fill('0.01');
  await page.getByTestId('submit-order').click();
  const asked = page.getByRole('dialog');
  await expect(asked).toContainText('Buy BTC-USD');
  await expect(asked).toContainText(`${price} USD`);
  await expect(asked).toContainText('0.01 BTC');
  await page.screenshot({ path: 'e2e/out/confirm-dark.png' });
  await page.keyboard.press('Escape');
  await expect(asked).toBeHidden();
  await expect(page.getByText('No open orders.')).toBeVisible();
  await expect(page.getByLabel('Amount', { exact: true })).toHaveValue('0.01');
  await page.getByTestId('submit-order').click();
  await expect(asked.getByRole('button', { name: 'Buy BTC' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('outcome')).toContainText('Resting in the book');
  await expect(page.getByTestId('open-orders').locator('tr.order')).toHaveCount(1);
});
