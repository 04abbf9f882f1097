// One's own account at DingTalk, in the menu of the account, on a desktop and on a telephone.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertAccessible } from './authenticators.mjs';
import { launchChromium, Ledger, onCleanPage, onFreshPage } from './browser.mjs';
import { Demo } from './demo.mjs';
import { clickFor, GENERATIONS, goThroughDingTalk, hoverFor, pick, signInWithPassword, submitForm, token } from './stories.mjs';

const TELEPHONE = { width: 375, height: 740 };

let browser;

before(async () => {
  browser = await launchChromium();
});

after(() => browser?.close());

for (const generation of GENERATIONS) {
  describe(`The menu of the account in the ${generation.name} client`, () => {
    let demo;
    let ledger;

    before(async () => {
      demo = await Demo.start();
      ledger = Ledger.of(demo);
    });

    after(() => demo?.discard());

    function story(name, tell, { viewport } = {}) {
      test(name, async () => {
        await onCleanPage(browser, { ledger, name: `${generation.name} ${name}`, viewport }, tell, isRefusal);
      });
    }

    /** What the server refuses here on purpose. */
    const isRefusal = ({ kind, url, status }) => kind === 'answer' && status >= 400 && status < 500 && /dingtalk:(bind|unbind)/.test(url);

    async function openAccount(page) {
      const entry = page.getByText('DingTalk', { exact: true });
      // On a telephone the menu is behind another.
      const more = page.locator('.anticon-ellipsis');
      const menu = page.getByTestId('user-center-button');
      await menu.or(more).first().waitFor();
      if (await more.isVisible()) await more.click();
      const dialog = page.getByRole('dialog');
      await hoverFor(entry.first(), menu);
      await clickFor(dialog, entry.first());
      await dialog.getByText('Sign out everywhere', { exact: true }).first().waitFor();
      return dialog;
    }

    async function untilSignedIn(page) {
      await page.waitForURL((url) => url.origin === demo.origin && url.pathname.startsWith(generation.admin));
      await page.getByTestId('user-center-button').or(page.locator('.anticon-ellipsis')).first().waitFor();
    }

    async function signInAsRoot(page) {
      await page.goto(demo.origin + generation.home);
      await signInWithPassword(page, 'nocobase', 'admin123');
      await untilSignedIn(page);
    }

    const notice = (dialog) => dialog.getByRole('alert');
    const says = (dialog, text) => notice(dialog).filter({ hasText: text }).waitFor();
    /** Presses a button with the keyboard. */
    const press = (dialog, name) => dialog.getByRole('button', { name, exact: true }).press('Enter');

    for (const [device, viewport] of [['a desktop', undefined], ['a telephone', TELEPHONE]]) {
      story(`binds and unbinds with the password, by keyboard, on ${device}`, async (page) => {
        await signInAsRoot(page);
        const dialog = await openAccount(page);
        await dialog.getByText('Your account is not bound to a DingTalk user here.').waitFor();
        await assertAccessible(page, [dialog]);
        const { x, width } = await dialog.boundingBox();
        assert.ok(x >= 0 && x + width <= page.viewportSize().width, 'nothing is cut off');

        await press(dialog, 'Bind');
        await says(dialog, 'Please enter a password');
        const password = dialog.getByLabel('Password, to confirm that it is you');
        await password.fill('wrong');
        await password.press('Enter');
        await says(dialog, 'The password is incorrect, please re-enter');
        await password.fill('admin123');
        await password.press('Enter');
        await page.waitForURL(`${demo.sandboxOrigin}/**`);
        await pick('lina')(page);

        await untilSignedIn(page);
        await says(dialog, 'Your account is bound now.');
        await dialog.getByText(/^Bound to 李娜 since /).waitFor();
        await password.fill('admin123');
        await press(dialog, 'Remove the binding');
        await says(dialog, 'The binding is removed.');
        await dialog.getByText('Your account is not bound to a DingTalk user here.').waitFor();
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
        // On a telephone the menu is behind another.
        if (!viewport) await page.waitForFunction(() => document.activeElement.dataset.testid === 'user-center-button');
      }, { viewport });
    }

    story('says why an account cannot be bound, once', async (page) => {
      await onFreshPage(browser, { ledger, name: `${generation.name} zhangwei` }, async (other) => {
        await goThroughDingTalk(other, demo, generation, pick('zhangwei'));
        await untilSignedIn(other);
      });
      await signInAsRoot(page);
      const dialog = await openAccount(page);
      await dialog.getByLabel('Password, to confirm that it is you').fill('admin123');
      await press(dialog, 'Bind');
      await page.waitForURL(`${demo.sandboxOrigin}/**`);
      await pick('zhangwei')(page);
      await untilSignedIn(page);
      await says(dialog, 'This DingTalk user is bound to another account.');
      assert.doesNotMatch(page.url(), /dingtalk(BindError|Request)/);
      await page.reload();
      await untilSignedIn(page);
      assert.equal(await dialog.count(), 0, 'a reload does not repeat it');
    });

    story('does not let anybody remove their only way in', async (page) => {
      await goThroughDingTalk(page, demo, generation, pick('wangfang'));
      await untilSignedIn(page);
      const dialog = await openAccount(page);
      await dialog.getByText(/^Bound to .+ since /).waitFor();
      assert.equal(await dialog.getByLabel('Password, to confirm that it is you').count(), 0, 'there is none to ask for');
      await press(dialog, 'Remove the binding');
      await says(dialog, 'This is your only way to sign in. Please ask your administrator for a password first.');
    });

    story('signs out everywhere', async (page) => {
      await onFreshPage(browser, { ledger, name: `${generation.name} other device` }, async (other) => {
        for (const one of [page, other]) {
          await goThroughDingTalk(one, demo, generation, pick('zhangwei'));
          await untilSignedIn(one);
        }
        const elsewhere = await token(other);
        const dialog = await openAccount(page);
        await press(dialog, 'Sign out everywhere');
        await submitForm(page, page.getByRole('tooltip').getByRole('button', { name: 'OK' }));
        await page.waitForURL(`${demo.origin}${generation.signInPage}**`);
        assert.equal(await token(page), '');
        const check = await fetch(`${demo.origin}/api/auth:check`, { headers: { Authorization: `Bearer ${elsewhere}` } });
        assert.equal(check.status, 401, 'the session on the other device is over');
      });
    }, { viewport: TELEPHONE });
  });
}
