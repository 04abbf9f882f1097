// Events before a real NocoBase: whoever is hired in DingTalk is soon on NocoBase's list, and whoever leaves is soon out, without
// a run. Both generations of the web client; `make test-peer` runs this on each database.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertSignedIn, dingTalkButton, GENERATIONS, pick, token, whoAmI } from '../stories.mjs';
import { DIALECT } from './database.mjs';
import { call } from './http.mjs';
import { assertListsUser, goTo, signInAsRoot, soon, WAIT_MS } from './office.mjs';
import { discard, peer, prepare, PREPARATION_MS } from './prepared.mjs';

const STORY_MS = 900_000;
/** From DingTalk's event to the first request that is refused. */
const BAR_MS = 2_000;
/** Who leaves. Of several, so that a busy machine does not count: the fastest is measured. */
const LEAVERS = { v1: ['zhangwei', 'wangfang', 'weiming'], v2: ['lina', 'liuyang', 'chenjing'] };

before(async () => {
  await prepare();
  const options = { events: { mode: 'stream' }, safetyLimitPercent: 100 };
  await peer.data('dingtalkDirectory:saveSource', { authenticator: 'office', enabled: true, options });
  await peer.data('dingtalkDirectory:run', { authenticator: 'office' });
  await soon('the first run has ended', async () => (await runs())[0]?.state === 'succeeded');
  const open = () => fetch(`${peer.sandboxOrigin}/_sandbox/stream`).then((answer) => answer.json());
  await soon('there is a connection for events', async () => (await open()).length === 1);
}, { timeout: PREPARATION_MS });

after(discard);

const runs = () => peer.data('dingtalkDirectory:runs?sort=-id');

for (const generation of GENERATIONS) {
  describe(`Events before NocoBase on ${DIALECT}, in the ${generation.name} client`, () => {
    test('whoever is hired is on the list, and whoever leaves is out at once', { timeout: STORY_MS }, async () => {
      await peer.onPage(`${generation.name} hired`, (page) => isHired(page, generation));
      const took = [];
      for (const leaver of LEAVERS[generation.name]) {
        took.push(await peer.onPage(`${generation.name} ${leaver} leaves`, (page) => leaves(page, generation, leaver)));
      }
      console.log(`${DIALECT} ${generation.name}: refused ${took.join(', ')} ms after the event`);
      assert.ok(Math.min(...took) <= BAR_MS, took.join());
      assert.equal((await runs()).length, 1, 'nothing but the first run was needed');
    });
  });
}

/** Root has the list open; somebody is hired, and is on it when root comes to it again. */
async function isHired(page, generation) {
  page.setDefaultTimeout(WAIT_MS);
  const newcomer = `Newcomer ${generation.name}`;
  await signInAsRoot(page, peer, generation);
  await goTo(page, generation, '/settings/users-permissions/users');
  await page.getByRole('row').filter({ hasText: '黄磊' }).first().waitFor();
  assert.equal(await page.getByText(newcomer, { exact: true }).count(), 0);
  await peer.change('people', 'POST', { id: `newcomer${generation.name}`, name: newcomer });
  const filter = encodeURIComponent(JSON.stringify({ nickname: newcomer }));
  await soon('NocoBase has the newcomer', async () => (await peer.data(`users:list?filter=${filter}`)).length === 1);
  await page.reload();
  await assertListsUser(page, generation, newcomer);
}

/**
 * Somebody signs in and has a page open that asks again and again. Gives how long after the event that was refused; then the
 * page is the sign-in page, whatever is done next.
 */
async function leaves(page, generation, leaver) {
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(peer.origin + generation.signInPage);
  await dingTalkButton(page, 'Office').click();
  await page.waitForURL(`${peer.sandboxOrigin}/**`);
  await pick(leaver)(page);
  await assertSignedIn(page, peer, generation);
  await whoAmI(page);
  const mine = await token(page);
  const refused = page.evaluate(async (bearer) => {
    for (;;) {
      const headers = { Authorization: `Bearer ${bearer}` };
      const answer = await fetch('/api/auth:check', { headers });
      if (answer.status === 401) return Date.now();
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }, mine);
  const left = Date.now();
  await peer.change(`people/${leaver}/dismiss`, 'POST', {});
  const took = await refused - left;
  const direct = await call(peer.nocobase.origin, mine, 'auth:check');
  assert.equal(direct.status, 401, direct.text);
  await page.reload();
  await page.waitForURL((url) => url.pathname === generation.signInPage);
  return took;
}
