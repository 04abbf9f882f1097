// What an administrator does on NocoBase's page «Synchronize» with a source of ours, and what becomes of people by it.
// Every wait ends by itself, and says what it waited for.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choice, enabled, openGroup, save, text } from '../authenticators.mjs';
import { assertSignedIn, clickFor, dingTalkButton, pick, token, whoAmI } from '../stories.mjs';
import { call } from './http.mjs';
import { goTo, signInAsRoot, soon, WAIT_MS } from './office.mjs';

/** The whole story of one generation may take so long; each of its waits takes much less. */
const STORY_MS = 600_000;

const SYNC = '/settings/users-permissions/sync';
const USERS = '/settings/users-permissions/users';
const DEPARTMENTS = '/settings/users-permissions/departments';

/** Who signs in and leaves, by generation, and a department that somebody leads. */
const LEAVERS = { v1: ['zhangwei', '张伟'], v2: ['lina', '李娜'] };
const [LED, LEADER, LEADER_NAME] = ['研发部', 'user-huanglei', '黄磊'];

export function synchronization(peer, generation) {
  const name = `people_${generation.name}`;
  const [leaver, leaverName] = LEAVERS[generation.name];
  const row = (page) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
  const { data, change } = peer;
  const ours = async () => (await data('dingtalkDirectory:sources'))[0].source;
  const member = async (externalId) => {
    const filter = encodeURIComponent(JSON.stringify({ externalId }));
    return (await data(`dingtalkDirectory:members?filter=${filter}`))[0];
  };

  test(`an administrator copies people and departments on the page «Synchronize» of the ${generation.name} client`, { timeout: STORY_MS }, () => (
    peer.onPage(`${generation.name} synchronize`, async (page) => {
      page.setDefaultTimeout(WAIT_MS);
      await signInAsRoot(page, peer, generation);
      const branch = await data('authenticators:create', {
        name: `branch_${generation.name}`, authType: 'dingtalk', title: 'Branch', options: { clientId: 'another', clientSecret: 'another' },
      });
      await goTo(page, generation, SYNC);
      await add(page);
      await data(`authenticators:destroy?filterByTk=${branch.id}`, {});
      await edit(page);
      await sync(page);
      await showsPeople(page);
      await isRenamed(page);
      await peer.onPage(`${generation.name} leaver`, async (open) => {
        open.setDefaultTimeout(WAIT_MS);
        await comes(open);
        await change(`people/${leaver}/dismiss`, 'POST', {});
        await goTo(page, generation, SYNC);
        await sync(page);
        await isSignedOut(open);
      });
      await removes(page);
      await change(`people/${leaver}/rehire`, 'POST', {});
    })
  ));

  async function add(page) {
    const type = page.getByRole('menuitem', { name: 'DingTalk', exact: true });
    const plus = page.locator('button:has(.anticon-plus)');
    // A page that is still being drawn can miss a pointer that has come too early: a person goes away and comes again.
    await soon('the menu of types is open', async () => {
      await page.mouse.move(0, 0);
      await plus.hover();
      return type.waitFor({ timeout: 5_000 }).then(() => true, () => false);
    });
    await type.click();
    const form = page.getByRole('dialog');
    await text(form, 'Source name').fill(name);
    await enabled(form).check();
    await showsAddressOfWhatIsChosen(form);
    await save(form);
    await row(page).waitFor();
    const source = await ours();
    assert.deepEqual([source.enabled, source.options.schedule], [true, { kind: 'off' }]);
  }

  /** Chooses «Office» last. DingTalk is to call the address of the authenticator that is chosen, and not of another one. */
  async function showsAddressOfWhatIsChosen(form) {
    await openGroup(form, 'Changes as they happen');
    const how = (title) => choice(form, 'How changes are reported', title);
    await how('HTTP callback').check();
    const rows = await data('authenticators:list');
    for (const title of ['Branch', 'Office']) {
      await choice(form, 'Authenticator', title).check();
      const called = encodeURIComponent(rows.find((one) => one.title === title).name).replaceAll('_', '%5F');
      await form.getByText(new RegExp(`/api/dingtalk:callback\\?authenticator=${called}$`)).waitFor();
    }
    await how('Off').check();
  }

  /** Saves once more, and finds what was saved in the form and in the source that runs. */
  async function edit(page) {
    let form = await configure(page);
    await openGroup(form, 'Schedule');
    await choice(form, 'Schedule', 'Daily').check();
    await form.getByLabel('Time of day (UTC)').fill('02:30');
    await save(form);
    assert.deepEqual((await ours()).options.schedule, { kind: 'daily', at: '02:30' });
    form = await configure(page);
    await openGroup(form, 'Schedule');
    assert.equal(await form.getByLabel('Time of day (UTC)').inputValue(), '02:30');
    assert.equal(await choice(form, 'Authenticator', 'Office').isChecked(), true);
    await choice(form, 'Schedule', 'Off').check();
    await save(form);
    assert.deepEqual((await ours()).options.schedule, { kind: 'off' });
  }

  async function configure(page) {
    await clickFor(page.getByRole('dialog'), row(page).getByText('Configure', { exact: true }));
    const form = page.getByRole('dialog');
    await choice(form, 'Authenticator', 'Office').waitFor({ state: 'attached' });
    return form;
  }

  /** Presses «Sync», and looks into «Tasks» until the task has ended. The page does not refresh it by itself. */
  async function sync(page) {
    const tasks = () => data('userDataSyncTasks:list?sort=-id&pageSize=1');
    const before = (await tasks())[0]?.id;
    await row(page).getByText('Sync', { exact: true }).click();
    const task = await soon('the task of the run has ended', async () => {
      const [newest] = await tasks();
      return newest && newest.id !== before && newest.status !== 'processing' && newest;
    });
    assert.equal(task.status, 'success', JSON.stringify(task));
    assert.match(task.message, /^\d+ people: /);
    await clickFor(page.getByRole('dialog'), row(page).getByText('Tasks', { exact: true }));
    const list = page.getByRole('dialog');
    const line = list.getByRole('row').filter({ hasText: task.batch });
    await line.getByText('Success', { exact: true }).waitFor();
    await line.getByText(task.message, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'hidden' });
  }

  /** NocoBase's own pages have the people, the department with who leads it, and the main department. */
  async function showsPeople(page) {
    await goTo(page, generation, USERS);
    await page.getByRole('row').filter({ hasText: leaverName }).first().waitFor();
    await goTo(page, generation, DEPARTMENTS);
    const department = page.locator('.ant-tree-treenode').getByText(LED, { exact: true }).first();
    // The tree is folded, or opens by itself.
    const arrow = page.locator('.ant-tree-switcher_close').first();
    await department.or(arrow).first().waitFor();
    if (!await department.isVisible()) await clickFor(department, arrow);
    await department.click();
    const line = page.getByRole('row').filter({ hasText: LEADER_NAME });
    await line.first().waitFor();
    const { userId } = await member(LEADER);
    const account = await data(`users:get?filterByTk=${userId}&appends[]=departments&appends[]=mainDepartment`);
    assert.equal(account.mainDepartment.title, LED);
    const led = account.departments.find(({ title }) => title === LED);
    assert.ok(led.departmentsUsers.isOwner, JSON.stringify(account.departments));
  }

  /** The authenticator gets another name: the source goes on. */
  async function isRenamed(page) {
    const [authenticator] = (await data('authenticators:list')).filter(({ authType }) => authType === 'dingtalk');
    await data(`authenticators:update?filterByTk=${authenticator.id}`, { name: `office_${generation.name}` });
    await goTo(page, generation, SYNC);
    await sync(page);
  }

  /** Somebody signs in through DingTalk, and has the account that was made for them. */
  async function comes(page) {
    await page.goto(peer.origin + generation.signInPage);
    await dingTalkButton(page, 'Office').click();
    await page.waitForURL(`${peer.sandboxOrigin}/**`);
    await pick(leaver)(page);
    await assertSignedIn(page, peer, generation);
    assert.equal((await whoAmI(page)).id, (await member(`user-${leaver}`)).userId);
  }

  /** The page that a leaver has open is of no use any more: whatever they do next, they stand before the sign-in page. */
  async function isSignedOut(page) {
    const mine = await token(page);
    await page.reload();
    await page.waitForURL((url) => url.pathname === generation.signInPage);
    const check = await call(peer.nocobase.origin, mine, 'auth:check');
    assert.equal(check.status, 401, check.text);
  }

  /** Deleting the source ends its runs. What it knows stays. */
  async function removes(page) {
    await row(page).getByText('Delete', { exact: true }).click();
    // A dialog in the first generation, a bubble in the second.
    await page.getByRole('button', { name: 'OK', exact: true }).click();
    await row(page).waitFor({ state: 'detached' });
    await soon('the source runs no more', async () => (await ours()).enabled === false);
  }
}
