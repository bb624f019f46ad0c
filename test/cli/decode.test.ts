import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { abbreviate, parseTyped } from '../../core/codec/typed.ts';

const HARNESS = `
import { Command } from 'commander';
import { registerDecode } from './cli/commands/decode.ts';
const program = new Command('sessionscope');
registerDecode(program);
await program.parseAsync(process.argv.slice(1), { from: 'user' });
`;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DISK = path.join(ROOT, 'test/fixtures/webpy/disk');
const folder = mkdtempSync(path.join(os.tmpdir(), 'decode-'));

/** Runs the command in a process of its own. */
function run(words: readonly string[], input: string | Uint8Array = '') {
  const done = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', HARNESS, '--', ...words], {
    cwd: ROOT,
    input,
    encoding: 'utf8',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

const { sessions } = JSON.parse(readFileSync(path.join(DISK, 'expected.json'), 'utf8'));
const session = sessions.find((one: { name: string }) => one.name === 'bool_none') ?? sessions[0];
const file = path.join(DISK, 'sessions', session.session_id);

it('prints one JSON document for a session file, guessed or named', () => {
  for (const more of [[], ['--as', 'base64/pickle']]) {
    const done = run(['decode', file, '--json', ...more]);
    expect(done).toMatchObject({ status: 0, err: '' });
    const answer = JSON.parse(done.out);
    expect(Object.keys(answer)).toEqual(['layers', 'value', 'signature', 'warnings', 'lossless', 'steps', 'findings']);
    expect(answer).toMatchObject({ layers: ['base64', 'pickle'], warnings: [], lossless: true });
    expect(abbreviate(parseTyped(answer.value))).toEqual(session.data);
  }
});

it('reads binary bytes from standard input', () => {
  const done = run(['decode', '-', '--json'], gzipSync('{"a": [1, 2.0]}'));
  expect(JSON.parse(done.out).value).toEqual({
    t: 'dict',
    v: [
      [
        { t: 'str', v: 'a' },
        {
          t: 'list',
          v: [
            { t: 'int', v: '1' },
            { t: 'float', v: '2.0', hex: '4000000000000000' },
          ],
        },
      ],
    ],
  });
  expect(JSON.parse(run(['decode', '--json'], '%7B%22a%22%3A1%7D\n').out).layers).toEqual(['percent', 'json']);
});

it('prints a tree for people', () => {
  const done = run(['decode', file]);
  expect(done).toMatchObject({ status: 0, err: '' });
  expect(done.out).toContain('base64: Base64 (standard alphabet)');
  expect(done.out).toContain(`session_id: str '${session.session_id}'`);
  expect(done.out).toContain('mix: list(6)');
  expect(done.out).toContain('  [2]: float 1.0');
});

it('says where and why a chosen layer fails, with status 2', () => {
  const done = run(['decode', '-', '--as', 'base64/json', '--json'], 'eyJhIjoxLH0=');
  expect(done.status).toBe(2);
  expect(JSON.parse(done.out)).toEqual({
    error: { kind: 'json-syntax', message: 'a key in quotes was expected', at: 7, where: 'json' },
  });
  expect(done.err).toMatch(/^sessionscope: standard input: .*byte 7 of the json layer\)\n$/);
});

it.each([
  [['decode', '/nowhere/at/all', '--json'], 'file-unreadable', '/nowhere/at/all'],
  [['decode', '-', '--as', 'base64/nope', '--json'], 'bad-layers', 'nope'],
  [['decode', '-', '--as', 'pickle:koi8', '--json'], 'bad-layer', 'koi8'],
  [['decode', '-', '--json'], 'not-recognised', 'no format'],
])('%j ends with status 2 and %s', (words, kind, named) => {
  const done = run(words, '9e81e7b9-63c7-1363-e2fb-3eefcfecfc0e');
  expect(done.status).toBe(2);
  expect(JSON.parse(done.out).error.kind).toBe(kind);
  expect(done.err.trimEnd().split('\n')).toHaveLength(1);
  expect(done.err).toContain(named);
});

it('shows a session that Python 3 refuses, and the refusal', () => {
  const py2 = JSON.parse(readFileSync(path.join(DISK, 'py2/expected.json'), 'utf8'));
  const { session_id } = py2.sessions.find(
    (one: { loads_default: { error?: string } }) => one.loads_default.error !== undefined,
  );
  const done = run(['decode', path.join(DISK, 'py2', session_id), '--json']);
  expect(done.status).toBe(2);
  expect(JSON.parse(done.out)).toMatchObject({ error: { kind: 'pickle-unicode-decode-error' }, value: { t: 'dict' } });
  expect(run(['decode', path.join(DISK, 'py2', session_id), '--json', '--as', 'base64/pickle:latin1']).status).toBe(0);
});

it('ends with status 1 when the bytes cannot be made again', () => {
  // A stream of two deflate blocks with a flush between them: no ordinary compressor writes that.
  const odd = path.join(folder, 'odd.zlib');
  const content = Buffer.from('{"a":1}'.padEnd(40));
  const stored = Buffer.concat([
    Buffer.from([0x78, 0x01, 0x00, 10, 0, 245, 255]),
    content.subarray(0, 10),
    Buffer.from([0x01, 30, 0, 225, 255]),
    content.subarray(10),
    deflateSync(content).subarray(-4),
  ]);
  writeFileSync(odd, stored);
  const done = run(['decode', odd, '--json']);
  expect(done.status).toBe(1);
  expect(JSON.parse(done.out)).toMatchObject({ layers: ['zlib', 'json'], lossless: false });
});
