// Inside DingTalk, in Chromium: NocoBase's own web client, DingTalk's own JSAPI, and the sandbox's bridge beneath it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launchChromium, Ledger, onFreshPage } from './browser.mjs';
import { Demo } from './demo.mjs';
import { dingTalkClient, openAnotherWindow, playFault, previewer } from './dingtalk-client.mjs';
import { assertRefused, assertSignedIn, dingTalkButton, GENERATIONS, signInWithPassword, signOut, token, whoAmI } from './stories.mjs';

const NOT_SAID = 'DingTalk did not say who you are. Please use the button.';
const NOT_KNOWN = 'DingTalk does not know this page: the Corp ID is wrong, or this address is not registered at the app. Please use the button.';
const REJECTED = 'DingTalk did not accept the authorization code. Please try again.';
const NO_ACCOUNT = 'There is no account for your DingTalk user. Please contact your administrator.';

let browser;
let demo;
/** Lets nobody in who has no account. */
let closed;

before(async () => {
  browser = await launchChromium();
  demo = await Demo.start({ DEMO_AUTO_SIGN_IN: 'true' });
  closed = await Demo.start({ DEMO_AUTO_SIGN_IN: 'true', DEMO_AUTO_SIGNUP: 'false' });
});

after(async () => {
  await browser?.close();
  await demo?.discard();
  await closed?.discard();
});

/** A story inside DingTalk, which must also end without a complaint of the browser. */
function story(name, generation, tell, { at = () => demo, person = 'zhangwei', platform, make, once = false } = {}) {
  // What in-app.js does before a generation of the client has a part in it is told of the first one alone.
  if (once && generation !== GENERATIONS[0]) return;
  test(name, async () => {
    const ledger = Ledger.of(at());
    const client = await (make ?? dingTalkClient)(at().sandboxOrigin, person, platform);
    await onFreshPage(browser, { ledger, name: `in-app ${generation.name} ${name}`, client }, (page) => tell(page, at(), client, ledger));
    assert.deepEqual(ledger.problems, []);
  });
}

const askedForSession = (ledger) => ledger.requests.filter(({ url }) => url.includes('dingtalk:inAppSignIn')).length;
const asksBySignInPage = (page, demo, generation) => page.goto(demo.origin + generation.signInPage);

for (const generation of GENERATIONS) {
  describe(`Inside DingTalk, the ${generation.name} client`, () => {
    for (const platform of ['ios', 'android', 'pc']) {
      story(`signs somebody in without a click on ${platform}`, generation, async (page, demo, client, ledger) => {
        await page.goto(demo.origin + generation.home);
        await assertSignedIn(page, demo, generation);
        assert.equal((await whoAmI(page)).nickname, 'Zhang Wei');
        assert.deepEqual(client.calls.map(({ method }) => method), ['runtime.permission.requestAuthCodeV2']);
        assert.equal(askedForSession(ledger), 1);
        await page.reload();
        await assertSignedIn(page, demo, generation);
        assert.equal(client.calls.length, 1, 'once is enough');
      }, { platform, once: platform !== 'pc' });
    }

    story('opens the page that was asked for', generation, async (page, demo) => {
      const wanted = `${generation.admin}/welcome?from=mail`;
      await page.goto(demo.origin + wanted);
      await assertSignedIn(page, demo, generation);
      assert.equal(page.url(), demo.origin + wanted);
    });

    story('leads on from the sign-in page, within this application', generation, async (page, demo) => {
      const wanted = `${generation.admin}/welcome?from=mail`;
      await page.goto(`${demo.origin}${generation.signInPage}?${new URLSearchParams({ redirect: wanted })}`);
      await page.waitForURL(demo.origin + wanted);
      await assertSignedIn(page, demo, generation);

      await page.evaluate(() => { localStorage.clear(); sessionStorage.clear(); });
      const elsewhere = new URLSearchParams({ redirect: '//elsewhere.invalid/' });
      await page.goto(`${demo.origin}${generation.signInPage}?${elsewhere}`);
      await assertSignedIn(page, demo, generation);
    });

    story('waits for a slow client', generation, async (page, demo) => {
      await playFault(demo.sandboxOrigin, 'delay', { delayMs: 1000 });
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
    }, { once: true });

    story('offers the button when the client never answers', generation, async (page, demo, client) => {
      await playFault(demo.sandboxOrigin, 'never');
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).waitFor();
      await assertRefused(page, demo, generation, NOT_SAID);
      await page.reload();
      await dingTalkButton(page).waitFor();
      assert.equal(await page.getByRole('alert').count(), 0);
      assert.equal(client.calls.length, 1);
    }, { once: true });

    story('says nothing when the person does not want to', generation, async (page, demo, client) => {
      await playFault(demo.sandboxOrigin, 'cancelled');
      await asksBySignInPage(page, demo, generation);
      await dingTalkButton(page).waitFor();
      assert.equal(await page.getByRole('alert').count(), 0);
      assert.equal(client.calls.length, 1, 'nor are they asked in another form');
    }, { once: true });

    story('says that DingTalk does not know the page, and tells the server', generation, async (page, demo) => {
      await playFault(demo.sandboxOrigin, 'notTheAppsPage');
      const told = page.waitForResponse((response) => response.url().includes('dingtalk:inAppFailed'));
      await asksBySignInPage(page, demo, generation);
      await assertRefused(page, demo, generation, NOT_KNOWN);
      const answer = await told;
      assert.equal(answer.status(), 200);
      assert.deepEqual(answer.request().postDataJSON(), { code: 'PAGE_REFUSED', platform: 'ios' });
    }, { once: true });

    test('shows a refusal of the server once, and the button', async () => {
      for (const [at, person, fault, message] of [[demo, 'zhangwei', 'otherApp', REJECTED], [closed, 'lina', undefined, NO_ACCOUNT]]) {
        const ledger = Ledger.of(at);
        const client = await dingTalkClient(at.sandboxOrigin, person);
        if (fault) await playFault(at.sandboxOrigin, fault);
        await onFreshPage(browser, { ledger, name: `in-app ${generation.name} refused`, client }, async (page) => {
          await page.goto(at.origin + generation.home);
          await assertRefused(page, at, generation, message);
          assert.ok(await dingTalkButton(page).isEnabled());
          assert.equal(askedForSession(ledger), 1);
          await page.goto(at.origin + generation.home);
          await dingTalkButton(page).waitFor();
          assert.equal(askedForSession(ledger), 1, 'no loop');
        });
      }
    });

    story('leaves somebody signed out who signed out', generation, async (page, demo, client) => {
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
      await signOut(page);
      await dingTalkButton(page).waitFor();
      await page.reload();
      await dingTalkButton(page).waitFor();
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).waitFor();
      assert.equal(await token(page), '');
      assert.equal(client.calls.length, 1);
      // On a phone the menu does not open by hovering.
    }, { platform: 'pc' });

    story('replaces the session of another person, and ends it', generation, async (page, demo, client) => {
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
      const old = await token(page);
      client.person = 'lina';
      await openAnotherWindow(page);
      await page.goto(`${demo.origin}${generation.admin}/welcome`);
      await assertSignedIn(page, demo, generation);
      assert.equal((await whoAmI(page)).nickname, '李娜');
      assert.equal(await checked(demo, old), 401, 'nobody goes on with the old one');
      await page.reload();
      await assertSignedIn(page, demo, generation);
      assert.equal((await whoAmI(page)).nickname, '李娜');
    });

    story('leaves the session of the same person alive', generation, async (page, demo) => {
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
      const old = await token(page);
      await openAnotherWindow(page);
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
      assert.notEqual(await token(page), old);
      assert.equal(await checked(demo, old), 200, 'it may be in use in another window');
    }, { once: true });

    test('ends the session of another person when the new one is refused', async () => {
      const ledger = Ledger.of(closed);
      const client = await dingTalkClient(closed.sandboxOrigin, 'zhangwei');
      await onFreshPage(browser, { ledger, name: `in-app ${generation.name} outsider`, client }, async (page) => {
        await page.goto(closed.origin + generation.home);
        await assertSignedIn(page, closed, generation);
        const old = await token(page);
        client.person = 'lina';
        await openAnotherWindow(page);
        await page.goto(closed.origin + generation.home);
        await assertRefused(page, closed, generation, NO_ACCOUNT);
        assert.equal(await checked(closed, old), 401);
      });
    });

    story('keeps the session when DingTalk does not say who is there', generation, async (page, demo) => {
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
      const old = await token(page);
      await playFault(demo.sandboxOrigin, 'notTheAppsPage');
      await openAnotherWindow(page);
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
      assert.equal(await token(page), old);
    }, { once: true });

    story('keeps a session that began with a password', generation, async (page, demo, client) => {
      await playFault(demo.sandboxOrigin, 'cancelled');
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).waitFor();
      await signInWithPassword(page, 'nocobase', 'admin123');
      await assertSignedIn(page, demo, generation);
      await openAnotherWindow(page);
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
      assert.equal((await whoAmI(page)).username, 'nocobase');
      assert.equal(client.calls.length, 1);
    }, { once: true });

    story('does nothing for the service that fetches previews', generation, async (page, demo, client, ledger) => {
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).waitFor();
      assert.deepEqual(client.calls, []);
      assert.equal(askedForSession(ledger), 0);
      assert.deepEqual(ledger.requests.filter(({ url }) => url.includes('jsapi')), []);
    }, { once: true, make: previewer });
  });
}

test('outside DingTalk nothing of it is loaded, and the button is there', async () => {
  for (const generation of GENERATIONS) {
    const ledger = Ledger.of(demo);
    await onFreshPage(browser, { ledger, name: `in-app outside ${generation.name}` }, async (page) => {
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).waitFor();
      assert.deepEqual(ledger.requests.filter(({ url }) => url.includes('jsapi')), []);
    });
    assert.deepEqual(ledger.problems, []);
  }
});

async function checked(demo, session) {
  const answer = await fetch(`${demo.origin}/api/auth:check`, { headers: { Authorization: `Bearer ${session}` } });
  return answer.status;
}
