// The administrator's and the employee's way once more, in Chinese, as most of them go it: what they read at each step.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { addDingTalk, assertListed, clientId, clientSecret, configure, MASK, save, SETTINGS, testConnection, text } from './authenticators.mjs';
import { launchChromium, Ledger, onFreshPage } from './browser.mjs';
import { Demo, sandboxClientSecret } from './demo.mjs';
import { assertRefused, assertSignedIn, clickFor, dingTalkButton, GENERATIONS, pick, submitForm, whoAmI } from './stories.mjs';

const CLIENT_ID = 'dingsandboxclient';
const locale = 'zh-CN';
/** Of two signs antd makes two words. */
const SUBMIT = /提\s?交/;
const OK = /^确\s?[定认]$/;

let browser;
let demo;

before(async () => {
  browser = await launchChromium();
  demo = await Demo.start();
});

after(async () => {
  await browser?.close();
  await demo?.discard();
});

for (const generation of GENERATIONS) {
  describe(`In Chinese, the ${generation.name} client`, () => {
    test('leads an administrator from the plugin to the button, and an employee in', async () => {
      const ledger = Ledger.of(demo);
      await onFreshPage(browser, { ledger, name: `${generation.name} Chinese`, locale }, async (page) => {
        await signIn(page);
        await switchOffAndOn(page);
        await add(page);
        await throughTheButton(ledger);
        await disable(page);
        await remove(page);
      });
      assert.deepEqual(ledger.problems, []);
    });

    async function signIn(page) {
      await page.goto(demo.origin + generation.home);
      await page.getByPlaceholder('用户名/邮箱').fill('nocobase');
      await page.getByPlaceholder('密码').fill('admin123');
      await page.keyboard.press('Enter');
      await assertSignedIn(page, demo, generation);
    }

    async function switchOffAndOn(page) {
      await page.goto(`${demo.origin}${generation.admin}/settings/plugin-manager`);
      const card = page.getByRole('button', { name: '认证：钉钉', exact: true });
      await card.getByText('使用钉钉账号登录 NocoBase。').waitFor();
      await reloaded(page, async () => {
        const yes = page.getByRole('dialog').getByRole('button', { name: OK });
        await clickFor(yes, card.getByRole('switch'));
        await submitForm(page, yes, (request) => request.url().includes('/api/pm:disable'));
      });
      await card.getByRole('switch').and(page.locator('[aria-checked=false]')).waitFor();
      await reloaded(page, () => submitForm(page, card.getByRole('switch'), (request) => request.url().includes('/api/pm:enable')));
      await card.getByRole('switch').and(page.locator('[aria-checked=true]')).waitFor();
    }

    /** Does what makes the server tell the page to load anew, and waits until it has. */
    async function reloaded(page, act) {
      const loaded = page.waitForEvent('load');
      await act();
      await loaded;
    }

    async function add(page) {
      await page.goto(demo.origin + generation.admin + SETTINGS);
      const form = await addDingTalk(page, '钉钉');
      await text(form, '认证标识').fill('zongbu');
      await text(form, '标题').fill('总部钉钉登录');
      await enabled(form).check();
      await form.getByRole('checkbox', { name: '用户不存在时自动注册' }).check();
      await clientId(form).fill(CLIENT_ID);
      await clientSecret(form).fill(await sandboxClientSecret());
      const granted = '应用拥有此权限。';
      assert.deepEqual((await testConnection(form, '测试连接')).map(({ mark, lines }) => [mark, ...lines]), [
        ['通过', 'Client ID 和 Client Secret', '钉钉已接受 Client ID 和 Client Secret。'],
        ['通过', 'Contact.User.Read', granted],
        ['通过', 'qyapi_get_member', granted],
        ['通过', 'fieldMobile', granted],
        ['通过', '通讯录权限范围', '通讯录权限范围覆盖整个组织。'],
        ['需要查看', '重定向 URL', '该地址只指向本机。请用大家使用的地址打开此设置，或在下方的“地址”中填写其域名（含协议）。'],
      ]);
      await form.getByText('在钉钉登记此地址', { exact: true }).waitFor();
      await save(form, SUBMIT);
      await assertListed(page, ['basic', 'dingtalk', 'zongbu']);
    }

    const enabled = (form) => form.locator('.ant-form-item, .ant-formily-item')
      .filter({ has: form.page().getByText('启用', { exact: true }) }).getByRole('checkbox');

    /** Somebody of another company is told so; then an employee without an account is in. */
    function throughTheButton(ledger) {
      return onFreshPage(browser, { ledger, name: `${generation.name} Chinese employee`, locale }, async (page) => {
        await page.goto(demo.origin + generation.home);
        await dingTalkButton(page, '钉钉登录').waitFor();
        await dingTalkButton(page, '总部钉钉登录').click();
        await pick('emma')(page);
        await assertRefused(page, demo, generation, '您的钉钉账号不是本组织成员，或不在应用的通讯录权限范围内。');
        await dingTalkButton(page, '总部钉钉登录').click();
        await pick('lina')(page);
        await assertSignedIn(page, demo, generation);
        assert.equal((await whoAmI(page)).nickname, '李娜');
      });
    }

    async function disable(page) {
      const form = await configure(page, 'zongbu', '配置');
      assert.equal(await clientSecret(form).inputValue(), MASK);
      await enabled(form).uncheck();
      await save(form, SUBMIT);
    }

    async function remove(page) {
      await page.getByRole('row').filter({ hasText: 'zongbu' }).getByText('删除', { exact: true }).click();
      await submitForm(page, page.getByRole('dialog').getByRole('button', { name: OK }));
      await assertListed(page, ['basic', 'dingtalk']);
    }
  });
}

test('The demo ends in good order', () => demo.stop());
