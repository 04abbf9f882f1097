// Makes client/vendor/ from pinned npm packages:
//
//   node scripts/vendor/build.mjs            writes it
//   node scripts/vendor/build.mjs --check    fails unless what is there is what would be written
//
// It is committed, so that neither building nor running the server needs any of this.

import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const HERE = import.meta.dirname;
const VENDOR = resolve(HERE, '../../client/vendor');

const { version, license } = JSON.parse(await readFile(join(HERE, 'node_modules/dingtalk-jsapi/package.json'), 'utf8'));

const { outputFiles: [bundle] } = await build({
  entryPoints: [join(HERE, 'dingtalk-jsapi.mjs')],
  bundle: true,
  // A module and not a script: NocoBase's pages define AMD's `define`, by which scripts of this kind get lost.
  format: 'esm',
  target: 'es2020',
  minify: true,
  legalComments: 'none',
  banner: { js: `/* dingtalk-jsapi ${version}, ${license} licence, see dingtalk-jsapi.LICENSE.txt. Made by scripts/vendor/build.mjs. */` },
  write: false,
});

function fail(reason) {
  console.error(reason);
  process.exitCode = 1;
}

const path = join(VENDOR, 'dingtalk-jsapi.js');
if (process.argv.includes('--check')) {
  if (await readFile(path, 'utf8') !== bundle.text) fail('client/vendor/dingtalk-jsapi.js is not what `make vendor` makes');
  // Browsers keep the file under its address.
  const inApp = await readFile(join(VENDOR, '../in-app.js'), 'utf8');
  if (!inApp.includes(`dingtalk-jsapi.js?hash=${version}'`)) fail(`client/in-app.js does not ask for version ${version}`);
} else {
  await writeFile(path, bundle.text);
}
