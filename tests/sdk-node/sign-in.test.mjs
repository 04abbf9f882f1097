// DingTalk's official Node SDK, unmodified, signs people in at the sandbox.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { CORP_ID, Sandbox } from './sandbox.mjs';

const USED_UP = 'invalidParameter.authCode.notFound';
const PERMISSION = 'Forbidden.AccessDenied.AccessTokenPermissionDenied';

let sandbox;

before(async () => {
  sandbox = await Sandbox.start();
});

after(() => sandbox?.stop());

beforeEach(() => sandbox.control('POST', '/reset'));

const refusedWith = (code) => (error) => error.code === code;

test('a person signs in', async () => {
  const token = await sandbox.userToken(await sandbox.code('zhangwei'));
  assert.equal(token.expireIn, 7200);
  const { nick, mobile, stateCode, openId, unionId } = await sandbox.user(token.accessToken);
  assert.deepEqual({ nick, mobile, stateCode, openId, unionId }, {
    nick: '张伟',
    mobile: '13800000001',
    stateCode: '86',
    openId: 'open-zhangwei.dingsandboxclient',
    unionId: 'union-zhangwei',
  });
});

test('the organization comes with its scope', async () => {
  const token = await sandbox.userToken(await sandbox.code('zhangwei', 'oauth', { withOrganization: true }));
  assert.equal(token.corpId, CORP_ID);
});

test('the two spellings of the app\'s token agree', async () => {
  const [plain, organised] = [await sandbox.appToken(), await sandbox.organizationToken()];
  assert.deepEqual([plain.expireIn, organised.expiresIn], [7200, 7200]);
  assert.equal(plain.accessToken, organised.accessToken);
});

test('a wrong secret', async () => {
  await assert.rejects(sandbox.appToken('wrong'), refusedWith('invalidClientIdOrSecret'));
  await assert.rejects(sandbox.organizationToken('wrong'), refusedWith('invalid.client'));
});

test('a code works once, and one of another kind never', async () => {
  const code = await sandbox.code('zhangwei');
  await sandbox.userToken(code);
  await assert.rejects(sandbox.userToken(code), refusedWith(USED_UP));
  await assert.rejects(sandbox.userToken(await sandbox.code('zhangwei', 'jsapi')), refusedWith(USED_UP));
});

test('tokens and permissions that are not there', async () => {
  await assert.rejects(sandbox.user('wrong'), refusedWith('InvalidAuthentication'));
  const { accessToken } = await sandbox.userToken(await sandbox.code('zhangwei'));
  await sandbox.control('PUT', '/apps/dingsandboxclient', { permissions: [] });
  await assert.rejects(sandbox.user(accessToken), refusedWith(PERMISSION));
});

test('too many calls read as the SDK expects', async () => {
  const { accessToken } = await sandbox.userToken(await sandbox.code('zhangwei'));
  await sandbox.control('POST', '/faults', { endpoint: '/v1.0/contact/users/me', fault: 'throttle' });
  await assert.rejects(sandbox.user(accessToken), refusedWith('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'));
  assert.equal((await sandbox.user(accessToken)).unionId, 'union-zhangwei');
});
