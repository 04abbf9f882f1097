// The browser half as it is served: whatever can show NocoBase's pages has to be able to read it. In an old web view of
// DingTalk one unknown sign is enough for the button not to be there, and nothing says why.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { problemsOf } from './check.mjs';
import { SENT } from './parts.mjs';

const CLIENT = new URL('../../client/', import.meta.url);
const files = readdirSync(CLIENT, { recursive: true }).filter((name) => name.endsWith('.js')).sort();
const text = (name) => readFileSync(new URL(name, CLIENT), 'utf8');

test('every file is looked at', () => {
  assert.ok(files.length >= 8, files.join());
  assert.ok(files.includes('vendor/dingtalk-jsapi.js'));
});

for (const name of files) {
  test(name, () => assert.deepEqual(problemsOf(text(name)), []));
}

for (const parts of Object.values(SENT)) {
  test(parts.join(' + '), () => assert.deepEqual(problemsOf(parts.map(text).join('')), []));
}

test('what is younger is noticed', () => {
  for (const script of [
    'a?.b',
    'a ?? b',
    'a ??= b',
    'try {} catch {}',
    '6_000',
    'import("x")',
    'class A { b = 1; }',
    '10n',
    '"a".replaceAll("b", "c")',
    '[1].at(-1)',
    '[[1]].flat()',
    'a["fromEntries"](b)',
    'const { hasOwn } = Object',
    'globalThis.a',
    'window.queueMicrotask(a)',
    'structuredClone(a)',
    'new Intl.ListFormat()',
    'navigator.clipboard.writeText(a)',
    'if (a.at(0)) b()',
    'if (b) a.at(0)',
    'if (a.at) b(); else a.at(0)',
    'a.at || a.at(0)',
    '/(?<=a)b/',
  ]) assert.notDeepEqual(problemsOf(script), [], script);
});

test('what is as old as that, or looked for first, is not', () => {
  for (const script of [
    'const { a, ...b } = { ...c }',
    'async function* a() { for await (const b of c) yield b; }',
    'a.finally(b)',
    'a.padStart(2); Object.entries(a)',
    'if (a.at) a.at(0)',
    'a.at ? a.at(0) : a[0]',
    'a.at && a.at(0)',
    'typeof structuredClone === "function" ? structuredClone(a) : a',
    'if (navigator.clipboard) navigator.clipboard.writeText(a)',
    'const at = 1; b(at)',
  ]) assert.deepEqual(problemsOf(script), [], script);
});
