// DingTalk's official Node SDK, unmodified, sends a robot's message and reads what became of it.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { CLIENT_ID, Sandbox } from './sandbox.mjs';

let sandbox;

before(async () => {
  sandbox = await Sandbox.start();
});

after(() => sandbox?.stop());

beforeEach(() => sandbox.control('POST', '/reset'));

test('a message is sent, read and taken back', async () => {
  const { accessToken } = await sandbox.appToken();
  const sent = await sandbox.robotSend(accessToken, ['user-lina', 'user-nobody']);
  assert.deepEqual(sent.invalidStaffIdList, ['user-nobody']);
  const [message] = await sandbox.control('GET', '/messages');
  await sandbox.read('lina', message.number);
  const status = await sandbox.robotStatus(accessToken, sent.processQueryKey);
  assert.equal(status.sendStatus, 'SUCCESS');
  const [{ userId, readStatus }] = status.messageReadInfoList;
  assert.deepEqual({ userId, readStatus }, { userId: 'user-lina', readStatus: 'READ' });
  const recalled = await sandbox.robotRecall(accessToken, [sent.processQueryKey]);
  assert.deepEqual(recalled.successResult, [sent.processQueryKey]);
});

test('too many receivers and an unknown robot', async () => {
  const { accessToken } = await sandbox.appToken();
  const many = Array.from({ length: 21 }, (_, number) => `user-${number}`);
  await assert.rejects(sandbox.robotSend(accessToken, many), { code: 'invalidParameter.userIds.overMax' });
  await assert.rejects(sandbox.robotSend(accessToken, ['user-lina'], `${CLIENT_ID}x`), { code: 'invalidParameter.robotCode.notExsit' });
});
