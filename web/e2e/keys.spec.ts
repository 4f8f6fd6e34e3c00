import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type APIRequestContext, expect, test } from '@playwright/test';
import { logIn, looksRight, newcomer, prove } from './people';

test.afterEach(({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

/** Asks for the account with a key, as a program would; gives the status of the answer. */
async function ask(request: APIRequestContext, key: string, signer: string | KeyObject): Promise<number> {
  const at = String(Date.now());
  const text = Buffer.from(`${at}\n\n\nGET\n/api/v1/account\n`);
  const signature = typeof signer === 'string' ? createHmac('sha256', Buffer.from(signer, 'hex')).update(text).digest() : sign(null, text, signer);
  const headers = { 'papertape-key': key, 'papertape-timestamp': at, 'papertape-signature': signature.toString('hex') };
  return (await request.get('/api/v1/account', { headers })).status();
}

test('an HMAC key is made, its secret shown once, used, paused, narrowed and revoked', async ({ page, request }) => {
  const ada = await newcomer(request);
  await page.goto('/#/keys');
  await logIn(page, ada.email);
  await expect(page.getByText('You have no key yet.')).toBeVisible();
  const form = page.getByTestId('new-key');
  await form.getByLabel('Name').fill('market maker');
  await form.getByLabel('Read').uncheck();
  await form.getByRole('button', { name: 'Make the key' }).click();
  await expect(form.getByRole('alert')).toContainText('choose what it may');
  await form.getByLabel('Read').check();
  await form.getByLabel('Trade').check();
  await form.getByLabel('May come from').fill('10.0.0.300');
  await form.getByRole('button', { name: 'Make the key' }).click();
  await expect(form.getByRole('alert')).toContainText('INVALID_FIELD');
  await form.getByLabel('May come from').fill('127.0.0.0/8, ::1');
  await form.getByLabel('Ends').fill('2099-01-02T03:04');
  await form.getByRole('button', { name: 'Make the key' }).click();

  const made = page.getByTestId('new-secret');
  const key = (await made.getByTestId('key-id').innerText()).trim();
  const secret = (await made.getByTestId('key-secret').innerText()).trim();
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  const row = page.getByTestId('keys').locator('li').first();
  for (const text of ['market maker', 'HMAC', 'Read', 'Trade', '127.0.0.0/8', '02 Jan 2099', 'never', 'write']) await expect(row).toContainText(text);
  await looksRight(page, 'keys');
  await expect(made.getByRole('button', { name: 'Done' })).toBeDisabled();
  await made.getByLabel('I have kept the secret').check();
  await made.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText(secret)).toHaveCount(0);

  expect(await ask(request, key, secret)).toBe(200);
  // The use is written down a moment after the answer.
  await expect(async () => {
    await page.reload();
    await expect(row.getByTestId('last-used')).toHaveText(/^\d\d:\d\d:\d\d$/, { timeout: 3_000 });
  }).toPass();

  await row.getByRole('button', { name: /^Pause/ }).click();
  await expect(row).toContainText('paused');
  expect(await ask(request, key, secret)).toBe(401);
  await row.getByRole('button', { name: /^Resume/ }).click();
  await expect(row).not.toContainText('paused');
  expect(await ask(request, key, secret)).toBe(200);
  await row.getByRole('button', { name: /^Change/ }).click();
  await row.getByLabel('Name').fill('night desk');
  await row.getByLabel('May come from').fill('192.0.2.0/24');
  await row.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('night desk');
  await expect(row).toContainText('192.0.2.0/24');
  expect(await ask(request, key, secret)).toBe(401);
  await row.getByRole('button', { name: /^Revoke the key/ }).click();
  await expect(row).toContainText('It cannot be brought back.');
  await row.getByRole('button', { name: 'Revoke it' }).click();
  await expect(page.getByText('You have no key yet.')).toBeVisible();
});

test('an Ed25519 key is made by pasting a public key, and its name is its own', async ({ page, request }) => {
  const ada = await newcomer(request);
  await page.goto('/#/keys');
  await logIn(page, ada.email);
  const pair = generateKeyPairSync('ed25519');
  const form = page.getByTestId('new-key');
  const fill = async (publicKey: string) => {
    await form.getByLabel('Name').fill('signer');
    await form.getByRole('button', { name: 'Ed25519' }).click();
    await form.getByLabel('Public key').fill(publicKey);
    await form.getByRole('button', { name: 'Make the key' }).click();
  };
  await fill('not a key');
  await expect(form.getByRole('alert')).toContainText('This is no public key of Ed25519');
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await fill(pem);
  const made = page.getByTestId('new-secret');
  await expect(made).toContainText('Your program signs with the private key of this public key.');
  const key = (await made.getByTestId('key-id').innerText()).trim();
  await made.getByRole('button', { name: 'Done' }).click();
  expect(await ask(request, key, pair.privateKey)).toBe(200);
  await expect(page.getByTestId('keys').locator('li')).toContainText('Ed25519');
  await fill(pem);
  await expect(form.getByRole('alert')).toContainText('You have a key of this name. Choose another one. NAME_TAKEN');
});

test('a venue that asks for a proof gets it, and the request again', async ({ page, request }) => {
  const ada = await newcomer(request);
  let proven = false;
  await page.route('**/api/v1/api-keys', (route) => {
    if (proven || route.request().method() !== 'POST') return route.continue();
    return route.fulfill({ status: 403, json: { code: 'STEP_UP_REQUIRED', detail: 'show the password', status: 403 } });
  });
  await page.route('**/api/v1/users/me/step-up', (route) => {
    const { password } = route.request().postDataJSON();
    proven = password === 'Correct-horse-7-staple';
    return proven ? route.fulfill({ json: { expires_in_s: 300 } }) : route.fulfill({ status: 403, json: { code: 'WRONG_PASSWORD', detail: 'no', status: 403 } });
  });
  await page.goto('/#/keys');
  await logIn(page, ada.email);
  const form = page.getByTestId('new-key');
  await form.getByLabel('Name').fill('proven');
  await form.getByRole('button', { name: 'Make the key' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Your password shows that it is you.');
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('You have no key yet.')).toBeVisible();
  await form.getByRole('button', { name: 'Make the key' }).click();
  await dialog.getByLabel('Your password').fill('wrong');
  await dialog.getByRole('button', { name: 'Make it' }).click();
  await expect(dialog.getByRole('alert')).toContainText('WRONG_PASSWORD');
  await page.screenshot({ path: 'e2e/out/step-up-dark.png' });
  await prove(page, 'Make it');
  await expect(page.getByTestId('new-secret')).toContainText('The key “proven” is made.');
});
