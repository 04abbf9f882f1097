// NocoBase's own client library against our server, as programs use it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import sdk from '@nocobase/sdk';

import { Demo } from '../browser/demo.mjs';

const ROOT = { account: 'nocobase', password: 'admin123' };

let demo;
before(async () => {
  demo = await Demo.start();
});
after(() => demo?.stop());

/** A client without a session. */
function client() {
  return new sdk.APIClient({ baseURL: `${demo.origin}/api/`, storageType: 'memory' });
}

/** A client with the session of this account. */
async function signedIn(values = ROOT) {
  const api = client();
  await api.auth.signIn(values, 'basic');
  return api;
}

/** Status and errors of a request that has to be refused, as the library reports them. */
async function refused(api, request) {
  const error = await request.then(
    () => assert.fail('it was not refused'),
    (error) => error,
  );
  return { status: error.response?.status, errors: api.toErrMessages(error) };
}

function names(response) {
  return response.data.data.map((row) => row.name);
}

describe('sessions', () => {
  test('somebody signs in, is known, and signs out', async () => {
    const api = client();
    const response = await api.auth.signIn(ROOT, 'basic');
    assert.equal(response.data.data.user.username, 'nocobase');
    assert.equal(api.auth.token, response.data.data.token);
    assert.equal(api.auth.authenticator, 'basic');

    const check = await api.request({ url: 'auth:check' });
    assert.equal(check.data.data.id, 1);

    const token = api.auth.token;
    await api.auth.signOut();
    assert.ok(!api.auth.token);
    const headers = { Authorization: `Bearer ${token}` };
    const { status, errors } = await refused(api, api.request({ url: 'auth:check', headers }));
    assert.equal(status, 401);
    assert.equal(errors[0].code, 'BLOCKED_TOKEN');
  });

  test('a wrong password and no token are refused by their codes', async () => {
    const api = client();
    const wrong = await refused(api, api.auth.signIn({ account: 'nobody', password: 'x' }, 'basic'));
    assert.equal(wrong.status, 401);
    assert.match(wrong.errors[0].message, /incorrect/);
    assert.ok(!api.auth.token);
    const none = await refused(api, api.request({ url: 'auth:check' }));
    assert.deepEqual([none.status, none.errors[0].code], [401, 'EMPTY_TOKEN']);
  });

  test('messages come in the language of the client', async () => {
    const api = client();
    api.auth.setLocale('zh-CN');
    const { errors } = await refused(api, api.auth.signIn({ account: 'nobody', password: 'x' }, 'basic'));
    assert.match(errors[0].message, /\p{Script=Han}/u);
  });

  test('the role of the client is the role of the request', async () => {
    const api = await signedIn();
    api.auth.setRole('admin');
    const check = await api.request({ url: 'roles:check' });
    assert.equal(check.data.data.role, 'admin');
    api.auth.setRole('nobody');
    const { status, errors } = await refused(api, api.request({ url: 'roles:check' }));
    assert.deepEqual([status, errors[0].code], [401, 'ROLE_NOT_FOUND_FOR_USER']);
  });

  test('cookies are given for a token', async () => {
    const api = await signedIn();
    const response = await api.auth.syncCookies();
    assert.equal(response.status, 200);
    assert.ok(response.headers['set-cookie'].length > 0);
  });
});

describe('rows', () => {
  test('an authenticator lives from create to destroy', async () => {
    const api = await signedIn();
    const authenticators = api.resource('authenticators');
    const values = { name: 'sdk', authType: 'Email/Password', title: 'SDK', options: { public: { a: 1 } } };
    const created = (await authenticators.create({ values })).data.data;
    assert.deepEqual(created.options, { public: { a: 1 } });

    const updated = await authenticators.update({ filterByTk: created.id, values: { title: 'Other' } });
    assert.equal(updated.data.data[0].title, 'Other');
    const found = await authenticators.get({ filterByTk: created.id });
    assert.equal(found.data.data.title, 'Other');
    assert.equal(found.data.data.createdById, 1);

    const twice = await refused(api, authenticators.create({ values }));
    assert.deepEqual(twice, { status: 400, errors: [{ message: 'Name already exists' }] });
    assert.equal((await authenticators.destroy({ filterByTk: created.id })).data.data, 1);
    assert.equal((await authenticators.get({ filterByTk: created.id })).data.data, null);
    assert.equal((await authenticators.destroy({ filterByTk: created.id })).data.data, 0);
  });

  test('lists are filtered, sorted and cut into pages', async () => {
    const api = await signedIn();
    const users = api.resource('users');
    const make = (username, nickname) => users.create({ values: { username, nickname, password: 'secret-1' } });
    for (const [username, nickname] of [['p1', 'C'], ['p2', 'B'], ['p3', 'B'], ['p4', 'A']]) await make(username, nickname);
    const filter = { $and: [{ username: { $startsWith: 'p' } }, { nickname: { $ne: 'C' } }] };
    const list = async (params) => {
      const { data } = await users.list({ filter: structuredClone(filter), fields: ['username'], ...params });
      return { rows: data.data.map((row) => row.username), meta: data.meta };
    };

    const sorted = await list({ sort: ['nickname', '-username'] });
    assert.deepEqual(sorted.rows, ['p4', 'p3', 'p2']);
    const second = await list({ sort: ['-username'], page: 2, pageSize: 2 });
    assert.deepEqual(second, { rows: ['p2'], meta: { count: 3, page: 2, pageSize: 2, totalPage: 2 } });
    const all = await list({ paginate: false, sort: 'id' });
    assert.deepEqual(all, { rows: ['p2', 'p3', 'p4'], meta: undefined });
    const some = await users.list({ filter: { 'username.$in': ['p1', 'p4'] }, except: ['email'], sort: ['id'] });
    assert.deepEqual(some.data.data.map((row) => row.username), ['p1', 'p4']);
    assert.ok(some.data.data.every((row) => !('email' in row) && !('password' in row)));
    const one = await users.get({ filter: { username: 'p2' }, appends: ['roles'] });
    assert.deepEqual(one.data.data.roles.map((role) => role.name), ['member']);
  });

  test('associations have their own actions', async () => {
    const api = await signedIn();
    const user = await api.resource('users').create({ values: { username: 'assoc', password: 'secret-1' } });
    const roles = api.resource('users.roles', user.data.data.id);
    assert.deepEqual(names(await roles.list()), ['member']);
    await roles.add({ values: ['admin'] });
    assert.deepEqual(names(await roles.list({ sort: ['name'] })), ['admin', 'member']);
    await roles.remove({ values: ['member'] });
    assert.deepEqual(names(await roles.list()), ['admin']);
  });

  test('bad questions are refused, not answered with everything', async () => {
    const api = await signedIn();
    const users = api.resource('users');
    for (const params of [{ filter: { 'id.$nope': 1 } }, { filter: { nope: 1 } }, { sort: ['nope'] }, { filter: '{bad' }]) {
      const { status, errors } = await refused(api, users.list(params));
      assert.equal(status, 400, JSON.stringify(params));
      assert.ok(errors[0].message);
    }
    assert.equal((await refused(api, users.nope())).status, 404);
    assert.equal((await refused(api, users.update({ values: { nickname: 'all' } }))).status, 400);
  });

  test('who may not is refused', async () => {
    const root = await signedIn();
    await root.resource('users').create({ values: { username: 'little', password: 'secret-1' } });
    const api = await signedIn({ account: 'little', password: 'secret-1' });
    const { status, errors } = await refused(api, api.resource('authenticators').list());
    assert.deepEqual([status, errors], [403, [{ message: 'No permissions' }]]);
  });
});

describe('programs', () => {
  test('an API key acts with its role until it is removed', async () => {
    const root = await signedIn();
    const keys = root.resource('apiKeys');
    const values = { name: 'sdk-key', role: { name: 'admin' }, expiresIn: '1d' };
    const { token } = (await keys.create({ values })).data.data;

    const program = client();
    program.auth.setToken(token);
    const check = await program.request({ url: 'roles:check' });
    assert.equal(check.data.data.role, 'admin');

    const [key] = (await keys.list({ filter: { name: 'sdk-key' } })).data.data;
    assert.deepEqual([key.roleName, 'token' in key], ['admin', false]);
    assert.equal((await keys.destroy({ filterByTk: key.id })).data.data, 1);
    const { status, errors } = await refused(program, program.request({ url: 'auth:check' }));
    assert.deepEqual([status, errors[0].code], [401, 'BLOCKED_TOKEN']);
  });

  test('a variable fills in options, and a secret is never read again', async () => {
    const api = await signedIn();
    const variables = api.resource('environmentVariables');
    await variables.create({ values: { name: 'SDK_PLAIN', type: 'default', value: 'shown' } });
    await variables.create({ values: { name: 'SDK_SECRET', type: 'secret', value: 'hunter2' } });
    const { data } = await variables.list({ filter: { 'name.$startsWith': 'SDK_' } });
    assert.deepEqual(
      data.data.map(({ name, type, value }) => ({ name, type, value })),
      [
        { name: 'SDK_PLAIN', type: 'default', value: 'shown' },
        { name: 'SDK_SECRET', type: 'secret', value: null },
      ],
    );
    for (const name of ['SDK_PLAIN', 'SDK_SECRET']) {
      assert.equal((await variables.destroy({ filterByTk: name })).data.data, 1);
    }
  });
});
