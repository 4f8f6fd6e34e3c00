import { expect, test } from '@playwright/test';
import { logIn, looksRight, newcomer, prove, withSecondFactor } from './people';

test('wallets are made, renamed, made primary, and copied from', async ({ page, request, context, baseURL }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(baseURL ?? '').origin });
  const ada = await newcomer(request);
  await page.goto('/#/wallets');
  await logIn(page, ada.email);
  const rows = page.getByTestId('wallets').locator('li');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('primary');
  await expect(rows.first()).toContainText('100,000.00 USD');
  const form = page.getByTestId('new-wallet');
  for (const [name, chain] of [['Savings', 'Bitcoin, test network'], ['Games', 'Solana']] as const) {
    await form.getByLabel('Name').fill(name);
    await form.getByLabel('Chain').selectOption({ label: chain });
    await form.getByRole('button', { name: 'Make the wallet' }).click();
    await expect(form.getByRole('status')).toContainText(`“${name}” is made`);
  }
  await expect(rows).toHaveCount(3);
  const savings = rows.filter({ hasText: 'Savings' });
  await savings.getByRole('button', { name: 'Copy the address of Savings' }).click();
  await expect(savings).toContainText('Copied');
  const address = await page.evaluate(() => navigator.clipboard.readText());
  expect(address).toMatch(/^tb1/);
  await expect(savings).toContainText(address);
  await savings.getByRole('button', { name: 'Make Savings primary' }).click();
  await expect(savings).toContainText('100,000.00 USD');
  await expect(rows.first()).toContainText('none of its own');
  const games = rows.filter({ hasText: 'Solana' });
  await games.getByRole('button', { name: 'Rename Games' }).click();
  await games.getByLabel('New name of Games').fill('Evenings');
  await games.getByRole('button', { name: 'Save' }).click();
  await expect(games).toContainText('Evenings');
  await looksRight(page, 'wallets');
});

test('a private key is shown to whoever shows password and code, and it is written down', async ({ page, request }) => {
  const ada = await newcomer(request);
  const { codes } = await withSecondFactor(request, ada);
  await page.goto('/#/wallets');
  await logIn(page, ada.email, codes[0]);
  const row = page.getByTestId('wallets').locator('li').first();
  await row.getByRole('button', { name: /^Show the private key/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill('wrong');
  await dialog.getByLabel('Code of your authenticator').fill(codes[1]!);
  await dialog.getByRole('button', { name: 'Show it' }).click();
  await expect(dialog.getByRole('alert')).toContainText('WRONG_PASSWORD');
  await prove(page, 'Show it', codes[1]);
  const key = row.getByTestId('private-key');
  await expect(key.locator('code')).toHaveText(/^(0x)?[0-9a-f]{64}$/);
  await row.getByRole('button', { name: 'Close' }).click();
  await expect(key).toBeHidden();
  await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Security' }).click();
  await expect(page.getByTestId('auth-log')).toContainText('Private key of a wallet shown');
});
