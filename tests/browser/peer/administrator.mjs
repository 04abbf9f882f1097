// What an administrator does: the plugin, and an authenticator from its form.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  addDingTalk, assertCopies, autoSignUp, clientId, clientSecret, configure, drag, enabled, openGroup, save, SETTINGS, testConnection, text,
} from '../authenticators.mjs';
import { call } from './http.mjs';
import { goTo, nameOf, signInAsRoot, titleOf } from './office.mjs';

const MASK = '********';
const ACCEPTED = 'DingTalk accepts the Client ID and the Client Secret.';
/** The organization of the sandbox. */
const CORP_ID = 'dingsandboxcorp';

export function administrator(peer, generation) {
  const name = nameOf(generation);
  const title = titleOf(generation);

  // In one go: all of NocoBase's plugins together take their time to load.
  test('an administrator switches the plugin on and sets an authenticator up', () => peer.onPage(`${generation.name} administrator`, async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await signInAsRoot(page, peer, generation);
    await switchOn(page);
    await goTo(page, generation, SETTINGS);
    await add(page);
    await change(page);
    await disableAndEnable(page);
    await moveToTheTop(page);
  }));

  async function switchOn(page) {
    await goTo(page, generation, '/settings/plugin-manager');
    const toggle = page.getByRole('button', { name: 'Auth: DingTalk', exact: true }).getByRole('switch');
    await toggle.waitFor();
    // The first generation's administrator found it off.
    if (await toggle.getAttribute('aria-checked') === 'true') await switchTo(page, toggle, false);
    assert.equal(await isListed(), false);
    await switchTo(page, toggle, true);
    assert.equal(await isListed(), true);
  }

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

  async function add(page) {
    const form = await addDingTalk(page);
    await assertCopies(form, `${peer.origin}/api/dingtalk:redirect`);
    await text(form, 'Auth UID').fill(name);
    await text(form, 'Title').fill(`${title} to be`);
    await enabled(form).setChecked(true);
    await clientId(form).fill('dingsandboxclient');
    await clientSecret(form).fill(peer.secret);
    await openGroup(form, 'Who gets in');
    await openGroup(form, 'Inside DingTalk');
    await form.getByLabel('Corp ID', { exact: true }).fill(CORP_ID);
    await autoSignUp(form).check();
    await form.getByRole('checkbox', { name: 'Sign in automatically inside DingTalk' }).check();
    assert.equal((await testConnection(form))[0].lines[1], ACCEPTED);
    await save(form);
  }

  async function change(page) {
    const form = await configure(page, name);
    assert.equal(await clientSecret(form).inputValue(), MASK);
    assert.equal(await enabled(form).isChecked(), true);
    assert.equal((await testConnection(form))[0].lines[1], ACCEPTED, 'the mask stands for the secret');
    await text(form, 'Title').fill(title);
    await save(form);
    assert.deepEqual(await offered(), [title]);
  }

  async function disableAndEnable(page) {
    for (const on of [false, true]) {
      const form = await configure(page, name);
      await enabled(form).setChecked(on);
      await save(form);
      assert.deepEqual(await offered(), on ? [title] : []);
    }
  }

  async function moveToTheTop(page) {
    const before = await order();
    await drag(page, name, before[0]);
    assert.deepEqual(await order(), [name, ...before.filter((other) => other !== name)]);
  }

  const publicList = async () => (await call(peer.origin, undefined, 'authenticators:publicList')).json.data;
  const order = async () => (await publicList()).map((way) => way.name);
  /** What the sign-in page has of this generation's administrator. */
  const offered = async () => (await publicList()).filter((way) => way.name === name).map((way) => way.title);
}
