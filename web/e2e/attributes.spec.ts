import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { bestAsk, open, shot, signUp } from './page';

const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });
const rows = (page: Page) => page.getByTestId('open-orders').locator('tbody tr.order');
const more = (page: Page) => page.getByTestId('more');
const pick = (page: Page, group: string, name: string) => page.getByRole('group', { name: group }).getByRole('button', { name, exact: true });

async function openMore(page: Page) {
  if (!(await more(page).evaluate((details: HTMLDetailsElement) => details.open))) await more(page).locator('summary').click();
}

test('what is rare stands behind one disclosure, and teaches its rules', async ({ page }) => {
  await open(page);
  await expect(field(page, 'Minimum')).toBeHidden();
  await shot(page, 'form-plain-dark');
  await page.keyboard.press('m');
  await expect(field(page, 'Minimum')).toBeVisible();
  // The disclosure has the focus now.
  await page.keyboard.press('Enter');
  await expect(field(page, 'Minimum')).toBeHidden();
  await page.keyboard.press('Enter');
  await expect(field(page, 'Minimum')).toBeVisible();
  await shot(page, 'form-more-dark');
  // For sells only, and the form says why.
  await expect(page.getByLabel('Reduce-only')).toBeDisabled();
  await expect(more(page)).toContainText('a buy reduces nothing');
  await page.getByRole('group', { name: 'Side' }).getByRole('button', { name: 'Sell' }).click();
  await expect(page.getByLabel('Reduce-only')).toBeEnabled();
  await field(page, 'Follows').selectOption('primary');
  await expect(field(page, 'Minimum')).toBeDisabled();
  await expect(field(page, 'Limit')).toBeVisible();
  await expect(more(page)).toContainText('1 set');
  await page.getByRole('group', { name: 'Time in force' }).getByRole('button', { name: 'IOC' }).click();
  await expect(field(page, 'Follows')).toBeDisabled();
  await expect(more(page)).toContainText('Only for orders that stay');
  await page.getByRole('button', { name: 'Market', exact: true }).click();
  await shot(page, 'form-more-market-dark');
  const { violations } = await new AxeBuilder({ page }).exclude('.chart canvas').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)).toEqual([]);
  await page.getByRole('button', { name: 'Light theme' }).click();
  await shot(page, 'form-more-market-light');
  const light = await new AxeBuilder({ page }).exclude('.chart canvas').analyze();
  expect(light.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)).toEqual([]);
});

test('pegged, hidden, at the open and trailing orders are taken and tagged', async ({ page }) => {
  await open(page);
  await signUp(page);
  const ask = await bestAsk(page);
  const low = String(Math.floor(ask * 0.9));
  await openMore(page);
  await field(page, 'Price').fill(low);
  await field(page, 'Amount').fill('0.01');
  await field(page, 'Follows').selectOption('primary');
  await field(page, 'Offset').fill('-5');
  await shot(page, 'form-pegged-dark');
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('outcome')).toContainText('Resting in the book');
  await expect(rows(page)).toHaveCount(1);
  // The order is on its way; the form begins anew.
  await expect(more(page)).not.toContainText('set');

  await field(page, 'Amount').fill('0.01');
  await pick(page, 'Shows', 'Nothing').click();
  await page.getByTestId('submit-order').click();
  await expect(rows(page)).toHaveCount(2);

  await field(page, 'Amount').fill('0.02');
  await pick(page, 'Auction', 'Open').click();
  await page.getByTestId('submit-order').click();
  await expect(rows(page)).toHaveCount(3);

  await page.getByTestId('plan').selectOption({ label: 'Trailing limit' });
  await field(page, 'Trail').fill('40');
  await page.getByLabel('Unit of the distance').selectOption('bps');
  await field(page, 'Trail').fill('40');
  await field(page, 'Price').fill(low);
  await field(page, 'Begins at').fill(String(Math.floor(ask * 0.95)));
  await field(page, 'Amount').fill('0.01');
  await shot(page, 'form-trailing-dark');
  await page.getByTestId('submit-order').click();
  await expect(rows(page)).toHaveCount(4);
  const orders = page.getByTestId('open-orders');
  for (const tag of ['own best −5', 'hidden', 'the opening auction', 'trails 0.4 % from ≤']) await expect(orders).toContainText(tag);
  // The place in the queue is asked for when the detail is opened.
  await rows(page).filter({ hasText: 'Pegged' }).getByRole('button', { name: /Detail/ }).click();
  await expect(page.getByTestId('queue')).toHaveText(/first at its price|\d+ orders? ahead/);
  await shot(page, 'attributes-dark');
  await page.getByRole('button', { name: 'Light theme' }).click();
  await shot(page, 'attributes-light');
  const { violations } = await new AxeBuilder({ page }).exclude('.chart canvas').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)).toEqual([]);
  await page.getByRole('button', { name: 'Cancel all' }).click();
  await expect(page.getByText('No open orders.')).toBeVisible();
  await page.getByRole('tab', { name: /History/ }).click();
  await expect(page.getByTestId('history').locator('tbody tr')).toHaveCount(4);
  await expect(page.getByTestId('history')).toContainText('Cancelled by you');
  await shot(page, 'history-light');
});

test('a minimum that the book does not hold ends the order, in words', async ({ page }) => {
  await open(page);
  await signUp(page);
  await openMore(page);
  await field(page, 'Price').fill(String(Math.floor((await bestAsk(page)) * 0.9)));
  await field(page, 'Amount').fill('0.01');
  await page.getByLabel('All or none').check();
  await expect(page.locator('.hint')).toContainText('it would be cancelled whole');
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('outcome')).toContainText('its minimum could not trade at once');
});

test('a reduce-only order is for no more than the position', async ({ page }) => {
  await open(page);
  await signUp(page);
  await page.getByRole('button', { name: 'Market', exact: true }).click();
  await field(page, 'Amount').fill('0.01');
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('outcome')).toContainText('Bought 0.01 BTC');
  await page.getByRole('button', { name: 'Limit', exact: true }).click();
  await page.getByRole('group', { name: 'Side' }).getByRole('button', { name: 'Sell' }).click();
  await openMore(page);
  await page.getByLabel('Reduce-only').check();
  await field(page, 'Price').fill(String(Math.ceil((await bestAsk(page)) * 1.1)));
  await field(page, 'Amount').fill('0.02');
  await expect(page.getByText('REDUCE_ONLY')).toBeVisible();
  await field(page, 'Amount').fill('0.01');
  await expect(page.getByText('REDUCE_ONLY')).toBeHidden();
  await page.getByTestId('submit-order').click();
  await expect(rows(page)).toContainText('reduce-only');
});

test('an OTO is two orders, and the stop of an OCO may have a limit', async ({ page }) => {
  await open(page);
  await signUp(page);
  const ask = await bestAsk(page);
  await page.getByTestId('plan').selectOption({ label: 'OTO' });
  await field(page, 'Price').fill(String(Math.floor(ask * 0.9)));
  await field(page, 'Then at').fill(String(Math.ceil(ask * 1.1)));
  await field(page, 'Amount').fill('0.01');
  await shot(page, 'form-oto-dark');
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('outcome')).toContainText('One other order hangs on it.');
  await expect(rows(page)).toHaveCount(2);
  await page.getByTestId('plan').selectOption({ label: 'OCO' });
  await openMore(page);
  await field(page, 'Price').fill(String(Math.floor(ask * 0.9)));
  await field(page, 'Stop').fill(String(Math.ceil(ask * 1.1)));
  await field(page, "Stop's limit").fill(String(Math.ceil(ask * 1.11)));
  await field(page, 'Amount').fill('0.01');
  await page.getByTestId('submit-order').click();
  await expect(rows(page)).toHaveCount(4);
  await expect(rows(page).filter({ hasText: 'Stop-limit' })).toHaveCount(1);
});

test('orders, their detail and how they ended fit a phone', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page);
  await signUp(page);
  await openMore(page);
  await field(page, 'Price').fill(String(Math.floor((await bestAsk(page)) * 0.9)));
  await field(page, 'Amount').fill('0.01');
  await pick(page, 'Shows', 'Part').click();
  await field(page, 'Show').fill('0.001');
  await page.getByLabel('Post-only').check();
  await page.getByTestId('submit-order').click();
  await rows(page).getByRole('button', { name: /Detail/ }).click();
  await expect(page.getByTestId('queue')).toHaveText(/first at its price|ahead/);
  await page.getByTestId('queue').scrollIntoViewIfNeeded();
  await shot(page, 'orders-phone-dark');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  // Cancel is in reach without scrolling sideways.
  await expect(rows(page).getByRole('button', { name: /Cancel/ })).toBeInViewport();
  await rows(page).getByRole('button', { name: /Cancel/ }).click();
  await page.getByRole('tab', { name: /History/ }).click();
  await expect(page.getByTestId('history')).toContainText('Cancelled by you');
  await shot(page, 'history-phone-dark');
});

test('the form with everything in it fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page);
  await page.getByRole('navigation', { name: 'Order' }).getByRole('button', { name: 'Sell' }).click();
  await openMore(page);
  await field(page, 'Follows').selectOption('mid');
  await pick(page, 'Shows', 'Part').click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.locator('#order').screenshot({ path: 'e2e/out/form-more-phone.png' });
});
