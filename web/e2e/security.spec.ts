import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { listen } from './page';
import { Authenticator, logIn, looksRight, newcomer, operate, PASSWORD, prove, session, withSecondFactor } from './people';

test.afterEach(({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

test('a screen has an address of its own, and waits for whoever is not logged in', async ({ page, request }) => {
  const errors = listen(page);
  const ada = await newcomer(request);
  await page.goto('/#/security');
  await expect(page.getByText('This is for who is logged in.')).toBeVisible();
  await logIn(page, ada.username);
  await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
  await expect(page).toHaveTitle('Security · Papertape');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
  // All by keyboard: to the market, and back.
  await page.keyboard.press('t');
  await expect(page.getByTestId('ladder').locator('.row[data-price]').nth(5)).toBeVisible();
  await page.getByLabel('Price', { exact: true }).fill('123');
  await page.getByLabel('Price', { exact: true }).blur();
  await page.keyboard.press('a');
  await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeFocused();
  await page.goBack();
  // What was typed is still there.
  await expect(page.getByLabel('Price', { exact: true })).toHaveValue('123');
  expect(errors).toEqual([]);
});

test('a second factor is turned on, asked for, stood in for by a recovery code, and turned off', async ({ page, request }) => {
  test.setTimeout(180_000);
  const ada = await newcomer(request);
  await page.goto('/#/security');
  await logIn(page, ada.email);
  const box = page.getByTestId('two-factor');
  await box.getByRole('button', { name: 'Turn it on' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill('not-my-password');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog.getByRole('alert')).toContainText('The password is wrong. WRONG_PASSWORD');
  await prove(page, 'Go on');
  await expect(box.getByRole('img', { name: 'QR code of the secret' })).toBeVisible();
  await page.screenshot({ path: 'e2e/out/second-factor-offer-dark.png' });
  const authenticator = new Authenticator((await box.getByTestId('secret').innerText()).trim());
  await box.getByLabel('Code that it shows').fill('000000');
  await box.getByRole('button', { name: 'Turn it on' }).click();
  await expect(box.getByRole('alert')).toContainText('WRONG_CODE');
  await box.getByLabel('Code that it shows').fill(await authenticator.next());
  await box.getByRole('button', { name: 'Turn it on' }).click();
  await expect(box.getByTestId('recovery-codes').locator('li')).toHaveCount(10);
  const codes = await box.getByTestId('recovery-codes').locator('li').allInnerTexts();
  const [download] = await Promise.all([page.waitForEvent('download'), box.getByRole('button', { name: 'Download' }).click()]);
  const kept = readFileSync(await download.path(), 'utf8');
  for (const code of codes) expect(kept).toContain(code);
  await looksRight(page, 'recovery-codes');
  await expect(box.getByRole('button', { name: 'Done' })).toBeDisabled();
  await box.getByLabel('I have kept them').check();
  await box.getByRole('button', { name: 'Done' }).click();
  await expect(box).toContainText('10 of 10 recovery codes are left.');

  // The door asks for a code now, and takes a recovery code, once.
  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(page, ada.email, await authenticator.next());
  await expect(page.getByTestId('sessions').locator('li').first()).toContainText('second factor');
  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(page, ada.email, codes[0]);
  await expect(box).toContainText('9 of 10 recovery codes are left.');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('banner').getByRole('button', { name: 'Log in' }).click();
  await dialog.getByLabel('E-mail or user name').fill(ada.email);
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await dialog.getByLabel('Code of your authenticator').fill(codes[0]!);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog.getByRole('alert')).toContainText('WRONG_CODE');
  await dialog.getByLabel('Code of your authenticator').fill(codes[1]!);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog).toBeHidden();

  await box.getByRole('button', { name: 'Turn it off' }).click();
  await prove(page, 'Turn it off', codes[2]);
  await expect(box).toContainText('The second factor is off.');
  await expect(page.getByTestId('auth-log')).toContainText('Second factor turned off');
  await expect(page.getByTestId('auth-log')).toContainText('Recovery code used');
});

test('sessions are seen and ended, and another password ends the others', async ({ page, request }) => {
  const ada = await newcomer(request);
  await session(request, ada.email);
  await session(request, ada.username);
  await page.goto('/#/security');
  await logIn(page, ada.email);
  const sessions = page.getByTestId('sessions').locator('li');
  await expect(sessions).toHaveCount(4);
  await expect(sessions.first()).toContainText('this one');
  await expect(sessions.first()).toContainText('Chrome');
  await sessions.nth(1).getByRole('button', { name: /^End the session/ }).click();
  await expect(sessions).toHaveCount(3);
  await page.getByRole('button', { name: 'End all others' }).click();
  await expect(sessions).toHaveCount(1);
  await expect(page.getByText('2 sessions have ended.')).toBeVisible();
  expect((await request.get('/api/v1/users/me', { headers: { authorization: `Bearer ${ada.token}` } })).status()).toBe(401);
  await session(request, ada.email);
  await page.reload();
  await expect(sessions).toHaveCount(2);

  const form = page.getByTestId('password');
  await form.getByLabel('New password', { exact: true }).fill('password');
  await form.getByLabel('New password again').fill('password');
  await form.getByRole('button', { name: 'Change the password' }).click();
  await prove(page, 'Change it');
  await expect(form.getByRole('alert')).toContainText('WEAK_PASSWORD');
  await form.getByLabel('New password', { exact: true }).fill('another battery staple 9');
  await form.getByLabel('New password again').fill('another battery staple 9');
  await form.getByRole('button', { name: 'Change the password' }).click();
  await prove(page, 'Change it');
  await expect(form).toContainText('The password is changed.');
  await expect(sessions).toHaveCount(1);
  await expect(page.getByTestId('auth-log')).toContainText('Password changed');
  await looksRight(page, 'security');
});

test('the log comes in pages, and can be narrowed', async ({ page, request }) => {
  const ada = await newcomer(request);
  for (let more = 0; more < 26; more += 1) await session(request, ada.email);
  await page.goto('/#/security');
  await logIn(page, ada.email);
  const rows = page.getByTestId('auth-log').locator('tbody tr');
  await expect(rows).toHaveCount(25);
  await page.getByRole('button', { name: 'Earlier events' }).click();
  await expect(rows).toHaveCount(29);
  await expect(rows.last()).toContainText('Signed up');
  await page.getByRole('combobox', { name: 'What happened' }).selectOption({ label: 'Signed up' });
  await expect(rows).toHaveCount(1);
  await page.getByLabel('How it went').selectOption('failure');
  await expect(page.getByText('Nothing of the kind happened.')).toBeVisible();
  await expect(page.getByTestId('last-login')).not.toHaveText('never');
  await expect(page.getByTestId('last-logout')).toHaveText('never');
  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(page, ada.email);
  await expect(page.getByTestId('last-logout')).not.toHaveText('never');
});

test('whoever is suspended is told why and until when, and whoever guesses is told to wait', async ({ page, request }) => {
  const ada = await newcomer(request);
  await operate(request, 'PUT', `/api/v1/admin/users/${ada.id}/suspension`, { reason: 'wash trades', ends_at_ms: Date.UTC(2099, 0, 2, 12) });
  await page.goto('/');
  await page.getByRole('banner').getByRole('button', { name: 'Log in' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail or user name').fill(ada.email);
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog.getByRole('alert')).toContainText(/You are suspended until 02 Jan 2099.*: Wash trades\. USER_SUSPENDED/);
  await page.screenshot({ path: 'e2e/out/suspended-dark.png' });

  // Codes can be guessed five times in five minutes.
  const bob = await newcomer(request);
  await withSecondFactor(request, bob);
  for (let tries = 0; tries < 5; tries += 1) {
    const refused = await request.post('/api/v1/sessions', { data: { login: bob.email, password: PASSWORD, code: '000000' } });
    expect(refused.status()).toBe(401);
  }
  await dialog.getByLabel('E-mail or user name').fill(bob.email);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await dialog.getByLabel('Code of your authenticator').fill('000000');
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Too many tries in a short time. RATE_LIMITED');
  await expect(dialog.getByRole('timer')).toHaveText(/^[34]:\d\d$/);
  await expect(dialog.getByRole('button', { name: 'Log in' })).toBeDisabled();
  await page.screenshot({ path: 'e2e/out/waiting-dark.png' });
});

test('a forgotten password is set anew by the link of a mail', async ({ page, request }) => {
  const ada = await newcomer(request);
  await page.goto('/');
  await page.getByRole('banner').getByRole('button', { name: 'Log in' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Forgotten password' }).click();
  await dialog.getByLabel('E-mail').fill(ada.email);
  await dialog.getByRole('button', { name: 'Send me a link' }).click();
  await expect(dialog.getByRole('status')).toContainText('a link is on its way');
  const mailed = async () => {
    const { messages } = (await operate(request, 'GET', '/api/v1/admin/outbox')) as { messages: { recipient: string; body: string | null }[] };
    return messages.find(({ recipient }) => recipient === ada.email)?.body?.match(/#reset=[0-9a-f]+/)?.[0] ?? '';
  };
  await expect.poll(mailed).not.toBe('');
  const link = await mailed();
  await page.goto('about:blank');
  await page.goto(`/${link}`);
  await expect(dialog.getByRole('heading', { name: 'New password' })).toBeVisible();
  // The secret is in no history.
  expect(page.url()).not.toContain('reset');
  await dialog.getByLabel('Password', { exact: true }).fill('quite another one 4');
  await dialog.getByLabel('Password again').fill('quite another one 4');
  await dialog.getByRole('button', { name: 'Set the password' }).click();
  await expect(dialog.getByRole('status')).toContainText('The password is set. Log in with it.');
  await dialog.getByLabel('E-mail or user name').fill(ada.email);
  await dialog.getByLabel('Password', { exact: true }).fill('quite another one 4');
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await expect(dialog).toBeHidden();

  await page.goto('about:blank');
  await page.goto(`/${link}`);
  await dialog.getByLabel('Password', { exact: true }).fill('yet another one 44');
  await dialog.getByLabel('Password again').fill('yet another one 44');
  await dialog.getByRole('button', { name: 'Set the password' }).click();
  await expect(dialog.getByRole('alert')).toContainText('LINK_OVER');
  await expect(dialog.getByRole('button', { name: 'Send me a link' })).toBeVisible();
});

test('a lost authenticator: the codes of the API work at the page', async ({ page, request }) => {
  const ada = await newcomer(request);
  const { codes } = await withSecondFactor(request, ada);
  await page.goto('/');
  await logIn(page, ada.email, codes[9]);
  await expect(page.getByRole('link', { name: `Account of ${ada.username}` })).toBeVisible();
});
