import path from 'node:path';
import { circles, deadExports, sourceGraph } from './source-graph.ts';

/** Everything that may import; what nothing imports is dead. */
const FOLDERS = ['core', 'cli', 'electron', 'renderer', 'scripts', 'bench', 'test'];
/** Loaded by name: workers, build tools, the pages of the window, tests. */
const ENTRY = /^(test|bench)\/|\.config\.ts$|-worker\.ts$|^(electron|scripts)\/[^/]+\.ts$/;

/** Circles by value and dead exports, one line each. */
export function wrongGraph(root: string): string[] {
  const graph = sourceGraph(root, FOLDERS);
  return [
    ...circles(graph).map((files) => `circle by value: ${files.join(', ')}`),
    ...deadExports(graph, (file) => ENTRY.test(file)).map((line) => `dead export: ${line}`),
  ];
}

if (process.argv[1] === import.meta.filename) {
  const wrong = wrongGraph(path.resolve(import.meta.dirname, '..'));
  for (const line of wrong) console.error(line);
  process.exit(wrong.length === 0 ? 0 : 1);
}
