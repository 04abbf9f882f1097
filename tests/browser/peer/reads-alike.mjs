// NocoBase and the gateway read the same request in the same way, or the gateway refuses it: a table of requests that
// name applications, and random spellings of requests about authenticators and plugins. `make test-peer` runs this on
// SQLite. FUZZ_SEED repeats a run, FUZZ_REQUESTS says how long it is.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { sandboxClientSecret } from '../demo.mjs';
import { ask, call, rootToken } from './http.mjs';
import { install, ROOT } from './install.mjs';
import { NocoBase } from './nocobase.mjs';
import { until } from './processes.mjs';
import { random } from './random.mjs';
import { spelling } from './spellings.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_000);
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 20_000);
const SEVERAL_APPLICATIONS = 'multi-app-manager';
/** A type of NocoBase's own that requests may give to an authenticator. */
const FOREIGN = 'Email/Password';
/** NocoBase never answers a request that names two applications in one query. */
const LIMIT_MS = 3_000;

const peer = {};

before(async () => {
  await install();
  peer.secret = await sandboxClientSecret();
  peer.nocobase = await NocoBase.install();
  await peer.nocobase.start();
  const sandbox = await peer.nocobase.sandbox();
  peer.gateway = await peer.nocobase.gateway(sandbox.settings);
  peer.root = await rootToken(peer.nocobase.origin);
  peer.row = await createAuthenticator();
  peer.clerk = await createClerk();
});

after(() => peer.nocobase?.discard());

async function good(answer) {
  const told = await answer;
  assert.equal(told.status, 200, told.text);
  return told.json.data;
}

const options = () => ({ clientId: 'dingsandboxclient', clientSecret: peer.secret, public: { autoSignup: true } });

async function createAuthenticator() {
  const row = { name: 'ding', authType: 'dingtalk', enabled: true, options: options() };
  return good(call(peer.gateway.origin, peer.root, 'authenticators:create', row));
}

/** Somebody who may configure authenticators, and nothing else. */
async function createClerk() {
  const { origin } = peer.nocobase;
  await good(call(origin, peer.root, 'roles:create', { name: 'clerk', title: 'Clerk', snippets: ['pm.auth.authenticators'], strategy: { actions: [] } }));
  await good(call(origin, peer.root, 'users:create', { username: 'clerk', password: 'clerk-password', roles: [{ name: 'clerk' }] }));
  const signedIn = await good(call(origin, undefined, 'auth:signIn', { account: 'clerk', password: 'clerk-password' }, { 'X-Authenticator': 'basic' }));
  return signedIn.token;
}

/** The application that answers, if any does. */
async function applicationOf(origin, target, headers) {
  const answer = await send(origin, { target: target.replace('ACTION', 'app:getInfo'), headers });
  return answer.json?.data?.name ?? 'none';
}

test('an application is read as NocoBase reads it', async () => {
  const { origin } = peer.nocobase;
  await good(call(origin, peer.root, `pm:enable?filterByTk=${SEVERAL_APPLICATIONS}&awaitResponse=1`, {}));
  await until(async () => (await call(origin, peer.root, 'applications:list')).status === 200, 'several applications can be made');
  const sub = { name: 'sub', displayName: 'Sub', cname: 'sub.example.com', options: { autoStart: true } };
  await good(call(origin, peer.root, 'applications:create', sub));
  await until(async () => await applicationOf(origin, '/api/ACTION', { 'X-App': 'sub' }) === 'sub', 'the other application is there');
  const table = JSON.parse(await readFile(join(ROOT, 'tests/contract/applications.json'), 'utf8'));
  assert.ok(table.length >= 40);
  const wrong = [];
  for (const { target, headers = {}, nocobase, ours } of table) {
    const told = await applicationOf(origin, target, { Host: 'example.com', ...headers });
    const line = `${target} ${JSON.stringify(headers)}: ${told}`;
    if (told !== nocobase) wrong.push(`${line} instead of ${nocobase}`);
    if (ours === 'main' && told !== 'main') wrong.push(`${line}, and the gateway takes it for the main one`);
    if (ours === 'other' && told === 'main') wrong.push(`${line}, and the gateway passes it on`);
  }
  assert.deepEqual(wrong, []);
});

test('no spelling of a request shows a secret or saves what was not checked', async () => {
  console.log(`FUZZ_SEED=${SEED}`);
  const dice = random(SEED);
  const counts = { asked: 0, shown: 0, refused: 0, brokenBy: [] };
  for (let number = 0; number < REQUESTS; number += 1) {
    const saves = dice.chance(0.4);
    const request = spelling(dice, { saves, id: peer.row.id, name: 'ding' });
    const token = dice.pick([peer.root, peer.clerk]);
    request.headers = { ...request.headers, Authorization: `Bearer ${saves ? peer.clerk : token}` };
    counts.asked += 1;
    if (saves) {
      await assertSavesNothing(request, counts);
    } else {
      await assertShowsNothing(request, counts);
    }
    if (number % 100 === 99) await mendIfBroken(request, counts);
    if (number % 500 === 499) await assertUntouched(request);
  }
  await mendIfBroken(undefined, counts);
  await assertUntouched();
  console.log(JSON.stringify(counts));
  assert.ok(counts.shown > REQUESTS / 100, 'NocoBase itself shows the secret often enough for this to say something');
});

const describe = (request) => JSON.stringify({ ...request, headers: { ...request.headers, Authorization: '…' } });

const send = (origin, { target, ...request }) => ask(origin, target, { ...request, limit: LIMIT_MS }).catch((error) => ({ status: 0, text: String(error) }));

async function assertShowsNothing(request, counts) {
  const direct = await send(peer.nocobase.origin, request);
  if (!direct.text.includes(peer.secret)) return;
  counts.shown += 1;
  const told = await send(peer.gateway.origin, request);
  if (told.status === 400) counts.refused += 1;
  assert.ok(!told.text.includes(peer.secret), `shown: ${describe(request)}`);
}

/** The clerk may not let anybody become an administrator, however that is written. */
async function assertSavesNothing(request, counts) {
  const told = await send(peer.gateway.origin, request);
  if (told.status === 400 || told.status === 403) counts.refused += 1;
  assert.ok(!told.text.includes(peer.secret), `shown: ${describe(request)}`);
  if (told.status !== 200) return;
  await mendIfBroken(request, counts);
  await assertUntouched(request);
}

/** Some requests leave NocoBase in an error from which only a start gets it out. */
async function mendIfBroken(request, counts) {
  const told = await call(peer.nocobase.origin, peer.root, 'app:getInfo');
  if (told.status !== 503) return;
  counts.brokenBy.push(request ? describe(request) : 'one of the last');
  await peer.nocobase.restart();
}

async function assertUntouched(request) {
  const list = () => good(call(peer.nocobase.origin, peer.root, 'authenticators:list?paginate=false'));
  let listed = await list();
  const saved = listed.find(({ id }) => id === peer.row.id);
  if (saved?.authType === FOREIGN) {
    // The clerk may do this as in NocoBase. The secret is gone with it.
    assert.ok(!JSON.stringify(saved).includes(peer.secret), `kept after ${describe(request ?? {})}`);
    const again = { authType: 'dingtalk', enabled: true, options: options() };
    await good(call(peer.gateway.origin, peer.root, `authenticators:update?filterByTk=${peer.row.id}`, again));
    listed = await list();
  }
  const own = listed.filter((row) => row.authType === 'dingtalk');
  const row = own.find(({ id }) => id === peer.row.id);
  const why = `after ${describe(request ?? {})}: ${JSON.stringify(own)}`;
  assert.ok(row && row.options.clientSecret === peer.secret, why);
  for (const { enabled, options: stored } of own) {
    assert.ok(!enabled, `NocoBase takes it for enabled ${why}`);
    assert.ok(!stored.newUserRoles?.length && !stored.linkAdministrators, `unchecked ${why}`);
  }
}
