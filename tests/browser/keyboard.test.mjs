// The settings page with the keyboard alone.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertAccessible } from './authenticators.mjs';
import { launchChromium, Ledger, onCleanPage } from './browser.mjs';
import { Demo } from './demo.mjs';
import { administrator, openPage, PAGE } from './settings.mjs';
import { GENERATIONS, goThroughDingTalk, pick } from './stories.mjs';

/** The agent of the sandbox's application. */
const AGENT_ID = '1900000001';
/** So many times somebody presses Tab before they give up. */
const MOST_TABS = 120;

let browser;

before(async () => {
  browser = await launchChromium();
});

after(() => browser?.close());

// An element that is drawn anew at this moment has no focus; whoever waited for it here would go past it.
const hasFocus = (target) => target.evaluateAll((elements) => elements.some((element) => element.contains(document.activeElement)));

/** Presses Tab until the focus is there. */
async function tabTo(target) {
  await target.waitFor({ state: 'attached' });
  for (let count = 0; count < MOST_TABS; count += 1) {
    if (await hasFocus(target)) return;
    await target.page().keyboard.press('Tab');
  }
  throw new Error(`the key Tab does not lead to ${target}`);
}

async function press(target, key = 'Enter') {
  await tabTo(target);
  await target.page().keyboard.press(key);
}

/** Opens a tab of the page with the keys. */
async function openTab(page, demo, generation, name) {
  await openPage(page, demo, generation);
  const part = page.locator(PAGE);
  // A tab that has the focus also says which of how many it is, so its name is not this text alone.
  const tab = (title) => part.locator('[role=tab]').filter({ hasText: title });
  await tabTo(tab('Overview'));
  for (let count = 0; !await hasFocus(tab(name)); count += 1) {
    assert.ok(count < MOST_TABS, `the arrows do not lead to ${name}`);
    await page.keyboard.press('ArrowRight');
  }
  await page.keyboard.press('Enter');
  await part.locator('[role=tab][aria-selected=true]').filter({ hasText: name }).waitFor();
  return part;
}

const button = (part, name) => part.getByRole('button', { name, exact: true });

for (const generation of GENERATIONS) {
  describe(`With the keyboard alone in the ${generation.name} client`, () => {
    let demo;
    let ledger;
    before(async () => {
      demo = await Demo.start();
      ledger = Ledger.of(demo);
    });
    after(() => demo?.discard());

    const story = (name, tell) => test(name, async () => {
      await onCleanPage(browser, { ledger, name: `${generation.name} keyboard ${name}` }, tell);
    });

    story('somebody who was refused is bound by hand, and the focus comes back from the window', async (page) => {
      const { setOptions } = await administrator(demo);
      await setOptions('dingtalk', { public: { autoSignup: false } });
      await goThroughDingTalk(page, demo, generation, pick('lina'));
      await page.getByRole('alert').waitFor();
      await setOptions('dingtalk', { public: { autoSignup: true } });
      const part = await openTab(page, demo, generation, 'Overview');
      const bind = part.getByRole('button', { name: /Bind by hand$/ });
      const form = page.getByRole('dialog');
      for (const end of ['Cancel', 'Escape']) {
        // At first the button is in the tab «Overview», which is gone when the window ends.
        await press(bind);
        // The window takes the focus when it has come.
        await page.waitForFunction(() => document.activeElement.closest('.ant-modal'));
        if (end === 'Cancel') await press(button(form, end));
        else await page.keyboard.press(end);
        await form.waitFor({ state: 'hidden' });
        await part.getByText('Nobody is bound yet.').waitFor();
        await page.waitForFunction((element) => element === document.activeElement, await bind.elementHandle());
      }
    });

    story('a source is set up, previewed and run, and its people are looked at', async (page) => {
      const part = await openTab(page, demo, generation, 'Directory');
      await press(button(part, 'Set up'));
      const form = page.getByRole('dialog');
      const leavers = form.getByRole('radiogroup', { name: 'When somebody leaves' });
      await tabTo(leavers);
      // The arrows choose among what belongs together.
      const nothing = leavers.getByRole('radio', { name: 'Do nothing' });
      for (let count = 0; !await nothing.isChecked(); count += 1) {
        assert.ok(count < MOST_TABS, 'the arrows choose');
        await page.keyboard.press('ArrowDown');
      }
      await press(button(form, 'Save'));
      await form.waitFor({ state: 'hidden' });
      const { options } = (await (await administrator(demo)).call('dingtalkDirectory:sources', {}))[0].source;
      assert.equal(options.leavers, 'nothing');

      for (const name of ['Preview', 'Synchronize now']) {
        await press(button(part, name));
        const kind = name === 'Preview' ? 'Preview' : 'Synchronization';
        await part.getByRole('status').filter({ hasText: kind }).filter({ hasText: 'Succeeded' }).waitFor();
        assert.ok(await hasFocus(button(part, name)), `the focus stays at ${name}`);
      }
      await press(part.locator('.ant-table-row').first().getByRole('button'));
      const details = page.getByRole('dialog', { name: 'Details' });
      await details.locator('.ant-table-row').first().waitFor();
      await page.keyboard.press('Escape');
      await details.waitFor({ state: 'hidden' });

      const views = part.getByRole('radiogroup', { name: 'Directory' });
      await tabTo(views);
      await page.keyboard.press('ArrowRight');
      await part.locator('.ant-table-row').filter({ hasText: '李娜' }).waitFor();
    });

    story('messages are looked at and narrowed down', async (page) => {
      const { call, setOptions } = await administrator(demo);
      await setOptions('dingtalk', { agentId: AGENT_ID });
      const people = await call('dingtalkDirectory:members?pageSize=100', {});
      const userIds = people.filter(({ userId }) => userId).slice(0, 2).map(({ userId }) => userId);
      await call('dingtalkMessages:send', { authenticator: 'dingtalk', userIds, message: { kind: 'text', text: 'Good morning' } });
      const part = await openTab(page, demo, generation, 'Messages');
      await part.locator('.ant-table-row').nth(1).waitFor();
      await assertAccessible(page, [part]);
      const result = part.getByRole('combobox', { name: 'Result' });
      await tabTo(result);
      await page.keyboard.press('ArrowDown');
      const choices = page.locator('.ant-select-item-option');
      await choices.filter({ hasText: 'Has left' }).first().waitFor();
      const active = page.locator('.ant-select-item-option-active');
      for (let count = 0; !(await active.innerText()).includes('Has left'); count += 1) {
        assert.ok(count < MOST_TABS, 'the arrows lead to a choice');
        await page.keyboard.press('ArrowDown');
      }
      await page.keyboard.press('Enter');
      await part.getByText('Nothing found').waitFor();
    });

    test('the demo ends in good order', () => demo.stop());
  });
}
