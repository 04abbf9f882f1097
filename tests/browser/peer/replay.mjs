// The recorded exchanges once more, at a real NocoBase and at another one like it through the gateway: the answers differ
// only where tests/contract/gateway.json says so, and why. `make test-peer` runs this on SQLite.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { differingPlaces } from './compare.mjs';
import { Asked } from './exchanges.mjs';
import { call } from './http.mjs';
import { install, ROOT } from './install.mjs';
import { NocoBase } from './nocobase.mjs';
import { until } from './processes.mjs';
import { sign } from './tokens.mjs';

/** Good answers in a row, a tenth of a second apart, after which NocoBase is taken to have settled. */
const STEADY = 20;
const CONTRACT = join(ROOT, 'tests/contract');

async function load() {
  const lines = await readFile(join(CONTRACT, 'recorded.jsonl'), 'utf8');
  const { more, differences } = JSON.parse(await readFile(join(CONTRACT, 'gateway.json'), 'utf8'));
  return { exchanges: [...lines.trim().split('\n').map((line) => JSON.parse(line)), ...more], differences };
}

/** Waits for what outlasts an answer, so that the next does not depend on who is faster. */
async function settle(exchange, servers) {
  if (/pm:(add|update|enable|disable|remove)/.test(exchange.path)) {
    // It answers, and only then begins to load its plugins anew: what is asked meanwhile can fail.
    for (const { origin } of servers) {
      let inARow = 0;
      const isSteady = async () => {
        const { status } = await call(origin, undefined, 'authenticators:publicList').catch(() => ({}));
        inARow = status === 200 ? inARow + 1 : 0;
        return inARow === STEADY;
      };
      await until(isSteady, 'NocoBase is done with its plugins');
    }
  }
  // A token of the same second would count as one from before the change.
  if (/Password$/.test(exchange.path)) {
    const second = Math.floor(Date.now() / 1000);
    await until(() => Math.floor(Date.now() / 1000) > second, 'the second is over');
  }
}

async function compare(direct, gateway) {
  const { exchanges, differences } = await load();
  const listed = new Map(differences.map((difference) => [difference.name, difference]));
  let failed = 0;
  const fail = (text) => {
    failed += 1;
    console.log(`FAILED ${text}`);
  };
  const meant = [];
  let passed = 0;
  for (const exchange of exchanges) {
    const [one, other] = [await direct.answer(exchange), await gateway.answer(exchange)];
    const found = differingPlaces(one, other, exchange.response);
    const difference = listed.get(exchange.name);
    listed.delete(exchange.name);
    if (found.join() === (difference?.at ?? []).join() && (difference?.status ?? one.status) === other.status) {
      passed += 1;
      if (difference) meant.push(`${exchange.name}: ${difference.reason}`);
    } else {
      const answers = [one, other].map(({ status, text, headers }) => `${status} ${text.slice(0, 600)} ${JSON.stringify(headers)}`);
      fail(`${exchange.name} differs at ${JSON.stringify(found)}\n    direct  ${answers[0]}\n    gateway ${answers[1]}`);
    }
    await settle(exchange, [direct, gateway]);
  }
  for (const name of listed.keys()) fail(`${name} is listed, and not asked`);
  console.log(`${meant.length} differ as they are meant to:\n${meant.map((line) => `  ${line}`).join('\n')}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

await install();
const discarded = [];
try {
  const direct = await NocoBase.install();
  discarded.push(direct);
  const behind = await direct.copy();
  discarded.push(behind);
  await direct.start();
  await behind.start();
  // As in the recording, which has a request that came through a proxy.
  const { origin } = await behind.gateway({ TRUSTED_PROXIES: '127.0.0.1/32' });
  const now = Date.now();
  const root = sign({ userId: 1, temp: true, iat: Math.floor(now / 1000), signInTime: now, exp: Math.floor(now / 1000) + 600 });
  await call(origin, root, 'pm:enable?filterByTk=auth-dingtalk');
  if (!await compare(new Asked(direct.origin), new Asked(origin))) process.exitCode = 1;
} finally {
  for (const nocobase of discarded) await nocobase.discard();
}
