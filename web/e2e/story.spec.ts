import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { bestAsk, open, shot, signUp } from './page';

const story = (page: Page) => page.getByRole('dialog').getByTestId('story');

test('an order tells its story, open and ended', async ({ page }) => {
  // The first answer is that the journal is still being read.
  let asked = 0;
  await page.route('**/api/v1/orders/*/story', async (route) => {
    asked += 1;
    if (asked === 1) return route.fulfill({ status: 202, headers: { 'retry-after': '1' }, json: { status: 'PENDING' } });
    return route.continue();
  });
  await open(page);
  await signUp(page);
  await page.getByLabel('Price', { exact: true }).fill(String(Math.floor((await bestAsk(page)) * 0.9)));
  await page.getByLabel('Amount', { exact: true }).fill('0.01');
  await page.getByTestId('submit-order').click();
  const row = page.getByTestId('open-orders').locator('tr.order');
  await expect(row).toHaveCount(1);
  await row.getByRole('button', { name: /Detail/ }).click();
  await page.getByRole('button', { name: /Story of order/ }).click();
  await expect(page.getByRole('dialog')).toContainText('The journal is being read');
  await expect(story(page)).toContainText('rests at');
  await expect(story(page)).toContainText('ahead of it in the queue');
  await expect(page.getByTestId('story-sum')).toHaveText(/^Still open: nothing was filled/);
  expect(asked).toBe(2);
  await shot(page, 'story-dark');
  const { violations } = await new AxeBuilder({ page }).exclude('.chart canvas').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  await row.getByRole('button', { name: /Cancel/ }).click();
  await page.getByRole('tab', { name: /History/ }).click();
  await page.getByTestId('history').getByRole('button', { name: /Story of order/ }).click();
  await expect(story(page)).toContainText('Cancelled by the owner');
  await expect(page.getByTestId('story-sum')).toHaveText(/^Ended: nothing was filled/);
  await page.keyboard.press('Escape');

  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByTestId('history').getByRole('button', { name: /Story of order/ }).click();
  await expect(story(page)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await shot(page, 'story-phone-dark');
});

test('an order without a story says why', async ({ page }) => {
  await page.route('**/api/v1/orders/*/story', (route) =>
    route.fulfill({ status: 404, json: { code: 'UNKNOWN_ORDER', detail: 'no such order', status: 404 } }),
  );
  await open(page);
  await signUp(page);
  await page.getByLabel('Price', { exact: true }).fill(String(Math.floor((await bestAsk(page)) * 0.9)));
  await page.getByLabel('Amount', { exact: true }).fill('0.01');
  await page.getByTestId('submit-order').click();
  await page.getByTestId('open-orders').getByRole('button', { name: /Detail/ }).click();
  await page.getByRole('button', { name: /Story of order/ }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('The venue knows no such order of yours.');
});
