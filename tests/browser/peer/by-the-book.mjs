// README's section «In front of your NocoBase», done word by word: its commands are typed into a shell in a folder with
// NocoBase's `.env`, and then whatever `doctor` names as the next command, until a gateway serves.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { DIALECT } from './database.mjs';
import { call, rootToken } from './http.mjs';
import { install, ROOT } from './install.mjs';
import { NocoBase, PROGRAM } from './nocobase.mjs';
import { answers, Processes, until } from './processes.mjs';

const SERVE = 'nocobase-dingtalk serve';
/** Set where the gateway is, look again, start: more steps would be a detour. */
const MOST_STEPS = 3;

const shell = new Processes();
let nocobase, folder;

before(async () => {
  await install();
  nocobase = await NocoBase.install();
  await nocobase.start();
  folder = await mkdtemp(join(tmpdir(), 'nocobase-by-the-book-'));
  const { PATH, HOME, ...settings } = nocobase.settings;
  const lines = Object.entries({ ...settings, APP_PORT: new URL(nocobase.origin).port }).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, '.env'), lines.join(''));
});

after(async () => {
  shell.killAll();
  await nocobase?.discard();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** The commands of the section, without those that NocoBase's folder and the installed program stand for here. */
async function commands() {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const section = readme.split('\n## ').find((part) => part.startsWith('In front of your NocoBase'));
  const blocks = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block);
  return blocks.join('').split('\n').map((line) => line.replace(/\s+#.*/, '')).filter((line) => line.startsWith('nocobase-dingtalk'));
}

test(`the gateway section of README leads to a gateway before NocoBase on ${DIALECT}`, async () => {
  assert.deepEqual(await commands(), ['nocobase-dingtalk doctor', SERVE], 'the section has other commands than this test types');
  const env = { PATH: `${dirname(PROGRAM)}:${process.env.PATH}`, HOME: process.env.HOME };
  const terminal = shell.start('sh', [], env, folder, 'pipe');
  let seen = 0;
  const type = (command) => {
    seen = shell.output.length;
    terminal.stdin.write(`${command}\n`);
  };
  const next = async () => {
    const said = () => /^next +(.+)\n/m.exec(shell.output.slice(seen))?.[1];
    await until(said, 'doctor names the next command');
    return said();
  };

  type('nocobase-dingtalk doctor');
  let command = await next();
  let port;
  for (let step = 1; command !== SERVE; step += 1) {
    assert.ok(step < MOST_STEPS, `doctor leads no further:\n${shell.output}`);
    port = /APP_PORT=(\d+)/.exec(command)?.[1] ?? port;
    type(command);
    command = await next();
  }
  type(command);
  const origin = `http://127.0.0.1:${port}`;
  await until(() => answers(`${origin}/api/__health_check`), 'the gateway is there');

  const root = await rootToken(origin);
  const good = async (answer) => assert.equal((await answer).status, 200, (await answer).text);
  await good(call(origin, root, 'pm:enable?filterByTk=auth-dingtalk', {}));
  const options = { public: { autoSignup: true }, clientId: 'dingsandbox', clientSecret: 'secret' };
  await good(call(origin, root, 'authenticators:create', { name: 'dingtalk', authType: 'dingtalk', title: 'DingTalk', enabled: true, options }));
  const offered = await call(origin, undefined, 'authenticators:publicList');
  assert.ok(offered.json.data.some((way) => way.name === 'dingtalk'), offered.text);
  const begun = await call(origin, undefined, 'dingtalk:getAuthUrl', { redirect: '/admin' }, { 'X-Authenticator': 'dingtalk' });
  assert.equal(new URL(begun.json.data).host, 'login.dingtalk.com', begun.text);
});
