import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { unguardedUrls } from './check-urls.ts';

/*
 * The directions of imports, as data: a folder may import itself and what stands after it. The most specific folder
 * that contains a file decides. ARCHITECTURE.md says why.
 */
const WINDOW_CORE = ['core/bridge', 'core/model', 'core/codec', 'core/filter', 'core/secrets'];
const BELOW_FEATURES = ['renderer/src/ui', 'renderer/src/state', 'renderer/src/i18n', 'renderer/src/format.ts'];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'core/model': [],
  'core/bridge': ['core/model'],
  'core/codec': ['core/model'],
  'core/cookies': ['core/model'],
  'core/secrets': ['core/model', 'core/cookies'],
  'core/python': ['core/model', 'core/codec'],
  'core/stores': ['core/model', 'core/python'],
  'core/frameworks': ['core/model', 'core/codec', 'core/cookies', 'core/python', 'core/stores'],
  'core/proxy': ['core/model', 'core/cookies'],
  'core/capture': ['core/model', 'core/cookies', 'core/proxy', 'core/codec', 'core/frameworks'],
  'core/interop': ['core/model', 'core/cookies', 'core/capture', 'core/secrets'],
  'core/browser': ['core/model', 'core/cookies'],
  'core/filter': ['core/model'],
  'core/workspace': ['core/model', 'core/filter'],
  'core/registry': ['core/model', 'core/cookies', 'core/codec', 'core/frameworks', 'core/capture', 'core/workspace'],
  'core/editing': ['core/model', 'core/cookies', 'core/codec', 'core/stores', 'core/registry', 'core/workspace'],
  'core/policy': ['core/model', 'core/cookies', 'core/codec', 'core/frameworks', 'core/stores', 'core/proxy'],
  // Pure: facts in, explanations out.
  'core/diagnosis': ['core/model', 'core/cookies'],
  'core/agents': ['core/model', 'core/bridge', 'core/codec', 'core/secrets'],
  'core/engine': ['core'],
  // For tests of applications: hosts an engine, as the desktop does.
  'core/testing': ['core'],
  // The modules of the npm package.
  'core/published': ['core'],
  electron: ['core', 'cli'],
  cli: ['core'],
  // The window: app → features → parts → ui → state. A feature knows no other feature.
  'renderer/src': WINDOW_CORE,
  'renderer/src/app': ['renderer/src', ...WINDOW_CORE],
  'renderer/src/features/*': [...BELOW_FEATURES, 'renderer/src/parts', ...WINDOW_CORE],
  'renderer/src/parts': [...BELOW_FEATURES, ...WINDOW_CORE],
  'renderer/src/ui': ['renderer/src/state', 'renderer/src/i18n', 'renderer/src/format.ts', ...WINDOW_CORE],
  'renderer/src/state': ['renderer/src/bridge', 'renderer/src/i18n', 'renderer/src/format.ts', ...WINDOW_CORE],
  'renderer/src/i18n': [...WINDOW_CORE],
  'renderer/src/bridge': ['renderer/src/fake', ...WINDOW_CORE],
  'renderer/src/fake': ['renderer/src/state', ...WINDOW_CORE],
};
/** What a runtime-neutral folder must not touch. */
const NO_NODE = ['core/model', 'core/filter', 'core/bridge', 'core/codec/pickle', 'core/secrets', 'renderer/src'];
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
        const allowed = [home.folder, ...(ALLOWED[home.rule] ?? [])];
        const fits = allowed.some((place) => resolved === place || resolved.startsWith(`${place}/`));
        if (!fits) wrong.push(`${file}: ${home.folder} may not import ${resolved}`);
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

/** The rule that binds a file, and the folder that it is about: `*` in a rule stands for each folder of that place. */
function homeOf(file: string): { readonly rule: string; readonly folder: string } | undefined {
  return Object.keys(ALLOWED)
    .map((rule) => ({ rule, folder: folderOf(rule, file) }))
    .filter((home): home is { rule: string; folder: string } => home.folder !== undefined)
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

function folderOf(rule: string, file: string): string | undefined {
  const place = rule.replace(/\*$/, '');
  if (place === rule) return file.startsWith(`${rule}/`) ? rule : undefined;
  const rest = file.startsWith(place) ? file.slice(place.length) : '';
  return rest.includes('/') ? place + rest.slice(0, rest.indexOf('/')) : undefined;
}

function sources(folder: string): string[] {
  return ['core', 'cli', 'electron', 'renderer'].flatMap((top) =>
    readdirSync(path.join(folder, top), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => path.posix.join(top, file.split(path.sep).join('/'))),
  );
}

if (process.argv[1] === import.meta.filename) {
  const wrong = [...wrongImports(), ...unguardedUrls()];
  for (const line of wrong) console.error(line);
  process.exit(wrong.length === 0 ? 0 : 1);
}
