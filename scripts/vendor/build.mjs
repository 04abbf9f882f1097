// Makes client/vendor/ from pinned npm packages:
//
//   node scripts/vendor/build.mjs            writes it
//   node scripts/vendor/build.mjs --check    fails unless what is there is what would be written
//
// It is committed, so that neither building nor running the server needs any of this.

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const HERE = import.meta.dirname;
const VENDOR = resolve(HERE, '../../client/vendor');

const { version, license } = JSON.parse(await readFile(join(HERE, 'node_modules/dingtalk-jsapi/package.json'), 'utf8'));

const { outputFiles: [bundle] } = await build({
  entryPoints: [join(HERE, 'dingtalk-jsapi.mjs')],
  bundle: true,
  // A script, which every browser can load when it is needed. Its parts are modules within it: left as they are, they
  // would find AMD's `define` of NocoBase's pages and get lost there.
  format: 'iife',
  globalName: 'nocobaseDingTalkJsapi',
  target: 'es2018',
  minify: true,
  legalComments: 'none',
  banner: { js: `/* dingtalk-jsapi ${version}, ${license} licence, see dingtalk-jsapi.LICENSE.txt. Made by scripts/vendor/build.mjs. */` },
  write: false,
});

const digest = createHash('sha256').update(bundle.text).digest('hex').slice(0, 8);

function fail(reason) {
  console.error(reason);
  process.exitCode = 1;
}

const path = join(VENDOR, 'dingtalk-jsapi.js');
if (process.argv.includes('--check')) {
  if (await readFile(path, 'utf8') !== bundle.text) fail('client/vendor/dingtalk-jsapi.js is not what `make vendor` makes');
  // Browsers keep the file under its address, so that has to change with it.
  const inApp = await readFile(join(VENDOR, '../in-app.js'), 'utf8');
  if (!inApp.includes(`dingtalk-jsapi.js?hash=${digest}'`)) fail(`client/in-app.js does not ask for ?hash=${digest}`);
} else {
  await writeFile(path, bundle.text);
  console.log(`client/in-app.js has to ask for dingtalk-jsapi.js?hash=${digest}`);
}
