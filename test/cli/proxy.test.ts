import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const runner = fileURLToPath(new URL('../support/run-proxy-command.ts', import.meta.url));
const HEX = '0123456789abcdef0123456789abcdef01234567';
let origin: Server;
let folder: string;
let command: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sessionscope-cli-proxy-'));
  origin = createServer((_, res) => res.setHeader('Set-Cookie', `webpy_session_id=${HEX}; HttpOnly`).end('hello'));
  await once(origin.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  origin.closeAllConnections();
  origin.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  command?.kill('SIGKILL');
  command = undefined;
});

/** Runs the command; `until` resolves with the first line, on either output, that matches. */
function start(...words: string[]): {
  until(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<{ code: number; out: string }>;
} {
  const child = spawn(process.execPath, [runner, '--port', '0', '--data', folder, ...words]);
  command = child;
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (stream === child.stdout) out += `${line}\n`;
      for (const look of waiting) look();
    });
  }
  return {
    until: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
          if (found) {
            waiting.delete(look);
            resolve(found);
          }
        };
        waiting.add(look);
        look();
      }),
    async stop() {
      child.kill('SIGINT');
      const [code] = await once(child, 'close');
      return { code: code as number, out };
    },
  };
}

async function askThrough(port: number, path: string): Promise<void> {
  const { port: to } = origin.address() as AddressInfo;
  const outgoing = request({
    port,
    path: `http://127.0.0.1:${to}${path}`,
    headers: { Authorization: 'Bearer geheim-geheim-1' },
    agent: false,
  });
  outgoing.end();
  const [answer] = await once(outgoing, 'response');
  answer.resume();
  await once(answer, 'end');
}

describe('sessionscope proxy', () => {
  it('prints flows and the sessions it finds, and writes a HAR without secrets', async () => {
    const har = join(folder, 'out.har');
    const run = start('--har', har);
    const port = Number((await run.until(/^Proxy: 127\.0\.0\.1:(\d+)$/))[1]);
    await askThrough(port, '/one?password=geheim');
    await run.until(/^200 GET http:\/\/127\.0\.0\.1:\d+\/one\?password=\[masked\] {2}5 B/);
    expect((await run.until(/^session .*$/))[0]).toMatch(/cookie:webpy_session_id 0123…67 {2}score \d+: .*web\.py/);
    const { code, out } = await run.stop();
    expect(code).toBe(0);
    expect(out).toContain('1 flows, ');
    const text = readFileSync(har, 'utf8');
    expect(JSON.parse(text).log.creator).toEqual({ name: 'Sessionscope', version: '1.2.3' });
    expect(JSON.parse(text).log.entries).toMatchObject([{ response: { status: 200, content: { text: 'hello' } } }]);
    expect(text + out).not.toMatch(new RegExp(`geheim|${HEX}`));
    expect(existsSync(`${har}.partial`)).toBe(false);
  });

  it('says at once when the HAR cannot be written', async () => {
    const run = start('--har', join(folder, 'no', 'such', 'folder.har'));
    const failed = run.until(/The HAR file cannot be written.*/);
    await once(command as ChildProcess, 'close');
    expect((await failed)[0]).toContain('ENOENT');
  });

  it('prints one JSON document with secrets when they are asked for', async () => {
    const run = start('--json', '--with-secrets');
    const port = Number((await run.until(/^Proxy: 127\.0\.0\.1:(\d+)$/))[1]);
    await askThrough(port, '/two');
    await run.until(/^200 GET/);
    const { out } = await run.stop();
    const found = JSON.parse(out) as { flows: number; sessions: { carrier: string; id: string; score: number }[] };
    expect(found.flows).toBe(1);
    expect(found.sessions).toEqual(
      expect.arrayContaining([expect.objectContaining({ carrier: 'cookie:webpy_session_id', id: HEX })]),
    );
  });
});
