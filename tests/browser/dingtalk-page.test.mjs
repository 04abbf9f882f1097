// The settings page «DingTalk», in Chromium, with NocoBase's own web client.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { assertAccessible } from './authenticators.mjs';
import { launchChromium, Ledger, onCleanPage, onFreshPage } from './browser.mjs';
import { Demo } from './demo.mjs';
import { administrator, openPage, openTab, PAGE } from './settings.mjs';
import { assertRefused, assertSignedIn, clickFor, GENERATIONS, goThroughDingTalk, pick, signInWithPassword, submitForm } from './stories.mjs';

const NOT_MEMBER = 'Your DingTalk account is not a member of this organization, or the app may not see you.';
const NO_ACCOUNT = 'There is no account for your DingTalk user. Please contact your administrator.';
const PHONE = { width: 390, height: 844 };

let browser;
let demo;
let ledger;

before(async () => {
  browser = await launchChromium();
  demo = await Demo.start();
  ledger = Ledger.of(demo);
});

after(async () => {
  await browser?.close();
  await demo?.discard();
});

/** A test with a page of its own, which must also end without a complaint of the browser. */
function story(name, generation, tell, { locale, viewport } = {}) {
  test(name, async () => {
    await onCleanPage(browser, { ledger, name: `${generation.name} page ${name}`, locale, viewport }, tell);
  });
}

/** Calls the server without a browser. */
async function call(action, body, token) {
  const headers = { 'Content-Type': 'application/json', 'X-Authenticator': 'basic' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(`${demo.origin}/api/${action}`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.equal(response.status, 200, `${action}: ${await response.clone().text()}`);
  return (await response.json()).data;
}

const rootToken = async () => (await call('auth:signIn', { account: 'nocobase', password: 'admin123' })).token;

const open = (page, generation) => openPage(page, demo, generation);

const tab = (page, name) => page.locator(PAGE).getByRole('tab', { name, exact: true });
const row = (page, text) => page.locator(`${PAGE} .ant-table-row`).filter({ hasText: text }).first();

for (const generation of GENERATIONS) {
  describe(`The page «DingTalk» of the ${generation.name} client`, () => {
    story('says how everything is doing, and who was refused why', generation, async (page) => {
      await goThroughDingTalk(page, demo, generation, pick('emma'));
      await assertRefused(page, demo, generation, NOT_MEMBER);
      await open(page, generation);
      await page.getByText(/Not tested yet|Works · /).first().waitFor();
      const told = page.waitForResponse((response) => response.url().includes('/api/dingtalk:checkConnection'));
      await page.getByRole('button', { name: 'Test connection' }).first().click();
      await told;
      await page.getByText(/Works · /).waitFor();
      await page.getByRole('img', { name: /^Sign-ins of the last 30 days: Succeeded \d+, Refused \d+$/ }).first().waitFor();
      await page.getByText(NOT_MEMBER).first().waitFor();
      await assertAccessible(page, [page.locator(PAGE)]);

      await openTab(page.locator(PAGE), 'Sign-ins');
      await row(page, NOT_MEMBER).waitFor();
      await assertAccessible(page, [page.locator(PAGE)]);
      await row(page, NOT_MEMBER).getByRole('button').click();
      const details = page.getByRole('dialog', { name: 'Details' });
      await details.getByText('DINGTALK_NOT_MEMBER').waitFor();
      const requestId = await details.getByText(/^[0-9a-f-]{36}$/).innerText();
      await details.getByRole('link', { name: 'Open the developer console' }).waitFor();
      await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
      await assertAccessible(page, [page.locator('.ant-drawer-content')]);
      await details.getByRole('button', { name: 'Close' }).click();
      // A closed drawer gives the focus back to what opened it. A key that is pressed before goes there and opens it again.
      await page.waitForFunction(() => document.activeElement?.closest('.ant-table-row'));

      const search = page.getByRole('textbox', { name: 'Request ID' }).or(page.getByRole('searchbox', { name: 'Request ID' }));
      await search.fill(requestId);
      await search.press('Enter');
      await page.getByText('Total 1 items').waitFor();
      await row(page, NOT_MEMBER).waitFor();
      await search.fill('');
      await search.press('Enter');
      await row(page, 'Super Admin').waitFor();

      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Export as CSV' }).click();
      const file = await readFile(await (await saved).path(), 'utf8');
      assert.match(file, /^\ufeff"id","createdAt","action"/);
      assert.match(file, /"signIn","refused","DINGTALK_NOT_MEMBER"/);

      await page.getByRole('combobox', { name: 'Result' }).click();
      await page.getByRole('option', { name: 'Succeeded' }).waitFor({ state: 'attached' });
      await page.locator('.ant-select-item-option').filter({ hasText: 'Succeeded' }).click();
      await row(page, NOT_MEMBER).waitFor({ state: 'hidden' });
      await row(page, 'Super Admin').waitFor();
    });

    story('names somebody without an account, and begins to bind them', generation, async (page) => {
      const { setOptions } = await administrator(demo);
      await setOptions('dingtalk', { public: { autoSignup: false } });
      try {
        await goThroughDingTalk(page, demo, generation, pick('lina'));
        await assertRefused(page, demo, generation, NO_ACCOUNT);
      } finally {
        await setOptions('dingtalk', { public: { autoSignup: true } });
      }
      await open(page, generation);
      await openTab(page.locator(PAGE), 'Sign-ins');
      await row(page, '李娜').getByRole('button').click();
      const details = page.getByRole('dialog', { name: 'Details' });
      await details.getByText('李娜 · user-lina').waitFor();
      await details.getByRole('button', { name: 'Bind by hand' }).click();
      const form = page.locator('.ant-modal-content').filter({ hasText: 'User ID at DingTalk' });
      await form.waitFor();
      assert.equal(await form.getByRole('combobox').last().inputValue(), 'user-lina');
    });

    story('binds somebody by hand, and removes the binding', generation, async (page) => {
      const nickname = `Helper ${generation.name}`;
      const token = await rootToken();
      await call('users:create', { username: `helper-${generation.name}`, nickname, password: 'Passw0rd!', roles: ['member'] }, token);
      await open(page, generation);
      await openTab(page.locator(PAGE), 'People');
      const form = page.locator('.ant-modal-content').filter({ hasText: 'User ID at DingTalk' });
      await clickFor(form, page.getByRole('button', { name: 'Bind by hand' }));
      await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
      await assertAccessible(page, [page.locator('.ant-modal-content')]);
      await form.getByRole('combobox').nth(-2).fill(nickname.toLowerCase());
      await page.locator('.ant-select-item-option').filter({ hasText: nickname }).click();
      await form.getByRole('combobox').last().fill('user-wangfang');
      await form.getByRole('button', { name: 'Bind', exact: true }).click();
      await row(page, nickname).getByText('By hand').waitFor();
      await row(page, nickname).getByText('user-wangfang').waitFor();
      await assertAccessible(page, [page.locator(PAGE)]);

      await row(page, nickname).getByRole('button', { name: 'Remove binding' }).click();
      const question = page.locator('.ant-modal-content').filter({ hasText: 'The account stays.' });
      await submitForm(page, question.getByRole('button', { name: 'Remove binding' }));
      await row(page, nickname).waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Bind by hand' }).and(page.locator(':focus')).waitFor();
    });

    story('comes when it is opened, and once', generation, async (page) => {
      const asked = [];
      page.on('request', (request) => {
        const [, file] = request.url().match(/plugin-auth-dingtalk\/dist\/([\w/-]+\.js)/) ?? [];
        if (file) asked.push(file);
      });
      const count = (file) => asked.filter((one) => one === file).length;
      const main = { v1: 'client/index.js', v2: 'client-v2/index.js' }[generation.name];
      await page.goto(demo.origin + generation.home);
      await signInWithPassword(page, 'nocobase', 'admin123');
      await assertSignedIn(page, demo, generation);
      await page.waitForLoadState('networkidle');
      assert.deepEqual([count(main), count('settings/index.js')], [1, 0]);
      asked.length = 0;
      await page.goto(`${demo.origin}${generation.admin}/settings/plugin-manager`);
      const menu = (name) => page.locator('.ant-menu-item').getByText(name, { exact: true });
      for (const _ of [1, 2]) {
        // The menu is drawn again when a page has come, and can lose a click.
        await clickFor(tab(page, 'Overview'), menu('DingTalk'));
        await clickFor(page.getByRole('button', { name: 'Auth: DingTalk', exact: true }), menu('Plugin manager'));
        await tab(page, 'Overview').waitFor({ state: 'hidden' });
      }
      assert.deepEqual([count(main), count('settings/index.js')], [1, 1]);
    });

    story('has room on a phone, in Chinese', generation, async (page) => {
      await open(page, generation);
      for (const name of ['概览', '登录记录', '人员', '通讯录']) {
        const part = page.locator(PAGE);
        await openTab(part, name);
        await part.getByRole('tabpanel').locator('.ant-spin-blur, .ant-skeleton').first().waitFor({ state: 'detached' });
        const width = await part.evaluate((element) => element.getBoundingClientRect().right);
        assert.ok(width <= PHONE.width, `${name}: ${width}`);
      }
    }, { locale: 'zh-CN', viewport: PHONE });
  });
}

test('Nobody else sees the page', async () => {
  const token = await rootToken();
  await call('users:create', { username: 'plain', nickname: 'Plain', password: 'Passw0rd!', roles: ['member'] }, token);
  const [generation] = GENERATIONS;
  await onFreshPage(browser, { ledger, name: 'page member' }, async (page) => {
    await page.goto(demo.origin + generation.home);
    await signInWithPassword(page, 'plain', 'Passw0rd!');
    await assertSignedIn(page, demo, generation);
    assert.equal(await page.locator('.anticon-setting').count(), 0);
  });
});

test('The demo ends in good order', () => demo.stop());
