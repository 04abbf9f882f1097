// Notifications before a real NocoBase: an administrator makes a channel of the type DingTalk and a workflow that sends to it,
// and messages arrive in DingTalk, once, also those that were sent while there was no gateway.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clickFor } from '../stories.mjs';
import { call, rootToken } from './http.mjs';
import { goTo, nameOf, signInAsRoot, titleOf } from './office.mjs';
import { until } from './processes.mjs';

/** The agent of the sandbox's application. */
const AGENT_ID = '1900000001';
const CHANNELS = '/settings/notification-manager/channels';
const LINK = 'https://nocobase.example.com/admin';
const NOT_BOUND = '1 of 3 receivers are not bound to DingTalk: Super Admin';

export function notifications(peer, generation) {
  const authenticator = nameOf(generation);
  const title = `Post ${generation.name}`;
  let root;
  let channel;
  /** Two people who are bound: one is named in the node, the other in the record. */
  let people;

  /** Asks as root, at the gateway unless told otherwise. */
  const ask = async (action, body, origin = peer.origin) => {
    const answer = await call(origin, root, action, body);
    assert.equal(answer.status, 200, `${action}: ${answer.status} ${answer.text}`);
    return answer.json.data;
  };
  /** A record is created in NocoBase, which begins the workflow. */
  const createRecord = (name) => ask('roles:create', {
    name: `r_${generation.name}_${name}`, title: `${name} & ${generation.name}`, description: String(people[1].id),
  }, peer.nocobase.origin);
  /** What people got of the record: to whom, and the message. */
  const received = async (name) => {
    const messages = await (await fetch(`${peer.sandboxOrigin}/_sandbox/messages`)).json();
    return messages.filter(({ content }) => JSON.stringify(content).includes(`${title} r_${generation.name}_${name}`));
  };
  const logOf = async (name) => (await ask('notificationSendLogs:list?sort=-createdAt&pageSize=100'))
    .filter(({ message }) => message.title === `${title} r_${generation.name}_${name}`);
  const submit = async (form) => {
    await form.getByRole('button', { name: 'Submit' }).click();
    await form.waitFor({ state: 'detached' });
  };

  test('an administrator makes a channel of the type DingTalk and changes it', () => peer.onPage(`${generation.name} channel`, async (page) => {
    root = await rootToken(peer.origin);
    const row = (await ask('authenticators:list?pageSize=100')).find(({ name }) => name === authenticator);
    await ask(`authenticators:update?filterByTk=${row.id}`, { options: { ...row.options, agentId: AGENT_ID } });

    await signInAsRoot(page, peer, generation);
    await goTo(page, generation, CHANNELS);
    const type = page.getByRole('menuitem', { name: 'DingTalk', exact: true });
    await clickFor(type, page.getByRole('button', { name: 'Add new' }));
    await type.click();
    const form = page.getByRole('dialog');
    const office = form.getByRole('radio', { name: titleOf(generation), exact: true });
    await office.check();
    const displayName = form.getByRole('textbox').nth(1);
    await displayName.fill(`${title} to be`);
    await submit(form);
    const line = page.getByRole('row').filter({ hasText: title });
    await line.getByText('DingTalk', { exact: true }).waitFor();

    await line.getByText('Edit', { exact: true }).click();
    await office.waitFor();
    assert.equal(await office.isChecked(), true);
    await displayName.fill(title);
    await submit(form);

    const named = (rows) => rows.find((one) => one.title === title);
    await until(async () => (channel = named(await ask('notificationChannels:list?pageSize=100'))), 'the channel is renamed');
    assert.equal(channel.notificationType, 'dingtalk');
    assert.equal(channel.options.authenticator, authenticator);
    const kept = named(await ask('notificationChannels:list?pageSize=100', undefined, peer.nocobase.origin));
    assert.equal(kept.notificationType, 'in-app-message');
  }));

  test('a workflow whose node has the form of a message sends when a record is created', () => peer.onPage(`${generation.name} node`, async (page) => {
    const workflow = await ask('workflows:create', {
      title, type: 'collection', sync: true, enabled: true, config: { mode: 1, collection: 'roles' },
    });
    people = await ask(`authenticators/${authenticator}/users:list`);
    assert.ok(people.length > 1, `${people.length} people are bound`);
    await ask(`workflows/${workflow.id}/nodes:create`, {
      type: 'notification',
      title: 'Tell them',
      config: {
        channelName: channel.name,
        receivers: [people[0].id, { filter: { username: 'nocobase' } }, '{{$context.data.description}}'],
        title: `${title} {{$context.data.name}}`,
        content: 'About {{{$context.data.title}}}',
        options: { url: LINK },
      },
    });
    await signInAsRoot(page, peer, generation);
    await goTo(page, generation, `/settings/workflow/workflows/${workflow.id}`);
    await page.getByText('Notification', { exact: true }).first().click();
    const form = page.getByRole('dialog');
    await form.getByRole('radio', { name: 'Form', exact: true }).check();
    await form.getByRole('button', { name: 'Add a line' }).click();
    for (const [name, text] of [['Label', 'Days'], ['Value', '3']]) {
      await form.locator(`[data-placeholder="${name}"]`).click();
      // At once: letters of somebody who types faster than the field is drawn come in another order.
      await page.keyboard.insertText(text);
    }
    const preview = form.locator('[data-message-preview]');
    for (const text of ['Days: 3', 'About [title]', `${title} [name]`]) await preview.filter({ hasText: text }).waitFor();
    await submit(form);

    await createRecord('one');
    await until(async () => (await received('one')).length > 1, 'the message arrives');
    const [{ content, userid }, other] = await received('one');
    assert.notEqual(userid, other.userid, 'one is named in the node, and the other in the record');
    assert.deepEqual(content.oa.body.form.map(({ key, value }) => `${key}${value}`), ['Days: 3']);
    assert.ok(content.oa.message_url.includes(encodeURIComponent(LINK)), content.oa.message_url);
  }));

  test('NocoBase’s log says whom it did not reach', () => peer.onPage(`${generation.name} log`, async (page) => {
    await until(async () => (await logOf('one')).some(({ status }) => status === 'failure'), 'the log knows of the failure');
    const [line] = await logOf('one');
    assert.deepEqual([line.reason, line.notificationType], [NOT_BOUND, 'dingtalk']);
    await signInAsRoot(page, peer, generation);
    await goTo(page, generation, '/settings/notification-manager/logs');
    await page.getByRole('row').filter({ hasText: title }).getByText(NOT_BOUND).first().waitFor();
  }));

  test('the test run of a node sends at once', async () => {
    const name = `r_${generation.name}_test`;
    const config = { channelName: channel.name, receivers: [people[0].id], title: `${title} ${name}`, content: 'Test run', options: {} };
    const ran = await ask('flow_nodes:test', { type: 'notification', config });
    assert.equal(ran.status, 1, JSON.stringify(ran));
    await until(async () => (await received('test')).length === 1, 'the message of the test run arrives');
  });

  test('what was sent while there was no gateway arrives once when there is one, and nothing twice', async () => {
    assert.equal(await peer.gateway.stop(), 0);
    await createRecord('two');
    peer.gateway = await peer.nocobase.gateway(peer.settings);
    peer.origin = peer.gateway.origin;
    await until(async () => (await received('two')).length > 1, 'the message arrives');
    await createRecord('three');
    await until(async () => (await received('three')).length > 1, 'the next one arrives');
    for (const name of ['one', 'two', 'three']) assert.equal((await received(name)).length, 2, name);
  });
}
