// Runs a command beside a real NocoBase, whose address and settings are in its environment:
// `node peer/beside.mjs COMMAND…`. The database is the one that DB_DIALECT names.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { DIALECT } from './database.mjs';
import { install, ROOT } from './install.mjs';
import { NocoBase } from './nocobase.mjs';

const [command, ...args] = process.argv.slice(2);
if (!command) throw new Error('which command?');

await install();
const nocobase = await NocoBase.install();
try {
  await nocobase.start();
  console.log(`NocoBase on ${DIALECT} at ${nocobase.origin}`);
  const env = { ...process.env, ...nocobase.settings, NOCOBASE_PEER_URL: nocobase.origin };
  const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await nocobase.discard();
}
process.exit();
