// That `texts.json` says what NocoBase reads in a file of settings: by npm's `dotenv`, which it uses. The server's own
// reader (`src/config/dotenv.rs`) is given the same texts in its tests.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import dotenv from 'dotenv';

const texts = JSON.parse(readFileSync(new URL('texts.json', import.meta.url), 'utf8'));

test('there are enough texts, and none twice', () => {
  assert.ok(texts.length >= 40);
  assert.equal(new Set(texts.map(({ text }) => text)).size, texts.length);
});

for (const { text, values } of texts) {
  test(JSON.stringify(text), () => assert.deepEqual(dotenv.parse(text), values));
}
