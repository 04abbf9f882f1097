// Downloads NocoBase's own web client, pinned in client/ui-packages.json, and lays it out for the server to serve:
//
//   node scripts/fetch-ui.mjs [DIR]      DIR defaults to ui/ in the repository
//
// The client is fetched and not committed because its licence notices contradict each other; each package's LICENSE
// stays beside its files.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const run = promisify(execFile);
const compress = promisify(gzip);

const ROOT = resolve(import.meta.dirname, '..');
const PINS = join(ROOT, 'client', 'ui-packages.json');

/** Raise it when the layout below changes, so that an existing directory is built again. */
const LAYOUT = 1;

/** What the server serves or reads; server code, its dependencies and its API description stay out. */
const KEPT = [/^package\.json$/, /^LICENSE/, /^dist\/client(-v2)?\//, /^dist\/locale\/([^/]+\.json|(antd|cron)\/.+)$/];
const DROPPED = /\.d\.ts$/;

/** Only what browsers ask for as a file; translations travel inside the answer of `app:getLang`. */
const COMPRESSED = /\/dist\/client(-v2)?\/.*\.(css|html|js|json|svg|txt|wasm)$/;
const COMPRESS_FROM_BYTES = 1024;

/** A failure that the person at the terminal can do something about: printed without a stack. */
class Failure extends Error {}

async function main() {
  const target = resolve(process.argv[2] ?? join(ROOT, 'ui'));
  const packages = await readPins();
  const manifest = `${JSON.stringify({ layout: LAYOUT, packages }, null, 2)}\n`;
  const label = relative(process.cwd(), target) || target;

  if ((await readIfPresent(join(target, 'manifest.json')))?.toString() === manifest) {
    console.log(`${label} is up to date`);
    return;
  }

  await mkdir(dirname(target), { recursive: true });
  // Beside the target, so that the final rename stays on one file system.
  const work = await mkdtemp(join(dirname(target), '.ui-'));
  const cleanUp = () => rm(work, { recursive: true, force: true });
  process.once('SIGINT', () => cleanUp().finally(() => process.exit(130)));
  try {
    const built = join(work, 'new');
    await download(packages, work);
    for (const [name, pin] of Object.entries(packages)) {
      await unpack(join(work, archiveName(name, pin)), join(work, 'unpacked', name), join(built, name));
    }
    await localesToJson(join(built, '@nocobase', 'plugin-client', 'dist', 'locale', 'antd'));
    await compressAll(built);
    await writeFile(join(built, 'manifest.json'), manifest);
    await replace(target, built, join(work, 'old'));
    console.log(`${label} holds the NocoBase ${packages['@nocobase/app'].version} web client`);
  } finally {
    await cleanUp();
  }
}

async function readPins() {
  const packages = JSON.parse(await readFile(PINS, 'utf8'));
  for (const [name, { version, integrity }] of Object.entries(packages)) {
    if (!/^\d+\.\d+\.\d+$/.test(version) || !/^sha512-.+=$/.test(integrity)) {
      throw new Failure(`${relative(process.cwd(), PINS)}: ${name} needs an exact version and a sha512 integrity.`);
    }
  }
  return packages;
}

async function readIfPresent(file) {
  try {
    return await readFile(file);
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The name that npm gives to the archive of a scoped package. */
function archiveName(name, { version }) {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

async function download(packages, directory) {
  const specs = Object.entries(packages).map(([name, { version }]) => `${name}@${version}`);
  console.log(`Fetching ${specs.join(', ')}`);
  const options = ['--ignore-scripts', '--loglevel=error', `--pack-destination=${directory}`];
  await command('npm', ['pack', ...options, ...specs], directory);
  for (const [name, pin] of Object.entries(packages)) {
    const archive = await readIfPresent(join(directory, archiveName(name, pin)));
    const found = archive && `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    if (found !== pin.integrity) {
      const difference = `expected ${pin.integrity}, got ${found ?? 'no file'}`;
      throw new Failure(`${name}@${pin.version} is not the pinned package: ${difference}.`);
    }
  }
}

async function command(program, args, cwd) {
  try {
    await run(program, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    if (error.code === 'ENOENT') throw new Failure(`The command "${program}" is needed and was not found.`);
    const lines = (error.stderr || error.message).split('\n')
      .map((line) => line.replace(/^npm error /, '').replace(/[.\s]+$/, ''));
    throw new Failure(`"${program} ${args[0]}" failed: ${lines.filter(Boolean).slice(0, 2).join(', ')}.`);
  }
}

/** Moves the files that are wanted from a package's archive to their place. */
async function unpack(archive, scratch, destination) {
  await mkdir(scratch, { recursive: true });
  await command('tar', ['-xzf', archive, '-C', scratch, '--strip-components=1'], scratch);
  for (const file of await filesBelow(scratch)) {
    const path = posix(relative(scratch, file));
    if (DROPPED.test(path) || !KEPT.some((pattern) => pattern.test(path))) continue;
    const place = join(destination, path);
    await mkdir(dirname(place), { recursive: true });
    await rename(file, place);
  }
}

function posix(path) {
  return path.split(sep).join('/');
}

async function filesBelow(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * The texts of antd's widgets come as `module.exports = {…JSON…}`. The server hands them out in `app:getLang`, so
 * they become plain JSON here, by parsing: downloaded code is never run. Modules without a JSON object are index files.
 */
async function localesToJson(directory) {
  for (const file of await filesBelow(directory)) {
    const source = await readFile(file, 'utf8');
    const literal = source.slice(source.indexOf('module.exports =') + 'module.exports ='.length).trim().replace(/;$/, '');
    if (literal.startsWith('{')) {
      await writeFile(file.replace(/\.js$/, '.json'), JSON.stringify(JSON.parse(literal)));
    }
    await rm(file);
  }
}

/** Writes a `.gz` beside every file that is worth it, so that the server never compresses at run time. */
async function compressAll(directory) {
  const files = (await filesBelow(directory)).filter((file) => COMPRESSED.test(posix(file)));
  await Promise.all(files.map(async (file) => {
    const content = await readFile(file);
    if (content.length > COMPRESS_FROM_BYTES) await writeFile(`${file}.gz`, await compress(content, { level: 9 }));
  }));
}

/** Replaces `target` by `built`; when that fails, the old directory is back where it was. */
async function replace(target, built, old) {
  const hadOld = await stat(target).then(() => true, () => false);
  if (hadOld) await rename(target, old);
  try {
    await rename(built, target);
  } catch (error) {
    if (hadOld) await rename(old, target);
    throw error;
  }
}

main().catch((error) => {
  const expected = error instanceof Failure || error.syscall;
  console.error(`fetch-ui: ${expected ? error.message : error.stack}`);
  process.exitCode = 1;
});
