import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { bestAsk, listen, open, shot, signUp } from './page';

test('a newcomer sees a moving market within seconds', async ({ page }) => {
  const errors = listen(page);
  await open(page);
  const ladder = page.getByTestId('ladder');
  const before = await ladder.innerText();
  await expect.poll(() => ladder.innerText()).not.toBe(before);
  const tape = page.getByTestId('tape');
  await expect(tape.locator('li.buy, li.sell').first()).toBeVisible();
  const newest = await tape.innerText();
  await expect.poll(() => tape.innerText(), { timeout: 30_000 }).not.toBe(newest);
  await expect(page.getByTestId('latency')).toHaveText(/ms/);
  await expect(page.locator('.chart canvas').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'TradingView', exact: true })).toBeVisible();
  await shot(page, 'desktop-dark');
  await page.getByRole('button', { name: 'Light theme' }).click();
  await shot(page, 'desktop-light');
  expect(errors).toEqual([]);
});

test('sign up, buy above the best ask, and see the fill and the balance', async ({ page }) => {
  await open(page);
  await signUp(page);
  const price = Math.ceil((await bestAsk(page)) * 1.02);
  await page.keyboard.press('b');
  await page.getByLabel('Price').fill(String(price));
  await page.getByLabel('Amount').fill('0.01');
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('outcome')).toContainText('Bought 0.01 BTC');
  await page.getByRole('tab', { name: /Fills/ }).click();
  await expect(page.getByTestId('fills').locator('tbody tr').first()).toContainText('BTC-USD');
  await expect(page.locator('[data-asset="BTC"]')).toContainText('0.01');
  await expect(page.locator('[data-asset="USD"]')).not.toContainText('100,000.00');
  await shot(page, 'filled-dark');
  await page.getByRole('tab', { name: /Positions/ }).click();
  await expect(page.getByTestId('positions')).toContainText('BTC-USD');

  await page.reload();
  await expect(page.locator('[data-asset="BTC"]')).toContainText('0.01');
  await page.getByRole('tab', { name: /Fills/ }).click();
  await expect(page.getByTestId('fills')).toContainText('BTC-USD');
});

test('an order far from the market rests, is marked in the list and can be cancelled', async ({ page }) => {
  await open(page);
  await signUp(page);
  const price = Math.floor((await bestAsk(page)) * 0.9);
  await page.getByLabel('Price').fill(String(price));
  await page.getByRole('button', { name: '25 %' }).click();
  await page.getByLabel('Post-only').check();
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('outcome')).toContainText('Resting in the book');
  const orders = page.getByTestId('open-orders');
  await expect(orders.locator('tbody tr')).toHaveCount(1);
  await shot(page, 'resting-dark');
  await orders.getByRole('button', { name: /Cancel/ }).click();
  await expect(page.getByText('No open orders.')).toBeVisible();
  await expect(page.locator('[data-asset="USD"]')).toContainText('100,000.00');
});

test('a refusal is told in words with its code', async ({ page }) => {
  await open(page);
  await signUp(page);
  await page.getByLabel('Price').fill('100.001');
  await page.getByLabel('Amount').fill('1');
  await expect(page.getByText('PRICE_NOT_ON_TICK')).toBeVisible();
  await page.getByLabel('Price').fill(String(Math.ceil(await bestAsk(page))));
  await page.getByLabel('Amount').fill('1000');
  await expect(page.getByText('INSUFFICIENT_FUNDS')).toBeVisible();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('banner').getByRole('button', { name: 'Log in' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill('nobody@example.com');
  await dialog.getByLabel('Password').fill('Not-a-password-1');
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog.getByRole('alert')).toContainText('E-mail or password is wrong.');
});

test('the step of the book gathers levels and stays when an own order appears', async ({ page }) => {
  await open(page);
  await signUp(page);
  await page.getByLabel('Step').selectOption({ index: 1 });
  const bids = page.getByTestId('ladder').locator('.row.bid .price');
  const wholeSteps = async () => (await bids.allInnerTexts()).filter(Boolean).every((text) => /0$/.test(text));
  await expect.poll(wholeSteps).toBe(true);
  await page.getByTestId('ladder').locator('.row.bid').nth(1).click();
  await page.getByLabel('Amount').fill('0.01');
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('open-orders').locator('tbody tr')).toHaveCount(1);
  await expect(page.getByTestId('ladder').locator('.row.bid.own')).toHaveCount(1);
  await expect(page.getByLabel('Step')).toHaveValue('10');
  await shot(page, 'own-order-dark');
});

test('a click in the book fills the form, and / changes the instrument', async ({ page }) => {
  await open(page);
  const row = page.getByTestId('ladder').locator('.row.bid').nth(3);
  await row.click();
  await expect(page.getByLabel('Price')).toHaveValue(/^\d+(\.\d+)?$/);
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('Price')).toHaveValue('');
  await page.keyboard.press('/');
  await page.getByRole('combobox', { name: 'Find an instrument' }).fill('ethusd');
  await page.keyboard.press('Enter');
  await expect(page).toHaveTitle(/ETH-USD/);
  await expect(page.getByTestId('ladder').locator('.row[data-price]').nth(5)).toBeVisible();
});

test('the page fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page);
  await shot(page, 'phone-dark');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.getByRole('navigation', { name: 'Order' }).getByRole('button', { name: 'Sell' }).click();
  await expect(page.getByLabel('Price')).toBeInViewport();
});

for (const colorScheme of ['dark', 'light'] as const) {
  test(`nothing stands in the way of assistive technology, ${colorScheme}`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await open(page);
    const look = async () => {
      // The chart's canvas and credit belong to its library.
      const { violations } = await new AxeBuilder({ page }).exclude('.chart canvas').analyze();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3).join(' | ')}`);
    };
    expect(await look()).toEqual([]);
    await page.getByRole('banner').getByRole('button', { name: 'Sign up' }).click();
    await shot(page, `sign-up-${colorScheme}`);
    expect(await look()).toEqual([]);
    await page.keyboard.press('Escape');
    await signUp(page);
    expect(await look()).toEqual([]);
    await context.close();
  });
}

test('an iceberg shows a part of itself, in the list and in the book', async ({ page }) => {
  await open(page);
  await signUp(page);
  const price = String(Math.floor((await bestAsk(page)) * 0.9));
  await page.getByLabel('Price', { exact: true }).fill(price);
  await page.getByLabel('Amount', { exact: true }).fill('0.5');
  await page.getByTestId('more').locator('summary').click();
  await page.getByRole('group', { name: 'Shows' }).getByRole('button', { name: 'Part' }).click();
  await page.getByLabel('Show', { exact: true }).fill('0.5');
  await expect(page.getByText('INVALID_DISPLAY')).toBeVisible();
  await page.getByLabel('Show', { exact: true }).fill('0.1');
  await shot(page, 'iceberg-form-dark');
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('outcome')).toContainText('Resting in the book');
  const row = page.getByTestId('open-orders').locator('tbody tr');
  await expect(row).toContainText('Iceberg');
  await expect(row).toContainText('shows 0.1');
  await shot(page, 'iceberg-dark');
  const { bids } = await (await page.request.get('/api/v1/depth?symbol=BTC-USD&limit=1000')).json();
  const level = bids.find(([at]: [string, string]) => Number(at) === Number(price));
  expect(level?.[1]).toBe('0.10000');
  await page.getByRole('group', { name: 'Shows' }).getByRole('button', { name: 'Part' }).click();
  await page.getByRole('button', { name: 'IOC', exact: true }).click();
  await expect(page.getByLabel('Show', { exact: true })).toBeHidden();
});
