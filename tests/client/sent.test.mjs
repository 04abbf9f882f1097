// The browser half as the server sends it: without comments and needless blanks, else what its files say; and small.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { parse } from 'acorn';

import { Demo } from '../browser/demo.mjs';
import { SENT } from './parts.mjs';

/** How large all modules together may be, each counted once; DingTalk's own library is not among them. */
const MOST_BYTES = 80 * 1024;

const source = (name) => readFileSync(new URL(`../../client/${name}`, import.meta.url), 'utf8');

let demo;
const sent = new Map();

before(async () => {
  demo = await Demo.start();
  for (const address of Object.keys(SENT)) {
    const response = await fetch(demo.origin + address);
    assert.equal(response.status, 200, address);
    sent.set(address, await response.text());
  }
});

after(() => demo?.discard());

/**
 * The syntax tree, without the places of its nodes and the way in which they are written: each constant is a declaration
 * of its own, the directive of a file that is not the first counts for nothing, a constant is
 * a variable, `!0` is the same as `true`, and `void 0` as `undefined`.
 */
function treeOf(script) {
  const tree = parse(script, { ecmaVersion: 2018, sourceType: 'script' });
  tree.body = tree.body.filter((node, index) => index === 0 || !node.expression || node.expression.value !== 'use strict');
  const apart = (node) => (node.type === 'VariableDeclaration' ? node.declarations.map((one) => ({ ...node, declarations: [one] })) : [node]);
  return JSON.parse(JSON.stringify(tree, (key, value) => {
    if (['start', 'end', 'directive'].includes(key)) return undefined;
    if (key === 'kind' && value === 'const') return 'let';
    const short = value && value.type === 'UnaryExpression' && value.operator + value.argument.raw;
    if (short === 'void0') return { type: 'Identifier', name: 'undefined' };
    if (short === '!0' || short === '!1') return { type: 'Literal', value: short === '!0', raw: String(short === '!0') };
    return key === 'body' && Array.isArray(value) ? value.flatMap(apart) : value;
  }));
}

for (const [address, files] of Object.entries(SENT)) {
  test(`${address} means what its files say`, () => {
    assert.deepEqual(treeOf(sent.get(address)), treeOf(files.map(source).join('')));
    assert.ok(!/^\s|^$/m.test(sent.get(address).trimEnd()), 'no line begins with a blank');
  });
}

test('all modules together are small', () => {
  const [v1, v2, page, shellV1, shellV2] = Object.keys(SENT).map((address) => sent.get(address));
  const bytes = bytesOf(v1, v2) + bytesOf(page) + bytesOf(shellV1, shellV2);
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes, and ${MOST_BYTES} are allowed`);
});

/** What both files begin with counts once. */
function bytesOf(one, other = '') {
  let same = 0;
  while (same < other.length && one[same] === other[same]) same += 1;
  return Buffer.byteLength(one) + Buffer.byteLength(other.slice(same));
}
