// What an administrator does: the plugin, and an authenticator from its form.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  addDingTalk, assertCopies, autoSignUp, clientId, clientSecret, configure, drag, enabled, save, SETTINGS, testConnection, text,
} from '../authenticators.mjs';
import { call } from './http.mjs';
import { nameOf, signInAsRoot, titleOf } from './office.mjs';

const MASK = '********';
const ACCEPTED = 'DingTalk accepts the Client ID and the Client Secret.';
/** The organisation of the sandbox. */
const CORP_ID = 'dingsandboxcorp';

export function administrator(peer, generation) {
  const name = nameOf(generation);
  const title = titleOf(generation);

  test('an administrator switches the plugin on, which is off at first', () => peer.onPage(`${generation.name} plugin`, async (page) => {
    await signInAsRoot(page, peer, generation);
    await page.goto(`${peer.origin}${generation.admin}/settings/plugin-manager`);
    const toggle = page.getByRole('button', { name: 'Auth: DingTalk', exact: true }).getByRole('switch');
    await toggle.waitFor();
    // The first generation's administrator has switched it on.
    if (await toggle.getAttribute('aria-checked') === 'true') await switchTo(page, toggle, false);
    assert.equal(await isListed(), false);
    await switchTo(page, toggle, true);
    assert.equal(await isListed(), true);
  }));

  /** Switches the plugin, which reloads every page. */
  async function switchTo(page, toggle, on) {
    const loaded = page.waitForEvent('load');
    await toggle.click();
    if (!on) await page.getByRole('dialog').getByRole('button', { name: 'OK' }).click();
    await loaded;
    await toggle.and(page.locator(`[aria-checked=${on}]`)).waitFor();
  }

  async function isListed() {
    const listed = await call(peer.origin, undefined, 'pm:listEnabled');
    return listed.json.data.some((plugin) => plugin.name === 'auth-dingtalk');
  }

  test('an administrator sets an authenticator up with its form', () => peer.asRoot(`${generation.name} set up`, async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${peer.origin}${generation.admin}${SETTINGS}`);
    const form = await addDingTalk(page);
    await assertCopies(form, `${peer.origin}/api/dingtalk:redirect`);
    await text(form, 'Auth UID').fill(name);
    await text(form, 'Title').fill(`${title} to be`);
    await enabled(form).setChecked(true);
    await clientId(form).fill('dingsandboxclient');
    await clientSecret(form).fill(peer.secret);
    await form.getByLabel('Corp ID', { exact: true }).fill(CORP_ID);
    await autoSignUp(form).check();
    await form.getByRole('checkbox', { name: 'Sign in automatically inside DingTalk' }).check();
    assert.equal((await testConnection(form))[0], ACCEPTED);
    await save(form);

    const again = await configure(page, name);
    assert.equal(await clientSecret(again).inputValue(), MASK);
    assert.equal(await enabled(again).isChecked(), true);
    assert.equal((await testConnection(again))[0], ACCEPTED, 'the mask stands for the secret');
    await text(again, 'Title').fill(title);
    await save(again);
    assert.deepEqual(await offered(), [title]);
  }));

  test('an administrator disables it, enables it and changes the order', () => peer.asRoot(`${generation.name} order`, async (page) => {
    await page.goto(`${peer.origin}${generation.admin}${SETTINGS}`);
    for (const on of [false, true]) {
      const form = await configure(page, name);
      await enabled(form).setChecked(on);
      await save(form);
      assert.deepEqual(await offered(), on ? [title] : []);
    }
    const before = await order();
    await drag(page, name, before[0]);
    assert.deepEqual(await order(), [name, ...before.filter((other) => other !== name)]);
  }));

  const publicList = async () => (await call(peer.origin, undefined, 'authenticators:publicList')).json.data;
  const order = async () => (await publicList()).map((way) => way.name);
  /** What the sign-in page has of this generation's administrator. */
  const offered = async () => (await publicList()).filter((way) => way.name === name).map((way) => way.title);
}
