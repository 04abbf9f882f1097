// Signing in through DingTalk without a browser, as fast as it goes.

import assert from 'node:assert/strict';

import { ask, call } from './http.mjs';

/** Presses the button: the way back to the application, and the cookies that belong to it. */
export async function begin({ origin, sandboxOrigin }, authenticator, person) {
  const begun = await call(origin, undefined, 'dingtalk:getAuthUrl', { redirect: '/admin' }, { 'X-Authenticator': authenticator });
  assert.equal(begun.status, 200, begun.text);
  const chosen = await ask(sandboxOrigin, '/_sandbox/sign-in', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ authorizationUrl: begun.json.data, person }),
  });
  const { pathname, search, host } = new URL(chosen.json.location);
  const cookies = begun.headers['set-cookie'].map((cookie) => cookie.split(';')[0]);
  return { path: pathname + search, host, headers: { Host: host, Cookie: cookies.join('; ') } };
}

/** Comes back from DingTalk; at another gateway if there are several. */
export const comeBack = (origin, { path, headers }) => ask(origin, path, { headers });

/** The token that the page at the end of a sign-in hands over. */
export function tokenOf(page) {
  const [, session] = page.text.match(/const session = (\{.*?\});\n/) ?? [];
  assert.ok(session, `${page.status} ${page.headers.location ?? ''} ${page.text}`);
  return JSON.parse(session).token;
}

export async function signIn(peer, authenticator, person) {
  return tokenOf(await comeBack(peer.origin, await begin(peer, authenticator, person)));
}
