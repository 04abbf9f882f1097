// A real NocoBase with departments, a DingTalk, and a gateway between them with an authenticator «Office».

import { launchChromium, Ledger, onFreshPage } from '../browser.mjs';
import { sandboxClientSecret } from '../demo.mjs';
import { DIALECT } from './database.mjs';
import { ask, call, rootToken } from './http.mjs';
import { install } from './install.mjs';
import { NocoBase } from './nocobase.mjs';
import { LIMIT_MS, until } from './processes.mjs';

/** Installing and starting a NocoBase, with a plugin switched on that has it load everything anew. */
export const PREPARATION_MS = 1_200_000;

/** Where things are: `origin` is the gateway's. They are there when `prepare` has ended. */
export const peer = {
  onPage(name, story) {
    const origins = [peer.origin, peer.nocobase.origin, peer.sandboxOrigin];
    const context = { ledger: new Ledger(origins), name: `peer ${DIALECT} ${name}`, viewport: { width: 1280, height: 1000 } };
    return onFreshPage(peer.browser, context, story);
  },
  /** What an action answers to root. */
  async data(action, body) {
    const answer = await call(peer.origin, peer.root, action, body);
    if (answer.status !== 200) throw new Error(`${action}: ${answer.status} ${answer.text}`);
    return answer.json.data;
  },
  /** Changes something in DingTalk. */
  async change(path, method, body) {
    const answer = await fetch(`${peer.sandboxOrigin}/_sandbox/${path}`, {
      method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(LIMIT_MS),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  },
};

/** A running NocoBase whose plugin for departments is on, and a session of root's. */
export async function preparedNocoBase() {
  await install();
  const nocobase = await NocoBase.install();
  await nocobase.start();
  const root = await rootToken(nocobase.origin);
  const headers = { Authorization: `Bearer ${root}` };
  await ask(nocobase.origin, '/api/pm:enable?filterByTk=departments', { method: 'POST', headers, limit: LIMIT_MS });
  await until(async () => (await call(nocobase.origin, root, 'departments:list')).status === 200, 'there are departments');
  return { nocobase, root };
}

export async function prepare() {
  const secret = await sandboxClientSecret();
  peer.browser = await launchChromium();
  Object.assign(peer, await preparedNocoBase());
  const sandbox = await peer.nocobase.sandbox();
  peer.sandboxOrigin = sandbox.origin;
  const gateway = await peer.nocobase.gateway(sandbox.settings);
  peer.origin = gateway.origin;
  await peer.data('pm:enable?filterByTk=auth-dingtalk', {});
  const options = { clientId: 'dingsandboxclient', clientSecret: secret };
  await peer.data('authenticators:create', { name: 'office', authType: 'dingtalk', title: 'Office', enabled: true, options });
}

export async function discard() {
  await peer.browser?.close();
  await peer.nocobase?.discard();
}
