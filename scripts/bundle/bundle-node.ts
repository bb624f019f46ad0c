import { copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

const root = path.resolve(import.meta.dirname, '..', '..');
const WORKER = /new URL\('(\.{1,2}\/[\w./-]+-worker)\.ts', import\.meta\.url\)/g;

/**
 * Workers stand beside what starts them: all files of a bundle lie in one folder. Each worker that the sources name
 * becomes a file of its own, so that a new one needs no entry anywhere.
 */
function workers(): Plugin {
  return {
    name: 'workers',
    transform(code, id) {
      if (!id.endsWith('.ts') || id.includes('node_modules') || !code.includes("-worker.ts'")) return null;
      const bundled = code.replace(WORKER, (_whole, name: string) => {
        const fileName = `${path.basename(name)}.js`;
        this.emitFile({ type: 'chunk', id: path.resolve(path.dirname(id), `${name}.ts`), fileName });
        return `new URL('./${fileName}', import.meta.url)`;
      });
      // It would be missed only where it is started: by a user.
      if (/new URL\([^)]*\.ts['"`]/.test(bundled))
        throw new Error(`${id} starts a worker in a form that is not bundled`);
      return bundled;
    },
  };
}

/** The window lies in `window/` beside the folder of the bundle, not where a checkout builds it. */
const windowFolder: Plugin = {
  name: 'window-folder',
  transform: (code, id) =>
    id.endsWith(path.join('cli', 'main.ts')) ? code.replace('../.vite/renderer/main_window', '../window') : null,
};

/**
 * Bundles commands and libraries for Node into `to`, one file for each entry, worker and command, and puts the
 * WebAssembly that they read beside the folder. Only better-sqlite3 stays outside.
 * @param inputs names of the files and their sources, from the root of the project
 * @returns the packages of which something is inside, sorted
 */
export async function bundleForNode(to: string, inputs: Readonly<Record<string, string>>): Promise<string[]> {
  const build = await rolldown({
    cwd: root,
    input: { ...inputs },
    platform: 'node',
    external: ['better-sqlite3', 'pg-native', 'electron'],
    plugins: [workers(), windowFolder],
    transform: { target: 'node20' },
    onLog: (level, log, standard) => {
      // Libraries that test for their optional parts by eval, require, …
      if (level === 'warn' && ['EVAL', 'COMMONJS_VARIABLE_IN_ESM', 'UNRESOLVED_IMPORT'].includes(log.code ?? ''))
        return;
      standard(level, log);
    },
  });
  const { output } = await build.write({
    dir: to,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: { compress: false, mangle: false },
    sourcemap: false,
  });
  await build.close();
  copyFileSync(path.join(root, 'node_modules/quickjs-wasi/quickjs.wasm'), path.join(to, '..', 'quickjs.wasm'));
  const modules = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  return [...new Set([...packagesOf(modules), 'quickjs-wasi'])].sort();
}

/** Names of the packages that module ids of a bundler belong to. */
function packagesOf(ids: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const id of ids) {
    const name = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(id)?.[1]?.replaceAll('\\', '/');
    if (name !== undefined) found.add(name);
  }
  return [...found].sort();
}

/** What package.json says. */
export function manifest(): Readonly<Record<'version' | 'description' | 'license', string>> & {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
} {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
}
