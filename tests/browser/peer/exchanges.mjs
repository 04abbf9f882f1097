// Recorded exchanges, asked again. tests/contract/README.md has the names in double braces.

import { randomUUID } from 'node:crypto';

import { ask } from './http.mjs';
import { claimsOf, sign } from './tokens.mjs';

/** One server that is asked, with what it said before. */
export class Asked {
  #tokens = new Map();
  #ids = new Map();

  constructor(origin) {
    this.origin = origin;
  }

  async answer(exchange) {
    for (const [name, how] of Object.entries(exchange.mint ?? {})) {
      if (!this.#tokens.has(name)) this.#tokens.set(name, this.#minted(how));
    }
    const headers = { Accept: 'application/json', ...exchange.headers };
    for (const [name, value] of Object.entries(headers)) headers[name] = this.#filled(value);
    const body = exchange.body === undefined ? exchange.rawBody : JSON.stringify(exchange.body);
    const answer = await ask(this.origin, this.#filled(exchange.path), {
      method: exchange.method,
      headers,
      body: body === undefined ? undefined : this.#filled(body),
    });
    answer.origin = this.origin;
    this.#keepToken(exchange, answer);
    this.#keepIds(exchange.response, answer.json);
    return answer;
  }

  #filled(text) {
    const known = { origin: this.origin, rootPassword: 'admin123' };
    return text.replace(/\{\{(\w+)(?::([^}]*))?\}\}/g, (whole, kind, name) => {
      if (kind === 'token') return this.#tokens.get(name) ?? whole;
      if (kind === 'id') return this.#ids.get(whole) ?? whole;
      return known[kind] ?? whole;
    });
  }

  /** The token of a sign-in, under the name of the exchange and of the account. */
  #keepToken({ name, body }, { json }) {
    const token = json?.data?.token;
    if (typeof token !== 'string') return;
    this.#tokens.set(name, token);
    const account = body?.account;
    if (typeof account === 'string') this.#tokens.set(account === 'nocobase' ? 'root' : account.replace(/^t_/, ''), token);
  }

  #keepIds(recorded, actual) {
    if (typeof recorded === 'string' && recorded.startsWith('{{id:')) {
      if (typeof actual === 'number' && !this.#ids.has(recorded)) this.#ids.set(recorded, actual);
    } else if (typeof recorded === 'object' && recorded !== null) {
      for (const key of Object.keys(recorded)) this.#keepIds(recorded[key], actual?.[key]);
    }
  }

  #minted({ claims, as, secret, alg, signature }) {
    const like = this.#tokens.get(as);
    if (signature) return `${like.slice(0, -3)}AAA`;
    return sign(like ? claimsOf(like) : this.#absolute(claims), { secret, alg });
  }

  /** Times are relative to now. */
  #absolute(claims) {
    const now = Date.now();
    const made = {
      iat: (value) => value + Math.floor(now / 1000),
      exp: (value) => value + Math.floor(now / 1000),
      nbf: (value) => value + Math.floor(now / 1000),
      signInTime: (value) => value + now,
      jti: (value) => (value === 'unknown' ? randomUUID() : claimsOf(this.#tokens.get(value)).jti),
      resetPasswordUserId: (value) => this.#ids.get(value),
    };
    return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, made[name]?.(value) ?? value]));
  }
}
