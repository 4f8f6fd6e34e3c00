import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { bestAsk, open, shot, signUp } from './page';

const plan = (page: Page, name: string) => page.getByTestId('plan').selectOption({ label: name });
const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });
const rows = (page: Page) => page.getByTestId('open-orders').locator('tbody tr');

async function send(page: Page, amount: string) {
  await field(page, 'Amount').fill(amount);
  await page.getByTestId('submit-order').click();
}

test('a stop waits in the list with its trigger and can be cancelled', async ({ page }) => {
  await open(page);
  await signUp(page);
  const ask = await bestAsk(page);
  await plan(page, 'Stop');
  await expect(page.getByTestId('explained')).toContainText('against you');
  await field(page, 'Stop').fill(String(Math.floor(ask * 0.95)));
  await field(page, 'Amount').fill('0.01');
  await expect(page.getByText('TRIGGER_ALREADY_MET')).toBeVisible();
  await shot(page, 'stop-refused-dark');
  await field(page, 'Stop').fill(String(Math.ceil(ask * 1.05)));
  await send(page, '0.01');
  await expect(page.getByTestId('outcome')).toContainText('Stop waits for ≥');
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByTestId('waits-for')).toContainText('≥');
  await shot(page, 'stop-dark');
  await rows(page).getByRole('button', { name: /Cancel/ }).click();
  await expect(page.getByText('No open orders.')).toBeVisible();
});

test('every plan shows the fields that it needs, and is taken', async ({ page }) => {
  await open(page);
  await signUp(page);
  const ask = await bestAsk(page);
  const [low, high] = [Math.floor(ask * 0.9), Math.ceil(ask * 1.1)].map(String);
  await plan(page, 'Stop-limit');
  await field(page, 'Stop').fill(high!);
  await field(page, 'Price').fill(high!);
  await send(page, '0.01');
  await expect(rows(page)).toHaveCount(1);
  await plan(page, 'Take-profit');
  await field(page, 'Trigger').fill(low!);
  await send(page, '0.01');
  await expect(rows(page)).toHaveCount(2);
  await plan(page, 'Trailing stop');
  await field(page, 'Trail').fill('5');
  await send(page, '0.01');
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).first().getByTestId('waits-for')).toContainText('trails 5 %');
  await shot(page, 'plans-dark');
  await page.getByRole('button', { name: 'Cancel all' }).click();
  await expect(page.getByText('No open orders.')).toBeVisible();
  await plan(page, 'Market-to-limit');
  await send(page, '0.01');
  await expect(page.getByTestId('outcome')).toContainText(/Bought 0\.01|Resting/);
});

test('a bracket is one entry, its orders hang together, and one cancel ends them', async ({ page }) => {
  await open(page);
  await signUp(page);
  const ask = await bestAsk(page);
  await plan(page, 'Bracket');
  await page.getByTestId('submit-order').click();
  await expect(page.getByText('Enter the price.')).toBeVisible();
  await field(page, 'Price').fill(String(Math.floor(ask * 0.9)));
  await field(page, 'Take profit').fill(String(Math.floor(ask * 0.8)));
  await field(page, 'Stop').fill(String(Math.floor(ask * 0.7)));
  await field(page, 'Amount').fill('0.05');
  await expect(page.getByText('Profit is taken above the price of the buy.')).toBeVisible();
  await shot(page, 'bracket-refused-dark');
  await field(page, 'Take profit').fill(String(Math.ceil(ask * 1.1)));
  await send(page, '0.05');
  await expect(page.getByTestId('outcome')).toContainText('Two others hang on it.');
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).nth(1).getByTestId('waits-for')).toContainText('fill of #');
  await shot(page, 'bracket-dark');
  await page.getByRole('button', { name: 'Light theme' }).click();
  await shot(page, 'bracket-light');
  const { violations } = await new AxeBuilder({ page }).exclude('.chart canvas').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await rows(page).nth(2).getByRole('button', { name: /Cancel/ }).click();
  await expect(page.getByText('No open orders.')).toBeVisible();
});

test('a bracket whose order fills at once guards what it brought', async ({ page }) => {
  await open(page);
  await signUp(page);
  const ask = await bestAsk(page);
  await plan(page, 'Bracket');
  await field(page, 'Price').fill(String(Math.ceil(ask * 1.02)));
  await field(page, 'Take profit').fill(String(Math.ceil(ask * 1.2)));
  await field(page, 'Stop').fill(String(Math.floor(ask * 0.8)));
  await send(page, '0.01');
  await expect(page.getByTestId('outcome')).toContainText('Bought 0.01 BTC');
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).filter({ hasText: 'Stop' }).getByTestId('waits-for')).toContainText('≤');
  await shot(page, 'guarded-dark');
});

test('an OCO on a phone has room for all of its fields', async ({ page }) => {
  await open(page);
  await signUp(page);
  const ask = await bestAsk(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('navigation', { name: 'Order' }).getByRole('button', { name: 'Buy' }).click();
  await plan(page, 'OCO');
  await field(page, 'Price').fill(String(Math.floor(ask * 0.9)));
  await field(page, 'Stop').fill(String(Math.ceil(ask * 1.1)));
  await field(page, 'Amount').fill('0.01');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await shot(page, 'oco-phone-dark');
  await page.getByTestId('submit-order').click();
  await expect(page.getByTestId('outcome')).toContainText('One other order hangs on it.');
});
