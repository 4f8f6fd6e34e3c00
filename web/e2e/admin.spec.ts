import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type APIRequestContext, expect, type Page, test } from '@playwright/test';
import { logIn, looksRight, newcomer, operate, PASSWORD, type Person, session, withSecondFactor } from './people';

test.afterEach(({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

/** An administrator, with recovery codes to log in with. */
async function administrator(request: APIRequestContext): Promise<Person & { codes: string[] }> {
  const person = await newcomer(request);
  const { codes } = await withSecondFactor(request, person);
  await operate(request, 'PUT', `/api/v1/admin/users/${person.id}/role`, { role: 'admin' });
  return { ...person, codes };
}

const part = (page: Page, name: string) => page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name });

test('a user sees no administration, and an administrator without a second factor is told the way', async ({ page, request }) => {
  test.setTimeout(120_000);
  const user = await newcomer(request);
  await page.goto('/#/admin');
  await logIn(page, user.email);
  await expect(page.getByText('This is for administrators.')).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Admin' })).toHaveCount(0);
  await operate(request, 'PUT', `/api/v1/admin/users/${user.id}/role`, { role: 'admin' });
  await page.reload();
  // Another role ended the session.
  await logIn(page, user.email);
  const told = page.getByTestId('second-factor-needed');
  await expect(told).toContainText('SECOND_FACTOR_NEEDED');
  await told.getByRole('link', { name: 'To the second factor' }).click();
  await expect(page.getByTestId('two-factor')).toContainText('You are an administrator');
  // Elsewhere, so that this session is one that began before.
  const { codes } = await withSecondFactor(request, { ...user, ...(await session(request, user.email)) });
  await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Admin' }).click();
  await told.getByRole('button', { name: 'Log out and in again' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail or user name').fill(user.email);
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await dialog.getByLabel('Code of your authenticator').fill(codes[0]!);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByTestId('users')).toBeVisible();
});

test('users are found, suspended with reason and end, let in again, and given a role', async ({ page, request }) => {
  test.setTimeout(120_000);
  const admin = await administrator(request);
  const ada = await newcomer(request);
  const key = await request.post('/api/v1/api-keys', { headers: { authorization: `Bearer ${ada.token}` }, data: { name: 'robot', kind: 'hmac', type: 'read' } });
  expect(key.status()).toBe(201);
  await page.goto('/#/admin');
  await logIn(page, admin.email, admin.codes[0]);
  await page.getByLabel('Find a user').fill(`${ada.username}@`);
  const rows = page.getByTestId('users').locator('tbody tr');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(ada.email);
  await looksRight(page, 'admin-users');
  await rows.getByRole('link', { name: ada.username }).click();
  await expect(page).toHaveURL(new RegExp(`#/admin/users/${ada.id}$`));
  await expect(page.getByText('robot')).toBeVisible();
  await expect(page.getByTestId('user-sessions').locator('li')).toHaveCount(1);
  await page.getByRole('button', { name: 'End all sessions' }).click();
  await expect(page.getByText('One session has ended.')).toBeVisible();
  await expect(page.getByText('No session is open.')).toBeVisible();
  expect((await request.get('/api/v1/users/me', { headers: { authorization: `Bearer ${ada.token}` } })).status()).toBe(401);

  const form = page.getByTestId('suspend');
  await form.getByLabel('Reason, as the user reads it').fill('wash trades');
  await form.getByLabel('Ends').fill('2020-01-01T00:00');
  await form.getByRole('button', { name: 'Suspend' }).click();
  await expect(page.getByText('The end must lie ahead.')).toBeVisible();
  await form.getByLabel('Ends').fill('2099-01-02T03:04');
  await form.getByRole('button', { name: 'Suspend' }).click();
  await expect(page.getByTestId('suspension')).toContainText(/until 02 Jan 2099.*wash trades/);
  await looksRight(page, 'admin-user');
  const refused = await request.post('/api/v1/sessions', { data: { login: ada.email, password: PASSWORD } });
  expect(refused.status()).toBe(403);
  await page.getByRole('button', { name: 'Lift the suspension' }).click();
  await expect(page.getByTestId('suspension')).toBeHidden();
  await session(request, ada.email);

  await page.getByRole('button', { name: 'Shut out' }).click();
  await page.getByRole('button', { name: 'Yes, do it' }).click();
  await expect(page.getByRole('button', { name: 'Let in again' })).toBeVisible();
  await page.getByRole('button', { name: 'Let in again' }).click();
  await page.getByRole('button', { name: 'Make an administrator' }).click();
  await expect(page.getByText('may then do all that you may')).toBeVisible();
  await page.getByRole('button', { name: 'Yes, do it' }).click();
  await expect(page.getByRole('button', { name: 'Make a user' })).toBeVisible();
  // Nobody acts on himself.
  await page.goto(`/#/admin/users/${admin.id}`);
  await expect(page.getByText('This is you.')).toBeVisible();
});

test('the outbox is handed on, the door is watched, and the log is what was written', async ({ page, request }) => {
  test.setTimeout(120_000);
  const admin = await administrator(request);
  const ada = await newcomer(request);
  expect((await request.post('/api/v1/password-reset', { data: { email: ada.email } })).status()).toBe(202);
  const mailed = async () => {
    const { messages } = (await operate(request, 'GET', '/api/v1/admin/outbox')) as { messages: { recipient: string }[] };
    return messages.some(({ recipient }) => recipient === ada.email);
  };
  await expect.poll(mailed).toBe(true);
  await page.goto('/#/admin/outbox');
  await logIn(page, admin.email, admin.codes[0]);
  await expect(page.getByTestId('by-hand')).toContainText('No mail server is set');
  const mail = page.getByTestId('outbox').locator('li').filter({ hasText: ada.email });
  await expect(mail).toContainText('#reset=');
  await expect(mail).toContainText('waits');
  // Links are nobody's business in pictures.
  await page.evaluate(() => document.querySelectorAll('pre').forEach((one) => (one.textContent = '…')));
  await looksRight(page, 'admin-outbox');

  await part(page, 'At the door').click();
  await page.getByRole('combobox', { name: 'What happened' }).selectOption({ label: 'Link for a new password asked for' });
  await expect(page.getByTestId('auth-log').locator('tbody tr').first()).toContainText(String(ada.id));
  await page.getByTestId('auth-log').getByRole('link', { name: String(ada.id), exact: true }).first().click();
  await expect(page.getByTestId('user-facts')).toContainText(`number${ada.id}`);

  await part(page, 'Log of administrators').click();
  const verification = page.getByTestId('verification');
  await expect(verification).toContainText(/intact \d+ rows are as they were written\./);
  const receipt = (await verification.getByTestId('head').innerText()).trim();
  await verification.getByLabel('Receipt that you kept').fill(receipt);
  await verification.getByRole('button', { name: 'Verify' }).click();
  await expect(verification).toContainText('and the receipt is among them');
  await verification.getByLabel('Receipt that you kept').fill(receipt.replace(/.$/, (last) => (last === '0' ? '1' : '0')));
  await verification.getByRole('button', { name: 'Verify' }).click();
  await expect(verification).toContainText('The log does not have the row of this receipt');
  await page.getByLabel('Done to', { exact: true }).fill(`user ${admin.id}`);
  await page.getByRole('button', { name: 'Find' }).click();
  const rows = page.getByTestId('admin-log').locator('tbody tr');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('operator');
  await rows.getByRole('button', { name: /^More about row/ }).click();
  await expect(rows.nth(1)).toContainText('"role": "admin"');
  await looksRight(page, 'admin-log');
});

test('the first administrator is made with the token of the folder, and told what comes next', async ({ page }) => {
  // A venue of its own: it happens once.
  const { PAPERTAPE_EMPTY_URL: url, PAPERTAPE_EMPTY_DATA: folder } = process.env;
  test.skip(!url || !folder, 'PAPERTAPE_EMPTY_URL names a venue without an administrator, PAPERTAPE_EMPTY_DATA its folder');
  await page.goto(`${url}/#/setup`);
  const form = page.getByTestId('setup');
  const fill = async (token: string) => {
    await form.getByLabel('Token').fill(token);
    await form.getByLabel('E-mail').fill('first@example.com');
    await form.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await form.getByLabel('Password again').fill(PASSWORD);
    await form.getByRole('button', { name: 'Make the administrator' }).click();
  };
  await fill('00'.repeat(32));
  await expect(form.getByRole('alert')).toContainText('SETUP_OVER');
  await looksRight(page, 'setup');
  await fill(readFileSync(join(folder!, 'setup.token'), 'utf8').trim());
  await expect(page.getByTestId('two-factor')).toContainText('You are an administrator');
  await expect(page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Admin' })).toBeVisible();
});
