import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeadShape, writeHead, writeTrailers } from '../../../../core/proxy/http1/write-head.ts';

const shape: HeadShape = {
  request: false,
  framing: { kind: 'none' },
  connection: '',
  upgrade: false,
  describesBody: true,
  extra: '',
};
const write = (fields: string[], more: Partial<HeadShape> = {}) => writeHead('FIRST', fields, { ...shape, ...more });

describe('writing heads', () => {
  it('keeps 10,000 generated Set-Cookie fields to the byte and in order', () => {
    const part = fc.stringMatching(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x7e\x80-\xff]{1,24}$/);
    const header = fc.tuple(fc.constantFrom('Set-Cookie', 'set-cookie', 'SET-COOKIE', 'Set-cookie'), part, part, part);
    const samples = fc.sample(header, { numRuns: 10_000, seed: 20261123 });
    for (let at = 0; at < samples.length; at += 20) {
      const fields = samples
        .slice(at, at + 20)
        .flatMap(([name, key, text, attribute]) => [name, `${key}=${text}; ${attribute}; Path=/`]);
      const lines = write(fields).split('\r\n').slice(1, -2);
      expect(lines).toEqual(
        Array.from({ length: fields.length / 2 }, (_, i) => `${fields[i * 2]}: ${fields[i * 2 + 1]}`),
      );
    }
  });

  it('leaves hop-by-hop fields out, also those named by Connection', () => {
    const fields = [
      'A',
      '1',
      'Connection',
      'X-Hop, close',
      'Keep-Alive',
      '5',
      'x-hop',
      '2',
      'Proxy-Connection',
      'keep-alive',
      'Upgrade',
      'h2',
      'B',
      '3',
    ];
    expect(write(fields, { connection: 'x-hop, close' })).toBe('FIRST\r\nA: 1\r\nB: 3\r\n\r\n');
  });

  it('does not let Connection hide fields that matter', () => {
    const fields = ['Cookie', 'a', 'Host', 'b', 'Set-Cookie', 'c', 'Authorization', 'd'];
    const connection = 'cookie, host, set-cookie, authorization';
    expect(write(fields, { connection }).split('\r\n')).toHaveLength(1 + 4 + 2);
  });

  it('makes the framing true in its place', () => {
    const fields = ['A', '1', 'content-length', '3', 'B', '2', 'Content-Length', '3'];
    expect(write(fields, { describesBody: false, framing: { kind: 'length', length: 7 } })).toBe(
      'FIRST\r\nA: 1\r\ncontent-length: 7\r\nB: 2\r\n\r\n',
    );
    expect(write(fields, { describesBody: false, framing: { kind: 'chunked' } })).toBe(
      'FIRST\r\nA: 1\r\nB: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    expect(write(fields, { describesBody: false })).toBe('FIRST\r\nA: 1\r\nB: 2\r\n\r\n');
  });

  it('never writes a line more than there are fields', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(anything, anything), { maxLength: 5 }), (fields) => {
        let text: string;
        try {
          text = write(fields.flat());
        } catch {
          return;
        }
        const bytes = Buffer.from(text, 'latin1').toString('latin1');
        expect(bytes.split('\n').length - 1).toBeLessThanOrEqual(fields.length + 2);
        expect(bytes.slice(0, -4)).not.toContain('\r\n\r\n');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('writing trailers', () => {
  it('leaves out what could change framing or routing', () => {
    expect(writeTrailers(['A', '1', 'Content-Length', '5', 'Host', 'x', 'B', 'a\r\nC: 1'])).toBe('A: 1\r\n');
    expect(writeTrailers(undefined)).toBe('');
  });
});
