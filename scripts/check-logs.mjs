#!/usr/bin/env node
// Finds lines of the log that tell of an error without what led to it, and conversions of errors that log.
//
// Many errors say in their own text only what could not be done, such as «the database failed»; why stands in their
// sources. `Chain` (src/chain.rs) writes all of them. A conversion may be done for nobody, or more than once, so whoever
// answers logs, and not `From`.
//
// A name counts as that of an error when it is called `error`, `err` or `finding`, or when its function binds it by `Err(…)`,
// by the closure of `map_err` or the like, or as a parameter whose type is an error. One that `let` binds again counts no
// more. Tests are left out. Arguments: the folders to look through, `src` without any.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const ROOTS = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['src'];

/** Strings, characters, comments, and everything that opens or closes. */
const TOKENS = /"(?:[^"\\]|\\[^])*"|\br(#*)"[^]*?"\1|'(?:\\[^']+|[^'\\])'|\/\/[^\n]*|\/\*[^]*?\*\/|[()[\]{},]/g;
const MACRO = /\b(?:log::(?:error|warn|info|debug|trace|log)|eprintln|format_args)!\s*\(/g;
const ALWAYS = ['error', 'err', 'finding'];
const BINDINGS = [
  /\bErr\(\s*(?:ref\s+)?([a-z_]\w*)/g,
  /\b(?:map_err|inspect_err|or_else|unwrap_or_else)\(\s*\|\s*([a-z_]\w*)/g,
  /\b([a-z_]\w*):\s*&?\s*(?:\(?dyn\s+(?:[a-z:]+::)?Error\b|(?:[a-z_]+::)*[A-Z]\w*Error\b)/g,
];

/** The text with blanks in the places of comments, and without the tests at its end. */
function code(text) {
  const bare = text.replace(TOKENS, (found) => (/^\/[/*]/.test(found) ? found.replace(/[^\n]/g, ' ') : found));
  const tests = bare.search(/^#\[cfg\((?:test|any\(fuzzing, test\))\)\]\s*(?:pub )?mod \w+ \{/m);
  return tests < 0 ? bare : bare.slice(0, tests);
}

/** The arguments of a call, from behind its opening parenthesis. */
function argumentsAt(text, start) {
  const all = [];
  let depth = 0;
  let from = start;
  TOKENS.lastIndex = start;
  for (let token = TOKENS.exec(text); token; token = TOKENS.exec(text)) {
    const [sign] = token;
    if ('([{'.includes(sign)) depth += 1;
    if (')]}'.includes(sign)) depth -= 1;
    if (depth < 0 || (depth === 0 && sign === ',')) {
      all.push(text.slice(from, token.index).trim());
      from = token.index + 1;
    }
    if (depth < 0) break;
  }
  return all.filter(Boolean);
}

/** The names that stand for errors at the end of a function's text. */
function errorsIn(scope) {
  const last = new Map(ALWAYS.map((name) => [name, 0]));
  for (const binding of BINDINGS) {
    for (const { 1: name, index } of scope.matchAll(binding)) last.set(name, Math.max(last.get(name) ?? 0, index));
  }
  for (const { 1: name, index } of scope.matchAll(/\blet\s+(?:mut\s+)?([a-z_]\w*)\b/g)) {
    if (last.has(name) && index > last.get(name)) last.delete(name);
  }
  return last;
}

/** What a macro prints that is an error and no more. */
function bareErrors(args, errors) {
  const format = args.findIndex((argument) => argument.startsWith('"'));
  if (format < 0) return [];
  const named = new Map();
  const printed = [];
  for (const argument of args.slice(format + 1)) {
    const [, name, value] = /^([a-z_]\w*)\s*=(?!=)\s*([^]*)$/.exec(argument) ?? [];
    if (name) named.set(name, value);
    else printed.push(argument);
  }
  for (const [, name] of args[format].matchAll(/\{\{|\{([a-z_]\w*)?(?::[^{}]*)?\}/g)) {
    if (name) printed.push(named.get(name) ?? name);
  }
  const plain = printed.map((value) => value.replace(/^[&*\s]+/, '').replace(/\.to_string\(\)$/, ''));
  return plain.filter((value) => errors.has(value));
}

let found = 0;
function tell(file, text, index, what) {
  found += 1;
  console.error(`check-logs: ${file}:${text.slice(0, index).split('\n').length}: ${what}`);
}

for (const root of ROOTS) {
  for (const entry of readdirSync(root, { recursive: true })) {
    const parts = String(entry).split(path.sep);
    if (!parts.at(-1).endsWith('.rs') || parts.at(-1) === 'tests.rs' || parts.includes('tests')) continue;
    const file = path.join(root, String(entry));
    const text = code(readFileSync(file, 'utf8'));
    for (const macro of text.matchAll(MACRO)) {
      const functions = [...text.slice(0, macro.index).matchAll(/\bfn \w+/g)];
      const errors = errorsIn(text.slice(functions.at(-1)?.index ?? 0, macro.index));
      for (const name of bareErrors(argumentsAt(text, macro.index + macro[0].length), errors)) {
        tell(file, text, macro.index, `\`${name}\` is printed without what led to it; print \`Chain(&${name})\``);
      }
    }
    for (const conversion of text.matchAll(/^impl\b[^{;]*\bFrom<[^{;]*\{[^]*?^\}/gm)) {
      const logs = conversion[0].search(/\blog::\w+!/);
      if (logs >= 0) tell(file, text, conversion.index + logs, 'a conversion logs; leave that to whoever answers');
    }
  }
}
process.exit(found === 0 ? 0 : 1);
