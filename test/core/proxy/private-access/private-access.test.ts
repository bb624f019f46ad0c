import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AddressSpaces, isPrivateAddress } from '../../../../core/proxy/private-access/address-space.ts';
import { declareOwnService } from '../../../../core/proxy/private-access/own-services.ts';
import { type PrivateAccess, privateAccessHooks } from '../../../../core/proxy/private-access/private-access.ts';
import { HOST, labWithProxy, serve } from '../../../support/proxy/lab.ts';
import { Reader, tcp } from '../../../support/proxy/raw-client.ts';

/* A page of the public web that asks for an address of this computer, as Chrome's Local Network Access sees it. */

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'evil.example': ['93.184.216.34'],
  'rebound.example': ['127.0.0.1'],
  'intra.example': ['10.1.2.3', '93.184.216.34'],
};

describe('addresses', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['[::1]', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', true],
    ['10.0.0.1', true],
    ['172.16.0.1', true],
    ['192.168.1.1', true],
    ['169.254.169.254', true],
    ['100.64.0.1', true],
    ['fe80::1%eth0', true],
    ['fd00::1', true],
    ['93.184.216.34', false],
    ['2606:2800:220:1::1', false],
  ])('%s is private: %s', (address, expected) => expect(isPrivateAddress(address)).toBe(expected));

  it('of a name are looked up once a minute', async () => {
    let now = 0;
    let lookups = 0;
    const spaces = new AddressSpaces(
      () => now,
      async (name) => {
        lookups++;
        return NAMES[name] ?? Promise.reject(new Error('unknown'));
      },
    );
    expect([await spaces.of('evil.example'), await spaces.of('EVIL.example.')]).toEqual(['public', 'public']);
    expect([await spaces.of('intra.example'), await spaces.of('nowhere.example')]).toEqual(['private', 'unknown']);
    expect(lookups).toBe(3);
    now = 60_000;
    await spaces.of('evil.example');
    expect(lookups).toBe(4);
    expect([spaces.of('app.localhost'), spaces.of('10.0.0.1'), spaces.of('8.8.8.8')]).toEqual([
      'private',
      'private',
      'public',
    ]);
  });
});

describe('a page that asks for an address of this computer', () => {
  const accesses: PrivateAccess[] = [];
  let allowed: string[] = [];
  let running: Awaited<ReturnType<typeof labWithProxy>>;
  let application: Awaited<ReturnType<typeof serve>>;
  let asked = 0;
  beforeAll(async () => {
    const hooks = privateAccessHooks({
      spaces: new AddressSpaces(Date.now, async (name) => NAMES[name] ?? Promise.reject(new Error('unknown'))),
      allowed: () => allowed,
      onAccess: (access) => accesses.push(access),
    });
    running = await labWithProxy([hooks]);
    application = await serve((socket) =>
      socket.on('data', () => {
        asked++;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }),
    );
  });
  afterEach(() => {
    accesses.length = 0;
    allowed = [];
    asked = 0;
  });
  afterAll(async () => {
    application.close();
    await running.close();
  });

  /** The status and body of the answer to a request with these fields. */
  async function ask(fields: Readonly<Record<string, string>>, host = `${HOST}:${application.port}`): Promise<string> {
    const socket = await tcp(running.lab.proxy);
    const reader = new Reader(socket);
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines.join('')}\r\n`);
    const text = await reader.toEnd();
    socket.destroy();
    return `${text.slice(9, 12)} ${text.slice(text.indexOf('\r\n\r\n') + 4).trim()}`;
  }

  const cross = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' };

  it.each([
    ['a fetch', { ...cross, Origin: 'https://evil.example' }],
    [
      'an image',
      { ...cross, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image', Referer: 'https://evil.example/x' },
    ],
    [
      'a frame',
      { ...cross, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe', Referer: 'https://evil.example/' },
    ],
    ['a browser without fetch metadata', { Origin: 'http://evil.example:8080' }],
    ['a page of an address', { ...cross, Origin: 'http://93.184.216.34' }],
  ])('of the public web is refused, with the reason: %s', async (_name, fields) => {
    const answer = await ask(fields);
    expect(answer).toMatch(
      /^403 Sessionscope: A page of https?:\/\/\S+, which is on the public web, asked for 127\.0\.0\.1:\d+/,
    );
    expect(asked).toBe(0);
    expect(accesses).toMatchObject([{ refused: true, target: `${HOST}:${application.port}` }]);
  });

  it('is refused under other names of this computer, too', async () => {
    const fields = { ...cross, Origin: 'https://evil.example' };
    for (const host of ['localhost', 'app.localhost', '[::1]', '0.0.0.0', 'rebound.example', 'intra.example']) {
      expect(await ask(fields, `${host}:${application.port}`), host).toMatch(/^403 Sessionscope: A page/);
    }
    expect(asked).toBe(0);
  });

  it.each([
    ['a page of this computer', { ...cross, Origin: 'http://localhost:3000' }],
    ['a page of the local network', { ...cross, Origin: 'http://192.168.0.7' }],
    ['a name that leads here', { ...cross, Origin: 'https://rebound.example' }],
    ['the same origin', { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://evil.example' }],
    ['a typed address', { 'Sec-Fetch-Site': 'none' }],
    [
      'a link',
      { ...cross, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', Referer: 'https://evil.example/' },
    ],
    ['a program', {}],
  ])('is let pass, unreported: %s', async (_name, fields) => {
    expect(await ask(fields as Record<string, string>)).toBe('200 ok');
    expect(accesses).toEqual([]);
  });

  it.each([
    ['without a name', { ...cross }],
    ['of an opaque origin', { ...cross, Origin: 'null' }],
    ['whose name cannot be looked up', { ...cross, Origin: 'https://nowhere.example' }],
  ])('is let pass and reported where it cannot be told whether it is public: %s', async (_name, fields) => {
    expect(await ask(fields)).toBe('200 ok');
    expect(accesses).toMatchObject([{ refused: false }]);
  });

  it('is let pass where the site is allowed', async () => {
    allowed = ['*.example'];
    expect(await ask({ ...cross, Origin: 'https://evil.example' })).toBe('200 ok');
    allowed = ['good.example'];
    expect(await ask({ ...cross, Origin: 'https://evil.example' })).toMatch(/^403 /);
  });

  it('never reaches the window of the debugger, whoever it is and whatever is allowed', async () => {
    const undeclare = declareOwnService(application.port);
    allowed = ['*'];
    try {
      for (const fields of [
        { ...cross, Origin: 'https://evil.example' },
        { ...cross, Origin: 'http://localhost:3000' },
        { ...cross, Origin: 'null' },
        { ...cross },
        { 'Sec-Fetch-Site': 'same-site', Origin: `http://${HOST}:1` },
        { ...cross, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
      ]) {
        expect(await ask(fields)).toMatch(/^403 Sessionscope: .* asked for the window of Sessionscope/);
      }
      expect(asked).toBe(0);
      expect(await ask({ 'Sec-Fetch-Site': 'same-origin' })).toBe('200 ok');
      expect(await ask({ 'Sec-Fetch-Site': 'none' })).toBe('200 ok');
    } finally {
      undeclare();
    }
    expect(await ask({ ...cross, Origin: 'http://localhost:3000' })).toBe('200 ok');
  });
});
