import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Handlers } from '../../../core/bridge/contract.ts';
import { DistrustNotices } from '../../../core/engine/distrust-notices.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { Notice } from '../../../core/model/app.ts';
import { needs } from '../../support/needs.ts';
import { until } from '../../support/until.ts';

/* What the window says when a client breaks off TLS with the proxy: real curl through the whole engine. */

const MINUTE = 60_000;

needs('curl')('a client that does not trust the certificate authority', () => {
  let folder = '';
  let engine: Engine;
  let handlers: Handlers;
  let address = '';
  let now = Date.now();
  const told: Notice[] = [];
  const logged: string[] = [];

  /** @returns curl's exit code: 60 where it did not trust the certificate. */
  const curl = async (url: string, ...more: string[]): Promise<number> => {
    const { code = 0 } = (await promisify(execFile)('curl', [
      ...['-s', '-o', '/dev/null', '--noproxy', '', '-x', `http://${address}`, ...more, url],
    ]).catch((error: { code: number }) => error)) as { code?: number };
    return code;
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-distrust-'));
    engine = await createEngine({
      mode: 'web',
      version: '1',
      dataFolder: folder,
      clock: () => now,
      log: (line) => void logged.push(line),
    });
    ({ handlers } = engine);
    const { proxy } = await handlers['app.info']({});
    address = `${proxy.host}:${proxy.port}`;
    engine.subscribe((name, event) => {
      if (name === 'notice') told.push(event as Notice);
    });
  });
  afterAll(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is told in the window once for a host, and again only minutes later', async () => {
    expect(await curl('https://127.0.0.1:1/')).toBe(60);
    await until(async () => told.length > 0, Boolean);
    expect(told).toEqual([
      {
        level: 'warning',
        kind: 'client-distrust',
        where: '127.0.0.1',
        message: expect.stringMatching(/127\.0\.0\.1.*unknown_ca/),
        remedy: expect.stringMatching(/certificate.*blind|certificate.*unread/),
      },
    ]);
    now += MINUTE;
    expect(await curl('https://127.0.0.1:1/')).toBe(60);
    expect(await curl('https://127.0.0.2:1/', '--tls-max', '1.2')).toBe(60);
    await until(async () => told.length > 1, Boolean);
    expect(told.map(({ where }) => where)).toEqual(['127.0.0.1', '127.0.0.2']);
    now += 30 * MINUTE;
    expect(await curl('https://127.0.0.1:1/')).toBe(60);
    await until(async () => told.length > 2, Boolean);
    expect(told.at(-1)?.where).toBe('127.0.0.1');
  });

  it('is not said of clients that trust it, or break off for other reasons', async () => {
    const before = told.length;
    const ca = path.join(folder, 'ca.pem');
    await writeFile(ca, (await handlers['certificate.export']({ form: 'pem' })).text ?? '');
    // Nothing listens there: the proxy's own 502 is an answer that curl takes.
    expect(await curl('https://127.0.0.3:1/', '--cacert', ca)).toBe(0);
    const [host = '', port = ''] = address.split(':');
    const closing: Socket = connect(Number(port), host);
    closing.on('error', () => {});
    closing.write('CONNECT 127.0.0.4:1 HTTP/1.1\r\nHost: 127.0.0.4:1\r\n\r\n');
    await once(closing, 'data');
    closing.end(Buffer.from([0x16, 3, 1, 0, 4, 1, 0, 0, 0]));
    await until(async () => logged.some((line) => line.includes('127.0.0.4')), Boolean);
    // A last client that is told of, so that the ones before it have been dealt with.
    expect(await curl('https://127.0.0.5:1/')).toBe(60);
    await until(async () => told.length > before, Boolean);
    expect(told.slice(before).map(({ where }) => where)).toEqual(['127.0.0.5']);
  });

  it('is told of a few hosts at a time, however many there are', () => {
    let at = 0;
    const notices: Notice[] = [];
    const { hooks } = new DistrustNotices({ clock: () => at, notify: (notice) => void notices.push(notice) });
    const refused = Object.assign(new Error('refused'), { code: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN' });
    const fail = (host: string) =>
      hooks.clientTlsError?.({ host, connectHost: host, port: 443, clientAddress: '127.0.0.1' }, refused);
    for (let i = 0; i < 1000; i++) fail(`h${i}.test`);
    expect(notices.length).toBe(8);
    at += 10 * MINUTE;
    fail('h999.test');
    expect(notices.at(-1)?.where).toBe('h999.test');
  });
});
