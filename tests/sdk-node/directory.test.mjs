// DingTalk's official Node SDK, unmodified, reads who left.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Sandbox } from './sandbox.mjs';

let sandbox;

before(async () => {
  sandbox = await Sandbox.start();
});

after(() => sandbox?.stop());

beforeEach(() => sandbox.control('POST', '/reset'));

test('who left, page by page', async () => {
  for (const person of ['lina', 'marie', 'liuyang']) await sandbox.control('POST', `/people/${person}/dismiss`);
  const { accessToken } = await sandbox.appToken();
  const first = await sandbox.leaveRecords(accessToken);
  assert.deepEqual(first.records.map((record) => record.userId), ['user-lina', 'user-marie']);
  assert.equal(first.records[0].leaveReason, 'leave');
  const last = await sandbox.leaveRecords(accessToken, first.nextToken);
  assert.deepEqual(last.records.map((record) => record.userId), ['user-liuyang']);
  assert.equal(last.nextToken, undefined);
});

test('a size that is too large, and a permission that is missing', async () => {
  const { accessToken } = await sandbox.appToken();
  await assert.rejects(sandbox.leaveRecords(accessToken, '0', 51), { code: 'invalidParameter' });
  await sandbox.control('PUT', '/apps/dingsandboxclient', { permissions: [] });
  const code = 'Forbidden.AccessDenied.AccessTokenPermissionDenied';
  await assert.rejects(sandbox.leaveRecords(accessToken), { code });
});
