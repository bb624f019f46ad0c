import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

/** `npm run build`: production bundles of main, preload, workers and window into `.vite/`. */
const root = path.resolve(import.meta.dirname, '..');

export async function buildAll(options: { quiet?: boolean } = {}): Promise<void> {
  rmSync(path.join(root, '.vite', 'build'), { recursive: true, force: true });
  const logLevel = options.quiet === true ? 'error' : 'info';
  for (const config of ['electron/vite.main.config.ts', 'electron/vite.preload.config.ts', 'renderer/vite.config.ts']) {
    await build({ configFile: path.join(root, config), logLevel, mode: 'production' });
  }
}

if (process.argv[1] === import.meta.filename) await buildAll();
