// Tokens that nobody got by signing in, signed as NocoBase signs its own.

import { createHmac } from 'node:crypto';

/** NocoBase's secret. */
export const APP_KEY = 'the-key-of-a-peer-that-lives-for-a-test';
const DAY_S = 86_400;

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a token says. */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** A token that says this. */
export function sign(claims, { secret = APP_KEY, alg = 'HS256' } = {}) {
  const said = `${encoded({ alg, typ: 'JWT' })}.${encoded(claims)}`;
  if (alg === 'none') return `${said}.`;
  return `${said}.${createHmac(`sha${alg.slice(2)}`, secret).update(said).digest('base64url')}`;
}

/** The same session a day later: its token is a minute too old. */
export function expired(token) {
  const claims = claimsOf(token);
  const age = DAY_S + 60;
  return sign({ ...claims, iat: claims.iat - age, exp: claims.exp - age });
}
