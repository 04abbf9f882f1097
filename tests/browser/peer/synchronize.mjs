// NocoBase's own page «Synchronize», with a source of DingTalk: made from its form, run, and what became of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { enabled, openGroup, save, text } from '../authenticators.mjs';
import { call, rootToken } from './http.mjs';
import { goTo, signInAsRoot, titleOf } from './office.mjs';

const PAGE = '/settings/users-permissions/sync';

export function synchronize(peer, generation) {
  const name = `people_${generation.name}`;

  test('an administrator makes a source and synchronizes', () => peer.onPage(`${generation.name} synchronize`, async (page) => {
    await signInAsRoot(page, peer, generation);
    await goTo(page, generation, PAGE);
    await page.getByRole('button', { name: 'Add new' }).hover();
    await page.getByRole('menuitem', { name: 'DingTalk', exact: true }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('radiogroup', { name: 'Authenticator' }).getByRole('radio', { name: titleOf(generation) }).check();
    await text(form, 'Source name').fill(name);
    await enabled(form).check();
    // Names that people gave themselves stay.
    await openGroup(form, 'Copied fields');
    await form.getByRole('radiogroup', { name: 'Nickname' }).getByRole('radio', { name: 'When empty' }).check();
    await save(form);
    const row = page.getByRole('row').filter({ hasText: name });
    await row.getByText('DingTalk', { exact: true }).waitFor();

    await row.getByText('Configure', { exact: true }).click();
    await form.getByRole('radiogroup', { name: 'Authenticator' }).getByRole('radio', { name: titleOf(generation), checked: true }).waitFor();
    await form.getByRole('button', { name: 'Cancel' }).click();
    await form.waitFor({ state: 'hidden' });

    await row.getByText('Sync', { exact: true }).click();
    await page.getByText(/The synchronization has started/).waitFor();
    await tasksOf(page, row);
    const { json } = await call(peer.origin, await rootToken(peer.origin), 'users:list?pageSize=100');
    assert.ok(json.data.some(({ nickname }) => nickname === '李娜'), JSON.stringify(json.data.map(({ nickname }) => nickname)));
  }));

  /** The list of tasks, which does not renew itself, in the end tells of a success. */
  async function tasksOf(page, row) {
    for (;;) {
      await row.getByText('Tasks', { exact: true }).click();
      const tasks = page.locator('.ant-drawer-content').last();
      await tasks.getByRole('row').nth(1).waitFor();
      const said = await tasks.innerText();
      await page.keyboard.press('Escape');
      await tasks.waitFor({ state: 'hidden' });
      assert.ok(!/Failed/.test(said), said);
      if (/Success/i.test(said)) return;
    }
  }
}
