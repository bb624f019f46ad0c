import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebSocketFrame } from '../../../../core/proxy/hooks.ts';
import { FrameReader } from '../../../../core/proxy/websocket/frame-reader.ts';

/** A frame as RFC 6455 section 5.2 has it. */
function frame(opcode: number, payload: Uint8Array, mask: Uint8Array | undefined): Buffer {
  const size = payload.length;
  const length =
    size < 126
      ? [size]
      : size < 65536
        ? [126, size >> 8, size & 255]
        : [127, 0, 0, 0, 0, 0, size >> 16, (size >> 8) & 255, size & 255];
  length[0] = (length[0] as number) | (mask === undefined ? 0 : 128);
  const body = mask === undefined ? payload : payload.map((byte, i) => byte ^ (mask[i & 3] as number));
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length]), Buffer.from(mask ?? []), Buffer.from(body)]);
}

describe('WebSocket frames', () => {
  it('are read alike for every cut, masked or not', () => {
    const some = fc.array(
      fc.tuple(
        fc.constantFrom(0, 1, 2, 8, 9, 10),
        fc.oneof(fc.uint8Array({ maxLength: 130 }), fc.constant(new Uint8Array(70_000).fill(7))),
        fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 5000 }), (frames, step) => {
        const bytes = Buffer.concat(frames.map(([opcode, payload, mask]) => frame(opcode, payload, mask)));
        const got: WebSocketFrame[] = [];
        const reader = new FrameReader(
          'client',
          100_000,
          () => 7,
          (one) => got.push(one),
        );
        for (let at = 0; at < bytes.length; at += step) reader.feed(bytes.subarray(at, at + step));
        expect(got.map(({ opcode, size, payload }) => [opcode, size, payload.toString('hex')])).toEqual(
          frames.map(([opcode, payload]) => [opcode, payload.length, Buffer.from(payload).toString('hex')]),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('are kept up to a limit and say their whole size', () => {
    const got: WebSocketFrame[] = [];
    const reader = new FrameReader(
      'server',
      10,
      () => 7,
      (one) => got.push(one),
    );
    reader.feed(frame(2, new Uint8Array(50_000).fill(65), undefined));
    reader.feed(frame(1, Buffer.from('next'), undefined));
    expect(got.map(({ size, payload, from, at }) => [size, payload.toString(), from, at])).toEqual([
      [50_000, 'AAAAAAAAAA', 'server', 7],
      [4, 'next', 'server', 7],
    ]);
  });
});
