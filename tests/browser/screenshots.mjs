// Takes the pictures of the README from the running demo:  node screenshots.mjs

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { launchChromium } from './browser.mjs';
import { Demo } from './demo.mjs';
import { dingTalkButton } from './stories.mjs';

const IMAGES = resolve(import.meta.dirname, '../../docs/images');

const demo = await Demo.start();
const browser = await launchChromium();
try {
  await mkdir(IMAGES, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const picture = (name) => page.screenshot({ path: join(IMAGES, name), animations: 'disabled' });

  await page.goto(demo.origin);
  await dingTalkButton(page).waitFor();
  await page.waitForLoadState('networkidle');
  await picture('sign-in-page.png');

  await dingTalkButton(page).click();
  await page.waitForURL(`${demo.sandboxOrigin}/**`);
  await picture('sandbox-login.png');
} finally {
  await browser.close();
  await demo.stop();
}
