import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Notice } from '../../../core/model/app.ts';

const PROGRAM = path.join(import.meta.dirname, '../../support/fail-inside.ts');
const run = (strict: '0' | '1') =>
  spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8', env: { ...process.env, SESSIONSCOPE_STRICT: strict } });

test('exceptions and rejections that nobody handled are logged once with a stack, shown, and survived', () => {
  const { status, stdout, stderr } = run('0');
  const lines = stdout.trim().split('\n');
  expect(lines.at(-1)).toBe('alive after 5');
  expect(status).toBe(0);
  // Three times the same failure is one.
  expect(stderr.match(/internal failure/g)).toHaveLength(3);
  expect(stderr).toContain('fail-inside.ts:');
  const notices = lines.slice(0, -1).map((line) => JSON.parse(line) as Notice);
  expect(notices).toHaveLength(3);
  for (const notice of notices) {
    expect(notice).toMatchObject({ level: 'error', kind: 'internal-failure' });
    expect(notice.message).toBe('Something failed inside; what you see may be incomplete');
    expect(notice.details).toMatch(/at .*fail-inside\.ts:\d+/);
    expect(notice.details).not.toContain(homedir() === '/' ? '\0' : homedir());
  }
  expect(notices[0]?.details).not.toMatch(/pass@|token=abc|5f2d9c/);
  expect(notices[2]?.details).toContain('a test');
});

test('in a test run the first failure ends the process', () => {
  const { status, stdout, stderr } = run('1');
  expect(status).toBe(70);
  expect(stdout).toBe('');
  expect(stderr).toContain('internal failure');
});
