import { gzipSync } from 'node:zlib';
import { expect, type Response, test } from '@playwright/test';
import { open } from './page';

test('the first load is small, and has nothing of what is behind other addresses', async ({ page }) => {
  const files: Response[] = [];
  page.on('response', (response) => /\/$|\/assets\//.test(response.url()) && files.push(response));
  await open(page);
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await file.body()).length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(50_000);
  expect(total).toBeLessThan(200_000);
  const first = files.length;
  await page.keyboard.press('a');
  await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeVisible();
  expect(files.length).toBeGreaterThan(first);
});

test('a screen that cannot be fetched says so, and is fetched when it can be', async ({ page }) => {
  await page.route('**/assets/Screens-*.js', (route) => route.abort());
  await open(page);
  await page.keyboard.press('a');
  await expect(page.getByRole('alert')).toContainText('This part of the page could not be fetched.');
  await page.unroute('**/assets/Screens-*.js');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeVisible();
});
