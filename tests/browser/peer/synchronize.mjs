// The directory before a real NocoBase: people and departments are copied from its own page «Synchronize», in both generations
// of the web client, and are seen on its own pages. `make test-peer` runs this on each database.

import { after, before, describe } from 'node:test';

import { launchChromium, Ledger, onFreshPage } from '../browser.mjs';
import { sandboxClientSecret } from '../demo.mjs';
import { GENERATIONS } from '../stories.mjs';
import { DIALECT } from './database.mjs';
import { ask, call, rootToken } from './http.mjs';
import { install } from './install.mjs';
import { NocoBase } from './nocobase.mjs';
import { LIMIT_MS, until } from './processes.mjs';
import { synchronization } from './sync-page.mjs';

/** Installing and starting a NocoBase, with a plugin switched on that has it load everything anew. */
const PREPARATION_MS = 1_200_000;

/** Where things are: `origin` is the gateway's. */
const peer = {
  onPage(name, story) {
    const hosts = [peer.origin, peer.nocobase.origin, peer.sandboxOrigin].map((origin) => new URL(origin).host);
    const context = { ledger: new Ledger(hosts), name: `peer ${DIALECT} ${name}`, viewport: { width: 1280, height: 1000 } };
    return onFreshPage(peer.browser, context, story);
  },
};

before(async () => {
  await install();
  const secret = await sandboxClientSecret();
  peer.browser = await launchChromium();
  peer.nocobase = await NocoBase.install();
  const { nocobase } = peer;
  await nocobase.start();
  peer.root = await rootToken(nocobase.origin);
  const headers = { Authorization: `Bearer ${peer.root}` };
  await ask(nocobase.origin, '/api/pm:enable?filterByTk=departments', { method: 'POST', headers, limit: LIMIT_MS });
  await until(async () => (await call(nocobase.origin, peer.root, 'departments:list')).status === 200, 'there are departments');
  const sandbox = await nocobase.sandbox();
  peer.sandboxOrigin = sandbox.origin;
  const gateway = await nocobase.gateway(sandbox.settings);
  peer.origin = gateway.origin;
  const good = async (action, body) => {
    const answer = await call(peer.origin, peer.root, action, body);
    if (answer.status !== 200) throw new Error(`${action}: ${answer.status} ${answer.text}`);
  };
  await good('pm:enable?filterByTk=auth-dingtalk', {});
  const options = { clientId: 'dingsandboxclient', clientSecret: secret };
  await good('authenticators:create', { name: 'office', authType: 'dingtalk', title: 'Office', enabled: true, options });
}, { timeout: PREPARATION_MS });

after(async () => {
  await peer.browser?.close();
  await peer.nocobase?.discard();
});

for (const generation of GENERATIONS) {
  describe(`The page «Synchronize» of NocoBase on ${DIALECT}, in the ${generation.name} client`, () => synchronization(peer, generation));
}
