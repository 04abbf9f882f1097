// NocoBase from npm, installed once: 1.3 GB.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');
const VERSION = '2.2.15';
const FOLDER = resolve(process.env.NOCOBASE_PEER_DIR ?? join(ROOT, 'peer'));
/** Written last: it says that the installation was completed, and of what. */
const STAMP = join(FOLDER, `installed-${VERSION}`);

/** NocoBase's own command, and what it needs of the environment: it calls its tools by their names. */
export const NOCOBASE = {
  folder: FOLDER,
  command: join(FOLDER, 'node_modules/.bin/nocobase-v1'),
  path: `${join(FOLDER, 'node_modules/.bin')}:${process.env.PATH}`,
};

/** Installs NocoBase, unless it is there. */
export async function install() {
  if (existsSync(STAMP)) return;
  const run = (args, cwd) => execFileSync('npx', ['--yes', ...args], { cwd, stdio: 'inherit' });
  await rm(FOLDER, { recursive: true, force: true });
  run([`create-nocobase-app@${VERSION}`, basename(FOLDER), '-d', 'sqlite'], dirname(FOLDER));
  const file = join(FOLDER, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  // What it is developed with is not needed, and one library is published elsewhere than at npm.
  delete manifest.devDependencies;
  manifest.resolutions = { ...manifest.resolutions, xlsx: '0.18.5' };
  // NocoBase calls yarn by its name.
  Object.assign(manifest.dependencies, { sqlite3: '^5.1.7', yarn: '^1.22.22' });
  await writeFile(file, JSON.stringify(manifest, null, 2));
  run(['yarn@1', 'install', '--ignore-engines', '--network-timeout', '600000'], FOLDER);
  await writeFile(STAMP, '');
}
