// The tab «Messages» of the settings page: a test message to whoever clicks, and what became of it in words.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertAccessible } from './authenticators.mjs';
import { launchChromium, Ledger, onCleanPage } from './browser.mjs';
import { Demo } from './demo.mjs';
import { administrator, openPage, PAGE } from './settings.mjs';
import { assertSignedIn, clickFor, GENERATIONS, goThroughDingTalk, pick, whoAmI } from './stories.mjs';

/** The agent of the sandbox's application. */
const AGENT_ID = '1900000001';
const SENT = 'DingTalk has taken the message. You get it in a moment.';
const NOT_BOUND = 'You get no messages, because your account is not bound to DingTalk.';
const WRONG_AGENT = 'DingTalk does not send you the message: the Agent ID is not that of the app.';
const NO_AGENT = 'The authenticator has no Agent ID, which work notifications need. Enter it in its settings, under «Messages».';

let browser;

before(async () => {
  browser = await launchChromium();
});

after(() => browser?.close());

for (const generation of GENERATIONS) {
  describe(`Test messages in the ${generation.name} client`, () => {
    let demo;
    let ledger;
    before(async () => {
      demo = await Demo.start();
      ledger = Ledger.of(demo);
    });
    after(() => demo?.discard());

    /** A refusal is what one of them is about. */
    const isRefusal = ({ status, url }) => status === 400 && url.endsWith(':sendTest');
    const story = (name, tell) => test(name, async () => {
      await onCleanPage(browser, { ledger, name: `${generation.name} messages ${name}` }, tell, isRefusal);
    });
    /** Clicks, and waits for these words. */
    const sendTest = async (page, words) => {
      const part = page.locator(PAGE);
      const button = part.getByRole('button', { name: 'Send me a test', exact: true });
      await clickFor(button, part.locator('[role=tab]').filter({ hasText: 'Messages' }));
      await button.click();
      await part.getByRole('status').getByText(words, { exact: true }).waitFor();
      await assertAccessible(page, [part]);
    };

    story('root is not bound and is told so, and an Agent ID that is missing is named', async (page) => {
      await openPage(page, demo, generation);
      await sendTest(page, NO_AGENT);
      const { setOptions } = await administrator(demo);
      await setOptions('dingtalk', { agentId: AGENT_ID });
      await sendTest(page, NOT_BOUND);
      // The address names the tab, so a page that is loaded anew shows it again.
      await page.reload();
      await page.locator(PAGE).getByRole('button', { name: 'Send me a test', exact: true }).waitFor();
    });

    story('somebody who is bound has the message, and is told why DingTalk refuses', async (page) => {
      const { call, setOptions } = await administrator(demo);
      await goThroughDingTalk(page, demo, generation, pick('lina'));
      await assertSignedIn(page, demo, generation);
      const { id } = await whoAmI(page);
      await call(`users/${id}/roles:set`, ['admin']);
      await page.evaluate(() => localStorage.setItem('NOCOBASE_ROLE', 'admin'));
      await page.goto(`${demo.origin}${generation.admin}/settings/auth-dingtalk`);
      await sendTest(page, SENT);
      const messages = await (await fetch(`${demo.sandboxOrigin}/_sandbox/messages`)).json();
      assert.deepEqual(messages.map(({ userid, content }) => [userid, content.text.content]), [
        ['user-lina', 'This is a test. Messages from NocoBase reach you here.'],
      ]);
      await setOptions('dingtalk', { agentId: '12' });
      await sendTest(page, WRONG_AGENT);
      await page.locator('.ant-table-row').first().getByText('Not sent (the Agent ID is not that of the app)').waitFor();
    });

    test('the demo ends in good order', () => demo.stop());
  });
}
