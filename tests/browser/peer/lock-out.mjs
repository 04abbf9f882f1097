// What becomes of a NocoBase that knows of an enabled authenticator of a type that it cannot handle: everybody is locked out
// as soon as the others are disabled. Behind the gateway it does not come to that.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { call, rootToken } from './http.mjs';

const OPTIONS = { clientId: 'dingsandboxclient', clientSecret: 'x' };
const BASIC = { id: 1, name: 'basic', authType: 'Email/Password', enabled: false, options: { public: { allowSignUp: true } } };
const KEEP_ONE = /at least one authenticator/;

const message = (answer) => answer.json?.errors?.[0]?.message;
const disableBasic = (origin, root) => call(origin, root, 'authenticators:update?filterByTk=1', BASIC);

/** Needs a gateway. */
export function noLockOut(peer) {
  test('nobody can be locked out by disabling the other authenticators', async () => {
    const root = await rootToken(peer.origin);
    const refused = await disableBasic(peer.origin, root);
    assert.equal(refused.status, 400, refused.text);
    assert.match(message(refused), KEEP_ONE);
    assert.ok(await rootToken(peer.nocobase.origin));
  });

  test('an authenticator that was enabled behind the gateway is found, and put right when it is saved', async () => {
    const { nocobase } = peer;
    const root = await rootToken(nocobase.origin);
    const row = { name: 'behind', authType: 'dingtalk', enabled: true, options: OPTIONS };
    const made = await call(nocobase.origin, root, 'authenticators:create', row);
    assert.equal(made.status, 200, made.text);
    assert.match(nocobase.doctor(), /NocoBase takes the DingTalk authenticator behind for enabled/);

    const path = `authenticators:update?filterByTk=${made.json.data.id}`;
    const saved = await call(peer.origin, root, path, { ...made.json.data, title: 'Behind' });
    assert.equal(saved.status, 200, saved.text);
    assert.equal(saved.json.data[0].enabled, true);
    assert.doesNotMatch(nocobase.doctor(), /for enabled/);
    // NocoBase itself, without the gateway, now refuses, and takes requests of that name.
    assert.match(message(await disableBasic(nocobase.origin, root)), KEEP_ONE);
    const named = await call(nocobase.origin, root, 'auth:check', undefined, { 'X-Authenticator': 'behind' });
    assert.equal(named.status, 200, named.text);
    await call(peer.origin, root, `authenticators:destroy?filterByTk=${made.json.data.id}`, {});
  });
}

/** Without a gateway; leaves a NocoBase that nobody can use. */
export function lockOut(peer) {
  test('without the gateway NocoBase lets itself be locked', async () => {
    const { origin } = peer.nocobase;
    const root = await rootToken(origin);
    const row = { name: 'trap', authType: 'dingtalk', enabled: true, options: OPTIONS };
    assert.equal((await call(origin, root, 'authenticators:create', row)).status, 200);
    const disabled = await disableBasic(origin, root);
    assert.equal(disabled.status, 200, disabled.text);
    const basic = { 'X-Authenticator': 'basic' };
    assert.equal((await call(origin, root, 'auth:check', undefined, basic)).status, 403);
    assert.equal((await call(origin, root, 'roles:check', undefined, basic)).status, 403);
    const password = { account: 'nocobase', password: 'admin123' };
    assert.equal((await call(origin, undefined, 'auth:signIn', password, basic)).status, 500);
  });
}
