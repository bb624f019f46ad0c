import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFirstBytes } from '../../../../core/proxy/tunnel/client-hello.ts';

/** The first bytes a real TLS client sends. */
function clientHello(options: { servername?: string; ALPNProtocols?: string[] }): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(bytes: Buffer, _encoding, done) {
        resolve(Buffer.from(bytes));
        done();
      },
    });
    connect({ socket: wire, ...options }).on('error', () => {});
  });
}

describe('the first bytes of a tunnel', () => {
  it('of TLS tell the name and whether HTTP/2 is offered, at any cut', async () => {
    const hello = await clientHello({ servername: 'shop.test', ALPNProtocols: ['h2', 'http/1.1'] });
    for (let cut = 1; cut < hello.length; cut += 7) {
      expect(readFirstBytes(hello.subarray(0, cut)).kind).toBe('incomplete');
    }
    expect(readFirstBytes(hello)).toEqual({ kind: 'tls', offersHttp2: true, servername: 'shop.test' });
    const plain = await clientHello({ ALPNProtocols: ['http/1.1'] });
    expect(readFirstBytes(plain)).toEqual({ kind: 'tls', offersHttp2: false, servername: undefined });
  });

  it('of a hello in several records tell the same', async () => {
    const hello = await clientHello({ servername: 'shop.test', ALPNProtocols: ['h2'] });
    const body = hello.subarray(5);
    const records: Buffer[] = [];
    for (let at = 0; at < body.length; at += 50) {
      const part = body.subarray(at, at + 50);
      records.push(Buffer.from([0x16, 3, 1, 0, part.length]), part);
    }
    expect(readFirstBytes(Buffer.concat(records))).toEqual({ kind: 'tls', offersHttp2: true, servername: 'shop.test' });
  });

  it.each([
    ['GET / HTTP/1.1\r\n', 'http1'],
    ['PROPFIND /a', 'http1'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
    ['PRI * HT', 'incomplete'],
    ['GE', 'incomplete'],
    ['SSH-2.0-x', 'other'],
    ['\x00\x01', 'other'],
    ['', 'incomplete'],
  ])('%j is %s', (text, kind) => {
    expect(readFirstBytes(Buffer.from(text, 'latin1')).kind).toBe(kind);
  });

  it('are never a reason to fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        readFirstBytes(
          Buffer.concat([Buffer.from([0x16, 3, 1, 0, bytes.length, 1, 0, 0, Math.max(0, bytes.length - 4)]), bytes]),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
