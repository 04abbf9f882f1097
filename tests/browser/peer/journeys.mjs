// The gateway in front of a real NocoBase: an administrator sets DingTalk up, people sign in and work, in both generations
// of the web client; and NocoBase is as it was when the gateway is gone. `make test-peer` runs this on each database.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { SETTINGS } from '../authenticators.mjs';
import { launchChromium, Ledger, onFreshPage } from '../browser.mjs';
import { sandboxClientSecret } from '../demo.mjs';
import { GENERATIONS } from '../stories.mjs';
import { administrator } from './administrator.mjs';
import { DIALECT } from './database.mjs';
import { employee } from './employee.mjs';
import { call, rootToken } from './http.mjs';
import { install } from './install.mjs';
import { lockOut, noLockOut } from './lock-out.mjs';
import { NocoBase } from './nocobase.mjs';
import { notifications } from './notifications.mjs';
import { assertListsUser, goTo, nameOf, renamedIn, signInAsRoot } from './office.mjs';
import { sessions } from './sessions.mjs';

const PATIENCE_MS = 120_000;

/** Where things are: `origin` is the gateway's. Stories take it for the server. */
const peer = {
  /** A page of its own, inside DingTalk if there is a `client`. What NocoBase's own pages complain about is not ours to judge. */
  onPage(name, story, client) {
    const origins = [peer.origin, peer.nocobase.origin, peer.sandboxOrigin];
    const context = { ledger: new Ledger(origins), name: `peer ${DIALECT} ${name}`, viewport: { width: 1280, height: 1000 }, client };
    return onFreshPage(peer.browser, context, (page) => {
      // All of NocoBase's plugins together are a lot to load.
      page.setDefaultTimeout(PATIENCE_MS);
      return story(page);
    });
  },
};

before(async () => {
  await install();
  peer.secret = await sandboxClientSecret();
  peer.browser = await launchChromium();
  peer.nocobase = await NocoBase.install();
  await peer.nocobase.start();
  const sandbox = await peer.nocobase.sandbox();
  peer.sandboxOrigin = sandbox.origin;
  peer.settings = sandbox.settings;
  console.log(peer.nocobase.doctor());
  peer.gateway = await peer.nocobase.gateway(peer.settings);
  peer.origin = peer.gateway.origin;
});

after(async () => {
  await peer.browser?.close();
  await peer.nocobase?.discard();
});

for (const generation of GENERATIONS) {
  describe(`In front of NocoBase, in the ${generation.name} client`, () => {
    administrator(peer, generation);
    employee(peer, generation);
  });
}

for (const generation of GENERATIONS) {
  describe(`Notifications, in the ${generation.name} client`, () => notifications(peer, generation));
}

describe('Sessions', () => sessions(peer));
describe('Locked out', () => noLockOut(peer));

describe('Without the gateway', () => {
  test('the gateway ends well, and NocoBase is as it was', async () => {
    assert.equal(await peer.gateway.stop(), 0);
    const { origin } = peer.nocobase;
    const root = await rootToken(origin);
    const plugins = await call(origin, root, 'pm:list');
    assert.ok(plugins.json.data.every((plugin) => plugin.name !== 'auth-dingtalk'));
    const offered = await call(origin, root, 'authenticators:publicList');
    assert.deepEqual(offered.json.data.map((way) => way.name), ['basic']);
  });

  for (const generation of GENERATIONS) {
    test(`people sign in with a password in the ${generation.name} client`, () => peer.onPage(`${generation.name} alone`, async (page) => {
      const alone = { origin: peer.nocobase.origin };
      await signInAsRoot(page, alone, generation);
      await assertListsUser(page, generation, renamedIn(generation));
      await goTo(page, generation, SETTINGS);
      await page.getByText(nameOf(generation), { exact: true }).waitFor();
    }));
  }

  lockOut(peer);
});
