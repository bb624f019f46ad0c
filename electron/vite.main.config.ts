import { builtinModules } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vite';

/**
 * The main process and its workers. Complete in itself: `vite build -c electron/vite.main.config.ts` gives the
 * production bundle without Forge; under Forge the Vite plugin merges its own settings into it.
 */
export default defineConfig({
  root: path.resolve(import.meta.dirname, '..'),
  build: {
    outDir: '.vite/build',
    emptyOutDir: false,
    copyPublicDir: false,
    sourcemap: true,
    target: 'node20',
    minify: false,
    lib: {
      entry: { main: 'electron/main/main.ts' },
      formats: ['cjs'],
      fileName: (_format, name) => `${name}.cjs`,
    },
    rollupOptions: {
      external: [
        'electron',
        'better-sqlite3',
        'pg-native',
        ...builtinModules.flatMap((name) => [name, `node:${name}`]),
      ],
    },
  },
  resolve: { conditions: ['node'], mainFields: ['module', 'main'] },
});
