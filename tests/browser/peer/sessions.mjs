// Sessions that begin at the gateway are NocoBase's, in every way: the token, the account, its end.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { GENERATIONS } from '../stories.mjs';
import { call, code, rootToken } from './http.mjs';
import { nameOf } from './office.mjs';
import { begin, comeBack, signIn, tokenOf } from './people.mjs';
import { until } from './processes.mjs';
import { expired } from './tokens.mjs';

const AUTHENTICATOR = nameOf(GENERATIONS[0]);
/** Clocks are the same; how long a busy machine takes is not known. */
const MINUTE_MS = 60_000;

export function sessions(peer) {
  const direct = () => peer.nocobase.origin;

  test('the first request of a new account finds it in NocoBase, and its dates and role', async () => {
    const before = Date.now();
    const people = ['wangfang', 'weiming', 'liuyang'];
    const ways = await Promise.all(people.map((person) => begin(peer, AUTHENTICATOR, person)));
    const users = await Promise.all(ways.map(async (way) => {
      const token = tokenOf(await comeBack(peer.origin, way));
      const first = await call(direct(), token, 'auth:check');
      assert.equal(first.status, 200, first.text);
      return first.json.data;
    }));
    assert.equal(new Set(users.map((user) => user.id)).size, people.length);
    const root = await rootToken(direct());
    const listed = (await call(direct(), root, 'users:list?pageSize=100&appends[]=roles')).json.data;
    for (const { id } of users) {
      const user = listed.find((row) => row.id === id);
      assert.deepEqual(user.roles.map((role) => role.name), ['member']);
      for (const date of [user.createdAt, user.updatedAt]) {
        const at = Date.parse(date);
        assert.ok(at >= before - 1000 && at <= Date.now() + 1000 && Date.now() - at < 10 * MINUTE_MS, `${date} is now`);
      }
      const [own] = (await call(direct(), root, `usersAuthenticators:list?filter[userId]=${id}`)).json.data;
      assert.equal(own.authenticator, AUTHENTICATOR);
      assert.ok(Math.abs(Date.parse(own.createdAt) - Date.parse(user.createdAt)) < MINUTE_MS, own.createdAt);
    }
  });

  test('several first sign-ins of one person at one time make one account', async () => {
    const ways = await Promise.all([1, 2, 3, 4].map(() => begin(peer, AUTHENTICATOR, 'marie')));
    const tokens = (await Promise.all(ways.map((way) => comeBack(peer.origin, way)))).map(tokenOf);
    const checks = await Promise.all(tokens.map((token) => call(direct(), token, 'auth:check')));
    assert.equal(new Set(checks.map((answer) => answer.json.data?.id)).size, 1, checks.map((answer) => answer.text).join());
  });

  test('NocoBase renews a session of ours', async () => {
    const token = await signIn(peer, AUTHENTICATOR, 'wangfang');
    const answer = await call(direct(), expired(token), 'auth:check');
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await call(peer.origin, answer.headers['x-new-token'], 'auth:check')).status, 200);
  });

  test('a sign-out through the gateway counts in NocoBase, and the reverse', async () => {
    for (const [there, here] of [[peer.origin, direct()], [direct(), peer.origin]]) {
      const token = await signIn(peer, AUTHENTICATOR, 'wangfang');
      assert.equal((await call(here, token, 'auth:check')).status, 200);
      assert.equal((await call(there, token, 'auth:signOut', {})).status, 200);
      assert.equal(code(await call(here, token, 'auth:check')), 'BLOCKED_TOKEN');
    }
    // Our own actions, too, which look into the database.
    const root = await rootToken(direct());
    const schema = () => call(peer.origin, root, 'dingtalk:optionsSchema');
    assert.equal((await schema()).status, 200);
    await call(direct(), root, 'auth:signOut', {});
    await until(async () => (await schema()).status === 401, 'the gateway knows of the sign-out');
  });

  test('an account that has lost all its roles can still sign out', async () => {
    const root = await rootToken(direct());
    const made = await call(direct(), root, 'users:create', { username: 'outcast', password: 'pw', roles: ['member'] });
    const signedIn = () => call(direct(), undefined, 'auth:signIn', { account: 'outcast', password: 'pw' });
    const token = (await signedIn()).json.data.token;
    assert.equal((await call(peer.origin, token, 'auth:signOut', {}, { 'X-Role': 'admin' })).status, 200, 'a role that is not held');
    assert.equal(code(await call(direct(), token, 'auth:check')), 'BLOCKED_TOKEN');
    const other = (await signedIn()).json.data.token;
    await call(direct(), root, `users/${made.json.data.id}/roles:set`, []);
    assert.equal(code(await call(direct(), other, 'auth:check')), 'USER_HAS_NO_ROLES_ERR');
    assert.equal((await call(peer.origin, other, 'auth:signOut', {})).status, 200);
    assert.equal(code(await call(direct(), other, 'auth:check')), 'BLOCKED_TOKEN');
  });

  test('two gateways share a sign-in that is on its way, and use it once', async () => {
    const other = await peer.nocobase.gateway(peer.settings);
    const way = await begin(peer, AUTHENTICATOR, 'wangfang');
    const token = tokenOf(await comeBack(other.origin, way));
    assert.equal((await call(direct(), token, 'auth:check')).status, 200);
    const again = await comeBack(peer.origin, way);
    assert.match(again.headers.location ?? again.text, /dingtalkError=/);
    assert.equal(await other.stop(), 0, 'it ends well');
  });
}
