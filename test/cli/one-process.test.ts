import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { runCommand } from '../../cli/program.ts';
import { sourceGraph } from '../../scripts/source-graph.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

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

test('the exit status of a command says nothing of an earlier one', async () => {
  const written = [
    vi.spyOn(process.stdout, 'write').mockReturnValue(true),
    vi.spyOn(process.stderr, 'write').mockReturnValue(true),
  ];
  try {
    const around = { version: '0', pageFolder: '/nowhere' };
    expect(await runCommand(['decode', '/no/such/file'], around)).toBe(2);
    expect(await runCommand(['lab', 'schema'], around)).toBe(0);
  } finally {
    for (const spy of written) spy.mockRestore();
    process.exitCode = undefined;
  }
});

test('a command loads what it needs alone', () => {
  const graph = sourceGraph(ROOT, ['cli', 'core']);
  const loaded = (entry: string): Set<string> => {
    const files = new Set([entry]);
    for (const file of files) {
      for (const { from, typeOnly } of graph.get(file)?.imports ?? [])
        if (!typeOnly && graph.has(from)) files.add(from);
    }
    return files;
  };
  expect([...loaded('cli/program.ts')].filter((file) => file.startsWith('cli/commands/'))).toEqual([]);
  expect([...loaded('cli/run/values.ts')].filter((file) => /^core\/(engine|proxy|policy)\//.test(file))).toEqual([]);
  // What is declared is read for `--help`, completion and a slip in a name: it must wait for nothing that runs.
  const declared = readdirSync(path.join(ROOT, 'cli/commands')).map((name) => `cli/commands/${name}`);
  const heavy = declared.flatMap((file) =>
    [...loaded(file)].filter((one) => !/^cli\/|^core\/model\/|\/profiles\.ts$/.test(one)),
  );
  expect(heavy).toEqual([]);
});
