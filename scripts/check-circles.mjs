#!/usr/bin/env node
// Finds modules that import each other in a circle.
//
// At each level of a crate the modules beside each other are the nodes, a folder with all that is in it being one. There
// is an arrow from a module to another when any of its files imports something from there; what is re-exported counts
// where it is defined. A file may use what the module above it defines (`super::Thing`): that is how Rust's modules are
// made. Tests are left out, because they may look at everything.
//
// A path that is written out in code, such as `crate::store::Store`, counts like an import.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { USE, fromRoot, moduleOf, pathsOf } from './rust-imports.mjs';

/** Roots of crates, from the root of the repository. */
const ROOTS = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['src', 'sandbox/src'];

/** The files of a crate by the path of their module, such as `domain::session`; '' is the crate. */
function modulesIn(root) {
  const modules = new Map();
  for (const entry of readdirSync(root, { recursive: true })) {
    const file = String(entry).split(path.sep).join('/');
    const parts = file.replace(/\.rs$/, '').split('/');
    if (!file.endsWith('.rs') || parts.includes('tests') || file === 'main.rs' || parts[0] === 'bin') continue;
    const text = withoutTests(withoutComments(readFileSync(path.join(root, file), 'utf8')));
    modules.set(moduleOf(file), { file: `${root}/${file}`, text, exported: new Map() });
  }
  return modules;
}

function withoutComments(text) {
  // Strings first: what looks like a comment inside a string is not one.
  const pattern = /"(?:[^"\\]|\\[^])*"|r#+"[^]*?"#+|\/\/[^\n]*|\/\*[^]*?\*\//g;
  return text.replace(pattern, (found) => (found.startsWith('/') ? '' : '""'));
}

function withoutTests(text) {
  return text.replace(/#\[cfg\((?:test|any\(fuzzing, test\))\)\]\s*(?:pub )?mod \w+ \{[^]*$/, '').replace(/#\[cfg\((?:test|any\(fuzzing, test\))\)\]\s*(?:pub(?:\([a-z ]+\))? )?(?:mod|use)\b[^;]*;/g, '');
}

/** A path from the root of the crate, or nothing when it leads to another crate. */
function absolute(parts, module, modules) {
  const found = fromRoot(parts, module);
  if (found) return found;
  const here = module === '' ? [] : module.split('::');
  const child = [...here, parts[0]].join('::');
  return modules.has(child) ? [...here, ...parts] : undefined;
}

/** The module that holds what a path leads to. */
function resolve(parts, modules, tries = 0) {
  let at = '';
  for (let index = 0; index < parts.length; index += 1) {
    const next = at === '' ? parts[index] : `${at}::${parts[index]}`;
    if (modules.has(next)) {
      at = next;
      continue;
    }
    const exported = modules.get(at)?.exported.get(parts[index]);
    if (exported && tries < 10) return resolve([...exported, ...parts.slice(index + 1)], modules, tries + 1);
    return at;
  }
  return at;
}

/** What each module imports: the modules, by module. */
function importsOf(modules) {
  for (const [name, module] of modules) {
    for (const [, exported, tree] of module.text.matchAll(USE)) {
      if (!exported) continue;
      for (const { parts, name: as } of pathsOf(tree)) {
        const found = absolute(parts, name, modules);
        if (found) module.exported.set(as, found);
      }
    }
  }
  const imports = new Map();
  for (const [name, module] of modules) {
    const targets = new Set();
    const add = (parts) => {
      const found = absolute(parts, name, modules);
      if (found) targets.add(resolve(found, modules));
    };
    for (const [, , tree] of module.text.matchAll(USE)) {
      for (const { parts, name: as } of pathsOf(tree)) {
        const found = absolute(parts, name, modules);
        if (!found) continue;
        const target = resolve(found, modules);
        // Of an imported folder what is used of it counts.
        const isModule = modules.has(found.join('::'));
        const used = [...module.text.matchAll(new RegExp(`(?<![:\\w])${as}::(\\w+)`, 'g'))];
        if (!isModule || used.length === 0) targets.add(target);
        else for (const [, item] of used) targets.add(resolve([...found, item], modules));
      }
    }
    const code = module.text.replace(USE, '');
    for (const [found] of code.matchAll(/(?<![:\w])(?:crate|super|self)(?:::\w+)+/g)) add(found.split('::'));
    for (const [found] of code.matchAll(/(?<![:\w.])[a-z]\w*(?:::\w+)+/g)) {
      if (modules.has(name === '' ? found.split('::')[0] : `${name}::${found.split('::')[0]}`)) add(found.split('::'));
    }
    imports.set(name, targets);
  }
  return imports;
}

/** Arrows between the modules beside each other, by the module above them. Each has an example. */
function arrowsByLevel(modules, imports) {
  const levels = new Map();
  for (const [from, targets] of imports) {
    for (const to of targets) {
      const [a, b] = [from, to].map((name) => (name === '' ? [] : name.split('::')));
      let depth = 0;
      while (depth < a.length && depth < b.length && a[depth] === b[depth]) depth += 1;
      // From a module to one below it, or the other way.
      if (depth === a.length || depth === b.length) continue;
      const level = a.slice(0, depth).join('::');
      const arrows = levels.get(level) ?? new Map();
      levels.set(level, arrows);
      const ends = arrows.get(a[depth]) ?? new Map();
      arrows.set(a[depth], ends);
      if (!ends.has(b[depth])) ends.set(b[depth], `${modules.get(from).file} imports ${to}`);
    }
  }
  return levels;
}

/** The shortest way from a node back to itself, if there is one. */
function circleAt(start, arrows) {
  const queue = [[start]];
  const seen = new Set();
  while (queue.length > 0) {
    const way = queue.shift();
    for (const next of arrows.get(way.at(-1))?.keys() ?? []) {
      if (next === start) return [...way, start];
      if (!seen.has(next)) {
        seen.add(next);
        queue.push([...way, next]);
      }
    }
  }
  return undefined;
}

let circles = 0;
for (const root of ROOTS) {
  const modules = modulesIn(root);
  for (const [level, arrows] of arrowsByLevel(modules, importsOf(modules))) {
    const told = new Set();
    for (const start of arrows.keys()) {
      const circle = circleAt(start, arrows);
      if (!circle || circle.some((node) => told.has(node))) continue;
      circle.forEach((node) => told.add(node));
      circles += 1;
      console.error(`check-circles: ${circle.map((node) => (level ? `${level}::${node}` : node)).join(' → ')}`);
      circle.slice(1).forEach((node, index) => console.error(`  ${arrows.get(circle[index]).get(node)}`));
    }
  }
}
process.exit(circles === 0 ? 0 : 1);
