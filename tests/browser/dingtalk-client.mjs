// DingTalk's client around a page: the sandbox's bridge and user agent, in Chromium.

import assert from 'node:assert/strict';

/** Only fetches previews of links; no person. */
const PREVIEWER = 'DingTalk-LinkService/1.0';

/** The client of a person, on `ios`, `android` or `pc`. The real `dingtalk-jsapi` works in it as it is. */
export async function dingTalkClient(sandboxOrigin, person, platform = 'ios') {
  const answer = await fetch(`${sandboxOrigin}/_sandbox/webview/client?${new URLSearchParams({ person, platform })}`);
  assert.equal(answer.status, 200);
  const { userAgent, script } = await answer.json();
  const client = {
    userAgent,
    /** Every call of a page that reached the client's native half. */
    calls: [],
    async install(context) {
      await context.exposeBinding('sandboxNativeCall', async ({ frame }, url, call) => {
        client.calls.push(JSON.parse(call));
        // The person at this client may have changed meanwhile.
        const body = JSON.stringify({ ...JSON.parse(call), person: client.person, page: frame.url() });
        const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
        return response.text();
      });
      await context.addInitScript({ content: script });
    },
    person,
  };
  return client;
}

/** The same bridge with the user agent of the service that fetches previews. */
export async function previewer(sandboxOrigin) {
  return Object.assign(await dingTalkClient(sandboxOrigin, 'zhangwei'), { userAgent: PREVIEWER });
}

/** DingTalk opens each window with a memory of its own; what the browser stores stays. */
export async function openAnotherWindow(page) {
  await page.evaluate(() => sessionStorage.clear());
}

/** Lets the next call for a code fail in this way. */
export async function playFault(sandboxOrigin, fault, more = {}) {
  const answer = await fetch(`${sandboxOrigin}/_sandbox/webview/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ fault, ...more }),
  });
  assert.equal(answer.status, 204);
}
