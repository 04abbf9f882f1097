#!/usr/bin/env node
// Copies the files of crates with every import spelled out: `use crate::{a::B, c};` becomes
// `use crate::a::B; use crate::c;`, and `super::…` becomes `crate::…`, so that a line says which layer it names. Lines keep
// their numbers. Arguments: the folder of the copy, and the roots of the crates.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { fromRoot, moduleOf, pathsOf } from './rust-imports.mjs';

const [copy, ...roots] = process.argv.slice(2);

/** Imports of a file, and those inside its functions and modules, which are indented. */
const IMPORT = /^([ \t]*)(pub(?:\([^)]*\))? )?use ([^;]+);/gm;

function spelledOut(text, module) {
  return text.replace(IMPORT, (whole, indentation, visibility = '', tree) => {
    const paths = pathsOf(tree.replace(/\/\/[^\n]*/g, '')).map(({ parts }) => {
      // What `super` is in a module inside the file is not known here.
      const found = indentation === '' ? fromRoot(parts, module) : undefined;
      const all = found ? ['crate', ...found] : parts;
      return `${visibility}use ${all.length > 1 ? all.join('::') : `${all}::*`};`;
    });
    const lines = '\n'.repeat(whole.split('\n').length - 1);
    return `${indentation}${paths.join(' ')}${lines}`;
  });
}

for (const root of roots) {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const from = path.join(entry.parentPath, entry.name);
    const to = path.join(copy, from);
    if (entry.isDirectory()) mkdirSync(to, { recursive: true });
    if (!entry.isFile() || !entry.name.endsWith('.rs')) continue;
    mkdirSync(path.dirname(to), { recursive: true });
    const module = moduleOf(path.relative(root, from).split(path.sep).join('/'));
    writeFileSync(to, spelledOut(readFileSync(from, 'utf8'), module));
  }
}
