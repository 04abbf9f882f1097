// The steps that stories are made of, for both generations of NocoBase's client.

import assert from 'node:assert/strict';

/** The generations: where each lives, and how its pages name things. */
export const GENERATIONS = [
  { name: 'v1', home: '/', admin: '/admin', signInPage: '/signin' },
  { name: 'v2', home: '/v/', admin: '/v/admin', signInPage: '/v/signin' },
];

export function dingTalkButton(page, label = 'Sign in via DingTalk') {
  return page.getByRole('button', { name: label, exact: true });
}

const userMenu = (page) => page.getByTestId('user-center-button');

/** From the start page to DingTalk's login page, where `choose` presses a button. */
export async function goThroughDingTalk(page, demo, generation, choose, label) {
  await page.goto(demo.origin + generation.home);
  await dingTalkButton(page, label).click();
  await page.waitForURL(`${demo.sandboxOrigin}/**`);
  await choose(page);
}

export const pick = (person) => (page) => page.locator(`button[name=person][value=${person}]`).click();
export const deny = (page) => page.getByRole('button', { name: 'Deny' }).click();

export async function assertSignedIn(page, demo, generation) {
  await page.waitForURL((url) => url.origin === demo.origin && isBelow(url.pathname, generation.admin));
  await userMenu(page).waitFor();
}

export async function assertRefused(page, demo, generation, message) {
  await page.waitForURL((url) => url.origin === demo.origin && url.pathname === generation.signInPage);
  const alert = page.getByRole('alert');
  await alert.waitFor();
  // What else there is stands below.
  assert.equal((await alert.locator('.ant-alert-message').innerText()).trim(), message);
  assert.doesNotMatch(page.url(), /dingtalkError|dingtalkRequest|authenticator/, 'the address does not repeat the failure');
  assert.equal(await token(page), '', 'nobody is signed in');
}

/** Clicks for something to come. While what was there before still moves, NocoBase can lose a click; a person clicks again. */
export async function clickFor(wanted, button) {
  await button.click();
  const came = await wanted.waitFor({ timeout: 5_000 }).then(() => true, () => false);
  // What came just now may lie over the button.
  if (!came) await button.click({ timeout: 5_000 }).catch(() => {});
}

/** Points at what opens a menu. A page that is still being drawn can miss the pointer; a person moves it there again. */
export async function hoverFor(wanted, place) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await place.hover();
    if (await wanted.waitFor({ timeout: 5_000 }).then(() => true, () => false)) return;
    await place.page().mouse.move(1, 400);
  }
  await wanted.waitFor();
}

/**
 * Clicks a button that sends a form, or says yes to a question. On a busy machine a click is lost on what is still being drawn,
 * or still grows as it opens: a person sees that nothing happens and clicks again.
 */
export async function submitForm(page, button, isSent = (request) => request.method() === 'POST') {
  const sent = page.waitForRequest(isSent).then(() => true, () => false);
  const soon = () => Promise.race([sent, page.waitForTimeout(5_000)]);
  await button.click();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    if (await soon()) return;
    // It may have sent just now, and be gone.
    await button.click({ timeout: 5_000 }).catch(() => {});
  }
  if (!await soon()) throw new Error('The button sends nothing');
}

export async function signInWithPassword(page, account, password) {
  await page.getByPlaceholder('Username/Email').fill(account);
  await page.getByPlaceholder('Password').fill(password);
  await page.getByRole('button', { name: /Sign in$/ }).click();
}

/** Changes the display name with the form behind the user menu; NocoBase's own form wants a username, too. */
export async function rename(page, nickname, username) {
  const form = page.locator('.ant-drawer-content');
  const entry = page.getByText('Edit profile', { exact: true });
  await hoverFor(entry, userMenu(page));
  await clickFor(form, entry);
  const field = (label) => form.locator('.ant-form-item, .ant-formily-item').filter({ hasText: label }).getByRole('textbox');
  await field('Nickname').fill(nickname);
  if (username) await field('Username').fill(username);
  await submitForm(page, form.getByRole('button', { name: 'Submit' }));
  await form.waitFor({ state: 'hidden' });
}

export async function signOut(page) {
  const entry = page.getByText('Sign out', { exact: true });
  await hoverFor(entry, userMenu(page));
  await submitForm(page, entry, (request) => request.url().includes('/api/auth:signOut'));
}

/** The token in the client's storage; empty when nobody is signed in. */
export function token(page) {
  return page.evaluate(() => localStorage.getItem('NOCOBASE_TOKEN') ?? '');
}

/** Asks the server, from within the page as the client does, who is signed in. */
export function whoAmI(page) {
  return page.evaluate(async () => {
    const headers = { Authorization: `Bearer ${localStorage.getItem('NOCOBASE_TOKEN')}` };
    const response = await fetch('/api/auth:check', { headers });
    return (await response.json()).data;
  });
}

function isBelow(path, parent) {
  return path === parent || path.startsWith(`${parent}/`);
}
