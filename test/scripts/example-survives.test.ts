import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { needs } from '../support/needs.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Runs the example as its reader does. `idle`: the application's timeout in seconds. */
function example(idle?: number) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      path.join(ROOT, 'examples/session-survives/vitest.config.ts'),
    ],
    { encoding: 'utf8', env: { ...process.env, ...(idle === undefined ? {} : { IDLE: String(idle) }) } },
  );
  return { status, text: stdout + stderr };
}

needs('chromium')('the example of sessionscope/test', () => {
  it('passes with the timeout that the application should have', () => {
    const { status, text } = example();
    expect(status, text).toBe(0);
  }, 180_000);

  it('fails when the timeout is shortened, and says that the application refuses the session', () => {
    const { status, text } = example(7_200);
    expect(status).toBe(1);
    expect(text).toContain(
      'Expected the session to survive 25h without use. After 1 d 1 h without use the session is refused',
    );
  }, 180_000);
});
