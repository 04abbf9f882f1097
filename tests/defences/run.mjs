// Removes one defence after the other and looks whether the tests that are said to guard it notice.
//
//   node tests/defences/run.mjs [words]    only those whose names hold the words
//   node tests/defences/run.mjs --check    only whether each is where the list says, and has its tests; `make lint` does this
//
// It works on a copy of the tree below target/, so a stop at any moment leaves nothing behind. A defence that no test
// notices, and one that is no longer where the list says, end in a failure.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { GATEWAY } from './gateway.mjs';
import { DEFENCES as STANDALONE } from './list.mjs';

const DEFENCES = [...STANDALONE, ...GATEWAY];

const ROOT = resolve(import.meta.dirname, '../..');
const TARGET = resolve(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'));
const COPY = join(TARGET, 'without-defence/tree');
const BUILT = join(TARGET, 'without-defence/built');

function copyTree() {
  const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', listed, { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  mkdirSync(COPY, { recursive: true });
  for (const entry of readdirSync(COPY, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && !files.includes(relative(COPY, path))) rmSync(path);
  }
  for (const file of files) {
    const [text, copy] = [readFileSync(join(ROOT, file)), join(COPY, file)];
    // Cargo compares times: what is as it was is not built again, and what an earlier run left without its defence is.
    if (existsSync(copy) && readFileSync(copy).equals(text)) continue;
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, text);
  }
}

function cargo(args) {
  const env = { ...process.env, CARGO_TARGET_DIR: BUILT, CARGO_INCREMENTAL: '1', TEST_DATABASE: 'sqlite' };
  return spawnSync('cargo', args, { cwd: COPY, env, encoding: 'utf8', maxBuffer: 1 << 30 });
}

const selection = (tests) => tests.map((test) => `test(/(^|::)${test}$/)`).join(' or ');

/** How many tests of the selection passed and failed. */
function run(tests) {
  const outcome = cargo(['nextest', 'run', '--workspace', '--locked', '--no-fail-fast', '-E', selection(tests)]);
  const line = outcome.stderr.match(/Summary .*/)?.[0];
  if (!line) return { broken: outcome.stderr.slice(-3000) };
  const count = (word) => Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  const failed = new Set(outcome.stderr.match(/(?:FAIL|TIMEOUT|SIGABRT) \[[^\]]*\] .*/g)?.map((text) => text.split(/[ :]/).pop()));
  return { passed: count('passed'), failed: count('failed') + count('timed out'), names: [...failed] };
}

/** Whether the text has the defence, once. */
const isIn = (text, { from }) => text.split(from).length === 2;

/** The names of all functions in the Rust files of these folders. */
function functionsIn(folders) {
  const names = new Set();
  for (const folder of folders) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true })) {
      if (!entry.endsWith('.rs')) continue;
      for (const [, name] of readFileSync(join(ROOT, folder, entry), 'utf8').matchAll(/\bfn (\w+)/g)) names.add(name);
    }
  }
  return names;
}

/** Takes the defence out, asks the tests, and puts it back. */
function tryWithout(defence) {
  const { file, from, to, tests } = defence;
  const path = join(COPY, file);
  const text = readFileSync(path, 'utf8');
  if (!isIn(text, defence)) return `the defence is not where the list says: ${file}`;
  writeFileSync(path, text.replace(from, () => to));
  const outcome = run(tests);
  writeFileSync(path, text);
  if (outcome.broken) return `without it nothing can be built:\n${outcome.broken}`;
  const unmoved = tests.filter((test) => !outcome.names.includes(test));
  return unmoved.length > 0 ? `not noticed by ${unmoved.join(', ')}` : null;
}

if (process.argv[2] === '--check') {
  const misplaced = DEFENCES.filter((defence) => !existsSync(join(ROOT, defence.file)) || !isIn(readFileSync(join(ROOT, defence.file), 'utf8'), defence));
  for (const { defence, file } of misplaced) console.error(`defences: «${defence}» is not in ${file} as tests/defences says`);
  const functions = functionsIn(['src', 'tests/it', 'sandbox']);
  const unguarded = DEFENCES.flatMap(({ defence, tests }) => tests.filter((test) => !functions.has(test)).map((test) => [defence, test]));
  for (const [defence, test] of unguarded) console.error(`defences: «${defence}» has no test ${test}`);
  process.exit(misplaced.length + unguarded.length > 0 ? 1 : 0);
}

const words = process.argv.slice(2).join(' ').toLowerCase();
const chosen = DEFENCES.filter(({ defence }) => defence.toLowerCase().includes(words));
copyTree();
const all = [...new Set(chosen.flatMap(({ tests }) => tests))];
const before = run(all);
if (before.broken) {
  console.error(before.broken);
  process.exit(1);
}
if (before.failed > 0 || before.passed < all.length) {
  console.error(`With every defence in place ${before.passed} of ${all.length} tests pass: ${before.names?.join(', ')}`);
  process.exit(1);
}
console.log(`${all.length} tests pass with every defence in place`);
let missed = 0;
for (const defence of chosen) {
  const problem = tryWithout(defence);
  if (problem) missed += 1;
  console.log(`${problem ? 'MISSED ' : 'noticed'} ${defence.defence}${problem ? `\n        ${problem}` : ''}`);
}
console.log(`${chosen.length - missed} noticed, ${missed} missed`);
process.exit(missed > 0 ? 1 : 0);
