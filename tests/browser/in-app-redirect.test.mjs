// Inside DingTalk by its login page, without a code of its client; and links of messages, in both modes.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { launchChromium, Ledger, onFreshPage } from './browser.mjs';
import { Demo } from './demo.mjs';
import { dingTalkClient, openAnotherWindow, previewer } from './dingtalk-client.mjs';
import { administrator } from './settings.mjs';
import { assertRefused, assertSignedIn, deny, dingTalkButton, GENERATIONS, pick, signInWithPassword, signOut, token, whoAmI } from './stories.mjs';

/** The agent of the sandbox's application. */
const AGENT_ID = '1900000001';
const DENIED = 'Sign-in via DingTalk was cancelled.';

let browser;
/** Signs people in by the login page. */
let demo;
/** Signs people in by a code. */
let byCode;

before(async () => {
  browser = await launchChromium();
  demo = await Demo.start();
  byCode = await Demo.start({ DEMO_AUTO_SIGN_IN: 'true' });
  const { setOptions } = await administrator(demo);
  await setOptions('dingtalk', { corpId: null, agentId: AGENT_ID, public: { autoSignIn: true, autoSignInBy: 'redirect' } });
  await (await administrator(byCode)).setOptions('dingtalk', { agentId: AGENT_ID });
});

after(async () => {
  await browser?.close();
  await demo?.discard();
  await byCode?.discard();
});

function story(name, generation, tell, { at = () => demo, platform, make = dingTalkClient } = {}) {
  test(name, async () => {
    const ledger = Ledger.of(at());
    const client = await make(at().sandboxOrigin, 'zhangwei', platform);
    await onFreshPage(browser, { ledger, name: `in-app redirect ${generation.name} ${name}`, client }, (page) => tell(page, client));
    assert.deepEqual(ledger.problems, []);
  });
}

const atDingTalk = (page) => page.waitForURL(`${demo.sandboxOrigin}/**`);

/** The address to which a message leads that somebody gets. */
async function linkOf(at, title, path) {
  const { call } = await administrator(at);
  const { id } = (await call('users:list', {})).find(({ nickname }) => nickname === 'Zhang Wei');
  const message = { kind: 'card', title, text: 'x', button: 'Open', url: at.origin + path };
  const { receivers } = await call('dingtalkMessages:send', { authenticator: 'dingtalk', userIds: [id], message });
  assert.deepEqual(receivers.map(({ state }) => state), ['sent']);
  const all = await (await fetch(`${at.sandboxOrigin}/_sandbox/messages`)).json();
  const sent = all.find(({ content }) => content.action_card?.title === title);
  const link = new URL(sent.content.action_card.single_url);
  assert.equal(link.searchParams.get('pc_slide'), 'true', 'it opens inside DingTalk');
  return link.searchParams.get('url');
}

for (const generation of GENERATIONS) {
  describe(`Inside DingTalk by the login page, the ${generation.name} client`, () => {
    story('goes there by itself, and comes back to the page that was opened', generation, async (page, client) => {
      const wanted = `${generation.admin}/welcome?from=mail#here`;
      await page.goto(demo.origin + wanted);
      await atDingTalk(page);
      await pick('zhangwei')(page);
      await assertSignedIn(page, demo, generation);
      assert.equal(page.url(), demo.origin + wanted);
      assert.equal((await whoAmI(page)).nickname, 'Zhang Wei');
      assert.deepEqual(client.calls, [], 'DingTalk’s client is asked for nothing');
      await openAnotherWindow(page);
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
    });

    story('leads on from the sign-in page, within this application', generation, async (page) => {
      const wanted = `${generation.admin}/welcome?from=mail`;
      await page.goto(`${demo.origin}${generation.signInPage}?${new URLSearchParams({ redirect: wanted })}`);
      await atDingTalk(page);
      await pick('zhangwei')(page);
      await page.waitForURL(demo.origin + wanted);
      await assertSignedIn(page, demo, generation);
    });

    story('stays on the sign-in page once it was refused, with the button', generation, async (page) => {
      await page.goto(demo.origin + generation.home);
      await atDingTalk(page);
      await deny(page);
      await assertRefused(page, demo, generation, DENIED);
      for (const path of [generation.home, generation.signInPage]) {
        await page.goto(demo.origin + path);
        await dingTalkButton(page).waitFor();
        assert.equal(new URL(page.url()).origin, demo.origin, 'no loop');
      }
      await dingTalkButton(page).click();
      await atDingTalk(page);
    });

    story('never goes there after signing out, in no window', generation, async (page) => {
      await page.goto(demo.origin + generation.home);
      await atDingTalk(page);
      await pick('zhangwei')(page);
      await assertSignedIn(page, demo, generation);
      await signOut(page);
      await dingTalkButton(page).waitFor();
      await openAnotherWindow(page);
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).waitFor();
      assert.equal(await token(page), '');
      // On a phone the menu does not open by hovering.
    }, { platform: 'pc' });

    story('keeps a session that began with a password', generation, async (page) => {
      await page.goto(demo.origin + generation.home);
      await atDingTalk(page);
      await deny(page);
      await dingTalkButton(page).waitFor();
      await signInWithPassword(page, 'nocobase', 'admin123');
      await assertSignedIn(page, demo, generation);
      await openAnotherWindow(page);
      await page.goto(demo.origin + generation.home);
      await assertSignedIn(page, demo, generation);
      assert.equal((await whoAmI(page)).username, 'nocobase');
    });

    story('does nothing for the service that fetches previews', generation, async (page) => {
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).waitFor();
    }, { make: previewer });

    story('a link of a message lands on the page that it names', generation, async (page) => {
      const path = `${generation.admin}/welcome?record=1`;
      await page.goto(await linkOf(demo, `By the login page ${generation.name}`, path));
      await atDingTalk(page);
      await pick('zhangwei')(page);
      await page.waitForURL(demo.origin + path);
      await assertSignedIn(page, demo, generation);
    });

    story('a link of a message lands there by a code, too', generation, async (page) => {
      const path = `${generation.admin}/welcome?record=2`;
      await page.goto(byCode.origin + generation.home);
      await assertSignedIn(page, byCode, generation);
      await page.evaluate(() => { localStorage.clear(); sessionStorage.clear(); });
      await page.goto(await linkOf(byCode, `By a code ${generation.name}`, path));
      await page.waitForURL(byCode.origin + path);
      await assertSignedIn(page, byCode, generation);
    }, { at: () => byCode });
  });
}

test('outside DingTalk the sign-in page waits for the button', async () => {
  for (const generation of GENERATIONS) {
    const ledger = Ledger.of(demo);
    await onFreshPage(browser, { ledger, name: `in-app redirect outside ${generation.name}` }, async (page) => {
      await page.goto(demo.origin + generation.home);
      await dingTalkButton(page).waitFor();
      assert.equal(new URL(page.url()).origin, demo.origin);
    });
    assert.deepEqual(ledger.problems, []);
  }
});
