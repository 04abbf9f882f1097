// Runs the real program: `nocobase-dingtalk demo`, with ports and storage of its own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = resolve(process.env.NOCOBASE_DINGTALK_BIN ?? join(ROOT, 'target/debug/nocobase-dingtalk'));
const START_LIMIT_MS = 30_000;
/** Ending in good order takes seconds. A program that does not end would hold the run up for ever. */
const STOP_LIMIT_MS = 60_000;

/** Demos that are not discarded. However this process ends, neither they nor their folders, which may be in memory, stay. */
const alive = new Set();
process.once('exit', () => {
  for (const demo of alive) demo.process?.kill('SIGKILL');
  for (const demo of alive) rmSync(demo.storage, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** A running demo. Its output, which includes the server's whole log, is kept in `output`. */
export class Demo {
  static async start(settings = {}) {
    const demo = new Demo();
    demo.storage = await mkdtemp(join(tmpdir(), 'nocobase-dingtalk-'));
    alive.add(demo);
    [demo.appPort, demo.sandboxPort] = await freePorts(2);
    demo.origin = `http://127.0.0.1:${demo.appPort}`;
    demo.sandboxOrigin = `http://127.0.0.1:${demo.sandboxPort}`;
    demo.output = '';
    // Nothing of the caller's own settings: a DB_HOST in a developer's shell must not reach the demo.
    demo.process = spawn(PROGRAM, ['demo'], {
      cwd: demo.storage,
      env: {
        PATH: process.env.PATH,
        HOME: demo.storage,
        APP_PORT: String(demo.appPort),
        SANDBOX_PORT: String(demo.sandboxPort),
        STORAGE_PATH: demo.storage,
        NOCOBASE_UI_DIR: join(ROOT, 'ui'),
        RUST_LOG: 'debug',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // When all that it said has been read, too, which may be after its exit.
    demo.ended = once(demo.process, 'close');
    // One that cannot be started is told of below.
    demo.ended.catch(() => {});
    try {
      await demo.#untilOpen();
    } catch (error) {
      await demo.discard();
      throw error;
    }
    return demo;
  }

  /** Interrupts the program as Ctrl+C does; it must end in good order. */
  async stop() {
    this.process.kill('SIGINT');
    const limit = setTimeout(() => this.process.kill('SIGKILL'), STOP_LIMIT_MS);
    const [code, signal] = await this.ended;
    clearTimeout(limit);
    await this.discard();
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, `The demo did not end well:\n${this.output.slice(-4000)}`);
  }

  /** Makes sure that nothing is left, whatever happened. */
  async discard() {
    if (this.process.pid && this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL');
      await this.ended;
    }
    await rm(this.storage, { recursive: true, force: true });
    alive.delete(this);
  }

  #untilOpen() {
    const line = `Open ${this.origin}/`;
    return new Promise((opened, failed) => {
      const fail = (reason) => {
        clearTimeout(timer);
        failed(new Error(`The demo ${reason}; it said:\n${this.output}`));
      };
      const timer = setTimeout(() => fail(`did not print "${line}"`), START_LIMIT_MS);
      const read = (chunk) => {
        this.output += chunk;
        if (!this.output.includes(line)) return;
        clearTimeout(timer);
        opened();
      };
      this.process.stdout.setEncoding('utf8').on('data', read);
      this.process.stderr.setEncoding('utf8').on('data', read);
      this.process.once('error', (error) => fail(`cannot be started: ${error.message}`));
      this.process.once('close', (code, signal) => fail(`ended at once (${signal ?? code})`));
    });
  }
}

/** The client secret of the sandbox's app, which must show up nowhere. */
export async function sandboxClientSecret() {
  const seed = await readFile(join(ROOT, 'sandbox/src/state/seed.rs'), 'utf8');
  const [, secret] = seed.match(/CLIENT_SECRET: &str = "([^"]+)"/) ?? [];
  assert.ok(secret, 'the sandbox seed names its client secret');
  return secret;
}

/** Ports that nobody listens on. All are held open until the last is known, so that they differ. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
