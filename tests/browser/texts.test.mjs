// Every text of the browser half must be in all files of locale/. Those of refusals come from the server with their codes.

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
      /\b(?:t|column)\('([^']+)'[,)]/g, /\b(?:text|title|label): '([^']+)'/g, /\bhint\("([^"]+)"\)/g,
      // Names of actions, results and ways, and of the fields of a row.
      /^ {4}[a-z]\w+: '([A-Z][^']+)',$/gm, /\[\s*'([A-Z][a-z][\w ]*)', /g, /\b(?:linked|signedUp|byHand|success|refused): '([A-Z][^']+)'/g,
    ];
    const used = patterns.flatMap((pattern) => all(client, pattern));
    assert.ok(used.length > 15, 'texts were found');
    assert.deepEqual(used.filter((text) => !texts[text]), []);
  });
}
