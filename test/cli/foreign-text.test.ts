import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it, vi } from 'vitest';
import { type CommandSurroundings, runCommand } from '../../cli/program.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'foreign-text-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a terminal acts upon: escapes of seven and eight bits, line breaks within a line, direction marks, separators. */
const ESC = '\x1b]0;pwn\x07\x9b2J';
const BIDI = '\u202egpj.exe\u2066';
const EVIL = `${ESC}${BIDI}\u2028`;
const ACTS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

const around: CommandSurroundings = {
  version: '1.0',
  pageFolder: folder,
  guard: { failures: 0, onFailure: () => {} },
};

/** Runs a command as the program does, in this process. */
async function run(words: readonly string[]): Promise<{ out: string; err: string }> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
  const before = process.exitCode;
  try {
    await runCommand(words, around);
  } finally {
    process.exitCode = before;
    stdout.mockRestore();
    stderr.mockRestore();
  }
  return { out, err };
}

let files = 0;
/** A file with these bytes, under a harmless name. */
function fileOf(bytes: string | Uint8Array): string {
  const file = path.join(folder, `input-${(files += 1)}`);
  writeFileSync(file, bytes);
  return file;
}

/** Asserts that something was said, and that nothing in it acts. */
function harmless(ran: { out: string; err: string }, shows: string | RegExp): void {
  expect(ran.out + ran.err).toMatch(shows);
  expect(ran.out).not.toMatch(ACTS);
  expect(ran.err).not.toMatch(ACTS);
}

/** A short text of pickle protocol 2. */
const unicode = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.write('X', 0);
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

const PICKLES: Readonly<Record<string, Buffer>> = {
  'a module': Buffer.from('(i\x1b]0;pwn\x07\nx\n.'),
  'a class of protocol 2': Buffer.concat([
    Buffer.from('\x80\x02', 'latin1'),
    Buffer.from(`cm${BIDI}\nC${BIDI}\n`),
    Buffer.from(')\x81}b.', 'latin1'),
  ]),
  'a function that is called': Buffer.concat([
    Buffer.from('\x80\x02', 'latin1'),
    Buffer.from(`cos${BIDI}\nsystem${BIDI}\n(X\x01\x00\x00\x00atR.`),
  ]),
  'a class of protocol 4': Buffer.concat([
    Buffer.from('\x80\x04', 'latin1'),
    unicode(`m${EVIL}`),
    unicode(`C${EVIL}`),
    Buffer.from('\x93)\x81.', 'latin1'),
  ]),
  'the key of a zone': Buffer.concat([
    Buffer.from('\x80\x04', 'latin1'),
    unicode('zoneinfo'),
    unicode('ZoneInfo._unpickle'),
    Buffer.from('\x93', 'latin1'),
    unicode(`Europe/${EVIL}`),
    Buffer.from('K\x01\x86R.', 'latin1'),
  ]),
  'a text and a key': Buffer.concat([
    Buffer.from('\x80\x02}', 'latin1'),
    unicode(EVIL),
    unicode(EVIL),
    Buffer.from('s.'),
  ]),
};

for (const [what, bytes] of Object.entries(PICKLES)) {
  it(`decode shows ${what} without acting on it`, async () => {
    const file = fileOf(bytes);
    harmless(await run(['decode', file, '--as', 'pickle']), /pwn|gpj\.exe/);
    const json = await run(['decode', file, '--as', 'pickle', '--json']);
    harmless(json, /pwn|gpj\.exe/);
    expect(() => JSON.parse(json.out)).not.toThrow();
  });
}

it('decode says what is wrong with a file, a layer or an input of such a name', async () => {
  harmless(await run(['decode', `no${ESC}such`]), /no such file/);
  harmless(await run(['decode', fileOf('x'), '--as', `pickle${ESC}`]), /sessionscope: /);
  harmless(await run(['decode', fileOf(`{"a": ${EVIL}`)]), /sessionscope: |str/);
  harmless(await run(['decode', fileOf(`a:1:{s:4:"${EVIL}";}`)]), /./);
});

it('sessions ls, show, set, age and rm do so with records, ids and columns of a store', async () => {
  const root = path.join(folder, 'disk');
  mkdirSync(root);
  const id = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
  for (const [i, bytes] of Object.values(PICKLES).entries()) {
    writeFileSync(path.join(root, id.slice(0, -1) + i.toString(16)), bytes.toString('base64'));
  }
  harmless(await run(['sessions', 'ls', `disk:${root}`]), /pwn|gpj\.exe/);
  for (let i = 0; i < Object.keys(PICKLES).length; i += 1) {
    harmless(await run(['sessions', 'show', `disk:${root}`, id.slice(0, -1) + i.toString(16)]), /bytes/);
  }
  harmless(await run(['sessions', 'show', `disk:${root}`, `x${EVIL}`]), /sessionscope: /);
  harmless(await run(['sessions', 'ls', `disk:${root}/none${EVIL}`]), /sessionscope: /);
  harmless(await run(['sessions', 'ls', `foo${EVIL}:x`]), /sessionscope: /);
  const file = path.join(folder, 'table.sqlite');
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE sessions (session_id TEXT PRIMARY KEY, atime TIMESTAMP, data TEXT)');
  const insert = database.prepare('INSERT INTO sessions VALUES (?, ?, ?)');
  insert.run(`id${EVIL}\nsecond`, `2026-01-01 00:00:00${ESC}`, PICKLES['a text and a key']?.toString('base64') ?? '');
  database.close();
  const store = `sqlite:${file}?table=sessions`;
  const listed = await run(['sessions', 'ls', store]);
  harmless(listed, /gpj\.exe/);
  const shown = await run(['sessions', 'show', store, `id${EVIL}\nsecond`]);
  harmless(shown, /gpj\.exe/);
  // The break in the id makes no line of its own.
  expect(`${listed.out}${shown.out}`).not.toMatch(/^second/m);
  harmless(await run(['sessions', 'set', store, `id${EVIL}\nsecond`, `new${EVIL}`, '1', '--dry-run']), /./);
  harmless(await run(['sessions', 'rm', store, `id${EVIL}\nsecond`, '--dry-run']), /gpj\.exe/);
});

it('lab check and lab run say what is wrong in a policy of such texts', async () => {
  const file = path.join(folder, 'policy.yaml');
  writeFileSync(file, `title: "x\\e]0;pwn\\a\\u202e"\n"k\\u202e\\e[2J": 1\nsimulated:\n  - "a\\u2028b"\n`);
  harmless(await run(['lab', 'check', file]), /policy\.yaml/);
  harmless(await run(['lab', 'check', file, '--json']), /problems/);
  harmless(await run(['lab', 'run', `${file}${ESC}`]), /no such file/);
});

it('proxy prints hosts, addresses, cookies and errors on one line each', async () => {
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'cli/main.ts'), 'proxy', '--port', '0', '--data', path.join(folder, 'data')],
    { cwd: ROOT, env: { ...process.env, NODE_NO_WARNINGS: '1' } },
  );
  const lines: string[] = [];
  const proxied = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const port = /^Proxy: \S*:(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
  const origin = net.createServer((socket) => {
    socket.once('data', () => {
      const id = '0123456789abcdef0123456789abcdef01234567';
      socket.end(
        Buffer.from(
          `HTTP/1.1 200 OK \x9b31m\r\nSet-Cookie: session_id\x9b=${id}; HttpOnly\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
          'latin1',
        ),
      );
    });
    socket.on('error', () => {});
  });
  await once(origin.listen(0, '127.0.0.1'), 'listening');
  const { port } = origin.address() as net.AddressInfo;
  const ask = async (target: string) => {
    const socket = net.connect(await proxied, '127.0.0.1');
    socket.on('error', () => {});
    socket.end(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 'latin1'));
    socket.resume();
    await once(socket, 'close');
  };
  await ask(`http://127.0.0.1:${port}/\x9b2J?token=S3CRETS3CRET`);
  await ask(`http://nowhere.invalid/\x9d0;pwn\x9c`);
  await ask(`http://127.0.0.1:${port}/last`);
  child.kill('SIGINT');
  await once(child, 'close');
  origin.close();
  expect(lines.join('\n')).toMatch(/flows, \d+ sessions$/);
  for (const line of lines) expect(line).not.toMatch(ACTS);
  expect(lines.join('\n')).not.toContain('S3CRETS3CRET');
});

it('no command writes to a terminal past the one way out', () => {
  const commands = ['commands', 'run'].flatMap((folder) =>
    readdirSync(path.join(ROOT, 'cli', folder)).map((name) => `cli/${folder}/${name}`),
  );
  const calls = commands.flatMap((file) =>
    readFileSync(path.join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => /process\.std(out|err)\.write|console\./.test(line) && !/visible(Lines)?\(/.test(line)),
  );
  expect(calls).toEqual([]);
});
