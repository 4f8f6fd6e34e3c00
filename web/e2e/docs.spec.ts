import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { listen, shot } from './page';

test('the API is described without anything from elsewhere, and can be tried', async ({ page, baseURL }) => {
  const errors = listen(page);
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  const document = await (await page.request.get('/openapi.json')).json();
  const operations = Object.values(document.paths as Record<string, object>).flatMap((item) => Object.keys(item));

  await page.goto('/docs');
  await expect(page.locator('nav a')).toHaveCount(operations.length);
  await page.getByLabel('Filter operations').fill('depth');
  await page.getByRole('link', { name: '/api/v1/depth' }).click();
  await expect(page).toHaveTitle('GET /api/v1/depth: Papertape API');
  await expect(page.locator('main')).toContainText('update_id');
  await page.getByLabel('symbol').fill('BTC-USD');
  await expect(page.getByTestId('curl')).toHaveText(`curl -sS '${new URL(baseURL ?? '').origin}/api/v1/depth?symbol=BTC-USD'`);
  await page.getByRole('button', { name: 'Send GET' }).click();
  await expect(page.getByTestId('answer')).toContainText('200 OK');
  await expect(page.getByTestId('answer')).toContainText('"bids"');
  await shot(page, 'docs-depth');

  await page.getByLabel('Filter operations').fill('');
  await page.locator('nav a', { hasText: /^post\/api\/v1\/orders$/ }).click();
  await expect(page.locator('main')).toContainText('client_order_id');
  await page.getByRole('button', { name: 'Send POST' }).click();
  await expect(page.getByTestId('answer')).toContainText('401');
  await shot(page, 'docs-orders');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)).toEqual([]);

  // A refused request is told by the browser as an error of its own; there is no other.
  expect(errors.filter((error) => !error.includes('401'))).toEqual([]);
  expect([...hosts]).toEqual([new URL(baseURL ?? '').origin]);
});
