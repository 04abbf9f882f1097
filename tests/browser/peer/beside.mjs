// Runs a command beside a real NocoBase with departments, whose address and settings are in its environment:
// `node peer/beside.mjs COMMAND…`. The database is the one that DB_DIALECT names.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { DIALECT } from './database.mjs';
import { ask, call, rootToken } from './http.mjs';
import { install, ROOT } from './install.mjs';
import { NocoBase } from './nocobase.mjs';
import { LIMIT_MS, until } from './processes.mjs';

const [command, ...args] = process.argv.slice(2);
if (!command) throw new Error('which command?');

await install();
const nocobase = await NocoBase.install();
try {
  await nocobase.start();
  console.log(`NocoBase on ${DIALECT} at ${nocobase.origin}`);
  const root = await rootToken(nocobase.origin);
  // The plugin is off in a new one. NocoBase loads everything anew when it is switched on.
  const headers = { Authorization: `Bearer ${root}` };
  await ask(nocobase.origin, '/api/pm:enable?filterByTk=departments', { method: 'POST', headers, limit: LIMIT_MS });
  await until(async () => (await call(nocobase.origin, root, 'departments:list')).status === 200, 'there are departments');
  const env = { ...process.env, ...nocobase.settings, NOCOBASE_PEER_URL: nocobase.origin };
  const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await nocobase.discard();
}
process.exit();
