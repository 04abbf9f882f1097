// Our parts of NocoBase's pages in a dark theme, in a compact one, and from right to left.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { addDingTalk, assertAccessible, clientId, clientSecret, openGroup, SETTINGS, testConnection } from './authenticators.mjs';
import { launchChromium, Ledger, onCleanPage } from './browser.mjs';
import { Demo, sandboxClientSecret } from './demo.mjs';
import { dress, LOOKS } from './looks.mjs';
import { administrator, go, openPage, openTab, PAGE, quiet } from './settings.mjs';
import { clickFor, dingTalkButton, GENERATIONS, hoverFor } from './stories.mjs';

/** The sandbox's app. */
const CLIENT_ID = 'dingsandboxclient';
/** Somebody without an account was refused; the number is that of a request. */
const REFUSED = '?dingtalkError=DINGTALK_USER_NOT_FOUND&dingtalkRequest=0123456789abcdef';

let browser;

before(async () => {
  browser = await launchChromium();
});

after(() => browser?.close());

/** Can be read by everybody, and nothing sticks out or lies over something else. */
async function assertGood(part) {
  const page = part.page();
  await quiet(page);
  await assertAccessible(page, [part]);
  const wrong = await part.evaluate((root) => {
    const { left, right } = root.getBoundingClientRect();
    const isSeen = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    // What is wider than its place is cut off, or has a scroll bar.
    const isCut = (element) => {
      for (let above = element.parentElement; above && above !== root.parentElement; above = above.parentElement) {
        if (getComputedStyle(above).overflowX !== 'visible') return true;
      }
      return false;
    };
    const all = [...root.querySelectorAll('button, input, label, h5, p, li, td, [role=tab], .ant-badge, .ant-tag')].filter(isSeen);
    const out = all.filter((element) => {
      const box = element.getBoundingClientRect();
      return (box.left < left - 1 || box.right > right + 1) && !isCut(element);
    });
    const pressed = all.filter((element) => element.matches('button, [role=tab]'));
    const over = pressed.filter((one) => pressed.some((other) => {
      if (one === other || one.contains(other) || other.contains(one)) return false;
      const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
      return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    }));
    return [...out, ...over].map(({ outerHTML }) => outerHTML.slice(0, 200));
  });
  assert.deepEqual(wrong, []);
}

/** The pages are drawn as wanted, and not as without the plugin of the tests. */
async function assertDressed(page, { algorithms = [], direction = 'ltr' }) {
  const drawn = await page.locator('button:has(.anticon-dingtalk)').evaluate((button) => {
    const { direction: found, color, height } = getComputedStyle(button);
    return { direction: found, isLight: Math.min(...color.match(/\d+/g).slice(0, 3)) > 128, isLow: parseFloat(height) < 30 };
  });
  assert.deepEqual(drawn, { direction, isLight: algorithms.includes('dark'), isLow: algorithms.includes('compact') });
}

for (const generation of GENERATIONS) {
  describe(`Looks of the ${generation.name} client`, () => {
    let demo;
    let ledger;
    before(async () => {
      demo = await Demo.start();
      ledger = Ledger.of(demo);
      const { call } = await administrator(demo);
      await call('dingtalkDirectory:saveSource', { authenticator: 'dingtalk', options: {} });
    });
    after(() => demo?.discard());

    for (const [name, look] of Object.entries(LOOKS)) {
      test(name, async () => {
        await onCleanPage(browser, { ledger, name: `${generation.name} look ${name}` }, async (page) => {
          await dress(page.context(), look);
          await page.goto(demo.origin + generation.signInPage + REFUSED);
          await dingTalkButton(page).waitFor();
          await assertDressed(page, look);
          await assertGood(page.locator('.ant-space:has(> .ant-space-item > .ant-alert)'));
          await settings(page, look);
          await form(page);
        });
      });
    }

    async function settings(page, { direction }) {
      await openPage(page, demo, generation);
      const part = page.locator(PAGE);
      const open = (tab) => openTab(part, tab);
      // The look before has left a test that worked.
      const told = page.waitForResponse((response) => response.url().includes('/api/dingtalk:checkConnection'));
      await part.getByRole('button', { name: 'Test connection' }).click();
      await told;
      await part.getByText(/Works · /).waitFor();
      // The pointer is still over the button.
      await assertGood(part);
      const [first, second] = await part.getByRole('tab').evaluateAll((tabs) => tabs.map((tab) => tab.getBoundingClientRect().x));
      assert.equal(first > second, direction === 'rtl');

      await open('Sign-ins');
      await part.locator('.ant-table-row').first().waitFor();
      await assertGood(part);
      await part.locator('.ant-table-row').first().getByRole('button').click();
      await assertGood(page.locator('.ant-drawer-content'));
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });

      await open('People');
      await part.getByRole('button', { name: 'Bind by hand' }).click();
      await assertGood(page.locator('.ant-modal-content'));
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await assertGood(part);

      await open('Directory');
      // The look before has left a preview that succeeded.
      await go(part, 'Preview');
      await part.locator('.ant-table-row').first().getByText('Succeeded').waitFor();
      await assertGood(part);
      await part.getByRole('button', { name: 'Settings', exact: true }).click();
      const source = page.locator('.ant-modal-content');
      await openGroup(source, 'Schedule');
      await assertGood(source);
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });

      await open('Messages');
      await part.getByText('No messages yet').waitFor();
      await assertGood(part);

      const entry = page.locator('.ant-dropdown, .ant-popover').getByText('DingTalk', { exact: true });
      await hoverFor(entry, page.getByTestId('user-center-button'));
      await clickFor(page.getByRole('dialog'), entry);
      await page.getByRole('dialog').getByRole('button', { name: 'Bind', exact: true }).waitFor();
      await assertGood(page.locator('.ant-modal-content'));
    }

    async function form(page) {
      await page.goto(demo.origin + generation.admin + SETTINGS);
      const drawer = await addDingTalk(page);
      await clientId(drawer).fill(CLIENT_ID);
      await clientSecret(drawer).fill(await sandboxClientSecret());
      await testConnection(drawer);
      await openGroup(drawer, 'Who gets in');
      // The fields above are NocoBase's own.
      const ours = drawer.locator('.ant-collapse, ul[aria-label="Test connection"]').or(drawer.getByRole('button', { name: 'Test connection' }));
      for (const one of await ours.all()) await assertGood(one);
    }

    test('the demo ends in good order', () => demo.stop());
  });
}
