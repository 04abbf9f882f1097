// What the browser half says, and what it is told, must be known on both sides.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path) => readFile(join(ROOT, path), 'utf8');
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

const scripts = (await readdir(join(ROOT, 'client'), { recursive: true }))
  .filter((name) => name.endsWith('.js') && !name.startsWith('vendor'));
const client = (await Promise.all(scripts.map((name) => read(`client/${name}`)))).join('\n');

for (const file of await readdir(join(ROOT, 'locale'))) {
  test(`every text of the browser half is in ${file}`, async () => {
    const texts = JSON.parse(await read(`locale/${file}`));
    const patterns = [
      /\bt\('([^']+)'\)/g, /\bDINGTALK_\w+: '([^']+)'/g, /\b(?:text|title): '([^']+)'/g, /\bhint\("([^"]+)"\)/g,
      // Names of actions, results and ways, and of the fields of a row.
      /^ {4}[a-z]\w+: '([A-Z][^']+)',$/gm, /\[\s*'([A-Z][a-z][\w ]*)', /g, /\b(?:linked|signedUp|byHand|success|refused): '([A-Z][^']+)'/g,
    ];
    const used = patterns.flatMap((pattern) => all(client, pattern));
    assert.ok(used.length > 15, 'texts were found');
    assert.deepEqual(used.filter((text) => !texts[text]), []);
  });
}

test('the browser half has a text for every refusal of the server', async () => {
  const codes = async (file) => all(await read(`src/edge/error/${file}.rs`), /"([A-Z]+(?:_[A-Z]+)*)"/g).map((code) => `DINGTALK_${code}`);
  const [refusals, ofBindings] = [await codes('sign_in'), await codes('binding_refusal')];
  const explained = all(client, /\b(DINGTALK_\w+): '/g);
  assert.ok(refusals.length > 15, 'refusals were found');
  assert.deepEqual(refusals.filter((code) => !explained.includes(code)), []);
  assert.deepEqual(explained.filter((code) => !refusals.includes(code) && !ofBindings.includes(code)), [], 'no refusal of the server');
});
