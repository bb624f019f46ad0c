import { readFileSync } from 'node:fs';
import path from 'node:path';
import { circles, deadExports, sourceGraph } from './source-graph.ts';

/** Everything that may import; what nothing imports is dead. */
const FOLDERS = ['core', 'cli', 'electron', 'renderer', 'scripts', 'bench', 'test'];
/** Loaded by name: workers, build tools, the pages of the window, tests, the module for tests of applications. */
const ENTRY =
  /^(test|bench)\/|\.config\.ts$|-worker\.ts$|^core\/(testing|published)\/[^/]+\.ts$|^(electron|scripts)\/[^/]+\.ts$/;

/** Files of more lines than this need a reason. */
const MOST_LINES = 400;
const LONG: Readonly<Record<string, string>> = {
  'renderer/src/i18n/en.ts': 'texts of the window, one line each; split where a feature has its own file',
  'renderer/src/i18n/zh.ts': 'texts of the window, one line each; split where a feature has its own file',
  'renderer/src/fake/fake.ts': 'the engine in memory: one handler for each operation of the table',
  'core/registry/flow-reader.ts':
    'reads one flow in one pass; its rules are in `fates.ts`, `cookie-finder.ts` and `set-cookies.ts`',
  'core/policy/live/context.ts': 'all that an experiment may do, so that what it changes is undone in one place',
  'core/stores/sql/sql-record-store.ts':
    'one `RecordStore` over every dialect; the dialects are in folders of their own',
  'core/stores/disk/disk-record-store.ts': 'one `RecordStore`; what touches files is in `disk-files.ts`',
  'core/engine/cookie-service.ts':
    'the two targets of a cookie edit (jar and wire) beside the service that chooses between them',
};

/** Files that are longer than their reader's patience. */
function longFiles(root: string, files: Iterable<string>): string[] {
  return [...files]
    .filter((file) => !file.startsWith('test/') && !(file in LONG))
    .filter((file) => readFileSync(path.join(root, file), 'utf8').split('\n').length > MOST_LINES + 1)
    .map((file) => `more than ${MOST_LINES} lines, without a reason in scripts/check-graph.ts: ${file}`);
}

/** Circles by value, dead exports and long files, one line each. */
export function wrongGraph(root: string): string[] {
  const graph = sourceGraph(root, FOLDERS);
  return [
    ...circles(graph).map((files) => `circle by value: ${files.join(', ')}`),
    ...deadExports(graph, (file) => ENTRY.test(file)).map((line) => `dead export: ${line}`),
    ...longFiles(root, graph.keys()),
  ];
}

if (process.argv[1] === import.meta.filename) {
  const wrong = wrongGraph(path.resolve(import.meta.dirname, '..'));
  for (const line of wrong) console.error(line);
  process.exit(wrong.length === 0 ? 0 : 1);
}
