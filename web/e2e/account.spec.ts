import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { bestAsk, open, shot, signUp } from './page';

/** What the operator alone can set is put into the venue's answers. */
async function change(page: Page, path: string, more: (answer: never) => unknown) {
  await page.route(`**${path}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: more((await response.json()) as never) });
  });
}

// What is still being answered when a test ends has nobody left to answer.
test.afterEach(({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).exclude('.chart canvas').analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

test('the account sees its fees, and no margin that it does not have', async ({ page }) => {
  await open(page);
  await signUp(page);
  await page.getByRole('tab', { name: 'Fees' }).click();
  await expect(page.getByTestId('fees')).toContainText('BTC-USD');
  await expect(page.getByTestId('fees')).toContainText('0.05 %');
  await expect(page.getByRole('tab', { name: /Margin/ })).toBeHidden();
});

test('an account with a tier sees what comes next, and its orders are reckoned with its rates', async ({ page }) => {
  await change(page, '/api/v1/account/fees', (fees: object[]) =>
    fees.map((row) => ({ ...row, volume_30d: '125000.5', tier: 1, maker_fee_ppm: 100, taker_fee_ppm: 400, next_tier: { tier: 2, min_volume: '500000', maker_fee_ppm: 0, taker_fee_ppm: 300 } })),
  );
  await open(page);
  await signUp(page);
  await page.getByRole('tab', { name: 'Fees' }).click();
  await expect(page.getByTestId('fees')).toContainText('374,999.5 to go');
  await expect(page.locator('form .label', { hasText: '0.01 % / 0.04 %' })).toBeVisible();
  await shot(page, 'fees-dark');
});

test('an account that may borrow sees how it stands, borrows and pays back', async ({ page }) => {
  let owed = 4000;
  const margin = () => ({
    margin: true, reference: 'USD', collateral: String(5000 + owed), debt: String(owed), initial_margin: String(owed * 0.2), maintenance_margin: String(owed * 0.1),
    debts: owed ? [{ asset: 'USD', amount: String(owed) }] : [],
    assets: [
      { asset: 'USD', priced_by: null, collateral_ppm: 1_000_000, initial_ppm: 200_000, maintenance_ppm: 100_000, max_debt: '10000' },
      { asset: 'BTC', priced_by: 'BTC-USD', collateral_ppm: 950_000, initial_ppm: 200_000, maintenance_ppm: 100_000, max_debt: '0' },
    ],
  });
  await page.route('**/api/v1/account/margin', (route) => route.fulfill({ json: margin() }));
  await page.route('**/api/v1/account/borrow', (route) => {
    const { amount } = route.request().postDataJSON();
    if (Number(amount) > 6000) return route.fulfill({ status: 422, json: { code: 'BORROW_LIMIT', detail: 'too much', status: 422 } });
    owed += Number(amount);
    return route.fulfill({ json: { asset: 'USD', amount, debt: String(owed), seq: 1 } });
  });
  await page.route('**/api/v1/account/repay', (route) => {
    owed -= Number(route.request().postDataJSON().amount);
    return route.fulfill({ json: { asset: 'USD', amount: '4000', debt: String(owed), seq: 2 } });
  });
  await open(page);
  await signUp(page);
  await page.getByRole('tab', { name: /Margin/ }).click();
  const panel = page.getByTestId('margin');
  await expect(panel).toContainText('The collateral covers the debts');
  await page.getByLabel('Amount to borrow').fill('7000');
  await panel.getByRole('button', { name: 'Borrow', exact: true }).last().click();
  await expect(panel).toContainText('BORROW_LIMIT');
  await page.getByLabel('Amount to borrow').fill('1000');
  await panel.getByRole('button', { name: 'Borrow', exact: true }).last().click();
  await expect(panel).toContainText('Borrowed 1,000 USD.');
  await expect(panel).toContainText('5,000.00');
  await shot(page, 'margin-dark');
  await page.getByRole('button', { name: 'Light theme' }).click();
  await shot(page, 'margin-light');
  expect(await violations(page)).toEqual([]);
  await panel.getByRole('button', { name: 'Pay back' }).first().click();
  await panel.getByRole('button', { name: /^All/ }).click();
  await expect(page.getByLabel('Amount to repay')).toHaveValue('5000');
  await panel.getByRole('button', { name: 'Pay back' }).last().click();
  await expect(panel).toContainText('Nothing is owed.');
  await expect(panel).toContainText('Paid back 4,000 USD.');
  await page.setViewportSize({ width: 360, height: 740 });
  await panel.scrollIntoViewIfNeeded();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await shot(page, 'margin-phone-light');
});

test('an auction says what it is for and when it ends, and the form what it takes', async ({ page }) => {
  const day = 86_400_000;
  const schedule = { pre_open_ms: day - 4000, open_ms: day - 3000, closing_ms: day - 2000, close_ms: day - 1000 };
  const ends = Date.now() + 245_000;
  await change(page, '/api/v1/instruments', (rows: object[]) =>
    rows.map((row) => ({ ...row, phase: 'auction', auction: 'opening', phase_ends_ms: ends, schedule, bands: { static_bps: 1000, dynamic_bps: 500, volatility_auction_ms: null } })),
  );
  await open(page);
  const strip = page.getByTestId('phase');
  await expect(strip).toContainText('Opening auction');
  await expect(strip).toContainText(/ends in 4:0\d|ends in 3:5\d/);
  await expect(strip).toContainText('Nothing would trade yet.');
  await expect(page.getByTestId('header-phase')).toContainText('Opening auction');
  await expect(page.getByTestId('next-moment')).toContainText('in ');
  await page.getByRole('button', { name: 'Market', exact: true }).click();
  await page.getByLabel('Amount', { exact: true }).fill('0.01');
  await expect(page.getByText('AUCTION_ONLY_LIMIT')).toBeVisible();
  await page.getByRole('button', { name: 'Limit', exact: true }).click();
  await expect(page.getByRole('group', { name: 'Time in force' }).getByRole('button', { name: 'IOC' })).toBeDisabled();
  await page.getByLabel('Price', { exact: true }).fill(String(Math.ceil((await bestAsk(page)) * 1.2)));
  await expect(page.getByText("within 10 % of the session's price")).toBeVisible();
  await shot(page, 'auction-dark');
  await page.getByRole('button', { name: 'Light theme' }).click();
  await shot(page, 'auction-light');
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.evaluate(() => scrollTo(0, 400));
  await shot(page, 'auction-phone-light');
});
