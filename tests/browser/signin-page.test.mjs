// The sign-in page: which button stands out, DingTalk's QR code, going to DingTalk at once, and what a refusal says.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertAccessible } from './authenticators.mjs';
import { launchChromium, Ledger, onCleanPage } from './browser.mjs';
import { Demo, sandboxClientSecret } from './demo.mjs';
import { administrator } from './settings.mjs';
import { assertSignedIn, deny, dingTalkButton, GENERATIONS, goThroughDingTalk, pick, signInWithPassword, signOut } from './stories.mjs';

const SCRIPT = '**/h5-dingtalk-login/ddlogin.js';

let browser;

before(async () => {
  browser = await launchChromium();
});

after(() => browser?.close());

for (const generation of GENERATIONS) {
  describe(`The sign-in page of the ${generation.name} client`, () => {
    let demo;
    let ledger;
    let admin;

    before(async () => {
      demo = await Demo.start({ DEMO_AUTO_SIGNUP: 'false' });
      ledger = Ledger.of(demo);
      admin = await administrator(demo);
    });

    after(() => demo?.discard());

    function story(name, tell, { viewport } = {}) {
      test(name, async () => {
        await onCleanPage(browser, { ledger, name: `${generation.name} ${name}`, viewport }, tell, ({ url }) => String(url).endsWith('/ddlogin.js'));
      });
    }

    const open = (page) => page.goto(demo.origin + generation.signInPage);
    const frame = (page) => page.frameLocator('iframe[title="Scan with DingTalk"]');

    story('tells organizations without a title apart by their names', async (page) => {
      await admin.add('branch', await sandboxClientSecret());
      await open(page);
      await dingTalkButton(page, 'Sign in via DingTalk (dingtalk)').waitFor();
      await dingTalkButton(page, 'Sign in via DingTalk (branch)').waitFor();
      await admin.set('branch', { title: 'Branch' });
      await open(page);
      await dingTalkButton(page, 'Branch').waitFor();
      await dingTalkButton(page).waitFor();
      await admin.remove('branch');
    });

    story('draws the button in the blue of DingTalk where it is the only way in', async (page) => {
      await open(page);
      const button = dingTalkButton(page);
      await button.waitFor();
      assert.doesNotMatch(await button.getAttribute('class'), /ant-btn-primary/);
      await admin.set('basic', { enabled: false });
      await open(page);
      await button.and(page.locator('.ant-btn-primary')).waitFor();
      await assertAccessible(page, [button]);
      await admin.set('basic', { enabled: true });
    });

    story('says who can help, by which request ID, and what else there is', async (page) => {
      await goThroughDingTalk(page, demo, generation, pick('lina'));
      const alert = page.getByRole('alert');
      await alert.getByText('There is no account for your DingTalk user. Please contact your administrator.').waitFor();
      await alert.getByText('You can also sign in with your password, and bind your account to DingTalk in the menu of your account.').waitFor();
      const text = await alert.getByText(/^Your administrator can help\. Tell them the request ID: /).innerText();
      const number = text.split(': ')[1].trim();
      assert.match(number, /^[0-9a-f-]{36}$/);
      assert.ok(demo.output.includes(`id=${number} `), 'the log has the number');
      assert.doesNotMatch(page.url(), /dingtalk(Error|Request)/);
      await assertAccessible(page, [alert]);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await alert.getByRole('button', { name: 'Copy' }).press('Enter');
      await page.waitForFunction(async (wanted) => await navigator.clipboard.readText() === wanted, number);
      const { x, width } = await alert.boundingBox();
      assert.ok(x >= 0 && x + width <= page.viewportSize().width, 'nothing is cut off');
    }, { viewport: { width: 375, height: 740 } });

    story('never shows a number from the address that the server would not give', async (page) => {
      const query = new URLSearchParams({ dingtalkError: 'DINGTALK_CONFLICT', dingtalkRequest: 'call 555-0100' });
      await page.goto(`${demo.origin}${generation.signInPage}?${query}`);
      await page.getByRole('alert').waitFor();
      assert.doesNotMatch(await page.getByRole('alert').innerText(), /555/);
    });

    story('shows the QR code of DingTalk, and signs in who scans it', async (page) => {
      await admin.setOptions('dingtalk', { public: { qrCode: true } });
      await open(page);
      await frame(page).locator('button[name=person][value=zhangwei]').click();
      await assertSignedIn(page, demo, generation);
      await signOut(page);
      await frame(page).locator('button[name=person]').first().waitFor();
      await dingTalkButton(page).waitFor();
    });

    story('has its button where the QR code does not come', async (page) => {
      await admin.setOptions('dingtalk', { public: { qrCode: true } });
      await page.route(SCRIPT, (route) => route.abort());
      const failed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/ddlogin.js'));
      await open(page);
      await failed;
      await dingTalkButton(page).waitFor();
      assert.equal(await page.locator('iframe').count(), 0);
      await goThroughDingTalk(page, demo, generation, pick('zhangwei'));
      await assertSignedIn(page, demo, generation);
    });

    story('shows no QR code on the telephone that would have to scan it', async (page) => {
      await admin.setOptions('dingtalk', { public: { qrCode: true } });
      await open(page);
      await dingTalkButton(page).waitFor();
      // The frame would come later; its place comes with the button.
      assert.equal(await page.locator('[id^=dingtalk-qr-code]').count(), 0);
      await admin.setOptions('dingtalk', { public: { qrCode: false } });
    }, { viewport: { width: 375, height: 740 } });

    story('goes to DingTalk at once, and not for who comes back or signed out', async (page) => {
      await admin.setOptions('dingtalk', { public: { atOnce: true } });
      await open(page);
      await page.waitForURL(`${demo.sandboxOrigin}/**`);
      await deny(page);
      await page.getByText('Sign-in via DingTalk was cancelled.').waitFor();
      await page.reload();
      await dingTalkButton(page).waitFor();
      assert.equal(await page.getByText('Going to DingTalk …').count(), 0, 'once for a window');

      await signInWithPassword(page, 'nocobase', 'admin123');
      await assertSignedIn(page, demo, generation);
      await signOut(page);
      await dingTalkButton(page).waitFor();
      // Another window of the same browser, which was never sent anywhere.
      const other = await page.context().newPage();
      await open(other);
      await dingTalkButton(other).waitFor();
      assert.equal(await other.getByText('Going to DingTalk …').count(), 0, 'nobody is signed in again who signed out');
    });

    story('lets somebody stay who wants to use the password', async (page) => {
      await admin.setOptions('dingtalk', { public: { atOnce: true } });
      // The page leaves after three seconds. A busy machine may not be as fast as a person.
      await page.addInitScript(() => {
        const { setTimeout: later } = window;
        window.setTimeout = (act, ms, ...values) => later(act, ms === 3_000 ? 60_000 : ms, ...values);
      });
      await open(page);
      await page.getByRole('button', { name: 'Stay on this page' }).press('Enter');
      await page.getByText('Going to DingTalk …').waitFor({ state: 'hidden' });
      await signInWithPassword(page, 'nocobase', 'admin123');
      await assertSignedIn(page, demo, generation);
    });
  });
}
