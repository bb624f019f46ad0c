import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HarEntries } from '../../../core/interop/har-entries.ts';
import { readHar } from '../../../core/interop/read-har.ts';

/** The same text in pieces that end anywhere. */
function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (let i = 0; at < text.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

function entriesOf(pieces: readonly string[]): { entries: string[]; found: boolean; ended: boolean } {
  const reader = new HarEntries();
  const entries = pieces.flatMap((piece) => reader.take(piece));
  return { entries, found: reader.found, ended: reader.ended };
}

it('gives the same entries as JSON.parse, wherever the pieces end', () => {
  const tricky = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc
      .array(fc.constantFrom('\\', '"', '{', '[', ']', '}', ',', ':', 'a'), { maxLength: 20 })
      .map((signs) => JSON.stringify({ text: signs.join(''), [signs.join('')]: [signs] })),
  );
  fc.assert(
    fc.property(
      fc.array(tricky, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom('', ' ', '\n  '),
      fc.json({ maxDepth: 3 }),
      (list, sizes, space, other) => {
        const text = `{${space}"before":${other},"log":{"creator":${other},${space}"entries"${space}:${space}[${list.join(`${space},${space}`)}${space}],"after":${other}}}`;
        const { entries, found, ended } = entriesOf(cut(text, sizes));
        expect(entries.map((entry) => JSON.parse(entry) as unknown)).toEqual(
          (JSON.parse(text) as { log: { entries: unknown[] } }).log.entries,
        );
        expect([found, ended]).toEqual([true, true]);
      },
    ),
    { numRuns: 500 },
  );
});

it('only log.entries of the document itself is the list', () => {
  const others = [
    '{"entries":[1],"log":{"pages":[{"log":{"entries":[2]}}]}}',
    '{"x":{"log":{"entries":[1]}}}',
    '[{"log":{"entries":[1]}}]',
    '{"log":[{"entries":[1]}]}',
    '{"log":{"entries":{"entries":[1]}}}',
    '{"log":"entries","a":["entries",[1]]}',
  ];
  for (const text of others) expect(entriesOf(cut(text, [3])), text).toMatchObject({ entries: [], found: false });
});

it('a file that is cut off or broken gives what comes before, and says so; without any entry it is refused', () => {
  let ids = 0;
  const bodies = { open: () => ({ append: () => undefined, close: () => ({ size: 0, kept: 0 }) }) };
  const read = (text: string) => readHar(text, { nextId: () => `h${++ids}`, bodies, now: 0 });
  const entry = (i: number) => JSON.stringify({ request: { method: 'GET', url: `http://a.test/${i}` }, response: {} });
  const whole = `{"log":{"entries":[${[1, 2, 3].map(entry).join(',')}]}}`;
  expect(read(whole).notes).toEqual(['Entries without a date stand at the time of the import']);
  const short = read(whole.slice(0, -20));
  expect(short.flows).toHaveLength(2);
  expect(short.notes.at(-1)).toBe(
    'The file is broken: it ends in the middle, after entry 2. The entries before that were read',
  );
  const wrong = read(whole.replace('"http://a.test/2"', '"http://a.test/2" 5'));
  expect(wrong.flows).toHaveLength(1);
  expect(wrong.notes.at(-1)).toMatch(/^The file is broken: entry 2 is not JSON/);
  expect(() => read(whole.slice(0, 60))).toThrow(/ends in the middle, after entry 0/);
  expect(() => read('{"log":{"entries":[{bad}]}}')).toThrow(/entry 1 is not JSON/);
  expect(() => read('{"log":{}}')).toThrow(/no list of entries/);
  expect(() => read('')).toThrow(/no list of entries/);
});
