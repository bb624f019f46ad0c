import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Handlers } from '../../../core/bridge/contract.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import { NetworkService } from '../../../core/engine/network-service.ts';
import type { ProxyInfo } from '../../../core/model/app.ts';
import { needs } from '../../support/needs.ts';

/* The proxy opened to other computers from the window, used by real curl over an address beyond loopback. */

const lan = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find((one) => one.family === 'IPv4' && !one.internal)?.address;

needs('curl')('the proxy opened to the network', () => {
  let folder = '';
  let engine: Engine;
  let handlers: Handlers;
  let site: Server;
  const told: ProxyInfo[] = [];

  const start = async () => {
    engine = await createEngine({ mode: 'web', version: '1', dataFolder: folder });
    ({ handlers } = engine);
    engine.subscribe((name, event) => {
      if (name === 'proxy.changed') told.push((event as { proxy: ProxyInfo }).proxy);
    });
  };
  const curl = async (address: string, user: string, url: string) => {
    const ca = path.join(folder, 'ca.pem');
    await writeFile(ca, (await handlers['certificate.export']({ form: 'pem' })).text ?? '');
    const { stdout } = await promisify(execFile)('curl', [
      ...['-s', '-o', '/dev/null', '-w', '%{http_connect} %{http_code}', '--noproxy', '', '--cacert', ca],
      ...['-x', `http://${address}`, ...(user === '' ? [] : ['--proxy-user', user]), url],
    ]).catch((error: { stdout: string }) => error);
    return stdout;
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-network-'));
    site = createServer((_, response) => response.end('here'));
    await once(site.listen(0, '127.0.0.1'), 'listening');
    await start();
  });
  afterAll(async () => {
    await engine.close();
    site.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('asks everybody there for the password, tells the window where it is, and is closed after a restart', async () => {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    const open = { host: lan ?? '127.0.0.2', port: 0, user: 'guest', password: 'correct horse' };
    if (lan === undefined) open.host = '0.0.0.0';
    const { proxy } = await handlers['proxy.network.open'](open);
    const address = proxy.network?.addresses[0] ?? '';
    expect(proxy.network).toMatchObject({ user: 'guest', host: open.host });
    expect(JSON.stringify(proxy)).not.toContain(open.password);
    expect(told.at(-1)?.network).toEqual(proxy.network);
    expect(await curl(address, '', url)).toBe('000 407');
    expect(await curl(address, 'guest:wrong horse', url)).toBe('000 407');
    expect(await curl(address, 'guest:correct horse', url)).toBe('000 200');
    expect(await curl(address, '', 'https://sessionscope.local/check/https')).toBe('407 000');
    expect(await curl(address, 'guest:correct horse', 'https://sessionscope.local/check/https')).toBe('200 200');
    const local = `${proxy.host}:${proxy.port}`;
    expect(await curl(local, '', url)).toBe('000 200');

    expect((await handlers['proxy.network.close']({})).proxy.network).toBeUndefined();
    expect(await curl(address, 'guest:correct horse', url)).toBe('000 000');
    await handlers['proxy.network.open'](open);
    await engine.close();
    await start();
    expect((await handlers['app.info']({})).proxy.network).toBeUndefined();
  });

  it('refuses passwords that are easily found, and names that cannot be sent', async () => {
    const open = { host: '0.0.0.0', port: 0, user: 'guest', password: 'correct horse' };
    await expect(handlers['proxy.network.open']({ ...open, password: 'short' })).rejects.toThrow(/8 characters/);
    await expect(handlers['proxy.network.open']({ ...open, user: 'a:b' })).rejects.toThrow(/no colon/);
    expect((await handlers['app.info']({})).proxy.network).toBeUndefined();
  });

  it('names the addresses that others can type, IPv4 first', async () => {
    const of = (family: 'IPv4' | 'IPv6', address: string, internal = false) => ({ family, address, internal });
    const interfaces = () =>
      ({
        lo: [of('IPv4', '127.0.0.1', true), of('IPv6', '::1', true)],
        eth0: [of('IPv6', 'fe80::1'), of('IPv6', '2001:db8::5'), of('IPv4', '192.168.1.20')],
      }) as unknown as ReturnType<typeof networkInterfaces>;
    let host = '';
    const proxy = { network: undefined as unknown, openToNetwork: async () => ({}) };
    const desk = new NetworkService(proxy as never, interfaces);
    for (host of ['0.0.0.0', '::', '10.0.0.7']) {
      proxy.network = { host, port: 8641, preferredPortTaken: host === '::' };
      await desk.open({ host, port: 8640, user: 'guest', password: 'long enough' });
      expect(desk.info?.addresses).toEqual(
        {
          '0.0.0.0': ['192.168.1.20:8641'],
          '::': ['192.168.1.20:8641', '[2001:db8::5]:8641'],
          '10.0.0.7': ['10.0.0.7:8641'],
        }[host],
      );
      expect(desk.info?.wantedPort).toBe(host === '::' ? 8640 : undefined);
    }
  });
});
