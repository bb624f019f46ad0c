import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { notePackages } from '../electron/note-packages.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The window: relative addresses, no inline script, nothing inlined that a strict CSP would refuse. */
export default defineConfig({
  root: here,
  base: './',
  plugins: [react(), notePackages('window')],
  // The engine in memory is for tests of the window and for `npm run dev`; a package has no trace of it.
  define: { __WITH_FAKE_ENGINE__: JSON.stringify(process.env['SESSIONSCOPE_FAKE'] === '1') },
  build: {
    outDir: fileURLToPath(new URL('../.vite/renderer/main_window', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    chunkSizeWarningLimit: 900,
  },
});
