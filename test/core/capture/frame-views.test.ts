import { constants, createDeflateRaw, type DeflateRaw, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameViewer, type KeptFrame } from '../../../core/capture/frame-views.ts';

const DEFLATE = 'permessage-deflate';

function frame(part: Partial<KeptFrame> & { payload?: Uint8Array }): KeptFrame {
  const { payload = Buffer.alloc(0), ...rest } = part;
  const base64 = Buffer.from(payload).toString('base64');
  return { at: 1, from: 'server', opcode: 1, fin: true, compressed: false, size: payload.length, base64, ...rest };
}

/** Compresses messages as RFC 7692 section 7.2.1 has it: one stream, each message flushed, the tail cut off. */
function sender(): { message(text: string | Buffer): Promise<Buffer> } {
  const stream: DeflateRaw = createDeflateRaw();
  const out: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  return {
    message: (text) =>
      new Promise((resolve) => {
        out.length = 0;
        stream.write(text);
        stream.flush(constants.Z_SYNC_FLUSH, () => resolve(Buffer.concat(out).subarray(0, -4)));
      }),
  };
}

const alone = (text: string | Buffer): Buffer =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

describe('FrameViewer', () => {
  it('inflates any messages of both directions, split into any fragments, with their contexts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            from: fc.constantFrom('client' as const, 'server' as const),
            // Repeats make later messages refer to earlier ones.
            text: fc.oneof(
              fc.constantFrom('the same again and again', 'sid=0123456789abcdef'),
              fc.string({ unit: 'grapheme' }),
            ),
            cuts: fc.array(fc.nat({ max: 40 }), { maxLength: 3 }),
          }),
          { maxLength: 12 },
        ),
        async (messages) => {
          const senders = { client: sender(), server: sender() };
          const viewer = new FrameViewer(DEFLATE);
          const expected: string[] = [];
          for (const { from, text, cuts } of messages) {
            const raw = await senders[from].message(text);
            const borders = [...new Set(cuts.map((cut) => Math.min(cut, raw.length)))].sort((a, b) => a - b);
            const parts = [0, ...borders].map((start, i) => raw.subarray(start, borders[i] ?? raw.length));
            viewer.add(
              parts.map((payload, i) =>
                frame({ from, payload, opcode: i === 0 ? 1 : 0, compressed: i === 0, fin: i === parts.length - 1 }),
              ),
            );
            expected.push(text);
          }
          const begun = viewer.views.filter(({ opcode }) => opcode === 1);
          expect(begun.map(({ text }) => text)).toEqual(expected);
          expect(begun.map(({ inflated }) => inflated)).toEqual(expected.map((text) => Buffer.byteLength(text)));
          expect(new Set(viewer.views.filter(({ opcode }) => opcode === 0).map(({ note }) => note)).size).toBeLessThan(
            2,
          );
        },
      ),
    );
  });

  it('shows a message where it begins, as soon as it has ended, with control frames in between', () => {
    const raw = alone('hello hello hello');
    const viewer = new FrameViewer('permessage-deflate; server_no_context_takeover');
    viewer.add([frame({ payload: raw.subarray(0, 3), compressed: true, fin: false })]);
    expect(viewer.views).toMatchObject([{ note: 'open' }]);
    expect(viewer.views[0]).not.toHaveProperty('text');
    viewer.add([
      frame({ opcode: 9, payload: Buffer.from('are you there') }),
      frame({ opcode: 0, payload: raw.subarray(3) }),
    ]);
    expect(viewer.views).toMatchObject([
      { text: 'hello hello hello', inflated: 17 },
      { opcode: 9, text: 'are you there' },
      { opcode: 0, note: 'part' },
    ]);
    expect(viewer.views[0]).not.toHaveProperty('note');
  });

  it('stops a bomb at its limit, and many small ones together', () => {
    const zeros = alone(Buffer.alloc(5 << 20));
    expect(zeros.length).toBeLessThan(10_000);
    const viewer = new FrameViewer('permessage-deflate; server_no_context_takeover');
    viewer.add([
      frame({ payload: zeros, compressed: true, opcode: 2 }),
      frame({ payload: alone('after'), compressed: true }),
    ]);
    expect(viewer.views).toMatchObject([{ note: 'too-large' }, { text: 'after' }]);
    const four = frame({ payload: alone(Buffer.alloc(4_000_000)), compressed: true, opcode: 2 });
    const many = new FrameViewer('permessage-deflate; server_no_context_takeover');
    many.add(Array.from({ length: 6 }, () => four));
    expect(many.views.map(({ note, inflated }) => note ?? inflated)).toEqual([
      ...[4_000_000, 4_000_000, 4_000_000, 4_000_000],
      ...['too-large', 'too-large'],
    ]);
  });

  it('says what does not inflate, and what depends on it', async () => {
    const { message } = sender();
    const [one, two, three] = [
      await message('one one one'),
      await message('one two two'),
      await message('one one two'),
    ];
    const damaged = Buffer.from(two);
    damaged[0] = 0xff;
    const deflated = (payload: Buffer) => frame({ payload, compressed: true });
    const kept = new FrameViewer(DEFLATE);
    kept.add([deflated(one), deflated(damaged), deflated(three)]);
    expect(kept.views.map(({ text, note }) => text ?? note)).toEqual(['one one one', 'damaged', 'context']);
    const cut = new FrameViewer(DEFLATE);
    cut.add([{ ...deflated(one), size: one.length + 1 }, deflated(two)]);
    expect(cut.views.map(({ text, note }) => text ?? note)).toEqual(['cut', 'context']);
    // The other direction has a context of its own; and without takeover each message stands alone.
    cut.add([{ ...frame({ payload: alone('client'), compressed: true }), from: 'client' }]);
    expect(cut.views[2]?.text).toBe('client');
    const none = new FrameViewer('permessage-deflate; client_no_context_takeover; server_no_context_takeover');
    none.add([deflated(damaged), deflated(alone('fine'))]);
    expect(none.views.map(({ text, note }) => text ?? note)).toEqual(['damaged', 'fine']);
    const unknown = new FrameViewer('x-webkit-deflate-frame');
    unknown.add([deflated(one)]);
    expect(unknown.views[0]).toMatchObject({ note: 'extension', base64: one.toString('base64') });
  });

  it('reads a block that ends its stream, to whose bytes the next message refers (RFC 7692 section 7.2.3.4)', () => {
    // A final block and one byte of padding, as the section shows it.
    const hello = Buffer.concat([deflateRawSync('Hello there Hello'), Buffer.from([0x00])]);
    const next = deflateRawSync('Hello there Hello again', {
      dictionary: Buffer.from('Hello there Hello'),
      finishFlush: constants.Z_SYNC_FLUSH,
    }).subarray(0, -4);
    expect(next.length).toBeLessThan(15);
    const viewer = new FrameViewer(DEFLATE);
    viewer.add([frame({ payload: hello, compressed: true }), frame({ payload: next, compressed: true })]);
    expect(viewer.views.map(({ text }) => text)).toEqual(['Hello there Hello', 'Hello there Hello again']);
  });

  it('shows text, binary, close codes and odd payloads for what they are', () => {
    const viewer = new FrameViewer('');
    const long = 'ä'.repeat(5_000);
    const characters = Buffer.from('grün');
    viewer.add([
      frame({ payload: Buffer.from('text') }),
      frame({ opcode: 2, payload: Buffer.from([1, 2, 255]) }),
      frame({ opcode: 8, payload: Buffer.from([0x03, 0xe9, ...Buffer.from('going away')]) }),
      frame({ opcode: 8 }),
      frame({ opcode: 8, payload: Buffer.from([3]) }),
      frame({ opcode: 10, payload: Buffer.from([0, 1]) }),
      frame({ payload: Buffer.from([0xff, 0xfe]) }),
      frame({ payload: Buffer.from(long) }),
      frame({ payload: characters.subarray(0, 3), fin: false }),
      frame({ opcode: 0, payload: characters.subarray(3) }),
      frame({ opcode: 0, payload: Buffer.from('a stray continuation') }),
    ]);
    const [text, binary, close, bare, wrong, pong, damaged, cut, first, second, stray] = viewer.views;
    expect(text).toMatchObject({ text: 'text' });
    expect(binary).toMatchObject({ base64: Buffer.from([1, 2, 255]).toString('base64') });
    expect(close).toMatchObject({ close: { code: 1001, reason: 'going away' } });
    expect(bare).not.toHaveProperty('close');
    expect(wrong).toMatchObject({ note: 'damaged', base64: 'Aw==' });
    expect(pong).toMatchObject({ base64: 'AAE=' });
    expect(damaged).toMatchObject({ base64: '//4=' });
    expect(cut).toMatchObject({ cut: true, size: 10_000, text: 'ä'.repeat(2_048) });
    expect([first?.text, second?.text]).toEqual(['gr\ufffd', '\ufffdn']);
    expect(stray?.base64).toBe(Buffer.from('a stray continuation').toString('base64'));
  });

  it('never fails, whatever the frames are', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            from: fc.constantFrom('client' as const, 'server' as const),
            opcode: fc.nat({ max: 15 }),
            fin: fc.boolean(),
            compressed: fc.boolean(),
            payload: fc.uint8Array({ maxLength: 60 }),
            more: fc.nat({ max: 2 }),
          }),
          { maxLength: 30 },
        ),
        fc.constantFrom('', DEFLATE, 'permessage-deflate; client_no_context_takeover'),
        (frames, extensions) => {
          const viewer = new FrameViewer(extensions);
          for (const { more, payload, ...rest } of frames) {
            viewer.add([{ ...frame({ ...rest, payload }), size: payload.length + more }]);
          }
          expect(viewer.views).toHaveLength(frames.length);
        },
      ),
    );
  });
});
