import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..', '..');
const REFERENCE = /((?:from|import)\s*\(?\s*['"])(\.{1,2}\/[^'"]+)\.ts(['"])/g;

/**
 * Writes the declarations of the entries, and of what they name, into `to`, in the folders of the sources.
 * @param entries sources from the root of the project
 * @returns declaration file of each entry, relative to `to`
 */
export function writeDeclarations(to: string, entries: readonly string[]): string[] {
  const scratch = mkdtempSync(path.join(tmpdir(), 'sessionscope-types-'));
  try {
    const settings = path.join(scratch, 'tsconfig.json');
    writeFileSync(
      settings,
      JSON.stringify({
        extends: path.join(root, 'core/tsconfig.json'),
        compilerOptions: {
          noEmit: false,
          declaration: true,
          emitDeclarationOnly: true,
          stripInternal: true,
          rootDir: root,
          outDir: path.join(scratch, 'out'),
          types: ['node'],
          typeRoots: [path.join(root, 'node_modules/@types')],
        },
        files: entries.map((entry) => path.join(root, entry)),
        include: [],
      }),
    );
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const run = spawnSync(process.execPath, [tsc, '-p', settings], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`The declarations cannot be made:\n${run.stdout}${run.stderr}`);
    const files = entries.map((entry) => entry.replace(/\.ts$/, '.d.ts'));
    copyReachable(path.join(scratch, 'out'), to, files);
    return files;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Copies files and what they name; Node's resolution wants `.js` in a name, where the sources have `.ts`. */
function copyReachable(from: string, to: string, entries: readonly string[]): void {
  const seen = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = path.join(from, file);
    if (!existsSync(source)) throw new Error(`${file} was not written`);
    const text = readFileSync(source, 'utf8');
    for (const [, , name = ''] of text.matchAll(REFERENCE)) {
      waiting.push(path.normalize(path.join(path.dirname(file), `${name}.d.ts`)));
    }
    mkdirSync(path.dirname(path.join(to, file)), { recursive: true });
    writeFileSync(path.join(to, file), text.replace(REFERENCE, '$1$2.js$3'));
  }
}

/** The licence beside what was made. */
export function copyLicence(to: string): void {
  copyFileSync(path.join(root, 'LICENSE'), path.join(to, 'LICENSE'));
}
