import { describe, expect, it } from 'vitest';
import { intNode } from '../../../core/codec/nodes.ts';
import { parsePath } from '../../../core/codec/path.ts';
import { applyEdits, decode } from '../../../core/frameworks/codec.ts';
import { sampleRecord } from '../../contract/samples.ts';

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';

describe('a record of web.py with bytes that base64 skips', () => {
  const record = Buffer.from(sampleRecord(ID, 41));
  const plain = decode(record);
  const forms: readonly (readonly [string, Buffer])[] = [
    ['a BINARY column fills up with NULs', Buffer.concat([record, Buffer.alloc(400)])],
    ['NULs before and after', Buffer.concat([Buffer.alloc(200), record, Buffer.alloc(200)])],
    ['spaces of a CHAR column', Buffer.concat([record, Buffer.alloc(300, 0x20)])],
    ['a NUL after each character, as of UTF-16', Buffer.from([...record].flatMap((byte) => [byte, 0]))],
  ];
  it.each(forms)('%s', (_, bytes) => {
    const decoded = decode(bytes);
    expect(decoded.layers).toEqual(['base64', 'pickle']);
    expect(decoded.value).toEqual(plain.value);
    const edited = applyEdits(bytes, [{ op: 'set', path: parsePath('count'), value: intNode(42) }]);
    expect(decode(edited, { as: ['base64', 'pickle'] }).value).not.toEqual(plain.value);
  });

  it('is not what other bytes are taken for', () => {
    for (const text of ['gASV', 'gAN and some more words, with no pickle in them at all', '\0'.repeat(50)]) {
      expect(decode(Buffer.from(text)).value).toBeNull();
    }
  });
});
