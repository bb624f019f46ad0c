import { copyFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vite';
import { notePackages } from './note-packages.ts';

/**
 * The main process and its workers. Complete in itself: `vite build -c electron/vite.main.config.ts` gives the
 * production bundle without Forge; under Forge the Vite plugin merges its own settings into it.
 */
const outDir = path.resolve(import.meta.dirname, '../.vite/build');

export default defineConfig({
  // CommonJS has no import.meta: what asks for its own place gets that of the bundle.
  define: { 'import.meta.url': '__bundleUrl' },
  plugins: [
    notePackages('main'),
    {
      // The sandbox for PAC scripts reads its WebAssembly from beside the folder it runs in.
      name: 'quickjs-wasm',
      closeBundle: () =>
        copyFileSync(
          path.resolve(outDir, '../../node_modules/quickjs-wasi/quickjs.wasm'),
          path.join(outDir, '../quickjs.wasm'),
        ),
    },
  ],
  root: path.resolve(import.meta.dirname, '..'),
  build: {
    outDir: '.vite/build',
    emptyOutDir: false,
    copyPublicDir: false,
    sourcemap: true,
    target: 'node20',
    minify: false,
    lib: {
      entry: {
        main: 'electron/main/main.ts',
        'decode-worker': 'core/frameworks/decode-worker.ts',
        'writer-worker': 'core/workspace/writer-worker.ts',
        'reading-worker': 'core/workspace/reading/reading-worker.ts',
        'har-worker': 'core/interop/har-worker.ts',
        'har-writer-worker': 'core/interop/har-writer-worker.ts',
        'pac-worker': 'core/proxy/upstream/pac-worker.ts',
      },
      formats: ['cjs'],
      fileName: (_format, name) => `${name}.cjs`,
    },
    rollupOptions: {
      output: { intro: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
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
