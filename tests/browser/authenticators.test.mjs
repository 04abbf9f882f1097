// An administrator sets DingTalk up in the settings of NocoBase's own web client; visitors see it on the sign-in page.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  addDingTalk, assertAccessible, assertComplains, assertComplainsNoMore, assertCopies, assertListed, autoSignUp, box, cancel, choice, clientId,
  clientSecret, configure, drag, enabled, field, isOpen, MASK, openGroup, remove, save, SETTINGS, submit, testConnection, text, untilValue,
} from './authenticators.mjs';
import { launchChromium, Ledger, onFreshPage } from './browser.mjs';
import { Demo, sandboxClientSecret } from './demo.mjs';
import { assertSignedIn, dingTalkButton, GENERATIONS, hoverFor, pick, signInWithPassword, whoAmI } from './stories.mjs';

/** The sandbox's app. */
const CLIENT_ID = 'dingsandboxclient';
/** What the demo comes with. */
const SETTINGS_MENU = ['Plugin manager', 'Users & Permissions', 'Authentication', 'DingTalk', 'Security', 'System settings'];
const SEEDED = ['basic', 'dingtalk'];
/** The folded parts of the form. */
const GROUPS = ['Who gets in', 'Existing accounts', 'New accounts', 'Inside DingTalk', 'Sign-in page', 'Address'];
const SEEDED_BUTTON = 'Sign in via DingTalk';

/** Room for the whole form: axe passes over the colours of what is out of sight. */
const viewport = { width: 1280, height: 3600 };

let browser;

before(async () => {
  browser = await launchChromium();
});

after(() => browser?.close());

for (const generation of GENERATIONS) {
  describe(`The settings of the ${generation.name} client`, () => {
    let demo;
    let ledger;

    before(async () => {
      demo = await Demo.start();
      ledger = Ledger.of(demo);
    });

    after(() => demo?.discard());

    test('let an administrator set up, change, order and remove an authenticator', async () => {
      await onFreshPage(browser, { ledger, name: `${generation.name} visitor` }, (visitor) => (
        onFreshPage(browser, { ledger, name: `${generation.name} settings`, viewport }, (page) => tell(page, visitor))
      ));
      assertOnlyExpected(ledger.problems);
      await demo.stop();
      const secret = await sandboxClientSecret();
      assert.ok(demo.output.includes('/api/authenticators:create'), 'the log tells of the requests');
      assert.ok(!demo.output.includes(secret), 'but not what they bring');
    });

    async function tell(page, visitor) {
      await openSettings(page);
      await assertListed(page, SEEDED);

      await add(page);
      await assertListed(page, [...SEEDED, 'office']);
      await assertOffered(visitor, [SEEDED_BUTTON, 'Office']);

      await rename(page);
      await assertOffered(visitor, [SEEDED_BUTTON, 'Head office']);
      await signInThrough('Head office');

      await tryWithoutSecret(page);
      await takeCorpId(page);
      await tryWrongOrigin(page);
      await tryTakenName(page);
      await assertListed(page, [...SEEDED, 'office']);

      await drag(page, 'office', 'basic');
      await assertListed(page, ['office', ...SEEDED]);
      await assertOffered(visitor, ['Head office', SEEDED_BUTTON]);

      await disable(page);
      await assertOffered(visitor, [SEEDED_BUTTON]);

      await remove(page, 'office');
      await assertListed(page, SEEDED);

      await readInChinese(page);
    }

    /** By the menu, which leads to nothing that this server does not have. */
    async function openSettings(page) {
      await page.goto(demo.origin + generation.home);
      await signInWithPassword(page, 'nocobase', 'admin123');
      await assertSignedIn(page, demo, generation);
      const authentication = page.getByRole('link', { name: 'Authentication', exact: true });
      await hoverFor(authentication, page.getByRole('button', { name: 'setting' }));
      // The second generation adds its entries one after the other.
      await page.getByRole('menuitem').nth(SETTINGS_MENU.length - 1).waitFor();
      const entries = await page.getByRole('menuitem').allInnerTexts();
      assert.deepEqual(entries.map((entry) => entry.trim()), SETTINGS_MENU);
      await authentication.click();
      await page.waitForURL(demo.origin + generation.admin + SETTINGS);
    }

    async function add(page) {
      const form = await addDingTalk(page);
      await assertGuide(form, ['Now', 'To do', 'To do', 'Off', 'To do', 'To do']);
      await submit(form);
      await assertComplains(form, 'Client ID');
      await untilFocus(clientId(form));
      await form.getByRole('button', { name: 'Go to the checkbox' }).click();
      await untilFocus(autoSignUp(form));
      await assertComplains(form, 'Client Secret');

      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const redirectUrl = `${demo.origin}/api/dingtalk:redirect`;
      await assertCopies(form, redirectUrl);
      await page.evaluate(async () => {
        await navigator.clipboard.writeText('something else');
        // As on plain http at any other host.
        Object.defineProperty(navigator, 'clipboard', { value: undefined });
      });
      await assertCopies(form, redirectUrl);

      await text(form, 'Auth UID').fill('office');
      await text(form, 'Title').fill('Office');
      await enabled(form).check();
      await clientId(form).fill(CLIENT_ID);
      await clientSecret(form).fill(await sandboxClientSecret());
      // What was complained about moves up when the complaints are gone.
      for (const label of ['Client ID', 'Client Secret']) await assertComplainsNoMore(form, label);
      await autoSignUp(form).check();
      const granted = 'The app has this permission.';
      const checks = await testConnection(form);
      assert.deepEqual(checks.map(({ lines }) => lines), [
        ['Client ID and Client Secret', 'DingTalk accepts the Client ID and the Client Secret.'],
        ['Contact.User.Read', granted],
        ['qyapi_get_member', granted],
        ['fieldMobile', granted],
        ['Contact scope', 'The contact scope covers the whole organization.'],
        ['Redirect URL', 'The address leads to this machine only. Open these settings by the address that people use, or enter its origin below, under «Address».'],
      ]);
      assert.deepEqual(checks.map(({ mark }) => mark), ['Passed', 'Passed', 'Passed', 'Passed', 'Passed', 'Needs a look']);
      await assertGuide(form, ['Done', 'Done', 'Copied', 'Done', 'Done', 'Done']);
      await form.getByText('Not enabled: nobody sees the button.').waitFor({ state: 'detached' });
      await enabled(form).uncheck();
      const warning = form.getByRole('alert').filter({ hasText: 'Not enabled: nobody sees the button.' });
      await warning.waitFor();
      await assertAccessible(page, [warning]);
      await warning.getByRole('button', { name: 'Enable it' }).click();
      await warning.waitFor({ state: 'detached' });
      assert.ok(await enabled(form).isChecked());
      for (const title of GROUPS) assert.equal(await isOpen(form, title), false, `${title} is as it is by default`);
      for (const title of GROUPS) await openGroup(form, title);
      await assertHidden(form, ['Email domains that link']);
      await choice(form, 'Link existing accounts', 'Never').check();
      await assertHidden(form, ['Email domains that link', 'Also link administrators']);
      await choice(form, 'Link existing accounts', 'By phone number').check();
      assert.ok(await choice(form, 'Bind accounts by', 'User ID in the organization').isChecked(), 'the default is shown');
      await pressFor(choice(form, 'Bind accounts by', 'Union ID'), true, choice(form, 'Bind accounts by', 'User ID in the organization'), 'ArrowRight');
      const phone = box(form, 'Copied to new accounts', 'Phone');
      await pressFor(phone, false, phone, 'Space');
      const link = form.getByRole('link', { name: 'Open the DingTalk developer console' });
      assert.equal(await link.getAttribute('href'), 'https://open-dev.dingtalk.com/');
      await form.locator('code').filter({ hasText: 'qyapi_get_member' }).waitFor();
      const ours = [
        'Client ID', 'Client Secret', 'Corp ID', 'Bind accounts by', 'Members of the organization only', 'Copied to new accounts',
        'Sign up automatically when the user does not exist', 'Redirect URL', 'Test connection',
      ];
      const folded = form.locator('.ant-collapse');
      await folded.nth(1).waitFor();
      assert.equal(await folded.count(), 2, 'the guide and the groups');
      await assertAccessible(page, [...ours.map((label) => field(form, label).last()), folded.first(), folded.last()]);
      await save(form);
    }

    /** Presses a key until a box or a choice has this state: the second generation can lose a change that follows another at once. */
    async function pressFor(input, checked, place, key) {
      const handle = await input.elementHandle();
      for (let tries = 0; tries < 5 && await input.isChecked() !== checked; tries += 1) {
        await place.press(key);
        await input.page().waitForFunction(([element, wanted]) => element.checked === wanted, [handle, checked], { timeout: 2_000 }).catch(() => {});
      }
      assert.equal(await input.isChecked(), checked);
    }

    /** How far each step of the guide is, by its words. */
    async function assertGuide(form, states) {
      const shown = form.locator('.ant-steps-item-subtitle');
      await shown.nth(states.length - 1).waitFor();
      assert.deepEqual(await shown.allInnerTexts(), states);
    }

    /** Fields that have no meaning with the other choices are out of sight. */
    async function assertHidden(form, labels) {
      for (const label of labels) await field(form, label).last().waitFor({ state: 'hidden' });
    }

    async function rename(page) {
      const form = await configure(page, 'office');
      assert.equal(await text(form, 'Title').inputValue(), 'Office');
      assert.equal(await clientId(form).inputValue(), CLIENT_ID);
      assert.equal(await clientSecret(form).inputValue(), MASK);
      assert.ok(await autoSignUp(form).isChecked());
      assert.ok(await choice(form, 'Bind accounts by', 'Union ID').isChecked());
      assert.equal(await box(form, 'Copied to new accounts', 'Phone').isChecked(), false);
      assert.ok(await box(form, 'Copied to new accounts', 'Nickname').isChecked());
      const [accepted] = await testConnection(form);
      assert.equal(accepted.mark, 'Passed', 'the mask stands for the secret');
      assert.equal(await isOpen(form, 'How to set it up'), false, 'who looks after it needs no guide');
      // What differs from the default is in sight.
      for (const [title, open] of [['Who gets in', true], ['Existing accounts', false], ['New accounts', true], ['Inside DingTalk', false]]) {
        assert.equal(await isOpen(form, title), open, title);
      }
      await text(form, 'Title').fill('Head office');
      await save(form);
    }

    async function tryWithoutSecret(page) {
      const form = await configure(page, 'office');
      const secret = clientSecret(form);
      await secret.focus();
      // The mask is selected as a whole, and so it goes as a whole.
      await page.waitForFunction((input) => input.selectionStart === 0 && input.selectionEnd === input.value.length, await secret.elementHandle());
      // At the field, and not at what has the focus: a form that opens takes it once more.
      await secret.press('Delete');
      await untilValue(secret, '');
      await submit(form);
      await assertComplains(form, 'Client Secret');
      await cancel(form);
    }

    /** The server names the field, whose group stays open; and the Redirect URL follows it. */
    async function tryWrongOrigin(page) {
      const form = await configure(page, 'office');
      await openGroup(form, 'Address');
      const origin = form.getByLabel('Origin of the Redirect URL', { exact: true });
      const shown = form.getByRole('textbox', { name: 'Redirect URL', exact: true });
      await origin.fill('https://sso.example.com');
      await assert.doesNotReject(() => untilValue(shown, 'https://sso.example.com/api/dingtalk:redirect'));
      await origin.fill('https://sso.example.com/with/path');
      await untilValue(shown, `${demo.origin}/api/dingtalk:redirect`);
      await submit(form);
      const complaint = 'Origin of the Redirect URL must be an address such as https://nocobase.example.com, without a path';
      await form.getByRole('alert').filter({ hasText: complaint }).waitFor();
      assert.ok(await isOpen(form, 'Address'));
      await cancel(form);
    }

    async function untilFocus(input) {
      await input.page().waitForFunction((element) => element === document.activeElement, await input.elementHandle());
    }

    /** DingTalk's documented answers do not tell it; here one does. */
    async function takeCorpId(page) {
      const form = await configure(page, 'office');
      const corpId = form.getByLabel('Corp ID', { exact: true });
      const answer = (told) => ({ data: { ok: true, told, messages: [{ level: 'success', subject: 'Corp ID', text: 'Told.' }] } });
      const path = '**/api/dingtalk:testConnection**';
      await page.route(path, (route) => route.fulfill({ json: answer({ corpId: 'dingtold' }) }));
      await testConnection(form);
      await untilValue(corpId, 'dingtold');
      await page.unroute(path);
      await page.route(path, (route) => route.fulfill({ json: answer({ corpId: 'dingother' }) }));
      await testConnection(form);
      assert.equal(await corpId.inputValue(), 'dingtold', 'what stands there stays');
      await page.unroute(path);
      await cancel(form);
    }

    async function tryTakenName(page) {
      const form = await addDingTalk(page);
      await text(form, 'Auth UID').fill('office');
      await clientId(form).fill(CLIENT_ID);
      await clientSecret(form).fill('never-stored');
      await submit(form);
      await page.getByText('Name already exists', { exact: true }).waitFor();
      await cancel(form);
    }

    async function disable(page) {
      const form = await configure(page, 'office');
      await enabled(form).uncheck();
      await save(form);
    }

    /** The DingTalk buttons that somebody finds who is not signed in, from top to bottom. */
    async function assertOffered(visitor, titles) {
      await visitor.goto(demo.origin + generation.signInPage);
      await dingTalkButton(visitor, SEEDED_BUTTON).waitFor();
      const buttons = visitor.locator('button:has(.anticon-dingtalk)');
      // The second generation draws each by itself.
      await buttons.nth(titles.length - 1).waitFor();
      assert.deepEqual(await buttons.allInnerTexts(), titles);
    }

    /** Only the true secret lets anybody in here, and only automatic sign-up somebody without an account. */
    function signInThrough(title) {
      return onFreshPage(browser, { ledger, name: `${generation.name} visitor` }, async (page) => {
        await page.goto(demo.origin + generation.home);
        const button = dingTalkButton(page, title);
        await button.waitFor();
        await assertAccessible(page, [button]);
        await button.focus();
        await page.keyboard.press('Enter');
        await page.waitForURL(`${demo.sandboxOrigin}/**`);
        await pick('lina')(page);
        await assertSignedIn(page, demo, generation);
        assert.equal((await whoAmI(page)).nickname, '李娜');
      });
    }

    async function readInChinese(page) {
      await page.evaluate(() => localStorage.setItem('NOCOBASE_LOCALE', 'zh-CN'));
      await page.reload();
      const form = await addDingTalk(page, '钉钉');
      // The first two are called so in DingTalk's console, too.
      await openGroup(form, '谁可以登录');
      for (const label of ['Client ID', 'Client Secret', '绑定标识', '仅限组织成员', '用户不存在时自动注册', '重定向 URL']) {
        await field(form, label).last().waitFor();
      }
      await clientId(form).fill('dingnobody');
      await clientSecret(form).fill('wrong');
      const [{ mark, lines }] = await testConnection(form, '测试连接');
      assert.deepEqual([mark, ...lines], [
        '需要修正', 'Client ID 和 Client Secret', '钉钉不接受此 Client ID 和 Client Secret，请从开发者后台的应用页面重新复制。',
      ]);
      await form.getByText('请在钉钉开发者后台的应用中登记此地址。').waitFor();
      await form.getByRole('button', { name: '复制', exact: true }).click();
      await page.getByText('已复制', { exact: true }).first().waitFor();
    }
  });
}

/** What NocoBase's client says when its forms are refused, by themselves or, twice, by the server. */
function assertOnlyExpected(problems) {
  const refusals = problems.filter(({ kind, url, status }) => (
    kind === 'answer' && status === 400 && /\/api\/authenticators:(create|update)/.test(url)
  ));
  assert.equal(refusals.length, 2, 'the taken name and the wrong origin are refused');
  // Its handlers of the button let the refusal go on: a list of complaints, or the failed request.
  const unhandled = /^(Object|Array\(\d\)|AxiosError: \w+)$/;
  const rest = problems.filter((problem) => (
    !refusals.includes(problem) && !(problem.kind === 'page' && unhandled.test(problem.text))
  ));
  assert.deepEqual(rest, []);
}
