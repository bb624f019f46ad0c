import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CODE_FORMS, type CodeForm, requestCode } from '../../../core/interop/copy-as.ts';
import { needs } from '../../support/needs.ts';
import { recordedFlow } from '../../support/replay-harness.ts';

interface Received {
  readonly method: string;
  readonly target: string;
  readonly fields: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

let folder = '';
let base = '';
const received: Received[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url: target = '', headers: fields } = request;
    received.push({ method, target, fields, body: Buffer.concat(chunks).toString('latin1') });
    response.writeHead(302, { Location: '/elsewhere' }).end();
  });
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-copy-'));
  for (const name of ['secret', 'hostname', 'x']) writeFileSync(path.join(folder, name), 'LOCAL FILE');
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the program as its user would, and gives what the server got. */
function run(form: CodeForm, text: string): Promise<Received[]> {
  received.length = 0;
  const file = path.join(folder, { fetch: 'request.mjs', python: 'request.py', httpie: 'request.sh' }[form]);
  writeFileSync(file, text);
  const program = { fetch: process.execPath, python: '/usr/bin/python3', httpie: 'bash' }[form];
  return new Promise((done) => {
    const env = { PATH: process.env['PATH'], HOME: folder };
    execFile(program, [file], { cwd: folder, env }, () => done([...received]));
  });
}

const CASES: readonly [name: string, method: string, target: string, fields: string[], body: string | undefined][] = [
  ['a page', 'GET', '/a?b=c&d=%20', ['Accept', 'text/html', 'Cookie', 'sid=a1; lang=en', 'X-Empty', ''], undefined],
  ['a form', 'POST', '/login', ['Content-Type', 'application/x-www-form-urlencoded'], 'user=alice&pass=%27%22x'],
  ['quotes and lines', 'PUT', "/it's", ['X-Quote', `a'b"c\\d $(id) \`id\``], 'line 1\nline "2"\t\'3\'\\n'],
  [
    'what tools take for files',
    'POST',
    '/x',
    ['X-At', '@secret', 'X-Eq', '=@hostname', 'X-Colon', ':@x', 'X-Both', 'a\\:@x'],
    '@secret',
  ],
  ['letters of the world', 'PATCH', '/中', ['X-Utf8', 'é'], Buffer.from('{"name":"Jürgen 😀"}').toString('latin1')],
  ['bytes', 'POST', '/bin', ['Content-Type', 'application/octet-stream'], '\xff\xfe\x80\x01'],
];

for (const form of CODE_FORMS) {
  const need = { fetch: describe, python: needs('python-requests'), httpie: needs('httpie') }[form];
  need(`copied as ${form}`, () => {
    it.each(CASES)('%s arrives as it was recorded', async (_, method, target, fields, body) => {
      const url = new URL(target, base).href;
      const flow = recordedFlow(url, { method, rawHeaders: fields });
      const bytes = body === undefined ? undefined : Buffer.from(body, 'latin1');
      const { text, notes } = requestCode(flow, bytes, form);
      const [got, ...more] = await run(form, text);
      expect(more).toEqual([]);
      expect(got?.method).toBe(method);
      expect(`${base}${got?.target}`).toBe(flow.request.url);
      for (let i = 0; i < fields.length; i += 2) {
        const leftOut = notes.some((note) => note.includes(`no ${fields[i]} with `));
        expect(got?.fields[(fields[i] ?? '').toLowerCase()], fields[i]).toBe(leftOut ? undefined : fields[i + 1]);
      }
      expect(got?.body).toBe(body ?? '');
    });
  });
}

it('refuses what is no request over HTTP', () => {
  for (const form of CODE_FORMS) {
    expect(() => requestCode(recordedFlow('file:///etc/hostname'), undefined, form)).toThrow(/http/);
  }
});
