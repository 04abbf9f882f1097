// Requests as they are: headers that `fetch` would not send, and answers that nothing has followed or unpacked.

import { request as begin } from 'node:http';
import { text } from 'node:stream/consumers';

/** In milliseconds. Some questions NocoBase never answers. */
const LIMIT_MS = 120_000;

/** Asks and gives `{ status, headers, text, json }`. A header that came several times is a list. */
export async function ask(origin, path, { method = 'GET', headers = {}, body, limit = LIMIT_MS } = {}) {
  const { hostname, port } = new URL(origin);
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
  const response = await new Promise((resolve, reject) => {
    const options = { hostname, port, path, method, headers: { ...headers, ...length }, agent: false, signal: AbortSignal.timeout(limit) };
    begin(options, resolve).on('error', reject).end(body);
  });
  const answer = { status: response.statusCode, headers: response.headers, text: await text(response) };
  if (/json/.test(answer.headers['content-type'])) answer.json = JSON.parse(answer.text);
  return answer;
}

/** Asks an action as whoever has this token; with a body it is a POST. */
export function call(origin, token, action, body, headers = {}) {
  return ask(origin, `/api/${action}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

/** The code of a refusal. */
export const code = (answer) => answer.json?.errors?.[0]?.code;

/** Signs root in with the password. */
export async function rootToken(origin) {
  const answer = await call(origin, undefined, 'auth:signIn', { account: 'nocobase', password: 'admin123' }, { 'X-Authenticator': 'basic' });
  if (!answer.json?.data?.token) throw new Error(`root cannot sign in: ${answer.status} ${answer.text}`);
  return answer.json.data.token;
}
