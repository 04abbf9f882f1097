// What a script asks of a browser, by its syntax tree.

import { parse } from 'acorn';
import { ancestor } from 'acorn-walk';

import { GLOBALS, MEMBERS, OF_INTL } from './newer.mjs';

/** What is younger than ES2018 in a script, a sentence each. Syntax ends it at once: there is no tree then. */
export function problemsOf(text) {
  let tree;
  try {
    tree = parse(text, { ecmaVersion: 2018, sourceType: 'script', locations: true });
  } catch (error) {
    return [error.message];
  }
  const problems = [];
  const report = (node, name) => problems.push(`${name} (${node.loc.start.line}:${node.loc.start.column})`);
  ancestor(tree, {
    MemberExpression(node, _, ancestors) {
      const name = memberName(node);
      if (name === null) return;
      const isNew = MEMBERS.has(name) || (isNamed(node.object, 'Intl') && OF_INTL.has(name)) || (isWindow(node.object) && GLOBALS.has(name));
      if (isNew && !isGuarded(name, ancestors)) report(node, `.${name}`);
    },
    // `const { replaceChildren } = document.body` asks for it, too.
    ObjectPattern(node, _, ancestors) {
      for (const { key, computed } of node.properties) {
        if (key && !computed && MEMBERS.has(key.name) && !isGuarded(key.name, ancestors)) report(node, `{ ${key.name} }`);
      }
    },
    Identifier(node, _, ancestors) {
      if (GLOBALS.has(node.name) && !isGuarded(node.name, ancestors)) report(node, node.name);
    },
    // Valid in ES2018, but Safari knows it only since 16.4, and the whole script is lost by it.
    Literal(node) {
      if (node.regex && /\(\?<[=!]/.test(node.regex.pattern)) report(node, 'lookbehind');
    },
  });
  return problems;
}

function memberName({ property, computed }) {
  if (!computed) return property.name;
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : null;
}

const isNamed = (node, name) => node.type === 'Identifier' && node.name === name;
const isWindow = (node) => ['window', 'self', 'document', 'navigator'].some((name) => isNamed(node, name));

/** Whether what is asked for is looked for first: `if (x.name)`, `x.name ? … : …`, `x.name && …`, `typeof name`. */
function isGuarded(name, ancestors) {
  return ancestors.some((node, index) => {
    const child = ancestors[index + 1];
    switch (node.type) {
      case 'IfStatement':
      case 'ConditionalExpression':
        return child === node.test ? isLookedAt(child, name, ancestors) : child === node.consequent && mentions(node.test, name);
      case 'LogicalExpression':
        return node.operator === '&&' && (child === node.right ? mentions(node.left, name) : isLookedAt(child, name, ancestors));
      case 'UnaryExpression':
        return node.operator === 'typeof';
      default:
        return false;
    }
  });
}

/** Whether a condition looks at a name and does not call what it finds. */
function isLookedAt(condition, name, ancestors) {
  const inner = ancestors[ancestors.length - 1];
  const calls = ancestors.some((node) => node.type === 'CallExpression' && node.callee === inner);
  return !calls && mentions(condition, name);
}

function mentions(node, name) {
  let found = false;
  ancestor(node, {
    MemberExpression(member) {
      found = found || memberName(member) === name;
    },
    Identifier(identifier) {
      found = found || identifier.name === name;
    },
  });
  return found;
}
