// The tab «Directory» of the settings page, in Chromium, with NocoBase's own web client and the sandbox's company.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertAccessible, openGroup } from './authenticators.mjs';
import { launchChromium, Ledger, onCleanPage } from './browser.mjs';
import { Demo } from './demo.mjs';
import { administrator, button, go, openPage, openTab, PAGE, quiet } from './settings.mjs';
import { GENERATIONS } from './stories.mjs';

const PHONE = { width: 390, height: 844 };

let browser;

before(async () => {
  browser = await launchChromium();
});

after(() => browser?.close());

/** Opens the tab as root. */
async function openDirectory(page, demo, generation, name = 'Directory') {
  await openPage(page, demo, generation);
  const part = page.locator(PAGE);
  await openTab(part, name);
  return part;
}

for (const generation of GENERATIONS) {
  describe(`The directory of the ${generation.name} client`, () => {
    let demo;
    let ledger;
    before(async () => {
      demo = await Demo.start();
      ledger = Ledger.of(demo);
    });
    after(() => demo?.discard());

    /** A test with a page of its own, which must also end without a complaint of the browser. */
    const story = (name, tell, options = {}) => test(name, async () => {
      await onCleanPage(browser, { ledger, name: `${generation.name} directory ${name}`, ...options }, tell);
    });

    story('whoever has no account is listed, and bound by hand by name', async (page) => {
      const { call } = await administrator(demo);
      const nickname = `Helper of the ${generation.name} client`;
      await call('users:create', { username: `helper-${generation.name}`, nickname, password: 'Passw0rd!', roles: ['member'] });
      await call('dingtalkDirectory:saveSource', { authenticator: 'dingtalk', enabled: true, options: { createAccounts: false } });
      const part = await openDirectory(page, demo, generation);
      await go(part, 'Synchronize now');
      await part.getByText('People', { exact: true }).last().click();
      const row = (text) => part.locator('.ant-table-row').filter({ hasText: text });
      await row('李娜').waitFor();
      await part.getByRole('checkbox', { name: 'Without an account' }).check();
      await row('李娜').waitFor();
      await button(row('李娜'), 'Bind by hand').click();
      const form = page.locator('.ant-modal-content').filter({ hasText: 'User ID at DingTalk' });
      const person = form.getByRole('combobox').last();
      await person.waitFor();
      assert.equal(await person.inputValue(), 'user-lina');
      await quiet(page);
      await assertAccessible(page, [form]);
      await person.fill('王芳');
      await page.locator('.ant-select-item-option').filter({ hasText: '王芳 · user-wangfang' }).click();
      assert.equal(await person.inputValue(), 'user-wangfang');
      await form.getByRole('combobox').nth(-2).fill(nickname);
      await page.locator('.ant-select-item-option').filter({ hasText: nickname }).click();
      await button(form, 'Bind').click();
      await row(nickname).getByText('By hand').waitFor();

      await openTab(part, 'Directory');
      // A run notices what was bound here.
      await go(part, 'Synchronize now');
      await part.getByText('People', { exact: true }).last().click();
      await part.getByRole('checkbox', { name: 'Without an account' }).check();
      await row('李娜').waitFor();
      await row('王芳').waitFor({ state: 'hidden' });
      await call('dingtalkDirectory:destroySource', { authenticator: 'dingtalk' });
    });

    story('a source is made, previewed and run; running again changes nothing', async (page) => {
      const part = await openDirectory(page, demo, generation);
      await button(part, 'Set up').click();
      const form = page.getByRole('dialog');
      const leavers = form.getByRole('radiogroup', { name: 'When somebody leaves' });
      await leavers.waitFor();
      // What is checked while the window grows may be read too early.
      await quiet(page);
      await leavers.getByRole('radio', { name: 'Do nothing' }).check();
      await openGroup(form, 'Schedule');
      await form.getByRole('radiogroup', { name: 'Schedule' }).getByRole('radio', { name: 'Daily' }).check();
      await form.getByLabel('Time of day (UTC)').fill('02:30');
      await quiet(page);
      await assertAccessible(page, [page.locator('.ant-modal-content')]);
      await button(form, 'Save').click();
      await form.waitFor({ state: 'hidden' });

      const preview = await go(part, 'Preview');
      assert.match(preview, /Account would be created: \d+/);
      const [, created] = preview.match(/Account would be created: (\d+)/);
      await part.locator('.ant-table-row').first().getByRole('button').click();
      const details = page.getByRole('dialog', { name: 'Details' });
      await details.locator('.ant-table-row').filter({ hasText: '李娜' }).getByText('Account would be created').waitFor();
      await quiet(page);
      await assertAccessible(page, [page.locator('.ant-drawer-content')]);
      await details.locator('.ant-radio-button-wrapper').filter({ hasText: 'Errors' }).click();
      await details.getByText('Nothing found').waitFor();
      await button(details, 'Close').click();
      await details.waitFor({ state: 'hidden' });
      const { options } = (await (await administrator(demo)).call('dingtalkDirectory:sources', {}))[0].source;
      assert.deepEqual([options.leavers, options.schedule], ['nothing', { kind: 'daily', at: '02:30' }]);

      assert.ok((await go(part, 'Synchronize now')).includes(`Account created: ${created}`));
      assert.ok((await go(part, 'Synchronize now')).includes('Nothing was changed.'));

      await part.getByText('People', { exact: true }).last().click();
      await part.locator('.ant-table-row').filter({ hasText: '李娜' }).getByText('李娜', { exact: true }).waitFor();
      await assertAccessible(page, [part]);
      // A column of people is called so, too.
      await part.getByRole('radiogroup', { name: 'Directory' }).getByText('Departments', { exact: true }).click();
      await part.getByRole('columnheader', { name: 'Part of' }).waitFor();
      await part.locator('.ant-table-row').filter({ hasText: '研发部' }).first().waitFor();
      await assertAccessible(page, [part]);
    });

    story('more than the safety limit goes only when somebody says so, with the keyboard', async (page) => {
      const { call } = await administrator(demo);
      const save = (changed) => call('dingtalkDirectory:saveSource', { authenticator: 'dingtalk', enabled: true, options: { ...changed, leavers: 'disable' } });
      await save({ safetyLimitPercent: 1 });
      const people = await call('dingtalkDirectory:members?pageSize=100', {});
      for (const { externalId } of people.slice(0, 7)) {
        const response = await fetch(`${demo.sandboxOrigin}/_sandbox/people/${externalId.replace(/^user-/, '')}/dismiss`, {
          method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}',
        });
        assert.ok(response.ok, await response.text());
      }
      const part = await openDirectory(page, demo, generation);
      // The runs of the story before this must be on the page, or the last of them is taken for this one.
      await part.getByRole('status').first().waitFor();
      assert.match(await go(part, 'Synchronize now'), /Stopped by the safety limit/);
      await button(part, 'Apply anyway').focus();
      await page.keyboard.press('Enter');
      const question = page.getByRole('dialog');
      await question.waitFor();
      await quiet(page);
      await button(question, 'Apply anyway').focus();
      await page.keyboard.press('Enter');
      await part.getByRole('status').filter({ hasText: /Gone: \d+/ }).filter({ hasText: 'Succeeded' }).waitFor();
    });

    story('suggests secrets and an address for callbacks, and says how the Stream is', async (page) => {
      const part = await openDirectory(page, demo, generation);
      await button(part, 'Settings').click();
      const form = page.getByRole('dialog');
      await openGroup(form, 'Changes as they happen');
      const how = form.getByRole('radiogroup', { name: 'How changes are reported' });
      await how.waitFor();
      await quiet(page);
      for (const hidden of ['Callback token', 'Callback encryption key']) assert.equal(await form.getByLabel(hidden).isVisible(), false);
      await how.getByRole('radio', { name: 'HTTP callback' }).check();
      const [token, key] = ['Callback token', 'Callback encryption key'].map((label) => form.getByLabel(label));
      await key.waitFor();
      assert.match(await token.inputValue(), /^[A-Za-z0-9]{32}$/);
      assert.match(await key.inputValue(), /^[A-Za-z0-9]{43}$/);
      await form.getByText(`${demo.origin}/api/dingtalk:callback?authenticator=dingtalk`).waitFor();
      await quiet(page);
      await assertAccessible(page, [page.locator('.ant-modal-content')]);
      const suggested = await key.inputValue();
      await button(form, 'Save').click();
      await form.waitFor({ state: 'hidden' });
      await part.getByText('Last event: –. Waiting: 0. Failed: 0.').waitFor();

      await button(part, 'Settings').click();
      // The key is kept, and nobody sees it again.
      await how.getByRole('radio', { name: 'HTTP callback', checked: true }).waitFor();
      assert.ok(!(await form.innerHTML()).includes(suggested));
      await how.getByRole('radio', { name: 'Stream (recommended)' }).check();
      await token.waitFor({ state: 'hidden' });
      await button(form, 'Save').click();
      await form.waitFor({ state: 'hidden' });
      // The page stays open until then.
      const state = part.getByText(/^Connected to DingTalk since /);
      await state.waitFor();
      assert.doesNotMatch(await state.innerText(), /\d{4}-\d\d-\d\dT|\{\{/, 'the time is in the words of the page');
      await assertAccessible(page, [part]);
    });

    story('has room on a phone, in Chinese', async (page) => {
      const part = await openDirectory(page, demo, generation, '通讯录');
      await part.locator('.ant-table-row').first().waitFor();
      const width = await part.evaluate((element) => element.getBoundingClientRect().right);
      assert.ok(width <= PHONE.width, `${width}`);
    }, { locale: 'zh-CN', viewport: PHONE });

    story('says how long a step takes, as soon as that is known', async (page) => {
      const sandbox = (method, path, body) => fetch(`${demo.sandboxOrigin}/_sandbox/${path}`, {
        method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
      }).then(async (response) => assert.ok(response.ok, await response.text()));
      await sandbox('PUT', 'company', { people: 400, departments: 60, seed: 1 });
      await sandbox('POST', 'faults', { endpoint: '/topapi/v2/user/list', fault: 'delay', times: null, delayMs: 2_000 });
      const part = await openDirectory(page, demo, generation);
      await button(part, 'Preview').click();
      const progress = part.getByRole('status').first();
      await progress.getByText(/Reading people: \d+ \/ \d+ · About 1 min left in this step/).waitFor();
      await assertAccessible(page, [part]);
      await button(part, 'Stop').click();
      await button(part, 'Preview').and(page.locator(':focus')).waitFor();
      await progress.getByText('Cancelled').waitFor();
      await sandbox('DELETE', 'faults');
    });

    test('the demo ends in good order', () => demo.stop());
  });
}
