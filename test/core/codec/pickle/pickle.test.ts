import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../../core/codec/pickle/emitter.ts';
import { PatchSet } from '../../../../core/codec/pickle/patch-set.ts';
import {
  analysePickle,
  decodePickle,
  disassemble,
  editPickle,
  encodePickle,
  type PickleOptions,
  pythonException,
} from '../../../../core/codec/pickle/pickle.ts';
import { readPickle } from '../../../../core/codec/pickle/reader.ts';
import { StreamCopy } from '../../../../core/codec/pickle/stream-copy.ts';
import { ProblemError } from '../../../../core/model/problem.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { canonical, FIXTURES, fixtureBytes, fixtureJson } from './fixtures.ts';

type Outcome = { readonly value: unknown } | { readonly error: string };
type Expected = { readonly value: TypedNode; readonly error?: undefined } | { readonly error: string };

/** What `pickle.loads` does with a stream, told by our reader. */
function outcome(bytes: Uint8Array, options: PickleOptions = {}): Outcome {
  try {
    const { value, refusal } = decodePickle(bytes, options);
    return refusal === undefined ? { value: canonical(value) } : { error: refusal.exception };
  } catch (error) {
    if (error instanceof ProblemError) return { error: pythonException(error.problem.kind) ?? error.problem.kind };
    throw error;
  }
}

function expectedOutcome(expected: Expected): Outcome {
  return expected.error === undefined ? { value: canonical(expected.value) } : { error: expected.error };
}

/** The very same bytes when nothing is edited, and when every opcode is written again without a change. */
function unchanged(bytes: Uint8Array, options: PickleOptions = {}): boolean {
  const r = readPickle(bytes, options, true);
  const copy = new StreamCopy(r, new Emitter('binary', 1e6), new PatchSet()).run();
  return Buffer.compare(editPickle(bytes, [], options), bytes) === 0 && Buffer.compare(copy, bytes) === 0;
}

interface PickleFile {
  readonly file: string;
  readonly value: string;
  readonly protocol: 0 | 1 | 2 | 3 | 4 | 5;
  readonly differs?: TypedNode;
}

/** CPython 3.11 pickles members of an enumeration by name; their values are only in the classes. */
function withoutEnumValues(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutEnumValues);
  if (typeof node !== 'object' || node === null) return node;
  const { t, value, ...rest } = node as { t?: string; value?: unknown };
  const kept = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, withoutEnumValues(inner)]));
  return t === 'enum'
    ? { t, ...kept }
    : { ...(t !== undefined && { t }), ...(value !== undefined && { value: withoutEnumValues(value) }), ...kept };
}

/** A combination of flags is a call of `_operator.or_` in the stream of CPython 3.11; only the class knows its sum. */
function knownDifference(value: string, node: unknown): unknown {
  if (value !== 'enums') return node;
  const { v } = withoutEnumValues(node) as { v: [{ v: string }, unknown][] };
  return v.filter(([key]) => key.v !== 'perm');
}

describe('the 149 pickles of CPython 3.11', () => {
  const { files, values } = fixtureJson<{ files: PickleFile[]; values: Record<string, TypedNode> }>(
    'pickle',
    'expected.json',
  );

  it('reads each as the expected value and keeps its bytes', () => {
    const wrong: string[] = [];
    let same = 0;
    let rewritten = 0;
    for (const { file, value, protocol, differs } of files) {
      const bytes = fixtureBytes('pickle', file);
      const decoded = decodePickle(bytes);
      const actual = knownDifference(value, canonical(decoded.value));
      const wanted = knownDifference(value, canonical(differs ?? (values[value] as TypedNode)));
      try {
        expect(actual).toEqual(wanted);
      } catch (error) {
        wrong.push(`${file}: ${(error as Error).message}`);
      }
      if (decoded.protocol !== (protocol < 2 ? 0 : protocol) || decoded.end !== bytes.length)
        wrong.push(`${file}: header`);
      if (unchanged(bytes)) same++;
      if (Buffer.compare(encodePickle(decoded.value, { protocol }), bytes) === 0) rewritten++;
    }
    console.log(
      `pickles of CPython: ${files.length} read, ${wrong.length} wrong, ${same} kept byte for byte; ` +
        `written from the typed value alone: ${rewritten} byte for byte as CPython's pickler`,
    );
    expect(wrong).toEqual([]);
    expect(files.length).toBe(149);
    expect(same).toBe(149);
    expect(rewritten).toBeGreaterThan(130);
  });
});

describe('the hand-made edge streams', () => {
  const { streams } = fixtureJson<{ streams: { file: string; cpython: Expected }[] }>(
    'pickle',
    'edge',
    'expected.json',
  );
  const modules = new Set(['builtins', 'copyreg', 'datetime', '_codecs', 'web.utils']);
  const names = new Set(['Empty', 'LegacyUser']);
  const importable = (module: string, name: string): 'yes' | 'no-module' | 'no-name' => {
    if (module === 'shop_models') return names.has(name) ? 'yes' : 'no-name';
    return modules.has(module) ? 'yes' : 'no-module';
  };

  it('gives the same value or the same exception as the C unpickler', () => {
    const wrong: string[] = [];
    let values = 0;
    let same = 0;
    for (const { file, cpython } of streams) {
      const bytes = fixtureBytes('pickle', 'edge', file);
      const actual = outcome(bytes, { importable });
      // Whether `a` becomes a slot or an attribute only the class knows: here it is shown where the stream has it.
      const wanted: Outcome =
        file === 'build_slot_state.pkl' && cpython.error === undefined
          ? {
              value: canonical({
                t: 'object',
                class: 'shop_models.Empty',
                state: null,
                slots: (cpython.value as { state: TypedNode }).state,
              }),
            }
          : expectedOutcome(cpython);
      try {
        expect(actual).toEqual(wanted);
      } catch (error) {
        wrong.push(`${file}: ${(error as Error).message}`);
      }
      if ('error' in wanted) continue;
      values++;
      if (unchanged(bytes)) same++;
    }
    console.log(
      `edge streams: ${streams.length} read, ${wrong.length} wrong; ${same} of ${values} valid ones kept byte for byte`,
    );
    expect(wrong).toEqual([]);
    expect(streams.length).toBe(111);
    expect(same).toBe(values);
  });

  it('shows names that it cannot judge when it is not told what can be imported', () => {
    expect(outcome(fixtureBytes('pickle', 'edge', 'global_unknown_module.pkl'))).toEqual({
      value: { t: 'global', name: 'no_such_module.Thing' },
    });
  });
});

describe('the pickles of Python 2.7', () => {
  const { files } = fixtureJson<{
    files: { file: string; loads_default: Expected; loads_latin1: Expected; loads_bytes: Expected }[];
  }>('pickle', 'py2', 'expected.json');

  it('reads each in all three encodings as Python 3 does', () => {
    const wrong: string[] = [];
    let same = 0;
    for (const expected of files) {
      const bytes = fixtureBytes('pickle', 'py2', expected.file);
      const cases = [
        ['ASCII', expected.loads_default],
        ['latin1', expected.loads_latin1],
        ['bytes', expected.loads_bytes],
      ] as const;
      for (const [encoding, wanted] of cases) {
        try {
          expect(outcome(bytes, { encoding })).toEqual(expectedOutcome(wanted));
        } catch (error) {
          wrong.push(`${expected.file} ${encoding}: ${(error as Error).message}`);
        }
      }
      if (unchanged(bytes, { encoding: 'latin1' })) same++;
    }
    console.log(
      `pickles of Python 2.7: ${files.length} read in 3 encodings, ${wrong.length} wrong; ${same} kept byte for byte`,
    );
    expect(wrong).toEqual([]);
    expect(files.length).toBe(90);
    expect(same).toBe(90);
  });
});

describe('spans', () => {
  const bytes = encodePickle({
    t: 'dict',
    v: [
      [
        { t: 'str', v: 'a' },
        { t: 'int', v: '300' },
      ],
      [
        { t: 'str', v: 'b' },
        { t: 'list', v: [{ t: 'str', v: 'x' }, { t: 'none' }] },
      ],
    ],
  });
  const key = (v: string) => ({ kind: 'key', key: { t: 'str', v } }) as const;

  it('tells the bytes of each value', () => {
    const decoded = decodePickle(bytes);
    const at = (...steps: Parameters<typeof decoded.spanOf>[0]) => {
      const span = decoded.spanOf(steps);
      return span && Buffer.from(bytes.subarray(span.start, span.end)).toString('latin1');
    };
    expect(at(key('a'))).toBe('M,\x01');
    expect(at(key('b'), { kind: 'index', index: 0 })).toBe('\x8c\x01x\x94');
    expect(at(key('b'), { kind: 'index', index: 1 })).toBe('N');
    expect(at(key('b'))).toBe(']\x94(\x8c\x01x\x94Ne');
    expect(at(key('c'))).toBeUndefined();
    expect(at()?.startsWith('}\x94')).toBe(true);
  });
});

describe('disassembly', () => {
  it('lists every opcode of every fixture up to STOP', () => {
    let lines = 0;
    for (const folder of ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'py2']) {
      for (const file of readdirSync(path.join(FIXTURES, 'pickle', folder)).filter((name) => name.endsWith('.pkl'))) {
        const all = disassemble(fixtureBytes('pickle', folder, file));
        lines += all.length;
        expect(all.at(-1)?.name, file).toBe('STOP');
        expect(all.some((line) => line.error !== undefined)).toBe(false);
      }
    }
    expect(lines).toBeGreaterThan(10_000);
  });

  it('shows arguments and where a stream breaks', () => {
    const lines = disassemble(new TextEncoder().encode('(K\x05X\x02\0\0\0hiG'));
    expect(lines.map(({ at, name, argument, depth }) => [at, name, argument, depth])).toEqual([
      [0, 'MARK', '', 0],
      [1, 'BININT1', '5', 1],
      [3, 'BINUNICODE', '"hi"', 1],
      [10, 'BINFLOAT', '', 1],
    ]);
    expect(lines.at(-1)?.error).toBe('the argument is cut off');
  });
});

describe('limits', () => {
  const list = (bytes: number[]): Uint8Array => Uint8Array.from(bytes);

  it('marks the place where nesting is too deep and keeps the rest', () => {
    const inner = '('.repeat(30) + 'l'.repeat(30);
    const bytes = new TextEncoder().encode(`(${inner}I7\nl.`);
    const { value } = decodePickle(bytes, { limits: { depth: 10 } });
    const text = JSON.stringify(value);
    expect(text).toContain('"t":"limit","what":"depth"');
    expect(text).toContain('{"t":"int","v":"7"}');
  });

  it('never goes deeper than the native stack allows, whatever is asked for', () => {
    const deep = fixtureBytes('malicious', 'deep_dict_100k.pkl');
    const { value } = decodePickle(deep, { limits: { depth: 1_000_000 } });
    expect(JSON.stringify(value)).toContain('"what":"depth"');
    let nested: TypedNode = { t: 'none' };
    for (let i = 0; i < 5000; i++) nested = { t: 'list', v: [nested] };
    expect(() => encodePickle(nested)).toThrow(/nested deeper/);
  });

  it('marks long texts and integers', () => {
    const bytes = encodePickle({
      t: 'list',
      v: [{ t: 'str', v: 'x'.repeat(50) }, { t: 'int', v: '9'.repeat(60) }, { t: 'none' }],
    });
    const { value } = decodePickle(bytes, { limits: { text: 40, digits: 50 } });
    expect((value as unknown as { v: TypedNode[] }).v.map((node) => (node.t === 'limit' ? node.what : node.t))).toEqual(
      ['text', 'digits', 'none'],
    );
  });

  it('stops after too many opcodes and shows what there was', () => {
    const bytes = list([0x5d, 0x28, ...Array<number>(100).fill(0x4e), 0x65, 0x2e]);
    const { value } = decodePickle(bytes, { limits: { nodes: 50 } });
    expect(value.t).toBe('list');
    expect(JSON.stringify(value)).toContain('"what":"nodes"');
  });

  it('stops when its time is over, by the clock it is given', () => {
    const bytes = list([0x5d, 0x28, ...Array<number>(20_000).fill(0x4e), 0x65, 0x2e]);
    let now = 0;
    const { value } = decodePickle(bytes, { limits: { milliseconds: 5, now: () => (now += 10) } });
    expect(JSON.stringify(value)).toContain('"what":"time"');
  });

  it('is cancelled by its signal', () => {
    const bytes = list([0x5d, 0x28, ...Array<number>(20_000).fill(0x4e), 0x65, 0x2e]);
    expect(() => decodePickle(bytes, { signal: AbortSignal.abort() })).toThrow(/cancelled/);
  });

  it('says so instead of reading a stream that is too long', () => {
    expect(decodePickle(list([0x4e, 0x2e]), { limits: { bytes: 1 } }).value).toMatchObject({
      t: 'limit',
      what: 'bytes',
    });
  });
});

describe('things without a value', () => {
  it('shows persistent ids, extension codes and buffers, and says what Python does', () => {
    const decoded = decodePickle(new TextEncoder().encode('(Pabc\nl.'));
    expect(decoded.refusal?.exception).toBe('UnpicklingError');
    const bytes = Uint8Array.from([0x80, 5, 0x28, 0x82, 7, 0x97, 0x97, 0x98, 0x4b, 1, 0x51, 0x74, 0x2e]);
    const { value, refusal, warnings } = decodePickle(bytes);
    expect(value).toEqual({
      t: 'tuple',
      v: [
        { t: 'extension', code: 7 },
        { t: 'buffer', readonly: false },
        { t: 'buffer', readonly: true },
        { t: 'persistent', pid: { t: 'int', v: '1' } },
      ],
    });
    expect(refusal).toMatchObject({ exception: 'ValueError', at: 3 });
    expect(warnings[0]?.what).toBe('refused-by-python');
  });

  it('reports everything a stream calls', () => {
    const bytes = new TextEncoder().encode("cos\nsystem\n(S'id'\ntR.");
    expect(analysePickle(bytes)).toEqual([
      { severity: 'danger', what: 'calls os.system("id")', reason: expect.any(String) as string, at: 0 },
    ]);
  });
});
