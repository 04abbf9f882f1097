// Signing in and out, in Chromium, with NocoBase's own web client, against the demo: this server and the DingTalk sandbox.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launchChromium, Ledger, onCleanPage } from './browser.mjs';
import { Demo, sandboxClientSecret } from './demo.mjs';
import { administrator } from './settings.mjs';
import {
  assertRefused, assertSignedIn, deny, dingTalkButton, GENERATIONS, goThroughDingTalk, pick, rename, signInWithPassword,
  signOut, token, whoAmI,
} from './stories.mjs';

let browser;
/** Signs up whoever has no account, as the demo does. */
let open;
/** Lets nobody in who has no account. */
let closed;

before(async () => {
  browser = await launchChromium();
  open = await startDemo();
  closed = await startDemo({ DEMO_AUTO_SIGNUP: 'false' });
});

after(async () => {
  await browser?.close();
  await open?.demo.discard();
  await closed?.demo.discard();
});

async function startDemo(settings) {
  const demo = await Demo.start(settings);
  return { demo, ledger: Ledger.of(demo) };
}

/** A test with a page of its own, which must also end without a complaint of the browser. */
function story(name, generation, tell, { at = () => open, locale } = {}) {
  test(name, async () => {
    const { demo, ledger } = at();
    const label = `${generation.name} ${name}`;
    await onCleanPage(browser, { ledger, name: label, locale }, (page) => tell(page, demo));
  });
}

for (const generation of GENERATIONS) {
  describe(`The ${generation.name} client`, () => {
    story('says that the way to sign in was switched off meanwhile', generation, async (page, demo) => {
      const { set } = await administrator(demo);
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).click();
      await page.waitForURL(`${demo.sandboxOrigin}/**`);
      await set('dingtalk', { enabled: false });
      try {
        await pick('zhangwei')(page);
        await page.waitForURL((url) => url.origin === demo.origin && url.pathname === generation.signInPage);
        await page.locator('.ant-notification').getByText('Sign-in via DingTalk is switched off.').waitFor();
        await page.getByPlaceholder('Password').waitFor();
        assert.equal(await dingTalkButton(page).count(), 0);
      } finally {
        await set('dingtalk', { enabled: true });
      }
    });

    story('signs in a person whose phone is the phone of an account', generation, async (page, demo) => {
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).locator('.anticon-dingtalk').waitFor();
      await goThroughDingTalk(page, demo, generation, pick('zhangwei'));
      await assertSignedIn(page, demo, generation);

      const user = await whoAmI(page);
      // The organization calls him 张伟: this is the account from before, not a new one.
      assert.equal(user.nickname, 'Zhang Wei');

      await page.reload();
      await assertSignedIn(page, demo, generation);
      assert.equal((await whoAmI(page)).id, user.id);
    });

    story('keeps nothing in the browser that lets in but the session', generation, async (page, demo) => {
      await goThroughDingTalk(page, demo, generation, pick('zhangwei'));
      await assertSignedIn(page, demo, generation);
      const session = await token(page);
      const kept = await page.evaluate(() => [localStorage, sessionStorage].flatMap((storage) => Object.entries(storage)));
      const holding = (secret) => kept.filter((entry) => entry.join(' ').includes(secret)).map(([name]) => name);

      assert.deepEqual(holding(session), ['NOCOBASE_TOKEN']);
      const used = open.ledger.requests.flatMap(({ url }) => handshake(url));
      assert.ok(used.length >= 2, 'a code and a state were seen');
      for (const secret of [await sandboxClientSecret(), ...used]) assert.deepEqual(holding(secret), []);
      // What binds a sign-in to its browser is not for scripts.
      assert.doesNotMatch(await page.evaluate(() => document.cookie), /nocobase_dingtalk_/);
    });

    story('lets somebody edit their profile', generation, async (page, demo) => {
      await page.goto(`${demo.origin}${generation.home}`);
      await signInWithPassword(page, 'nocobase', 'admin123');
      await assertSignedIn(page, demo, generation);
      await rename(page, `Boss of ${generation.name}`);
      assert.equal((await whoAmI(page)).nickname, `Boss of ${generation.name}`);
    });

    story('signs up a person without an account', generation, async (page, demo) => {
      const [person, name] = { v1: ['lina', '李娜'], v2: ['wangfang', '王芳'] }[generation.name];
      await goThroughDingTalk(page, demo, generation, pick(person));
      await assertSignedIn(page, demo, generation);
      const user = await whoAmI(page);
      assert.equal(user.nickname, name);

      await page.evaluate(() => localStorage.clear());
      await goThroughDingTalk(page, demo, generation, pick(person));
      await assertSignedIn(page, demo, generation);
      assert.equal((await whoAmI(page)).id, user.id, 'the second time it is the same account');
    });

    story('refuses somebody of another company, once', generation, async (page, demo) => {
      await goThroughDingTalk(page, demo, generation, pick('emma'));
      await assertRefused(page, demo, generation, 'Your DingTalk account is not a member of this organization, or the app may not see you.');

      await page.reload();
      await dingTalkButton(page).waitFor();
      assert.equal(await page.getByRole('alert').count(), 0, 'a reload does not repeat the message');
    });

    story('refuses in the language of the page', generation, async (page, demo) => {
      await goThroughDingTalk(page, demo, generation, pick('emma'), '钉钉登录');
      await assertRefused(page, demo, generation, '您的钉钉账号不是本组织成员，或不在应用的通讯录权限范围内。');
    }, { locale: 'zh-CN' });

    story('says that the sign-in was cancelled', generation, async (page, demo) => {
      await goThroughDingTalk(page, demo, generation, deny);
      await assertRefused(page, demo, generation, 'Sign-in via DingTalk was cancelled.');
    });

    story('lets somebody try again after a refusal', generation, async (page, demo) => {
      await goThroughDingTalk(page, demo, generation, deny);
      await assertRefused(page, demo, generation, 'Sign-in via DingTalk was cancelled.');
      await dingTalkButton(page).click();
      await page.waitForURL(`${demo.sandboxOrigin}/**`);
      await pick('zhangwei')(page);
      await assertSignedIn(page, demo, generation);
    });

    story('refuses a person without an account where nobody is signed up', generation, async (page, demo) => {
      await goThroughDingTalk(page, demo, generation, pick('lina'));
      const message = 'There is no account for your DingTalk user. Please contact your administrator.';
      await assertRefused(page, demo, generation, message);
    }, { at: () => closed });

    story('never shows words from the address', generation, async (page, demo) => {
      const query = new URLSearchParams({ redirect: generation.admin, dingtalkError: 'Call 555-0100 to unlock' });
      await page.goto(`${demo.origin}${generation.signInPage}?${query}`);
      await assertRefused(page, demo, generation, 'Sign-in via DingTalk failed. Please try again.');
    });

    story('leads back to the page that was asked for', generation, async (page, demo) => {
      const wanted = `${generation.admin}/welcome?from=mail`;
      await page.goto(demo.origin + wanted);
      await page.waitForURL(`${demo.origin}${generation.signInPage}?**`);
      await dingTalkButton(page).click();
      await pick('zhangwei')(page);
      await page.waitForURL(demo.origin + wanted);
      await assertSignedIn(page, demo, generation);
    });

    story('never leads to another site', generation, async (page, demo) => {
      const query = new URLSearchParams({ redirect: '//elsewhere.invalid/' });
      await page.goto(`${demo.origin}${generation.signInPage}?${query}`);
      await dingTalkButton(page).click();
      await pick('zhangwei')(page);
      await assertSignedIn(page, demo, generation);
    });

    story('signs out', generation, async (page, demo) => {
      await goThroughDingTalk(page, demo, generation, pick('zhangwei'));
      await assertSignedIn(page, demo, generation);
      const old = await token(page);
      await signOut(page);
      await page.waitForURL(`${demo.origin}${generation.signInPage}**`);
      await dingTalkButton(page).waitFor();
      assert.equal(await token(page), '');
      const check = await fetch(`${demo.origin}/api/auth:check`, { headers: { Authorization: `Bearer ${old}` } });
      assert.equal(check.status, 401, 'the old token is worthless');
    });

    story('signs in with a password', generation, async (page, demo) => {
      await page.goto(demo.origin + generation.home);
      await signInWithPassword(page, 'nocobase', 'admin123');
      await assertSignedIn(page, demo, generation);
      assert.equal((await whoAmI(page)).username, 'nocobase');
    });
  });
}

// Last, because it judges the whole run and ends the demos.
describe('Of all this', () => {
  test('the demos end in good order', () => Promise.all([open.demo.stop(), closed.demo.stop()]));

  test('no address and no log line holds a secret', async () => {
    const clientSecret = await sandboxClientSecret();
    for (const { demo, ledger } of [open, closed]) {
      const addresses = [
        ...ledger.requests.flatMap(({ url, referrer }) => [url, referrer]),
        ...ledger.redirects.map(({ to }) => to),
      ];
      const lines = demo.output.split('\n');
      const codes = addresses.flatMap(authorizationCodes);
      assert.ok(codes.length > 0 && lines.length > 100, 'there is something to look through');
      assert.ok(demo === closed.demo || ledger.tokens.size > 0, 'tokens were seen');

      for (const secret of [clientSecret, ...ledger.tokens]) {
        assert.deepEqual([...addresses, ...lines].filter((text) => text.includes(secret)), []);
      }
      assert.deepEqual([...addresses, ...lines].filter((text) => /token=/i.test(text)), []);
      // DingTalk itself puts its code into the Redirect URL; it goes nowhere else.
      const strays = [...addresses.filter((address) => !isRedirectUrl(address, demo)), ...lines];
      for (const code of new Set(codes)) {
        assert.deepEqual(strays.filter((text) => text.includes(code)), []);
      }
    }
  });
});

function authorizationCodes(address) {
  const { searchParams } = new URL(address || 'about:blank', 'http://relative.invalid');
  return [...searchParams.getAll('code'), ...searchParams.getAll('authCode')];
}

/** What a return from DingTalk carries. */
function handshake(address) {
  const { searchParams } = new URL(address);
  return [...authorizationCodes(address), ...searchParams.getAll('state')];
}

function isRedirectUrl(address, demo) {
  return address.startsWith(`${demo.origin}/api/dingtalk:redirect?`);
}
