// Opens a page as DingTalk's client would, for a person to look at:
//
//   node webview.mjs PAGE PERSON [ios|android|pc] [SANDBOX]
//
// `DEMO_AUTO_SIGN_IN=true make demo` is an application that signs people in there. Close the window to end it.

import { chromium } from 'playwright-core';
import { dingTalkClient } from './dingtalk-client.mjs';

const [page = 'http://127.0.0.1:13000/', person = 'zhangwei', platform = 'ios', sandbox = 'http://127.0.0.1:13010'] = process.argv.slice(2);

const client = await dingTalkClient(sandbox, person, platform);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: false,
  args: ['--no-first-run'],
});
const viewport = platform === 'pc' ? null : { width: 390, height: 844 };
const context = await browser.newContext({ userAgent: client.userAgent, viewport });
await client.install(context);
const tab = await context.newPage();
tab.on('close', () => browser.close());
await tab.goto(page);
