import { expect, type Page } from '@playwright/test';

export const shot = (page: Page, name: string) => page.screenshot({ path: `e2e/out/${name}.png` });

/** Everything that the page says went wrong: uncaught errors, refused resources, policy violations. */
export function listen(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return errors;
}

export async function open(page: Page) {
  await page.goto('/');
  await expect(page.getByTestId('link')).toHaveText('Live');
  await expect(page.getByTestId('ladder').locator('.row[data-price]').nth(5)).toBeVisible();
}

export async function signUp(page: Page): Promise<void> {
  const email = `trader-${Date.now()}-${Math.floor(Math.random() * 1e6)}@example.com`;
  await page.getByRole('banner').getByRole('button', { name: 'Sign up' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('Password', { exact: true }).fill('Correct-horse-7-staple');
  await dialog.getByLabel('Password again').fill('Correct-horse-7-staple');
  await dialog.getByRole('button', { name: 'Sign up' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('[data-asset="USD"]')).toContainText('100,000.00');
}

/** A price in the book, as digits without separators. */
export async function bestAsk(page: Page): Promise<number> {
  const text = await page.getByTestId('ladder').locator('.row.ask .price').last().innerText();
  return Number(text.replaceAll(',', ''));
}
