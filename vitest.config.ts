import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** `core` runs in parallel; `app` drives real windows, browsers and servers one file after another. */
export default defineConfig({
  test: {
    // Many tests wait for servers, disks and browsers: two at once also where there are only two processors.
    // In processes that tests start, what only the last guard catches ends the process, so that no test passes over it.
    env: { SESSIONSCOPE_STRICT: '1' },
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'core',
          setupFiles: ['test/support/fast-check.ts'],
          include: ['test/{core,contract,cli,electron,scripts}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'renderer',
          setupFiles: ['test/support/fast-check.ts'],
          include: ['test/renderer/**/*.test.{ts,tsx}'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'app',
          include: ['test/app/**/*.test.ts'],
          globalSetup: 'test/support/xvfb.ts',
          fileParallelism: false,
          // What a window shows follows an event or a poll of a database: looked for until it is there.
          expect: { poll: { timeout: 10_000 } },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
