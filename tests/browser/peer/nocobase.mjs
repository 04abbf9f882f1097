// A real NocoBase with a database and a storage folder of its own, and gateways before it.

import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { createDatabase, DIALECT } from './database.mjs';
import { NOCOBASE, ROOT } from './install.mjs';
import { answers, freePorts, Processes, until } from './processes.mjs';
import { APP_KEY } from './tokens.mjs';

export const PROGRAM = resolve(process.env.NOCOBASE_DINGTALK_BIN ?? join(ROOT, 'target/debug/nocobase-dingtalk'));

const local = (port) => `http://127.0.0.1:${port}`;

export class NocoBase {
  #processes = new Processes();
  #server;
  #port;
  #database;

  /** A new one that has made its tables, and does not run. */
  static async install() {
    const nocobase = new NocoBase();
    await nocobase.#prepare();
    await nocobase.#told(() => nocobase.#processes.run(NOCOBASE.command, ['install'], nocobase.#own, NOCOBASE.folder));
    return nocobase;
  }

  /** One like this, which must not run: what it keeps is in files. */
  async copy() {
    if (DIALECT !== 'sqlite') throw new Error('only files are copied');
    const nocobase = new NocoBase();
    await nocobase.#prepare();
    await cp(this.storage, nocobase.storage, { recursive: true });
    return nocobase;
  }

  async #prepare() {
    this.storage = await mkdtemp(join(tmpdir(), 'nocobase-peer-'));
    await mkdir(join(this.storage, 'db'));
    this.#database = createDatabase(this.storage);
    [this.#port] = await freePorts(1);
    this.origin = local(this.#port);
    /** What it shares with gateways. */
    this.settings = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      APP_KEY,
      STORAGE_PATH: this.storage,
      ...this.#database.settings,
    };
  }

  get #own() {
    // Without pm2, which would leave it running when it is killed itself.
    const mode = { APP_ENV: 'production', APP_LAUNCH_MODE: 'node' };
    return { ...this.settings, ...mode, PATH: NOCOBASE.path, APP_PORT: String(this.#port) };
  }

  async start() {
    this.#server = this.#processes.start(NOCOBASE.command, ['start'], this.#own, NOCOBASE.folder);
    await this.#told(() => until(() => answers(`${this.origin}/api/__health_check`), 'NocoBase is there'));
  }

  async restart() {
    this.#processes.kill(this.#server);
    await this.start();
  }

  /** What the gateway says of it. */
  doctor(settings = {}) {
    const env = { ...this.settings, NOCOBASE_UPSTREAM_URL: this.origin, ...settings };
    return execFileSync(PROGRAM, ['doctor'], { env, cwd: this.storage, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Starts a gateway before it. */
  async gateway(settings = {}) {
    const [port] = await freePorts(1);
    const env = { ...this.settings, APP_PORT: String(port), NOCOBASE_UPSTREAM_URL: this.origin, ...settings };
    const child = this.#processes.start(PROGRAM, ['serve'], env, this.storage);
    const gateway = { origin: local(port), stop: () => this.#processes.end(child) };
    await this.#told(() => until(() => answers(`${gateway.origin}/api/__health_check`), 'the gateway is there'));
    return gateway;
  }

  /** Starts a DingTalk, and gives its address and the settings of a gateway that asks there. */
  async sandbox() {
    const [port] = await freePorts(1);
    const origin = local(port);
    this.#processes.start(PROGRAM, ['sandbox'], { PATH: process.env.PATH, SANDBOX_PORT: String(port) }, this.storage);
    await this.#told(() => until(() => answers(`${origin}/_sandbox/people`), 'the sandbox is there'));
    return { origin, settings: { DINGTALK_LOGIN_URL: origin, DINGTALK_API_URL: origin, DINGTALK_OAPI_URL: origin } };
  }

  /** A failure with what the programs said. */
  async #told(act) {
    try {
      return await act();
    } catch (error) {
      error.message += `\n${this.#processes.output.slice(-4000)}`;
      throw error;
    }
  }

  async discard() {
    this.#processes.killAll();
    await rm(this.storage, { recursive: true, force: true, maxRetries: 5 });
    this.#database.drop();
  }
}
