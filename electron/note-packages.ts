import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

/**
 * Writes down of which packages something is in a bundle, as `.vite/inside/NAME.json`: notices and the list of parts are
 * made from that, so that both hold what is really inside.
 */
export function notePackages(name: string): Plugin {
  return {
    name: 'note-packages',
    generateBundle(_options, bundle) {
      const found = new Set<string>();
      for (const part of Object.values(bundle)) {
        for (const id of part.type === 'chunk' ? part.moduleIds : []) {
          const inside = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(id)?.[1];
          if (inside !== undefined) found.add(inside.replaceAll('\\', '/'));
        }
      }
      const folder = path.resolve(import.meta.dirname, '../.vite/inside');
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify([...found].sort())}\n`);
    },
  };
}
