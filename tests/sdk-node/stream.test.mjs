// DingTalk's official Stream SDK for Node, unmodified, hears the sandbox's events and acknowledges them. Its address is a
// constant, so its HTTP library is told where that is.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { DWClient, EventAck } from 'dingtalk-stream';

import { CLIENT_ID, CLIENT_SECRET, Sandbox } from './sandbox.mjs';

/** Much longer than anything takes. Without an end to waiting, what is broken would hold up the whole run. */
const PATIENCE_MS = 120_000;

let sandbox;

before(async () => {
  sandbox = await Sandbox.start();
  axios.interceptors.request.use((config) => ({ ...config, url: config.url.replace('https://api.dingtalk.com', sandbox.base) }));
});

after(() => sandbox?.stop());

beforeEach(() => sandbox.control('POST', '/reset'));

/** Waits until the sandbox says so. */
async function until(path, holds) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await sandbox.control('GET', path);
    if (holds(answer)) return answer;
    assert.ok(Date.now() < end, `waited in vain at ${path}: ${JSON.stringify(answer)}`);
    await sleep(10);
  }
}

/** The next event that is heard. */
const nextOf = (heard) => once(heard, 'event', { signal: AbortSignal.timeout(PATIENCE_MS) });

/** Connects, hands each event to `heard`, and runs the rest. */
async function listening(acknowledge, rest) {
  const heard = new EventEmitter();
  const client = new DWClient({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
  client.registerAllEventListener((event) => {
    heard.emit('event', event);
    return { status: acknowledge(event) };
  });
  await client.connect();
  try {
    await rest(heard, client);
  } finally {
    client.disconnect();
  }
}

test('an event is heard and acknowledged', async () => {
  await listening(() => EventAck.SUCCESS, async (heard) => {
    const event = nextOf(heard);
    await sandbox.control('POST', '/people/lina/dismiss');
    const [{ headers, data }] = await event;
    assert.equal(headers.eventType, 'user_leave_org');
    assert.deepEqual(JSON.parse(data).userId, ['user-lina']);
    await until('/events', ([row]) => row.outcome === 'acknowledged' && row.attempts === 1);
  });
});

test('an event that shall come later comes again', async () => {
  await sandbox.control('PUT', '/events', { redeliveryMs: 20, mostAttempts: 1_000_000 });
  const seen = [];
  const later = (event) => {
    seen.push(event.headers);
    return seen.length === 1 ? EventAck.LATER : EventAck.SUCCESS;
  };
  await listening(later, async () => {
    await sandbox.control('POST', '/people/lina/dismiss');
    await until('/events', ([row]) => row.outcome === 'acknowledged');
    assert.equal(seen[0].eventId, seen[1].eventId);
    assert.notEqual(seen[0].messageId, seen[1].messageId);
  });
});

test('a ping is answered, and after a goodbye there is a new connection', async () => {
  await sandbox.control('PUT', '/events', { pingMs: 20, goodbyeMs: 20 });
  await listening(() => EventAck.SUCCESS, async (heard, client) => {
    client.reconnectInterval = 10;
    const [{ id }] = await until('/stream', ([connection]) => connection?.pongs > 0);
    await sandbox.control('POST', '/stream/close', { how: 'disconnect' });
    await until('/stream', ([connection]) => connection && connection.id !== id);
    const event = nextOf(heard);
    await sandbox.control('POST', '/people/lina/dismiss');
    await event;
  });
});

test('wrong credentials open nothing', async () => {
  const client = new DWClient({ clientId: CLIENT_ID, clientSecret: 'wrong', autoReconnect: false });
  await assert.rejects(client.getEndpoint(), (error) => error.response.status === 401 && error.response.data.code === 'authFailed');
});
