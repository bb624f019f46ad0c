import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/*
 * The directions of imports, as data: a folder may import itself and what stands after it. The most specific folder
 * that contains a file decides. ARCHITECTURE.md says why.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'core/model': [],
  'core/bridge': ['core/model'],
  'core/codec': ['core/model'],
  'core/cookies': ['core/model'],
  'core/python': ['core/model', 'core/codec'],
  'core/stores': ['core/model', 'core/python', 'core/frameworks/webpy'],
  'core/frameworks': ['core/model', 'core/codec', 'core/cookies', 'core/python', 'core/stores'],
  'core/proxy': ['core/model', 'core/cookies'],
  'core/capture': ['core/model', 'core/cookies', 'core/proxy', 'core/codec', 'core/frameworks'],
  'core/interop': ['core/model', 'core/cookies', 'core/capture'],
  'core/browser': ['core/model', 'core/cookies'],
  'core/workspace': ['core/model'],
  'core/registry': ['core/model', 'core/cookies', 'core/codec', 'core/frameworks', 'core/capture', 'core/workspace'],
  'core/editing': ['core/model', 'core/cookies', 'core/codec', 'core/stores', 'core/registry', 'core/workspace'],
  'core/policy': ['core/model', 'core/cookies', 'core/codec', 'core/frameworks', 'core/stores', 'core/proxy'],
  'core/engine': ['core'],
  electron: ['core', 'cli'],
  cli: ['core'],
  'renderer/src': ['core/bridge', 'core/model', 'core/codec'],
};
/** What a runtime-neutral folder must not touch. */
const NO_NODE = ['core/model', 'core/bridge', 'core/codec/pickle', 'renderer/src'];
const NO_PACKAGES: Readonly<Record<string, readonly RegExp[]>> = {
  core: [/^electron$/, /^react/],
  cli: [/^electron$/, /^react/],
  'renderer/src': [/^electron$/],
};

const root = path.resolve(import.meta.dirname, '..');
const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Every import against the directions, one line each. */
export function wrongImports(folder = root): string[] {
  const wrong: string[] = [];
  for (const file of sources(folder)) {
    const home = homeOf(file);
    if (home === undefined) continue;
    const code = readFileSync(path.join(folder, file), 'utf8');
    for (const match of code.matchAll(IMPORT)) {
      const target = match[1] ?? match[2] ?? '';
      if (target.startsWith('.')) {
        const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(file), target));
        const fits = [home, ...(ALLOWED[home] ?? [])].some((allowed) => resolved.startsWith(`${allowed}/`));
        if (!fits) wrong.push(`${file}: ${home} may not import ${resolved}`);
      } else if (target.startsWith('node:') && NO_NODE.some((area) => file.startsWith(`${area}/`))) {
        wrong.push(`${file}: runs in the window too and may not import ${target}`);
      } else {
        for (const [area, patterns] of Object.entries(NO_PACKAGES)) {
          if (file.startsWith(`${area}/`) && patterns.some((pattern) => pattern.test(target))) {
            wrong.push(`${file}: ${area} may not import ${target}`);
          }
        }
      }
    }
  }
  return wrong;
}

function homeOf(file: string): string | undefined {
  return Object.keys(ALLOWED)
    .filter((area) => file.startsWith(`${area}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function sources(folder: string): string[] {
  return ['core', 'cli', 'electron', 'renderer'].flatMap((top) =>
    readdirSync(path.join(folder, top), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => path.posix.join(top, file.split(path.sep).join('/'))),
  );
}

if (process.argv[1] === import.meta.filename) {
  const wrong = wrongImports();
  for (const line of wrong) console.error(line);
  process.exit(wrong.length === 0 ? 0 : 1);
}
