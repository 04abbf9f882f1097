// A real NocoBase, with the gateway and the sandbox around it.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePorts } from '../demo.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');
const VERSION = '2.2.15';
/** Where NocoBase is installed, once: 1.3 GB. */
const FOLDER = resolve(process.env.NOCOBASE_PEER_DIR ?? join(ROOT, 'peer'));
const PROGRAM = resolve(process.env.NOCOBASE_DINGTALK_BIN ?? join(ROOT, 'target/debug/nocobase-dingtalk'));
const START_LIMIT_MS = 300_000;

/** The database that DB_DIALECT and scripts/on-database name. */
const DIALECT = process.env.DB_DIALECT ?? 'sqlite';

/** Installs NocoBase from npm, unless it is there. */
export async function install() {
  if (existsSync(join(FOLDER, 'node_modules/@nocobase/app'))) return;
  const inherit = { stdio: 'inherit' };
  await rm(FOLDER, { recursive: true, force: true });
  execFileSync('npx', ['--yes', `create-nocobase-app@${VERSION}`, 'peer', '-d', 'sqlite'], { cwd: resolve(FOLDER, '..'), ...inherit });
  const file = join(FOLDER, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  // What it is developed with is not needed, and one library is published elsewhere than at npm.
  delete manifest.devDependencies;
  manifest.resolutions = { ...manifest.resolutions, xlsx: '0.18.5' };
  manifest.dependencies.sqlite3 = '^5.1.7';
  await writeFile(file, JSON.stringify(manifest, null, 2));
  execFileSync('npx', ['--yes', 'yarn@1', 'install', '--ignore-engines', '--network-timeout', '600000'], { cwd: FOLDER, ...inherit });
}

/** NocoBase behind the gateway. Stories take it for the server: `origin` is the gateway's. */
export class Peer {
  #processes = [];
  output = '';

  static async start() {
    const peer = new Peer();
    try {
      await peer.#start();
    } catch (error) {
      await peer.stop();
      error.message += `\n${peer.output.slice(-4000)}`;
      throw error;
    }
    return peer;
  }

  async #start() {
    this.storage = await mkdtemp(join(tmpdir(), 'nocobase-peer-'));
    await mkdir(join(this.storage, 'db'));
    const [nocobase, gateway, sandbox] = await freePorts(3);
    this.upstream = `http://127.0.0.1:${nocobase}`;
    this.origin = `http://127.0.0.1:${gateway}`;
    this.sandboxOrigin = `http://127.0.0.1:${sandbox}`;
    this.database = `nb_peer_${Date.now().toString(36)}`;
    createDatabase(this.database);
    this.settings = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      APP_KEY: 'the-key-of-a-peer-that-lives-for-a-test',
      STORAGE_PATH: this.storage,
      DB_DIALECT: DIALECT,
      ...(DIALECT === 'sqlite' ? { DB_STORAGE: join(this.storage, 'db/nocobase.sqlite') } : {
        DB_HOST: process.env.DB_HOST,
        DB_PORT: process.env.DB_PORT,
        DB_USER: process.env.DB_USER,
        DB_PASSWORD: process.env.DB_PASSWORD ?? '',
        DB_DATABASE: this.database,
      }),
    };
    // It calls its own tools by their names.
    const path = `${join(FOLDER, 'node_modules/.bin')}:${process.env.PATH}`;
    const own = { ...this.settings, PATH: path, APP_ENV: 'production', APP_PORT: String(nocobase) };
    const command = join(FOLDER, 'node_modules/.bin/nocobase-v1');
    await this.#run(command, ['install'], own);
    this.#spawn(command, ['start'], own, FOLDER);
    await until(async () => (await fetch(`${this.upstream}/api/__health_check`)).ok);
    this.#spawn(PROGRAM, ['sandbox'], { PATH: process.env.PATH, SANDBOX_PORT: String(sandbox) }, this.storage);
    await until(async () => (await fetch(`${this.sandboxOrigin}/_sandbox/people`)).ok);
    this.gatewaySettings = {
      ...this.settings,
      APP_PORT: String(gateway),
      NOCOBASE_UPSTREAM_URL: this.upstream,
      DINGTALK_LOGIN_URL: this.sandboxOrigin,
      DINGTALK_API_URL: this.sandboxOrigin,
      DINGTALK_OAPI_URL: this.sandboxOrigin,
    };
    this.doctor = execFileSync(PROGRAM, ['doctor'], { env: this.gatewaySettings, cwd: this.storage, encoding: 'utf8' });
    await this.startGateway();
  }

  async startGateway() {
    this.gateway = this.#spawn(PROGRAM, ['serve'], this.gatewaySettings, this.storage);
    await until(async () => (await fetch(`${this.origin}/api/__health_check`)).ok);
  }

  /** Ends the gateway as a service manager does, and nothing else. */
  async stopGateway() {
    this.gateway.kill('SIGTERM');
    const [code] = await once(this.gateway, 'exit');
    return code;
  }

  async #run(command, args, env) {
    const child = this.#spawn(command, args, env, FOLDER);
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${command} ${args} ended with ${code}`);
  }

  #spawn(command, args, env, cwd) {
    // A group of its own: NocoBase starts others.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { this.output += chunk; });
    this.#processes.push(child);
    return child;
  }

  async stop() {
    for (const child of this.#processes) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
    await rm(this.storage, { recursive: true, force: true, maxRetries: 5 });
    if (this.database) dropDatabase(this.database);
  }
}

async function until(isReady) {
  const limit = Date.now() + START_LIMIT_MS;
  while (!await isReady().catch(() => false)) {
    if (Date.now() > limit) throw new Error('it does not start');
    await sleep(250);
  }
}

function onServer(statement) {
  const { DB_HOST, DB_PORT, DB_USER, DB_PASSWORD = '' } = process.env;
  if (DIALECT === 'postgres') {
    const env = { ...process.env, PGPASSWORD: DB_PASSWORD };
    execFileSync('psql', ['-q', '-h', DB_HOST, '-p', DB_PORT, '-U', DB_USER, '-c', statement, 'postgres'], { env });
  } else if (DIALECT !== 'sqlite') {
    const env = { ...process.env, MYSQL_PWD: DB_PASSWORD };
    execFileSync('mariadb', ['-h', DB_HOST, '-P', DB_PORT, '-u', DB_USER, '-e', statement], { env });
  }
}

const createDatabase = (name) => onServer(`CREATE DATABASE ${name}`);
const dropDatabase = (name) => onServer(`DROP DATABASE IF EXISTS ${name}${DIALECT === 'postgres' ? ' WITH (FORCE)' : ''}`);
