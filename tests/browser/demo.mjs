// Runs the real program: `nocobase-dingtalk demo`, with storage of its own, and at ports that the system chooses for it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import './connections.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAM = resolve(process.env.NOCOBASE_DINGTALK_BIN ?? join(ROOT, 'target/debug/nocobase-dingtalk'));
const START_LIMIT_MS = 60_000;
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
    demo.output = '';
    // Nothing of the caller's own settings: a DB_HOST in a developer's shell must not reach the demo.
    demo.process = spawn(PROGRAM, ['demo'], {
      cwd: demo.storage,
      env: {
        PATH: process.env.PATH,
        HOME: demo.storage,
        // A port that is chosen here could be another program's when the demo opens it.
        APP_PORT: '0',
        SANDBOX_PORT: '0',
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

  /** Waits until it has said where it and its sandbox are. */
  #untilOpen() {
    return new Promise((opened, failed) => {
      const fail = (reason) => {
        clearTimeout(timer);
        failed(new Error(`The demo ${reason}; it said:\n${this.output}`));
      };
      const timer = setTimeout(() => fail('did not say where it is'), START_LIMIT_MS);
      let said = '';
      this.process.stdout.setEncoding('utf8').on('data', (chunk) => {
        this.output += chunk;
        said += chunk;
        const [, origin] = said.match(/^Open (http:\S+)\/$/m) ?? [];
        const [, sandbox] = said.match(/leads to the sandbox at (http:\S+)\/$/m) ?? [];
        if (!origin || !sandbox) return;
        clearTimeout(timer);
        [this.origin, this.sandboxOrigin] = [origin, sandbox];
        opened();
      });
      this.process.stderr.setEncoding('utf8').on('data', (chunk) => {
        this.output += chunk;
      });
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
