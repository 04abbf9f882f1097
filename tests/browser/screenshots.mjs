// Takes the pictures of README and docs/administrator.md from the running demo:  make screenshots

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { addDingTalk, clientId, clientSecret, enabled, save, SETTINGS, testConnection, text } from './authenticators.mjs';
import { launchChromium } from './browser.mjs';
import { Demo, sandboxClientSecret } from './demo.mjs';
import { administrator } from './settings.mjs';
import { assertSignedIn, dingTalkButton, GENERATIONS, goThroughDingTalk, pick, signInWithPassword } from './stories.mjs';

const IMAGES = resolve(import.meta.dirname, '../../docs/images');
const NARROW = { width: 1280, height: 800 };
/** High enough for the whole form. */
const HIGH = { width: 1280, height: 2560 };
/** High enough for whatever else is longer than a usual window. */
const TALL = { width: 1280, height: 1100 };
/** The sandbox's app. */
const CLIENT_ID = 'dingsandboxclient';
const [, generation] = GENERATIONS;

const demo = await Demo.start();
const browser = await launchChromium();
try {
  await mkdir(IMAGES, { recursive: true });
  await asEmployee(await newPage());
  await asAdministrator(await newPage());
  await asVisitorWithTelephone(await newPage());
} finally {
  await browser.close();
  await demo.stop();
}

async function newPage() {
  const page = await browser.newPage({ viewport: NARROW });
  page.setDefaultTimeout(60_000);
  return page;
}

/** A picture of the page, or of a part of it, once nothing moves any more. */
async function picture(page, name, part = page) {
  // A page with a frame may never be idle.
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {});
  // A drawer or a message that is on its way in or out.
  await page.waitForFunction(() => document.getAnimations().every(({ playState, effect }) => (
    playState !== 'running' || effect.getComputedTiming().iterations === Infinity
  )));
  await part.screenshot({ path: join(IMAGES, name), animations: 'disabled' });
}

/** A picture of a page that is longer than a usual window. */
async function tallPicture(page, name) {
  await page.setViewportSize(TALL);
  await picture(page, name);
  await page.setViewportSize(NARROW);
}

async function asAdministrator(page) {
  await page.goto(demo.origin + generation.home);
  await signInWithPassword(page, 'nocobase', 'admin123');
  await assertSignedIn(page, demo, generation);

  await page.goto(`${demo.origin}${generation.admin}/settings/plugin-manager`);
  await page.getByRole('button', { name: 'Auth: DingTalk', exact: true }).getByRole('switch').waitFor();
  await picture(page, 'plugin-manager.png');

  await page.goto(demo.origin + generation.admin + SETTINGS);
  await page.getByRole('row').filter({ hasText: 'dingtalk' }).waitFor();
  await page.locator('button:has(.anticon-plus)').hover();
  await page.getByRole('menuitem', { name: 'DingTalk', exact: true }).waitFor();
  await picture(page, 'add-new.png');

  await page.setViewportSize(HIGH);
  const form = await addDingTalk(page);
  await text(form, 'Auth UID').fill('office');
  await text(form, 'Title').fill('Head office');
  await enabled(form).check();
  await clientId(form).fill(CLIENT_ID);
  await clientSecret(form).fill(await sandboxClientSecret());
  await testConnection(form);
  await picture(page, 'authenticator-form.png', form);
  await save(form);

  await page.setViewportSize(NARROW);
  await page.getByRole('row').filter({ hasText: 'office' }).waitFor();
  await picture(page, 'authenticators.png');

  await page.getByTestId('user-center-button').hover();
  await page.getByRole('button', { name: 'DingTalk', exact: true }).click();
  // One for each authenticator.
  await page.getByRole('dialog').getByRole('button', { name: 'Bind', exact: true }).nth(1).waitFor();
  await page.mouse.move(0, 0);
  await picture(page, 'account.png');
  await asKeeper(page);
}

/** The settings page «DingTalk», where somebody signed in and somebody was refused. */
async function asKeeper(page) {
  await page.goto(`${demo.origin}${generation.admin}/settings/auth-dingtalk`);
  const tab = (name) => page.getByRole('tab', { name, exact: true });
  await page.getByRole('button', { name: 'Test connection' }).first().click();
  await page.getByText(/Works · /).waitFor();
  await tallPicture(page, 'dingtalk-overview.png');
  await tab('Sign-ins').click();
  await page.locator('.ant-table-row').first().waitFor();
  await picture(page, 'dingtalk-sign-ins.png');
  await tab('People').click();
  await page.locator('.ant-table-row').first().waitFor();
  await picture(page, 'dingtalk-people.png');
  await tab('Directory').click();
  const press = (name) => page.getByRole('button', { name, exact: true }).click();
  await press('Set up');
  await page.getByRole('dialog').getByText('When somebody leaves').waitFor();
  await tallPicture(page, 'directory-form.png');
  await press('Save');
  await press('Preview');
  await page.getByRole('status').filter({ hasText: 'Succeeded' }).waitFor();
  await picture(page, 'directory-preview.png');
  await page.locator('.ant-table-row').first().getByRole('button').click();
  await page.getByRole('dialog').locator('.ant-table-row').first().waitFor();
  await picture(page, 'directory-findings.png');
  await press('Close');
  await press('Synchronize now');
  await page.getByRole('status').filter({ hasText: 'Synchronization' }).filter({ hasText: 'Succeeded' }).waitFor();
  await page.locator('.ant-radio-button-wrapper').filter({ hasText: 'People' }).click();
  await page.locator('.ant-table-row').nth(3).waitFor();
  await tallPicture(page, 'directory-people.png');
}

/** DingTalk's QR code on the sign-in page, which the sandbox plays with a list of people. */
async function asVisitorWithTelephone(page) {
  const settings = await administrator(demo);
  await settings.remove('office');
  await settings.setOptions('dingtalk', { public: { qrCode: true } });
  await page.goto(demo.origin + generation.signInPage);
  await page.frameLocator('iframe[title="Scan with DingTalk"]').locator('button[name=person]').first().waitFor();
  await picture(page, 'qr-code.png');
}

async function asEmployee(page) {
  await page.goto(demo.origin);
  await dingTalkButton(page).waitFor();
  await picture(page, 'sign-in-page.png');

  await dingTalkButton(page).click();
  await page.waitForURL(`${demo.sandboxOrigin}/**`);
  await picture(page, 'sandbox-login.png');

  // Somebody of another company, for a refusal.
  await pick('emma')(page);
  await page.getByRole('alert').waitFor();
  await picture(page, 'refusal.png');

  // And somebody who gets in.
  await goThroughDingTalk(page, demo, generation, pick('lina'));
  await assertSignedIn(page, demo, generation);
}
