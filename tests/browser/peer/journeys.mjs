// The gateway in front of a real NocoBase: an administrator sets DingTalk up, people sign in and work, in both generations
// of the web client; and NocoBase is as it was when the gateway is gone. `make test-peer` runs this.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { addDingTalk, autoSignUp, clientId, clientSecret, configure, enabled, save, SETTINGS, text } from '../authenticators.mjs';
import { launchChromium, Ledger, onFreshPage } from '../browser.mjs';
import { sandboxClientSecret } from '../demo.mjs';
import { assertSignedIn, dingTalkButton, GENERATIONS, pick, signInWithPassword, signOut, token, whoAmI } from '../stories.mjs';
import { install, Peer } from './nocobase.mjs';

const MASK = '********';
const PEOPLE = { v1: 'zhangwei', v2: 'lina' };
const PLUGIN = 'Auth: DingTalk';

let browser;
let peer;
let secret;

before(async () => {
  await install();
  secret = await sandboxClientSecret();
  browser = await launchChromium();
  peer = await Peer.start();
  console.log(peer.doctor);
});

after(async () => {
  await browser?.close();
  await peer?.stop();
});

/** A page of its own. What NocoBase's own pages complain about is not ours to judge. */
function onPage(name, story) {
  const hosts = [peer.origin, peer.upstream, peer.sandboxOrigin].map((origin) => new URL(origin).host);
  return onFreshPage(browser, { ledger: new Ledger(hosts), name, viewport: { width: 1280, height: 1000 } }, (page) => {
    // All of NocoBase's plugins together are a lot to load.
    page.setDefaultTimeout(60_000);
    return story(page);
  });
}

async function signInAsRoot(page, origin, generation) {
  await page.goto(origin + generation.signInPage);
  await signInWithPassword(page, 'nocobase', 'admin123');
  await assertSignedIn(page, { origin }, generation);
}

async function call(origin, bearer, action, body) {
  const response = await fetch(`${origin}/api/${action}`, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json().catch(() => null) };
}

const card = (page) => page.getByRole('button', { name: PLUGIN, exact: true });

for (const generation of GENERATIONS) {
  describe(`In front of NocoBase, in the ${generation.name} client`, () => {
    const name = `office_${generation.name}`;
    const title = `Office ${generation.name}`;

    test('an administrator switches DingTalk on and sets it up', () => onPage(`peer ${generation.name} set up`, async (page) => {
      await signInAsRoot(page, peer.origin, generation);
      await page.goto(`${peer.origin}${generation.admin}/settings/plugin-manager`);
      const toggle = card(page).getByRole('switch');
      await toggle.waitFor();
      if (await toggle.getAttribute('aria-checked') !== 'true') {
        const loaded = page.waitForEvent('load');
        await toggle.click();
        await loaded;
        await toggle.and(page.locator('[aria-checked=true]')).waitFor();
      }

      await page.goto(`${peer.origin}${generation.admin}${SETTINGS}`);
      const form = await addDingTalk(page);
      await text(form, 'Auth UID').fill(name);
      await text(form, 'Title').fill(title);
      await enabled(form).setChecked(true);
      await clientId(form).fill('dingsandboxclient');
      await clientSecret(form).fill(secret);
      await autoSignUp(form).check();
      await save(form);

      const again = await configure(page, name);
      assert.equal(await clientSecret(again).inputValue(), MASK);
      assert.equal(await enabled(again).isChecked(), true);
      await save(again);
    }));

    test('somebody signs in through DingTalk and works in NocoBase', () => onPage(`peer ${generation.name} sign in`, async (page) => {
      await page.goto(peer.origin + generation.signInPage);
      await dingTalkButton(page, title).click();
      await page.waitForURL(`${peer.sandboxOrigin}/**`);
      await pick(PEOPLE[generation.name])(page);
      await assertSignedIn(page, peer, generation);
      const me = await whoAmI(page);
      assert.deepEqual(me.roles.map((role) => role.name), ['member']);

      // What NocoBase says to the same token without the gateway.
      const mine = await token(page);
      const direct = await call(peer.upstream, mine, 'auth:check');
      assert.equal(direct.status, 200);
      assert.equal(direct.body.data.id, me.id);
      const changed = await call(peer.origin, mine, 'users:updateLang', { appLang: 'en-US' });
      assert.equal(changed.status, 200);

      await signOut(page);
      await dingTalkButton(page, title).waitFor();
      for (const origin of [peer.origin, peer.upstream]) {
        const refused = await call(origin, mine, 'auth:check');
        assert.equal(refused.body.errors[0].code, 'BLOCKED_TOKEN', origin);
      }
    }));
  });
}

test('nobody can be locked out by switching the other authenticators off', () => onPage('peer lock out', async (page) => {
  await signInAsRoot(page, peer.origin, GENERATIONS[0]);
  const root = await token(page);
  const basic = { id: 1, name: 'basic', authType: 'Email/Password', enabled: false, options: {} };
  const refused = await call(peer.origin, root, 'authenticators:update?filterByTk=1', basic);
  assert.equal(refused.status, 400);
  assert.match(refused.body.errors[0].message, /at least one authenticator/);
}));

test('NocoBase is as it was when the gateway has ended', async () => {
  assert.equal(await peer.stopGateway(), 0, 'it ends well');
  await onPage('peer without gateway', async (page) => {
    await signInAsRoot(page, peer.upstream, GENERATIONS[0]);
    const root = await token(page);
    const plugins = await call(peer.upstream, root, 'pm:list');
    assert.ok(plugins.body.data.every((plugin) => plugin.name !== 'auth-dingtalk'));
    const offered = await call(peer.upstream, root, 'authenticators:publicList');
    assert.deepEqual(offered.body.data.map((way) => way.name), ['basic']);
    await page.goto(`${peer.upstream}/admin${SETTINGS}`);
    await page.getByText('office_v1', { exact: true }).waitFor();
  });
});
