// The plugin manager, in Chromium, with NocoBase's own web client: what switching our plugin does to open pages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launchChromium, Ledger, onCleanPage, onFreshPage } from './browser.mjs';
import { Demo } from './demo.mjs';
import { administrator, openAs } from './settings.mjs';
import { clickFor, dingTalkButton, GENERATIONS, submitForm } from './stories.mjs';

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
function story(name, generation, tell, { locale } = {}) {
  test(name, async () => {
    await onCleanPage(browser, { ledger, name: `${generation.name} plugins ${name}`, locale }, tell);
  });
}

const card = (page, title) => page.getByRole('button', { name: title, exact: true });
const switchOf = (page, title) => card(page, title).getByRole('switch');

/** Opens the plugin manager as root. */
async function openPluginManager(page, generation) {
  const { token } = await administrator(demo);
  await openAs(page, token, `${demo.origin}${generation.admin}/settings/plugin-manager`);
}

/** What the server tells a page over its WebSocket, from now on. What the page then shows may be gone before it is drawn. */
function framesOf(page) {
  const frames = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => void frames.push(String(payload))));
  return frames;
}

/** Does what makes the server tell the pages to load anew, and waits until this one has. */
async function reloadedBy(page, act) {
  const loaded = page.waitForEvent('load');
  await act();
  await loaded;
}

async function assertSwitched(page, title, on) {
  await switchOf(page, title).and(page.locator(`[aria-checked=${on}]`)).waitFor();
}

for (const generation of GENERATIONS) {
  describe(`The plugin manager of the ${generation.name} client`, () => {
    story('switches the plugin off and on, and every open page follows', generation, async (page) => {
      const told = framesOf(page);
      await openPluginManager(page, generation);
      await card(page, 'Auth: DingTalk').getByText('Sign in to NocoBase with a DingTalk account.').waitFor();
      await assertSwitched(page, 'Auth: DingTalk', true);

      await onFreshPage(browser, { ledger, name: `${generation.name} plugins visitor` }, async (visitor) => {
        await visitor.goto(demo.origin + generation.home);
        await dingTalkButton(visitor).waitFor();

        await reloadedBy(visitor, () => reloadedBy(page, async () => {
          const yes = page.getByRole('dialog').getByRole('button', { name: 'OK' });
          await clickFor(yes, switchOf(page, 'Auth: DingTalk'));
          await submitForm(page, yes, (request) => request.url().includes('/api/pm:disable'));
        }));
        assert.ok(told.some((frame) => frame.includes('disabling plugin auth-dingtalk')), String(told));
        await assertSwitched(page, 'Auth: DingTalk', false);
        await visitor.getByPlaceholder('Password').waitFor();
        assert.equal(await dingTalkButton(visitor).count(), 0, 'no button that cannot work');

        await reloadedBy(visitor, () => reloadedBy(page, () => (
          submitForm(page, switchOf(page, 'Auth: DingTalk'), (request) => request.url().includes('/api/pm:enable'))
        )));
        await assertSwitched(page, 'Auth: DingTalk', true);
        await dingTalkButton(visitor).waitFor();
      });
    });

    story("does not let anybody switch off what is NocoBase's", generation, async (page) => {
      await openPluginManager(page, generation);
      for (const title of ['Access control', 'Authentication', 'Users', 'WEB client']) {
        await switchOf(page, title).waitFor();
        assert.ok(await switchOf(page, title).isDisabled(), title);
      }
      assert.ok(await switchOf(page, 'Auth: DingTalk').isEnabled());
      assert.equal(await page.getByText('Remove', { exact: true }).count(), 0, 'nothing can be removed');
    });

    story('describes the plugin in the language of the page', generation, async (page) => {
      await openPluginManager(page, generation);
      await card(page, '认证：钉钉').getByText('使用钉钉账号登录 NocoBase。').waitFor();
      await card(page, '用户认证').waitFor();
    }, { locale: 'zh-CN' });

    story('shows what is known of the plugin', generation, async (page) => {
      await openPluginManager(page, generation);
      await card(page, 'Auth: DingTalk').click();
      const details = page.getByRole('dialog');
      await details.getByText('auth-dingtalk', { exact: true }).waitFor();
      await details.getByText('Apache-2.0').waitFor();
    });
  });
}

test('The demo ends in good order', () => demo.stop());
