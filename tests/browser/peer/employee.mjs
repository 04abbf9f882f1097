// What an employee does: in through DingTalk, by the button or inside its client, works in NocoBase, and goes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dingTalkClient, openAnotherWindow } from '../dingtalk-client.mjs';
import { assertSignedIn, dingTalkButton, pick, rename, signInWithPassword, signOut, token, whoAmI } from '../stories.mjs';
import { call, code, rootToken } from './http.mjs';
import { assertListsUser, nameOf, renamedIn, titleOf } from './office.mjs';

/** Who comes by the button, and who inside DingTalk. */
const PEOPLE = { v1: ['zhangwei', 'chenjing'], v2: ['lina', 'huanglei'] };

export function employee(peer, generation) {
  const name = nameOf(generation);
  const title = titleOf(generation);
  const renamed = renamedIn(generation);
  const [byButton, inside] = PEOPLE[generation.name];

  test('an employee signs in through DingTalk, works and leaves, and root comes', () => peer.onPage(`${generation.name} employee`, async (page) => {
    await page.goto(peer.origin + generation.signInPage);
    await dingTalkButton(page, title).click();
    await page.waitForURL(`${peer.sandboxOrigin}/**`);
    await pick(byButton)(page);
    await assertSignedIn(page, peer, generation);
    const me = await whoAmI(page);
    assert.deepEqual(me.roles.map((role) => role.name), ['member']);

    // What NocoBase says to the same token without the gateway.
    const mine = await token(page);
    const direct = await call(peer.nocobase.origin, mine, 'auth:check');
    assert.deepEqual([direct.status, direct.json.data.id], [200, me.id]);

    await rename(page, renamed, byButton);
    const root = await rootToken(peer.nocobase.origin);
    const stored = await call(peer.nocobase.origin, root, `users:get?filterByTk=${me.id}`);
    assert.equal(stored.json.data.nickname, renamed);

    await signOut(page);
    await dingTalkButton(page, title).waitFor();
    for (const origin of [peer.origin, peer.nocobase.origin]) {
      assert.equal(code(await call(origin, mine, 'auth:check')), 'BLOCKED_TOKEN', origin);
    }

    // The same browser for somebody else.
    await signInWithPassword(page, 'nocobase', 'admin123');
    await assertSignedIn(page, peer, generation);
    await assertListsUser(page, generation, renamed);
    for (const origin of [peer.origin, peer.nocobase.origin]) {
      const bound = await call(origin, root, `authenticators/${name}/users:list`);
      assert.deepEqual(bound.json.data.map((user) => user.nickname), [renamed], origin);
    }
  }));

  test('an employee who opens NocoBase inside DingTalk is in, and out after signing out', async () => {
    await peer.onPage(`${generation.name} inside`, async (page) => {
      await page.goto(peer.origin + generation.home);
      await assertSignedIn(page, peer, generation);
      const mine = await token(page);
      const direct = await call(peer.nocobase.origin, mine, 'auth:check');
      assert.deepEqual([direct.status, direct.json.data.id], [200, (await whoAmI(page)).id]);
      await signOut(page);
      await dingTalkButton(page, title).waitFor();
      assert.equal(code(await call(peer.nocobase.origin, mine, 'auth:check')), 'BLOCKED_TOKEN');
    }, await dingTalkClient(peer.sandboxOrigin, inside, 'pc'));
  });

  test('inside DingTalk the session that another person began with the button is replaced, and ended', async () => {
    const client = await dingTalkClient(peer.sandboxOrigin, inside, 'pc');
    await peer.onPage(`${generation.name} handed over`, async (page) => {
      await page.goto(peer.origin + generation.home);
      await assertSignedIn(page, peer, generation);
      const user = await whoAmI(page);
      await signOut(page);
      await dingTalkButton(page, title).click();
      await page.waitForURL(`${peer.sandboxOrigin}/**`);
      await pick(byButton)(page);
      await assertSignedIn(page, peer, generation);
      assert.notEqual((await whoAmI(page)).id, user.id);
      const old = await token(page);

      await openAnotherWindow(page);
      await page.goto(peer.origin + generation.home);
      await assertSignedIn(page, peer, generation);
      assert.equal((await whoAmI(page)).id, user.id);
      for (const origin of [peer.origin, peer.nocobase.origin]) {
        assert.equal(code(await call(origin, old, 'auth:check')), 'BLOCKED_TOKEN', origin);
      }
    }, client);
  });
}
