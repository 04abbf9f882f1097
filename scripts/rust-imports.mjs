// Reads what files of Rust import, for the checks beside this file.

/** The statements `use …;` of a text: the words before, and the tree of paths. */
export const USE = /(pub(?:\([a-z ]+\))?\s+)?\buse\s+([^;]+);/g;

/** The module in a file below the root of a crate, such as `domain::session`; '' is the crate. */
export function moduleOf(file) {
  const parts = file.replace(/\.rs$/, '').split('/');
  if (['mod', 'lib'].includes(parts.at(-1))) parts.pop();
  return parts.join('::');
}

/** The paths in a tree such as `crate::{a::{self, B as C}, d}`, each with the name it gets. */
export function pathsOf(tree, before = []) {
  const text = tree.trim();
  const open = text.indexOf('{');
  if (open < 0) {
    const [whole, alias] = text.split(/\s+as\s+/);
    const parts = [...before, ...whole.split('::').map((part) => part.trim())];
    if (['self', '*'].includes(parts.at(-1)) && parts.length > 1) parts.pop();
    return [{ parts, name: alias ?? parts.at(-1) }];
  }
  const start = [...before, ...text.slice(0, open).split('::').map((part) => part.trim()).filter(Boolean)];
  const inner = text.slice(open + 1, text.lastIndexOf('}'));
  const branches = [];
  let depth = 0;
  let branch = '';
  for (const sign of inner) {
    if (sign === '{') depth += 1;
    if (sign === '}') depth -= 1;
    if (sign === ',' && depth === 0) {
      branches.push(branch);
      branch = '';
    } else {
      branch += sign;
    }
  }
  branches.push(branch);
  return branches.filter((one) => one.trim()).flatMap((one) => pathsOf(one, start));
}

/** A path from the root of the crate, or nothing when it begins with none of `crate`, `self` and `super`. */
export function fromRoot(parts, module) {
  const here = module === '' ? [] : module.split('::');
  const [first, ...rest] = parts;
  if (first === 'crate') return rest;
  if (first === 'self') return [...here, ...rest];
  if (first !== 'super') return undefined;
  const above = here.slice(0, -1);
  return rest[0] === 'super' ? fromRoot(rest, above.join('::')) : [...above, ...rest];
}
