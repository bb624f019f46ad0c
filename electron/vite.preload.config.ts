import path from 'node:path';
import { defineConfig } from 'vite';

/** A sandboxed preload cannot load other files: one bundle, and Electron as its only outside module. */
export default defineConfig({
  root: path.resolve(import.meta.dirname, '..'),
  build: {
    outDir: '.vite/build',
    emptyOutDir: false,
    copyPublicDir: false,
    rollupOptions: {
      external: ['electron'],
      input: 'electron/preload/preload.ts',
      output: { format: 'cjs', codeSplitting: false, entryFileNames: 'preload.cjs' },
    },
  },
});
