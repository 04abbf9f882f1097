// An administrator sets DingTalk up in the settings of NocoBase's own web client; visitors see it on the sign-in page.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { launchChromium, Ledger, onFreshPage } from './browser.mjs';
import { Demo, sandboxClientSecret } from './demo.mjs';
import { assertSignedIn, dingTalkButton, GENERATIONS, pick, signInWithPassword, whoAmI } from './stories.mjs';

/** The Client ID of the sandbox's app. */
const CLIENT_ID = 'dingsandboxclient';
/** What the server shows in place of a secret. */
const MASK = '********';
/** The name of the authenticator that the story is about. */
const NAME = 'office';

let browser;

before(async () => {
  browser = await launchChromium();
});

after(() => browser?.close());

for (const generation of GENERATIONS) {
  describe(`The settings of the ${generation.name} client`, () => {
    let demo;
    let ledger;

    before(async () => {
      demo = await Demo.start();
      ledger = new Ledger([demo.origin, demo.sandboxOrigin].map((origin) => new URL(origin).host));
    });

    after(() => demo?.discard());

    const visit = (name, tell, locale) => onFreshPage(browser, { ledger, name: `${generation.name} ${name}`, locale }, tell);

    /** The ways to sign in that a visitor is offered, as buttons, from top to bottom. */
    const offers = () => visit('offers', async (page) => {
      await page.goto(demo.origin + generation.signInPage);
      const buttons = page.locator('button:has(.anticon-dingtalk)');
      await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
      return buttons.allInnerTexts();
    });

    test('let an administrator add, change, order and remove DingTalk authenticators', async () => {
      await visit('settings', async (page) => {
        const secret = await sandboxClientSecret();
        await openSettings(page, demo, generation);
        assert.deepEqual(await names(page), ['basic', 'dingtalk']);

        const form = await addDingTalk(page, 'Add new', 'DingTalk');
        await assertRequired(page, form, ledger);
        await assertCopies(page, form, `${demo.origin}/api/dingtalk:redirect`);
        await assertAccessible(page, ourFields(form));

        await fill(form, { 'Auth UID': NAME, Title: 'Office' });
        await clientId(form).fill(CLIENT_ID);
        await clientSecret(form).fill(secret);
        await form.getByLabel('Sign up automatically when the user does not exist').check();
        await field(form, 'Enabled').getByRole('checkbox').check();
        await submit(form);
        assert.deepEqual(await names(page), ['basic', 'dingtalk', NAME]);
        assert.deepEqual(await offers(), ['Sign in via DingTalk', 'Office']);

        const edit = await configure(page, NAME);
        assert.equal(await clientSecret(edit).inputValue(), MASK);
        await fill(edit, { Title: 'Head office' });
        await submit(edit);
        assert.deepEqual(await offers(), ['Sign in via DingTalk', 'Head office']);
        await visit('signs in', async (visitor) => {
          await visitor.goto(demo.origin + generation.home);
          await dingTalkButton(visitor, 'Head office').waitFor();
          await assertAccessible(visitor, [dingTalkButton(visitor, 'Head office')]);
          await dingTalkButton(visitor, 'Head office').click();
          await pick('lina')(visitor);
          await assertSignedIn(visitor, demo, generation);
          // Only this works with the true secret, and with the consent to sign people up.
          assert.equal((await whoAmI(visitor)).nickname, '李娜');
        });

        await assertSecretStays(page, ledger);
        await assertTakenNameRefused(page, demo, ledger);

        await drag(page, NAME, 'basic');
        assert.deepEqual(await names(page), [NAME, 'basic', 'dingtalk']);
        assert.deepEqual(await offers(), ['Head office', 'Sign in via DingTalk']);

        const off = await configure(page, NAME);
        await field(off, 'Enabled').getByRole('checkbox').uncheck();
        await submit(off);
        assert.deepEqual(await offers(), ['Sign in via DingTalk']);

        await remove(page, NAME);
        assert.deepEqual(await names(page), ['basic', 'dingtalk']);
      });
      assert.deepEqual(ledger.problems, []);
    });

    test('speak Chinese', async () => {
      await visit('settings in Chinese', async (page) => {
        await openSettings(page, demo, generation, '登录');
      }, 'zh-CN');
      assert.deepEqual(ledger.problems, []);
    });
  });
}
