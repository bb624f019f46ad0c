import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildAll } from './build.ts';
import { bundleForNode, manifest } from './bundle/bundle-node.ts';
import { copyLicence, writeDeclarations } from './bundle/declarations.ts';
import { cycloneDx, noticesText } from './bundle/notices.ts';

/*
 * `npm run package [-- FOLDER]`: the package for npm as a tarball in `out/npm`, or in FOLDER. Commands, libraries and
 * the window, bundled; the only dependencies are the native module and the types that the declarations name.
 */

const root = path.resolve(import.meta.dirname, '..');
/** better-sqlite3 calls Node-API 10, which 22.14 is the first of its line to have; 22.12 ends with a segmentation fault. */
const FLOOR = [22, 14] as const;
/** Modules of the package: subpath, name of the file, source. */
export const LIBRARIES = [
  ['.', 'index', 'core/published/index.ts'],
  ['./webpy', 'webpy', 'core/frameworks/webpy/practice/web.ts'],
  ['./codec', 'codec', 'core/published/codec.ts'],
  ['./test', 'test', 'core/testing/index.ts'],
] as const;

/** The file that npx runs. It runs on any Node, so that an older one says what is needed instead of a syntax error. */
export const LAUNCHER = `#!/usr/bin/env node
'use strict';
var found = process.versions.node.split('.').map(Number);
if (found[0] < ${FLOOR[0]} || (found[0] === ${FLOOR[0]} && found[1] < ${FLOOR[1]})) {
  process.stderr.write('sessionscope: Node ' + process.versions.node + ' is too old. Install Node ${FLOOR.join('.')} or newer.\\n');
  process.exit(2);
}
var cache = require('node:module').enableCompileCache;
if (cache) cache();
import('../dist/main.js');
`;

/**
 * Lays the package out in a folder: commands, libraries, types, window, notices. What is packaged for the desktop brings
 * the same.
 */
export async function stagePackage(stage: string, options: { readonly windowIsBuilt?: boolean } = {}): Promise<void> {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(path.join(stage, 'bin'), { recursive: true });
  if (options.windowIsBuilt !== true) await buildAll({ quiet: true });
  cpSync(path.join(root, '.vite/renderer/main_window'), path.join(stage, 'window'), {
    recursive: true,
    filter: (file) => !file.endsWith('.map'),
  });
  const inputs = { main: 'cli/main.ts', ...Object.fromEntries(LIBRARIES.map(([, name, source]) => [name, source])) };
  const inside = await bundleForNode(path.join(stage, 'dist'), inputs);
  const types = writeDeclarations(
    path.join(stage, 'types'),
    LIBRARIES.map(([, , source]) => source),
  );
  const { version, description, license, dependencies, devDependencies } = manifest();
  const exports = Object.fromEntries(
    LIBRARIES.map(([subpath, name], index) => [
      subpath,
      { types: `./types/${types[index] ?? ''}`, default: `./dist/${name}.js` },
    ]),
  );
  const published = {
    name: 'sessionscope',
    version,
    description,
    license,
    keywords: ['session', 'cookie', 'debugger', 'proxy', 'web.py', 'pickle'],
    type: 'module',
    bin: { sessionscope: 'bin/sessionscope.cjs' },
    exports: { ...exports, './package.json': './package.json' },
    engines: { node: `>=${FLOOR.join('.')}` },
    dependencies: {
      '@types/node': devDependencies['@types/node'],
      'better-sqlite3': dependencies['better-sqlite3'],
    },
  };
  writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  writeFileSync(path.join(stage, 'bin/sessionscope.cjs'), LAUNCHER, { mode: 0o755 });
  const window: string[] = JSON.parse(readFileSync(path.join(root, '.vite/inside/window.json'), 'utf8'));
  const packages = [...new Set([...inside, ...window])].sort();
  writeFileSync(path.join(stage, 'THIRD-PARTY-NOTICES.txt'), noticesText(packages));
  writeFileSync(path.join(stage, 'sbom.cdx.json'), `${JSON.stringify(cycloneDx(packages, version), null, 2)}\n`);
  cpSync(path.join(root, 'README.md'), path.join(stage, 'README.md'));
  cpSync(path.join(root, 'skills'), path.join(stage, 'skills'), { recursive: true });
  copyLicence(stage);
}

/** @returns the path of the tarball */
export async function packageForNpm(to: string, options: { readonly windowIsBuilt?: boolean } = {}): Promise<string> {
  const stage = path.join(to, 'package');
  await stagePackage(stage, options);
  const run = spawnSync('npm', ['pack', '--silent', '--pack-destination', to], {
    cwd: stage,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (run.status !== 0) throw new Error(`npm pack failed:\n${run.stderr}`);
  return path.join(to, run.stdout.trim());
}

if (process.argv[1] === import.meta.filename) {
  const to = path.resolve(process.argv[2] ?? path.join(root, 'out', 'npm'));
  mkdirSync(to, { recursive: true });
  console.log(await packageForNpm(to));
}
