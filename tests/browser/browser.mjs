// Chromium, and a record of everything it does.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

import { delayAnswers } from './late-answers.mjs';
import { Visitor } from './visitor.mjs';

/** How long anything may take. Only what is broken takes it, and a busy machine is not. */
const PATIENCE_MS = 60_000;

const FAILURES = resolve(import.meta.dirname, '../../test-results/browser');

/** Chromium as Debian installs it. The headless shell comes first, because it draws no menus and windows of its own. */
const INSTALLED = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

export function launchChromium() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? INSTALLED.find(existsSync),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A page lives for seconds here: optimising its scripts costs more than it saves.
      '--js-flags=--no-opt --no-maglev',
    ],
  });
}

/** Refusals that belong to a healthy run of NocoBase's own client. */
const EXPECTED_ANSWERS = [
  {
    reason: 'Before anybody is signed in, the client asks who is, and for what the page behind the sign-in would show.',
    matches: (url, status, token) => status === 401 && token === '' && url.pathname.startsWith('/api/'),
  },
  {
    reason: 'The second generation names an icon that does not exist, to keep the browser from asking for another.',
    matches: (url, status) => status === 404 && url.pathname === '/v/favicon_no_exist.ico',
  },
];

const tokenOf = (request) => (request.headers().authorization ?? '').replace(/^Bearer\s*/, '');

/** Everything that pages asked for and complained about. One ledger can serve several browser contexts. */
export class Ledger {
  /** Addresses of all requests, with the referrers they disclosed. */
  requests = [];
  /** Every redirect that a server answered with: `{ from, to }`. */
  redirects = [];
  /** Every value that was ever stored as a session token. */
  tokens = new Set();
  /** What went wrong, apart from what is expected. */
  problems = [];

  #hosts;
  /** Tokens with which somebody signs out. What the page asked for just before may be answered after that. */
  #ending = new Set();

  /** One for what may be asked of these demos and of their sandboxes. */
  static of(...demos) {
    return new Ledger(demos.flatMap(({ origin, sandboxOrigin }) => [origin, sandboxOrigin]));
  }

  /** `origins` are all that may be asked for anything. */
  constructor(origins) {
    this.origins = origins;
    this.#hosts = origins.map((origin) => new URL(origin).host);
  }

  async watch(context) {
    await context.exposeBinding('reportToken', (_source, token) => void (token && this.tokens.add(token)));
    await context.addInitScript(() => {
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function (key, value) {
        if (String(key).endsWith('TOKEN')) window.reportToken(String(value));
        return setItem.call(this, key, value);
      };
      // An error object reaches us as the name of its class, and that is minified.
      const { error } = console;
      console.error = (...values) => error.call(console, ...values.map((value) => (
        value?.isAxiosError ? `Failed request: ${value.message}, ${value.config?.url}` : value
      )));
    });
    const watchSockets = (page) => page.on('websocket', (socket) => this.#address(socket.url()));
    context.pages().forEach(watchSockets);
    context.on('page', watchSockets);
    context.on('request', (request) => {
      this.#address(request.url(), request.headers().referer);
      if (request.url().includes('/api/auth:signOut')) this.#ending.add(tokenOf(request));
    });
    context.on('requestfailed', (request) => this.#requestFailed(request));
    context.on('response', (response) => this.#response(response));
    context.on('weberror', (error) => this.problems.push({ kind: 'page', text: String(error.error()) }));
    context.on('console', (message) => this.#console(message));
  }

  #address(url, referrer = '') {
    this.requests.push({ url, referrer });
    const { protocol, host } = new URL(url);
    // Anything else, such as data: and blob:, stays within the browser.
    if (/^(http|ws)s?:$/.test(protocol) && !this.#hosts.includes(host)) this.problems.push({ kind: 'foreign request', url });
  }

  #requestFailed(request) {
    const text = request.failure()?.errorText;
    // The page that asked was left before the answer came.
    if (text === 'net::ERR_ABORTED') return;
    this.problems.push({ kind: 'request', url: request.url(), text });
  }

  #response(response) {
    const { location } = response.headers();
    if (location !== undefined) this.redirects.push({ from: response.url(), to: location });
    const status = response.status();
    if (status < 400) return;
    const token = tokenOf(response.request());
    if (status === 401 && this.#ending.has(token)) return;
    if (EXPECTED_ANSWERS.some(({ matches }) => matches(new URL(response.url()), status, token))) return;
    this.problems.push({ kind: 'answer', url: response.url(), status });
  }

  #console(message) {
    // What the browser and the client write about a failed request is judged above, by the request itself.
    if (message.type() !== 'error' || /Failed (to load resource|request): /.test(message.text())) return;
    this.problems.push({ kind: 'console', url: message.location().url, text: message.text() });
  }
}

/** Runs `story` on a fresh page, inside DingTalk if there is a `client`; keeps a picture of it when the story fails. */
export async function onFreshPage(browser, { ledger, name, locale, viewport, client }, story) {
  const visitor = await Visitor.arrive(browser, { viewport, userAgent: client?.userAgent });
  const { context, page } = visitor;
  let result;
  try {
    context.setDefaultTimeout(PATIENCE_MS);
    await ledger.watch(context);
    await delayAnswers(context);
    if (client) await client.install(context);
    if (locale) {
      await context.addInitScript((code) => {
        // The empty page that a tab begins with has no storage.
        if (window.origin !== 'null') localStorage.setItem('NOCOBASE_LOCALE', code);
      }, locale);
    }
    result = await story(page);
  } catch (error) {
    await mkdir(FAILURES, { recursive: true });
    await page.screenshot({ path: join(FAILURES, `${name.replaceAll(/\W+/g, '-')}.png`) }).catch(() => {});
    // A new error, because the test runner prints the stack, and that holds the message as it was first.
    const problem = new Error(`${error.message}\nat ${page.url()}; problems: ${JSON.stringify(ledger.problems)}`, { cause: error });
    await visitor.vanish();
    throw problem;
  }
  await visitor.leave(ledger.origins);
  return result;
}

/** The same, and the story must also end without a complaint of the browser, but for those that are expected. */
export async function onCleanPage(browser, options, story, isExpected = () => false) {
  const { ledger } = options;
  const known = ledger.problems.length;
  const result = await onFreshPage(browser, options, story);
  assert.deepEqual(ledger.problems.slice(known).filter((problem) => !isExpected(problem)), []);
  return result;
}
