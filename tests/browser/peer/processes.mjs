// Programs that run beside each other, and all that they say.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A NocoBase takes a minute to start, and much longer where others are at work. */
export const LIMIT_MS = 600_000;
/** The gateway gives requests thirty seconds. */
const STOP_LIMIT_MS = 60_000;

export class Processes {
  #children = new Set();
  output = '';

  constructor() {
    // However we end, nothing stays behind.
    process.once('exit', () => this.killAll());
  }

  /** Starts one. With `input` «pipe» somebody types into it. */
  start(command, args, env, cwd, input = 'ignore') {
    // A group of its own: NocoBase starts others.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: [input, 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => { this.output += chunk; });
    this.#children.add(child);
    return child;
  }

  async run(command, args, env, cwd) {
    const child = this.start(command, args, env, cwd);
    const [code] = await once(child, 'exit');
    this.#children.delete(child);
    if (code !== 0) throw new Error(`${command} ${args} ended with ${code}`);
  }

  /** Ends one as a service manager does, and gives its code; none when it had to be killed. */
  async end(child) {
    // One that has ended by itself would never tell of its end again.
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const limit = setTimeout(() => this.kill(child), STOP_LIMIT_MS);
      await ended;
      clearTimeout(limit);
    }
    this.kill(child);
    return child.exitCode;
  }

  /** Makes sure that nothing is left of one. */
  kill(child) {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    this.#children.delete(child);
  }

  killAll() {
    for (const child of this.#children) this.kill(child);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** Waits until this is so. What cannot be asked yet is not so. */
export async function until(isSo, what) {
  const limit = Date.now() + LIMIT_MS;
  while (!await Promise.resolve().then(isSo).catch(() => false)) {
    if (Date.now() > limit) throw new Error(`waited in vain until ${what}`);
    await sleep(100);
  }
}

/** Whether a server answers there with yes, and soon: a NocoBase that starts may take a question and say nothing. */
export const answers = async (url) => (await fetch(url, { signal: AbortSignal.timeout(10_000) })).ok;

/** Ports that nobody listens on. All are held open until the last is known, so that they differ. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
