import { expect, test, vi } from 'vitest';
import { runCommand } from '../../cli/program.ts';

test('commands can be called one after the other in one process, without a guard of their own', async () => {
  const out: string[] = [];
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  try {
    const around = { version: '0', pageFolder: '/nowhere' };
    for (let i = 0; i < 3; i += 1) expect(await runCommand(['--version'], around)).toBe(0);
    expect(await runCommand(['no-such-command'], around)).toBe(2);
    expect(await runCommand(['--version'], around)).toBe(0);
  } finally {
    written.mockRestore();
  }
  expect(out.join('')).toBe('0\n0\n0\n0\n');
});
