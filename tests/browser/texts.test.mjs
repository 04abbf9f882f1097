// What the browser half says, and what it is told, must be known on both sides.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path) => readFile(join(ROOT, path), 'utf8');
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

const client = (await Promise.all(['in-app', 'shared', 'form', 'v1', 'v2'].map((name) => read(`client/${name}.js`)))).join('\n');

for (const file of await readdir(join(ROOT, 'locale'))) {
  test(`every text of the browser half is in ${file}`, async () => {
    const texts = JSON.parse(await read(`locale/${file}`));
    const used = [/\bt\('([^']+)'\)/g, /\bDINGTALK_\w+: '([^']+)'/g, /\btext: '([^']+)'/g].flatMap((pattern) => all(client, pattern));
    assert.ok(used.length > 15, 'texts were found');
    assert.deepEqual(used.filter((text) => !texts[text]), []);
  });
}

test('the browser half has a text for every refusal of the server', async () => {
  const codes = all(await read('src/edge/error/sign_in.rs'), /"([A-Z]+(?:_[A-Z]+)*)"/g);
  const refusals = new Set(codes.map((code) => `DINGTALK_${code}`));
  const explained = new Set(all(client, /\b(DINGTALK_\w+): '/g));
  assert.deepEqual([...explained].sort(), [...refusals].sort());
});
