import { describe, expect, it } from 'vitest';
import { parsePath } from '../../../../core/codec/path.ts';
import { editPickleTelling } from '../../../../core/codec/pickle/edit.ts';
import { decodePickle, disassemble, editPickle, encodePickle } from '../../../../core/codec/pickle/pickle.ts';
import type { Edit } from '../../../../core/model/path.ts';
import { ProblemError } from '../../../../core/model/problem.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { fixtureBytes } from './fixtures.ts';

const text = (v: string): TypedNode => ({ t: 'str', v });
const int = (v: number): TypedNode => ({ t: 'int', v: String(v) });
const set = (path: string, value: TypedNode, occurrences?: 'this' | 'all'): Edit => ({
  op: 'set',
  path: parsePath(path),
  value,
  ...(occurrences && { occurrences }),
});

/** Bytes at the start and at the end that two streams have in common. */
function kept(before: Uint8Array, after: Uint8Array): { start: number; end: number } {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { start, end };
}

function names(bytes: Uint8Array): string[] {
  return disassemble(bytes).map(({ name, argument }) => (argument === '' ? name : `${name} ${argument}`));
}

describe('editing in place', () => {
  it('changes only the bytes of a number in a protocol-4 session', () => {
    const before = fixtureBytes('pickle', 'p4', 'login.pkl');
    const { bytes, how } = editPickleTelling(before, [set('user_id', int(1002))]);
    expect(how).toBe('in-place');
    expect(bytes.length).toBe(before.length);
    const differing = [...bytes].filter((byte, i) => byte !== before[i]);
    expect(differing).toEqual([1002 & 255]);
  });

  it('lets the frame follow a longer text and keeps everything else', () => {
    const before = fixtureBytes('pickle', 'p4', 'login.pkl');
    const bytes = editPickle(before, [set('user', text('x'.repeat(100)))]);
    expect(kept(before, bytes).end).toBeGreaterThan(before.length / 2);
    const frame = new DataView(bytes.buffer, bytes.byteOffset + 3, 8).getBigUint64(0, true);
    expect(Number(frame)).toBe(bytes.length - 11);
  });

  it('renumbers the memo when a value with entries in it goes', () => {
    const before = fixtureBytes('pickle', 'p4', 'shared_refs.pkl');
    const { bytes, how } = editPickleTelling(before, [{ op: 'delete', path: parsePath('a') }]);
    expect(how).toBe('in-place');
    const { value } = decodePickle(bytes);
    // `b` was a reference to the list of `a`; now it holds it, and `c[0]` still is the same list.
    expect(JSON.stringify(value)).toContain('[{"t":"str","v":"b"},{"t":"list","v":[{"t":"str","v":"shared"}],"id":1}]');
    expect(JSON.stringify(value)).toContain('[{"t":"str","v":"c"},{"t":"list","v":[{"t":"ref","id":1}');
  });

  it('keeps the style of Python 2: numbers of the memo, byte strings, unicode where unicode stood', () => {
    const before = fixtureBytes('pickle', 'py2', 'counter_cpickle_p0.pkl');
    const bytes = editPickle(before, [set('ip', text('10.0.0.1')), set('count', int(12))]);
    expect(new TextDecoder('latin1').decode(bytes)).toBe(
      new TextDecoder('latin1').decode(before).replace('127.0.0.1', '10.0.0.1').replace('I1\n', 'I12\n'),
    );
    const added = editPickle(before, [{ op: 'insert', path: parsePath('name'), value: text('Ann') }]);
    expect(names(added).join(' ')).toContain('STRING "\'name\'"'.replaceAll('"', ''));
  });

  it('writes a text that is not ASCII as unicode into a stream of Python 2', () => {
    const before = fixtureBytes('pickle', 'py2', 'str_ascii_cpickle_p2.pkl');
    const bytes = editPickle(before, [set('s', text('你好'))]);
    expect(names(bytes).some((line) => line.startsWith('BINUNICODE "你好"'))).toBe(true);
  });

  it('changes the opcode of a tuple with its length', () => {
    const before = encodePickle({ t: 'dict', v: [[text('p'), { t: 'tuple', v: [int(1), int(2), int(3)] }]] });
    const four = editPickle(before, [{ op: 'insert', path: parsePath('p[3]'), value: int(4) }]);
    expect(names(four)).toContain('TUPLE');
    const two = editPickle(before, [{ op: 'delete', path: parsePath('p[0]') }]);
    expect(names(two)).toContain('TUPLE2');
    const none = editPickle(encodePickle({ t: 'tuple', v: [int(1)] }), [{ op: 'delete', path: parsePath('[0]') }]);
    expect(decodePickle(none).value).toEqual({ t: 'tuple', v: [] });
  });

  it('edits the attributes of an object and removes an emptied filling', () => {
    const before = fixtureBytes('pickle', 'p2', 'custom_object.pkl');
    const { bytes, how } = editPickleTelling(before, [set('user.@state.age', text('old'))]);
    expect(how).toBe('in-place');
    expect(JSON.stringify(decodePickle(bytes).value)).toContain('[{"t":"str","v":"age"},{"t":"str","v":"old"}]');
    const list = encodePickle({ t: 'list', v: [int(1), int(2)] });
    const empty = editPickle(list, [
      { op: 'delete', path: parsePath('[0]') },
      { op: 'delete', path: parsePath('[1]') },
    ]);
    expect(names(empty).filter((name) => !/FRAME|PROTO/.test(name))).toEqual(['EMPTY_LIST', 'MEMOIZE', 'STOP']);
  });

  it('keeps opcodes it has no value for, and a broken number text beside the edit', () => {
    const before = Uint8Array.from([...new TextEncoder().encode('(dVa\nPabc\nsVb\nI007\ns.')]);
    const bytes = editPickle(before, [set('b', int(8))]);
    expect(new TextDecoder().decode(bytes)).toBe('(dVa\nPabc\nsVb\nI8\ns.');
  });

  it('keeps what follows STOP', () => {
    const before = Uint8Array.from([...encodePickle({ t: 'list', v: [int(1)] }), 1, 2, 3]);
    expect([...editPickle(before, [set('[0]', int(2))]).slice(-3)]).toEqual([1, 2, 3]);
  });

  it('gives the very same bytes when there is nothing to change', () => {
    const before = fixtureBytes('pickle', 'p4', 'login.pkl');
    expect(editPickleTelling(before, [])).toEqual({ bytes: before, how: 'unchanged' });
  });
});

describe('shared values', () => {
  const before = fixtureBytes('pickle', 'p4', 'shared_refs.pkl');

  it('asks which occurrences are meant, and names them', () => {
    try {
      editPickle(before, [set('a', int(1))]);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ProblemError);
      const { kind, where } = (error as ProblemError).problem;
      expect(kind).toBe('shared-value');
      expect(where?.split(', ')).toEqual(['a', 'b', 'c[0]', 'tup[0][1]']);
    }
  });

  it('sets one occurrence and leaves the others what they were', () => {
    const { value } = decodePickle(editPickle(before, [set('a', int(1), 'this')]));
    const json = JSON.stringify(value);
    expect(json).toContain('[{"t":"str","v":"a"},{"t":"int","v":"1"}]');
    expect(json).toContain('[{"t":"str","v":"b"},{"t":"list","v":[{"t":"str","v":"shared"}],"id":1}]');
  });

  it('sets all occurrences to one value', () => {
    const { value } = decodePickle(editPickle(before, [set('b', { t: 'list', v: [int(5)] }, 'all')]));
    const json = JSON.stringify(value);
    expect(json).toContain('[{"t":"str","v":"a"},{"t":"list","v":[{"t":"int","v":"5"}],"id":1}]');
    expect(json).toContain('[{"t":"str","v":"b"},{"t":"ref","id":1}]');
    expect(json).not.toContain('"v":"shared"}],"id"');
  });

  it('changes the inside of a shared value for all that share it', () => {
    const { value } = decodePickle(editPickle(before, [set('b[0]', text('new'))]));
    expect(JSON.stringify(value)).toContain('[{"t":"str","v":"a"},{"t":"list","v":[{"t":"str","v":"new"}],"id":1}]');
  });
});

describe('refused edits', () => {
  const bytes = encodePickle({
    t: 'dict',
    v: [
      [text('a'), { t: 'set', v: [int(1)] }],
      [text('b'), int(2)],
    ],
  });
  const kindOf = (edit: Edit): string => {
    try {
      editPickle(bytes, [edit]);
    } catch (error) {
      if (error instanceof ProblemError) return error.problem.kind;
      throw error;
    }
    return 'none';
  };

  it('tells places that do not exist, keys that do, values that cannot be hashed or written', () => {
    expect(kindOf(set('zzz.q', int(1)))).toBe('no-such-place');
    expect(kindOf({ op: 'insert', path: parsePath('b'), value: int(1) })).toBe('key-exists');
    expect(kindOf(set('a[0]', { t: 'list', v: [] }))).toBe('pickle-edit-not-exact');
    expect(kindOf(set('b', { t: 'limit', what: 'depth', note: 'x' }))).toBe('pickle-unwritable');
    expect(kindOf(set('b', { t: 'int', v: 'twelve' }))).toBe('pickle-unwritable');
    expect(kindOf(set('b', { t: 'datetime', v: 'soon', fold: 0, tz: { t: 'none' } }))).toBe('pickle-unwritable');
  });

  it('does not touch a stream that was read in part, but edits beside a text that is too long to show', () => {
    const long = encodePickle({
      t: 'dict',
      v: [
        [text('a'), text('x'.repeat(100))],
        [text('b'), int(1)],
      ],
    });
    expect(() => editPickle(long, [set('[0]', int(2))], { limits: { nodes: 5 } })).toThrow(ProblemError);
    const edited = editPickle(long, [set('b', int(2))], { limits: { text: 50 } });
    expect(decodePickle(edited).value).toEqual({
      t: 'dict',
      v: [
        [text('a'), text('x'.repeat(100))],
        [text('b'), int(2)],
      ],
    });
  });
});
